import { once, setMaxListeners } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { connect as connectSocket, createServer, type AddressInfo, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ExecutionContext, TestFn } from "ava";
import fc from "fast-check";
import type { Channel, Endpoint, Listener, Transport } from "../../../orb/transport/index.ts";

/** A transport to be held against its port's contract. */
export interface Candidate {
  readonly transport: () => Transport;
  /** A new place to listen at. */
  readonly place: (t: ExecutionContext) => Promise<Endpoint>;
  /** Of sockets, TCP's or of a path; else it stays in this process. */
  readonly sockets: "tcp" | "unix" | "none";
}

/** Of connects that are not given up. */
export const NEVER: AbortSignal = new AbortController().signal;
setMaxListeners(0, NEVER);

/** All that a channel told, to be waited for. */
export class Ear {
  readonly chunks: Uint8Array[] = [];
  octets = 0;
  drained = 0;
  closings = 0;
  readonly closed: Promise<Error | undefined>;
  #waiting: { readonly octets: number; readonly resolve: () => void }[] = [];

  /** @param onData what the receiver does with each chunk */
  constructor(channel: Channel, onData: (chunk: Uint8Array) => void = () => undefined) {
    this.closed = new Promise((resolve) => {
      channel.start({
        data: (chunk) => {
          this.chunks.push(chunk);
          this.octets += chunk.length;
          this.#look();
          onData(chunk);
        },
        drained: () => void this.drained++,
        closed: (cause) => {
          this.closings++;
          resolve(cause);
        },
      });
    });
  }

  /** Settled when so many octets have come in all. */
  async heard(octets: number): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#waiting.push({ octets, resolve });
      this.#look();
    });
  }

  #look(): void {
    if (this.#waiting.length === 0) return;
    for (const { octets, resolve } of this.#waiting) if (this.octets >= octets) resolve();
    this.#waiting = this.#waiting.filter(({ octets }) => this.octets < octets);
  }

  get all(): Buffer {
    return Buffer.concat(this.chunks);
  }
}

export interface Pair {
  readonly client: Channel;
  readonly server: Channel;
  readonly listener: Listener;
}

/** A connection, closed with its listener when the test ends. */
export async function pairOf(t: ExecutionContext, candidate: Candidate): Promise<Pair> {
  const transport = candidate.transport();
  let accept: (channel: Channel) => void = () => undefined;
  const accepted = new Promise<Channel>((resolve) => {
    accept = resolve;
  });
  const listener = await transport.listen(await candidate.place(t), (channel) => accept(channel));
  const client = await transport.connect(listener.endpoint, NEVER);
  const server = await accepted;
  t.teardown(async () => {
    client.destroy();
    server.destroy();
    await listener.close();
  });
  return { client, server, listener };
}

/** A GIOP message: only its header means something to a transport. */
export function giop(bodyOctets: number, littleEndian: boolean, fill: number): Buffer {
  const message = Buffer.alloc(12 + bodyOctets, fill);
  message.write("GIOP", "latin1");
  message.set([1, 2, littleEndian ? 1 : 0, 1], 4);
  if (littleEndian) message.writeUInt32LE(bodyOctets, 8);
  else message.writeUInt32BE(bodyOctets, 8);
  return message;
}

/** A path for a socket, in a folder that goes when the test ends. */
export async function socketPath(t: ExecutionContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "orbweaver-"));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  return join(folder, "s");
}

