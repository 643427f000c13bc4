// Peers that take or send their octets slowly hold no more than the bounds of one connection.
import { once } from "node:events";
import { connect } from "node:net";
import test, { type ExecutionContext } from "ava";
import { TestClock } from "../../../orb/base/index.ts";
import { CdrOutput } from "../../../orb/cdr/index.ts";
import { Assembler, beginMessage, codecFor, RESPONSE } from "../../../orb/giop/index.ts";
import { MemoryTransport, ORB_init, type ORB, type Transport } from "../../../orb/index.ts";
import { tcpTransport } from "../../../orb/transport/index.ts";
import { Sample } from "../../support/sample.ts";

async function serve(
  t: ExecutionContext,
  options: NonNullable<Parameters<typeof ORB_init>[1]>,
): Promise<{ readonly server: ORB; readonly servant: Sample; readonly key: Uint8Array }> {
  const server = await ORB_init([], options);
  t.teardown(() => server.destroy());
  const servant = new Sample();
  const reference = await server.rootPOA.activate(servant);
  server.rootPOA.the_POAManager.activate();
  return { server, servant, key: reference._core.ownTargets[0]?.objectKey ?? new Uint8Array() };
}

function echoRequest(key: Uint8Array, requestId: number, text: string): Buffer {
  const out = new CdrOutput({ giopMinor: 2 });
  const codec = codecFor(2);
  beginMessage(out, "Request", 2);
  codec.writeRequestHeader(out, {
    requestId,
    responseFlags: RESPONSE.target,
    target: { by: "key", objectKey: key },
    operation: "echo",
    contexts: [],
  });
  const headerEnd = codec.beginBody(out);
  out.string(text);
  return Buffer.from(codec.endBody(out, headerEnd));
}

test("a client that does not read its replies is not read either, and holds no more than maxQueuedOctets", async (t) => {
  const maxQueuedOctets = 1 << 20;
  const replyOctets = 1 << 16;
  let mostQueued = 0;
  const transport: Transport = {
    ...tcpTransport,
    listen: (at, accept) =>
      tcpTransport.listen(at, (channel) => {
        const send = channel.send.bind(channel);
        channel.send = (octets, free) => {
          send(octets, free);
          mostQueued = Math.max(mostQueued, channel.queuedOctets);
        };
        accept(channel);
      }),
  };
  const { server, servant, key } = await serve(t, {
    transport,
    config: { orb: { maxQueuedOctets } },
  });
  const [{ host, port } = { host: "", port: 0 }] = server.endpoints;
  const socket = connect({ host, port });
  await once(socket, "connect");
  socket.pause();
  // Far more than the system's own buffers take, too.
  const requests = 1_000;
  const text = "x".repeat(replyOctets);
  for (let n = 0; n < requests; n++) socket.write(echoRequest(key, n * 2, text));
  let executed = -1;
  while (servant.calls.length !== executed || mostQueued < maxQueuedOctets) {
    executed = servant.calls.length;
    for (let turn = 0; turn < 200; turn++) await new Promise((resolve) => setImmediate(resolve));
  }
  t.true(executed < requests, `${executed} executed`);
  t.true(mostQueued <= maxQueuedOctets + 2 * replyOctets, `${mostQueued} octets queued`);
  // All of it is done as soon as the client reads.
  let replies = 0;
  const assembler = new Assembler();
  const done = new Promise<void>((resolve) => {
    socket.on("data", (chunk: Buffer) =>
      assembler.consume(chunk, () => void (++replies === requests && resolve())),
    );
  });
  socket.resume();
  await done;
  t.is(servant.calls.length, requests);
  socket.destroy();
});

test("a client that sends an octet a second is served, and held for no longer than it sends", async (t) => {
  const clock = new TestClock();
  const transport = new MemoryTransport();
  const { server, servant, key } = await serve(t, {
    clock,
    transport,
    config: { orb: { acceptedIdleMs: 10_000 } },
  });
  const [endpoint = { host: "", port: 0 }] = server.endpoints;
  const channel = await transport.connect(endpoint, new AbortController().signal);
  const types: string[] = [];
  const assembler = new Assembler();
  channel.start({
    data: (chunk) => assembler.consume(chunk, ({ type }) => void types.push(type)),
    drained: () => undefined,
    closed: () => void types.push("closed"),
  });
  const request = echoRequest(key, 2, "slowly");
  for (const octet of [...request, ...request.subarray(0, 20)]) {
    channel.send(Uint8Array.of(octet));
    await new Promise((resolve) => setImmediate(resolve));
    clock.advanceMs(1_000);
  }
  t.deepEqual(types, ["Reply"]);
  t.deepEqual(servant.calls, ["echo slowly"]);
  // It stops in the middle of the next one.
  clock.advanceMs(12_500);
  await new Promise((resolve) => setImmediate(resolve));
  t.deepEqual(types, ["Reply", "CloseConnection", "closed"]);
  t.is(server._connectionCounts.accepted, 0);
});
