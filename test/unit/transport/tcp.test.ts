import { spawn } from "node:child_process";
import { once } from "node:events";
import { connect as connectSocket, createServer, type AddressInfo, type Socket } from "node:net";
import { createInterface } from "node:readline";
import test from "ava";
import { tcpTransport, type Channel } from "../../../orb/transport/index.ts";
import { ORB_init, TIMEOUT, TRANSIENT } from "../../../orb/index.ts";
import { sample } from "../../support/sample.ts";

const never = new AbortController().signal;

function collect(channel: Channel): { text: () => string; closed: Promise<Error | undefined> } {
  let text = "";
  const closed = new Promise<Error | undefined>((resolve) => {
    channel.start({
      data: (chunk) => {
        text += Buffer.from(chunk).toString("latin1");
      },
      drained: () => undefined,
      closed: resolve,
    });
  });
  return { text: () => text, closed };
}

test("octets go both ways, and an end sends what is queued", async (t) => {
  const accepted: Channel[] = [];
  const listener = await tcpTransport.listen({ host: "127.0.0.1", port: 0 }, (channel) => {
    accepted.push(channel);
    channel.start({
      data: (chunk) => {
        channel.send(chunk);
        channel.end();
      },
      drained: () => undefined,
      closed: () => undefined,
    });
  });
  const channel = await tcpTransport.connect(listener.endpoint, never);
  t.is(channel.peer, `127.0.0.1:${listener.endpoint.port}`);
  const seen = collect(channel);
  channel.send(Buffer.from("there and back"));
  t.is(await seen.closed, undefined);
  t.is(seen.text(), "there and back");
  t.is(accepted.length, 1);
  await listener.close();
});

test("octets are read to where the receiver wants them, and to memory of its own else", async (t) => {
  const sent = Buffer.alloc(1_000_000, "0123456789abc");
  const listener = await tcpTransport.listen({ host: "127.0.0.1", port: 0 }, (channel) => {
    channel.start({ data: () => undefined, drained: () => undefined, closed: () => undefined });
    channel.send(sent);
    channel.end();
  });
  const channel = await tcpTransport.connect(listener.endpoint, never);
  const whole = Buffer.alloc(sent.length);
  const others: { chunk: Uint8Array; at: number }[] = [];
  let octets = 0;
  let inPlace = 0;
  let isPlaceNamed = false;
  const closed = new Promise<Error | undefined>((resolve) => {
    channel.start({
      data: (chunk) => {
        if (chunk.buffer === whole.buffer) {
          t.is(chunk.byteOffset - whole.byteOffset, octets);
          inPlace++;
        } else others.push({ chunk, at: octets });
        octets += chunk.length;
        // To stop and go on does not lose the place.
        channel.pause();
        setImmediate(() => channel.resume());
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
  t.is(await closed, undefined);
  t.is(octets, sent.length);
  t.true(inPlace > 0 && others.length > 0);
  // Chunks are the receiver's to keep: later reads have not changed them.
  for (const { chunk, at } of others) whole.set(chunk, at);
  t.true(sent.equals(whole));
  await listener.close();
});

test("a refused connect and a port in use are the system's errors", async (t) => {
  const listener = await tcpTransport.listen({ host: "127.0.0.1", port: 0 }, () => undefined);
  await t.throwsAsync(
    tcpTransport.listen(listener.endpoint, () => undefined),
    { code: "EADDRINUSE" },
  );
  await listener.close();
  await t.throwsAsync(tcpTransport.connect(listener.endpoint, never), { code: "ECONNREFUSED" });
});

test("an aborted connect rejects with the signal's reason", async (t) => {
  const abort = new AbortController();
  const connecting = tcpTransport.connect({ host: "127.0.0.1", port: 1 }, abort.signal);
  abort.abort(new Error("enough"));
  await t.throwsAsync(connecting, { message: "enough" });
  await t.throwsAsync(tcpTransport.connect({ host: "127.0.0.1", port: 1 }, abort.signal), {
    message: "enough",
  });
});

test.serial("10,000 aborted calls over TCP leave no socket and no timer behind", async (t) => {
  const sockets = new Set<Socket>();
  const silent = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined);
    socket.on("data", () => undefined);
    socket.on("close", () => sockets.delete(socket));
  }).listen(0, "127.0.0.1");
  await once(silent, "listening");
  const { port } = silent.address() as AddressInfo;
  const before = resources();
  {
    await using orb = await ORB_init();
    const reference = await orb.string_to_object(`corbaloc:iiop:1.2@127.0.0.1:${port}/Key`);
    if (reference === null) throw new TypeError("nil");
    for (let round = 0; round < 10; round++) {
      const abort = new AbortController();
      const calls = Array.from({ length: 1_000 }, () =>
        sample.echo(reference, "x", { signal: abort.signal }),
      );
      // Some rounds are cut off before the connection is there, some after the requests have left.
      if (round % 2 === 1) await new Promise((resolve) => setImmediate(resolve));
      abort.abort();
      const outcomes = await Promise.allSettled(calls);
      t.true(outcomes.every((o) => o.status === "rejected" && o.reason instanceof TRANSIENT));
    }
  }
  await Promise.all([...sockets].map((socket) => once(socket, "close")));
  silent.close();
  await once(silent, "close");
  t.deepEqual(resources(), before);
});

/** What calls could leave behind. A server's handle is listed for a while after it closed, so it is not asked for. */
function resources(): string[] {
  return process
    .getActiveResourcesInfo()
    .filter((name) => ["TCPSocketWrap", "TCPConnectWrap", "Timeout"].includes(name));
}

test("a black-holed address ends the call at its deadline", async (t) => {
  // A process that listens and never accepts: when its backlog is full, the system drops what comes.
  const program = `
    const server = require("node:net").createServer().listen({ port: 0, host: "127.0.0.1", backlog: 1 }, () => {
      require("node:fs").writeSync(1, server.address().port + "\\n");
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
    });`;
  const child = spawn(process.execPath, ["-e", program], { stdio: ["ignore", "pipe", "inherit"] });
  const [line] = (await once(createInterface({ input: child.stdout }), "line")) as [string];
  const port = Number(line);
  const fillers = Array.from({ length: 8 }, () => connectSocket({ port, host: "127.0.0.1" }));
  for (const filler of fillers) filler.on("error", () => undefined);
  await once(fillers[0] as Socket, "connect");
  {
    await using orb = await ORB_init();
    const reference = await orb.string_to_object(`corbaloc:iiop:1.2@127.0.0.1:${port}/Key`);
    if (reference === null) throw new TypeError("nil");
    const error = await t.throwsAsync(sample.echo(reference, "x", { timeoutMs: 300 }), {
      instanceOf: TIMEOUT,
    });
    t.regex(
      error?.message ?? "",
      /^echo on 127\.0\.0\.1:\d+ after \d+ ms: the limit of 300 ms \(timeoutMs\) passed: /,
    );
    t.regex(error?.message ?? "", /no connection yet|no reply yet/);
  }
  for (const filler of fillers) filler.destroy();
  child.kill("SIGKILL");
  await once(child, "close");
});