/** A new turn of the event loop. */
async function turn(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

/** What every transport does alike. */
export function complies(test: TestFn, name: string, candidate: Candidate): void {
  const both = (t: ExecutionContext): Promise<Pair> => pairOf(t, candidate);
  const isSocket = candidate.sockets !== "none";

  test(`${name}: octets go both ways, and an end sends what is queued`, async (t) => {
    const { client, server } = await both(t);
    const serverEar = new Ear(server, (chunk) => {
      server.send(chunk);
      server.end();
    });
    const ear = new Ear(client);
    t.is(client.queuedOctets, 0);
    client.send(Buffer.from("there and back"));
    t.is(await ear.closed, undefined);
    t.is(await serverEar.closed, undefined);
    t.is(ear.all.toString(), "there and back");
    t.deepEqual([ear.closings, serverEar.closings], [1, 1]);
    t.is(client.queuedOctets, 0);
    client.send(Buffer.from("ignored"));
    client.end();
    client.destroy();
  });

  test(`${name}: a place nobody listens at, one in use, and an abort are the errors they are`, async (t) => {
    const transport = candidate.transport();
    const refuse = (channel: Channel): void => channel.destroy();
    const listener = await transport.listen(await candidate.place(t), refuse);
    const place = listener.endpoint;
    await t.throwsAsync(transport.listen(place, refuse), { code: "EADDRINUSE" });
    await listener.close();
    const code = candidate.sockets === "unix" ? "ENOENT" : "ECONNREFUSED";
    await t.throwsAsync(transport.connect(place, NEVER), { code });
    await t.throwsAsync(transport.connect(place, AbortSignal.abort(new Error("early"))), {
      message: "early",
    });
    const again = await transport.listen(place, refuse);
    t.deepEqual(again.endpoint, place);
    await again.close();
  });

  test(`${name}: a paused channel hands out nothing, and loses nothing`, async (t) => {
    const { client, server } = await both(t);
    let isPaused = false;
    const ear = new Ear(server, () => {
      t.false(isPaused);
      isPaused = true;
      server.pause();
      setImmediate(() => {
        isPaused = false;
        server.resume();
      });
    });
    const parts = Array.from({ length: 40 }, (_, n) => giop((n * 997) % 9_000, n % 2 === 0, n));
    for (const part of parts) {
      client.send(part);
      await turn();
    }
    const sent = Buffer.concat(parts);
    await ear.heard(sent.length);
    t.true(sent.equals(ear.all));
  });

  test(`${name}: a destroyed channel says so once, and its peer is told`, async (t) => {
    const { client, server } = await both(t);
    const ear = new Ear(client);
    const serverEar = new Ear(server, () => {
      server.destroy();
      server.destroy();
    });
    client.send(Buffer.from("x"));
    t.is(await serverEar.closed, undefined);
    await ear.closed;
    await turn();
    t.deepEqual([ear.closings, serverEar.closings], [1, 1]);
    t.is(server.queuedOctets, 0);
  });

  test(`${name}: chunks are the receiver's: whatever is sent, and however it is cut, none changes later`, async (t) => {
    const { client, server } = await both(t);
    const ear = new Ear(server);
    let sentOctets = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.record({
            body: fc.oneof(fc.nat(300), fc.nat(20_000), fc.nat(150_000)),
            littleEndian: fc.boolean(),
            fill: fc.nat(255),
          }),
          { minLength: 1, maxLength: 12 },
        ),
        fc.array(fc.integer({ min: 1, max: 30_000 }), { minLength: 1, maxLength: 8 }),
        async (messages, cuts) => {
          const octets = Buffer.concat(
            messages.map(({ body, littleEndian, fill }) => giop(body, littleEndian, fill)),
          );
          for (let at = 0, n = 0; at < octets.length; n++) {
            const cut = cuts[n % cuts.length] ?? 1;
            client.send(octets.subarray(at, at + cut));
            at += cut;
            if (n % 3 === 0) await turn();
          }
          const before = ear.chunks.length;
          sentOctets += octets.length;
          await ear.heard(sentOctets);
          const since = Buffer.concat(ear.chunks.slice(before));
          // What came before the first turn of this run is behind `before`.
          t.true(octets.subarray(octets.length - since.length).equals(since));
          kept.push(octets);
        },
      ),
      { numRuns: 25 },
    );
    // Every chunk of all runs is held until here.
    t.true(Buffer.concat(kept).equals(ear.all));
  });
  const kept: Buffer[] = [];

  test(`${name}: what is no GIOP comes as it is, and at once`, async (t) => {
    for (const junk of [
      "GET / HTTP/1.1\r\n\r\n",
      "G",
      "GIOPx",
      "GIOP\u0001\u0007",
      "\u0000".repeat(40),
    ]) {
      const { client, server } = await both(t);
      const ear = new Ear(server);
      client.send(Buffer.from(junk, "latin1"));
      // Less than a header may be held back until it is known to be none.
      if (junk.length < 12) client.end();
      await ear.heard(junk.length);
      t.is(ear.all.toString("latin1"), junk);
      client.destroy();
    }
  });

  if (isSocket) socketsComply(test, name, candidate);
}

