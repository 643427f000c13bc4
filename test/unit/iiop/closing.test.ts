// How connections end: idle ones, refused ones, those of a server that stops.
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import test, { type ExecutionContext } from "ava";
import { noLogger, TestClock } from "../../../orb/base/index.ts";
import {
  type Channel,
  type Endpoint,
  MemoryTransport,
  MINOR,
  type ObjectReference,
  type ORB,
  ORB_init,
  TRANSIENT,
  type Transport,
} from "../../../orb/index.ts";
import { tcpTransport } from "../../../orb/transport/index.ts";
import { Sample, sample } from "../../support/sample.ts";

/** CloseConnection of GIOP 1.`minor`, as our server sends it. */
function closeConnection(minor: number): Buffer {
  return Buffer.from([0x47, 0x49, 0x4f, 0x50, 1, minor, 1, 5, 0, 0, 0, 0]);
}

interface Scene {
  readonly server: ORB;
  readonly client: ORB;
  readonly servant: Sample;
  readonly reference: ObjectReference;
}

async function scene(
  t: ExecutionContext,
  config: NonNullable<Parameters<typeof ORB_init>[1]>,
  ofClient: NonNullable<Parameters<typeof ORB_init>[1]> = {},
): Promise<Scene> {
  const server = await ORB_init([], config);
  const client = await ORB_init([], { ...ofClient });
  t.teardown(async () => {
    await client.destroy();
    await server.destroy();
  });
  const servant = new Sample();
  const local = await server.rootPOA.activate(servant);
  server.rootPOA.the_POAManager.activate();
  const text = server.object_to_string(local);
  const reference = (await client.string_to_object(text)) as ObjectReference;
  return { server, client, servant, reference };
}

interface Raw {
  readonly socket: Socket;
  /** What came before the end. */
  received(): Buffer;
  /** "reset", or "end" for an orderly end of the stream. */
  readonly ended: Promise<string>;
}

const RESETS: ReadonlySet<string | undefined> = new Set(["ECONNRESET", "EPIPE"]);

async function connected(endpoint: Endpoint | undefined): Promise<Raw> {
  const { host, port } = endpoint ?? { host: "", port: 0 };
  const socket = connect({ host, port, allowHalfOpen: true });
  const chunks: Buffer[] = [];
  socket.on("data", (chunk: Buffer) => chunks.push(chunk));
  const ended = new Promise<string>((resolve) => {
    socket.on("error", ({ code }: NodeJS.ErrnoException) =>
      resolve(RESETS.has(code) ? "reset" : (code ?? "?")),
    );
    // Where both came at once Node tells of an end. Only behind a reset does the very first write fail.
    socket.on("end", () =>
      socket.write("?", (error) => {
        if (error === null || error === undefined) resolve("end");
      }),
    );
  });
  await once(socket, "connect");
  return { socket, received: () => Buffer.concat(chunks), ended };
}

/** Turns of the event loop until something holds, each with a chance for sockets. */
async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setImmediate(resolve));
}

test("an idle connection ends with CloseConnection and a reset, not before its time", async (t) => {
  const clock = new TestClock();
  const { server } = await scene(t, { clock, config: { orb: { acceptedIdleMs: 1_000 } } });
  const raw = await connected(server.endpoints[0]);
  await until(() => server._connectionCounts.accepted === 1);
  clock.advanceMs(1_000);
  t.is(server._connectionCounts.accepted, 1);
  clock.advanceMs(250);
  t.is(await raw.ended, "reset");
  t.deepEqual(raw.received(), closeConnection(0));
  t.is(clock.pendingCount, 0);
});

test("octets of a message keep a connection from being idle", async (t) => {
  const clock = new TestClock();
  let chunks = 0;
  const transport: Transport = {
    ...tcpTransport,
    listen: (at, accept) =>
      tcpTransport.listen(at, (channel) => {
        const start = channel.start.bind(channel);
        channel.start = (events) =>
          start({
            ...events,
            data: (chunk) => {
              // Empty where the transport keeps the octets until the message is whole.
              chunks++;
              events.data(chunk);
            },
          });
        accept(channel);
      }),
  };
  const config = { orb: { acceptedIdleMs: 1_000 } };
  const { server } = await scene(t, { clock, transport, config });
  const raw = await connected(server.endpoints[0]);
  await until(() => server._connectionCounts.accepted === 1);
  for (const octet of "GIOP") {
    clock.advanceMs(750);
    const before = chunks;
    raw.socket.write(octet);
    await until(() => chunks > before);
  }
  t.is(server._connectionCounts.accepted, 1);
  clock.advanceMs(1_250);
  t.is(await raw.ended, "reset");
});