/** What only sockets can do. */
function socketsComply(test: TestFn, name: string, candidate: Candidate): void {
  const both = (t: ExecutionContext): Promise<Pair> => pairOf(t, candidate);

  test(`${name}: what a slow reader does not take is queued, told when it is gone, and given back`, async (t) => {
    const { client, server } = await both(t);
    const ear = new Ear(client);
    const serverEar = new Ear(server);
    server.pause();
    const large = Buffer.alloc(8_000_000);
    for (let at = 0; at + 4 <= large.length; at += 4) large.writeUInt32BE(at, at);
    let freed = 0;
    client.send(Buffer.from("first"));
    client.send(large, () => void freed++);
    client.send(Buffer.from("last"));
    await turn();
    await turn();
    t.true(client.queuedOctets > 0);
    t.is(ear.drained, 0);
    t.is(freed, 0);
    server.resume();
    await serverEar.heard(large.length + 9);
    while (client.queuedOctets > 0 || ear.drained === 0 || freed === 0) await turn();
    t.is(freed, 1);
    const all = serverEar.all;
    t.is(all.toString("latin1", 0, 5), "first");
    t.true(all.subarray(5, -4).equals(large));
    t.is(all.toString("latin1", all.length - 4), "last");
  });

  test(`${name}: octets are read to where the receiver wants them, and to memory of its own else`, async (t) => {
    const { client, server } = await both(t);
    new Ear(server);
    const sent = giop(1_000_000, true, 0);
    for (let at = 12; at < sent.length; at++) sent[at] = at * 31;
    const whole = Buffer.alloc(sent.length);
    const others: { chunk: Uint8Array; at: number }[] = [];
    let octets = 0;
    let isPlaceNamed = false;
    const closed = new Promise<Error | undefined>((resolve) => {
      client.start({
        data: (chunk) => {
          if (chunk.buffer === whole.buffer) t.is(chunk.byteOffset - whole.byteOffset, octets);
          else others.push({ chunk, at: octets });
          octets += chunk.length;
          // To stop and go on does not lose the place.
          client.pause();
          setImmediate(() => client.resume());
        },
        room: () => {
          isPlaceNamed = !isPlaceNamed;
          return isPlaceNamed && octets < whole.length
            ? whole.subarray(octets, octets + 50_000)
            : undefined;
        },
        drained: () => undefined,
        closed: resolve,
      });
    });
    server.send(sent);
    server.end();
    t.is(await closed, undefined);
    t.is(octets, sent.length);
    for (const { chunk, at } of others) whole.set(chunk, at);
    t.true(sent.equals(whole));
  });

  test(`${name}: an end is half a close: what the peer still has to say arrives`, async (t) => {
    const { client, server } = await both(t);
    const answer = Buffer.alloc(3_000_000, "answer");
    const serverEar = new Ear(server);
    const ear = new Ear(client);
    server.send(answer);
    client.send(Buffer.from("no more"));
    client.end();
    client.end();
    t.is(await serverEar.closed, undefined);
    t.is(await ear.closed, undefined);
    t.true(answer.equals(ear.all));
    t.is(serverEar.all.toString(), "no more");
  });

  test(`${name}: a reset sends what is queued and is no orderly end to the peer`, async (t) => {
    const { client, server } = await both(t);
    const ear = new Ear(client);
    const serverEar = new Ear(server);
    server.send(Buffer.from("last words"));
    await ear.heard(10);
    server.reset();
    t.is(await serverEar.closed, undefined);
    const cause = await ear.closed;
    if (candidate.sockets === "tcp") t.like(cause, { code: "ECONNRESET" });
    else t.is(cause, undefined);
  });

  test(`${name}: a reset while the own end is on its way closes the channel`, async (t) => {
    const { client, server } = await both(t);
    const ear = new Ear(client);
    const serverEar = new Ear(server);
    server.end();
    server.reset();
    t.is(await serverEar.closed, undefined);
    await ear.closed;
    t.is(serverEar.closings, 1);
  });

  test(`${name}: an idle, paused channel whose peer is gone costs nothing and is told when it goes on`, async (t) => {
    const { client, server } = await both(t);
    const ear = new Ear(client);
    new Ear(server);
    client.pause();
    server.destroy();
    for (let n = 0; n < 20; n++) await turn();
    t.is(ear.closings, 0);
    client.resume();
    t.is(await ear.closed, undefined);
  });

  test(`${name}: a write to a peer that is gone ends the channel with the system's error`, async (t) => {
    const { client, server } = await both(t);
    const ear = new Ear(client);
    const serverEar = new Ear(server);
    client.pause();
    server.destroy();
    await serverEar.closed;
    while (ear.closings === 0) {
      client.send(Buffer.alloc(1_000));
      await turn();
    }
    const cause = await ear.closed;
    t.true(["EPIPE", "ECONNRESET"].includes(String((cause as { code?: string }).code)));
  });

  test(`${name}: a connect that is given up leaves nothing behind`, async (t) => {
    const transport = candidate.transport();
    let accepted = 0;
    const listener = await transport.listen(await candidate.place(t), (channel) => {
      accepted++;
      new Ear(channel);
    });
    const abort = new AbortController();
    const connecting = transport.connect(listener.endpoint, abort.signal);
    abort.abort(new Error("enough"));
    await t.throwsAsync(connecting, { message: "enough" });
    const channel = await transport.connect(listener.endpoint, NEVER);
    const ear = new Ear(channel);
    channel.end();
    await ear.closed;
    t.true(accepted >= 1);
    await listener.close();
  });

  test(`${name}: hundreds of connections at once, each with its own octets`, async (t) => {
    const transport = candidate.transport();
    const ears: Ear[] = [];
    const listener = await transport.listen(await candidate.place(t), (channel) => {
      ears.push(new Ear(channel, (chunk) => channel.send(chunk)));
    });
    const channels = await Promise.all(
      Array.from({ length: 300 }, () => transport.connect(listener.endpoint, NEVER)),
    );
    await Promise.all(
      channels.map(async (channel, n) => {
        const ear = new Ear(channel);
        for (let round = 0; round < 5; round++) {
          const message = giop(n + round, true, n);
          const before = ear.octets;
          channel.send(message);
          await ear.heard(before + message.length);
          t.true(ear.all.subarray(before).equals(message));
        }
        channel.end();
        t.is(await ear.closed, undefined);
      }),
    );
    await Promise.all(ears.map((ear) => ear.closed));
    t.is(ears.length, 300);
    await listener.close();
  });

  test(`${name}: one connection that never stops does not keep the others from theirs`, async (t) => {
    const transport = candidate.transport();
    let flood = 0;
    const listener = await transport.listen(await candidate.place(t), (channel) => {
      channel.start({
        data: (chunk) => {
          if (chunk.length === 32) channel.send(chunk);
          else flood += chunk.length;
        },
        drained: () => undefined,
        closed: () => undefined,
      });
    });
    const flooder = await transport.connect(listener.endpoint, NEVER);
    const flooderEar = new Ear(flooder);
    const block = giop(500_000, true, 1);
    let isFlooding = true;
    const more = async (): Promise<void> => {
      while (isFlooding) {
        if (flooder.queuedOctets < 2_000_000) flooder.send(block);
        await turn();
      }
    };
    const flooding = more();
    const channel = await transport.connect(listener.endpoint, NEVER);
    const ear = new Ear(channel);
    for (let n = 1; n <= 20; n++) {
      const before = flood;
      channel.send(giop(20, true, n));
      await ear.heard(n * 32);
      // Whatever is ready beside it: some reads, not all that can be sent.
      t.true(flood - before < 64_000_000, `${flood - before} octets came first`);
    }
    isFlooding = false;
    await flooding;
    t.true(flood > 0);
    flooder.destroy();
    channel.destroy();
    await Promise.all([flooderEar.closed, ear.closed]);
    await listener.close();
  });

  test(`${name}: it talks with a plain socket of node:net, both ways`, async (t) => {
    const transport = candidate.transport();
    const listener = await transport.listen(await candidate.place(t), (channel) => {
      new Ear(channel, (chunk) => channel.send(chunk));
    });
    const { host, port, path } = listener.endpoint;
    const socket = path === undefined ? connectSocket({ host, port }) : connectSocket({ path });
    socket.write("to the reactor");
    const [back] = (await once(socket, "data")) as [Buffer];
    t.is(back.toString(), "to the reactor");
    socket.end();
    await once(socket, "close");
    await listener.close();

    const server = createServer((peer: Socket) => peer.pipe(peer));
    const at = await candidate.place(t);
    server.listen(at.path === undefined ? { host: at.host, port: 0 } : { path: at.path });
    await once(server, "listening");
    const bound = at.path === undefined ? (server.address() as AddressInfo).port : 0;
    const channel = await transport.connect({ ...at, port: bound }, NEVER);
    const ear = new Ear(channel);
    channel.send(giop(5, false, 7));
    await ear.heard(17);
    t.true(ear.all.equals(giop(5, false, 7)));
    channel.end();
    t.is(await ear.closed, undefined);
    server.close();
    await once(server, "close");
  });
}