test("a call in work keeps a connection on both sides; afterwards it is closed and opened anew", async (t) => {
  const clock = new TestClock();
  const transport = new MemoryTransport();
  const idle = { orb: { acceptedIdleMs: 1_000, openedIdleMs: 1_000, deadlineMs: 1_000_000 } };
  const { server, client, servant, reference } = await scene(
    t,
    { clock, transport, config: idle },
    { clock, transport, config: idle },
  );
  const parked = sample.park(reference);
  await until(() => servant.calls.includes("park"));
  clock.advanceMs(10_000);
  t.deepEqual(client._connectionCounts, { opened: 1, accepted: 0 });
  t.is(server._connectionCounts.accepted, 1);
  for (const release of servant.parked) release();
  await parked;
  clock.advanceMs(1_250);
  await until(() => server._connectionCounts.accepted === 0);
  t.is(client._connectionCounts.opened, 0);
  t.is(await sample.echo(reference, "again"), "again");
  t.deepEqual(client._connectionCounts, { opened: 1, accepted: 0 });
});

test("a caller does not notice that its idle connection was closed", async (t) => {
  const clock = new TestClock();
  const { server, client, reference } = await scene(t, {
    clock,
    config: { orb: { acceptedIdleMs: 1_000 } },
  });
  for (let n = 0; n < 20; n++) {
    t.is(await sample.echo(reference, `${n}`), `${n}`);
    // The next request may meet the close on its way.
    clock.advanceMs(1_250);
  }
  t.is(client._connectionCounts.opened, 1);
  t.true(server._connectionCounts.accepted >= 1);
});

test("what comes behind CloseConnection is not executed", async (t) => {
  const clock = new TestClock();
  const transport = new MemoryTransport();
  const { server, servant, reference, client } = await scene(
    t,
    { clock, transport, config: { orb: { acceptedIdleMs: 1_000 } } },
    { clock, transport },
  );
  t.is(await sample.echo(reference, "1"), "1");
  const open: Channel[] = [];
  const connecting = transport.connect.bind(transport);
  transport.connect = async (to, signal) => {
    const channel = await connecting(to, signal);
    open.push(channel);
    return channel;
  };
  // Both in one turn: the request is on its way when the server closes.
  clock.advanceMs(1_250);
  const second = sample.echo(reference, "2");
  t.is(await second, "2");
  t.deepEqual(servant.calls, ["echo 1", "echo 2"]);
  t.is(open.length, 1);
  await client.destroy();
  await server.destroy();
});

test("one connection more than allowed is told to go away; the others go on", async (t) => {
  const clock = new TestClock();
  const refusals: string[] = [];
  const warn = (message: string): void => void refusals.push(message);
  const { server, client, reference } = await scene(t, {
    clock,
    logger: { ...noLogger, warn },
    config: { orb: { maxConnections: 3 } },
  });
  t.is(await sample.echo(reference, "first"), "first");
  const others = [await connected(server.endpoints[0]), await connected(server.endpoints[0])];
  await until(() => server._connectionCounts.accepted === 3);
  const refused = await connected(server.endpoints[0]);
  await until(() => refusals.some((message) => message.includes("maxConnections")));
  clock.advanceMs(1_000);
  t.is(await refused.ended, "reset");
  t.deepEqual(refused.received(), closeConnection(0));
  t.is(server._connectionCounts.accepted, 3);
  t.is(await sample.echo(reference, "others"), "others");

  await using late = await ORB_init();
  const far = (await late.string_to_object(client.object_to_string(reference))) as ObjectReference;
  const error = await t.throwsAsync(sample.echo(far, "late"), { instanceOf: TRANSIENT });
  t.is(error?.minor, MINOR.requestDiscarded);
  t.is(error?.completed, "COMPLETED_NO");
  for (const { socket } of others) socket.destroy();
  await until(() => server._connectionCounts.accepted === 1);
  t.is(await sample.echo(far, "now"), "now");
});

test("a server that stops resets idle clients at once, and lets the others read their replies", async (t) => {
  const { server, reference } = await scene(t, {});
  const silent = await connected(server.endpoints[0]);
  await until(() => server._connectionCounts.accepted === 1);
  t.is(await sample.echo(reference, "reply"), "reply");
  const startedMs = performance.now();
  await server.shutdown();
  t.is(await silent.ended, "reset");
  t.deepEqual(silent.received(), closeConnection(0));
  // A client that reads closes its side when it is told to.
  t.true(performance.now() - startedMs < 400);
});
