import test from "ava";
import { Deferred, TestClock } from "../../../orb/base/index.ts";
import {
  BAD_PARAM,
  COMM_FAILURE,
  MemoryTransport,
  MINOR,
  ORB_init,
  TIMEOUT,
  TRANSIENT,
  type ObjectReference,
} from "../../../orb/index.ts";
import {
  iorToString,
  ORB_TYPE,
  orbTypeComponent,
  writeIiopProfile,
} from "../../../orb/ior/index.ts";
import { Sample, sample } from "../../support/sample.ts";
import { BlackHole } from "../../support/silent-transport.ts";

type Orb = Awaited<ReturnType<typeof ORB_init>>;

async function referenceTo(orb: Orb, url: string): Promise<ObjectReference> {
  const reference = await orb.string_to_object(url);
  if (reference === null) throw new TypeError("nil");
  return reference;
}

test("a black-holed peer ends the call at its deadline, which the error names", async (t) => {
  const clock = new TestClock();
  const transport = new BlackHole();
  await using orb = await ORB_init([], { transport, clock });
  const reference = await referenceTo(orb, "corbaloc:iiop:1.2@far.example:2809/Key");
  const call = sample.echo(reference, "x", { timeoutMs: 100 });
  clock.advanceMs(99);
  t.is(transport.givenUp, 0);
  clock.advanceMs(1);
  const error = await t.throwsAsync(call, { instanceOf: TIMEOUT });
  t.is(
    error?.message,
    "echo on far.example:2809 after 100 ms: the limit of 100 ms (timeoutMs) passed: no connection yet",
  );
  t.is(error?.completed, "COMPLETED_NO");
  t.is(transport.givenUp, 1);
  t.is(clock.pendingCount, 0);
});

test("the connect limit ends the call as TRANSIENT and names itself", async (t) => {
  const clock = new TestClock();
  const transport = new BlackHole();
  await using orb = await ORB_init([], { transport, clock });
  const reference = await referenceTo(orb, "corbaloc:iiop:1.2@far.example:2809/Key");
  const call = sample.echo(reference, "x");
  clock.advanceMs(5_000);
  const error = await t.throwsAsync(call, { instanceOf: TRANSIENT });
  t.is(error?.minor, MINOR.connectTimedOut);
  t.regex(error?.message ?? "", /echo on far\.example:2809 after 5000 ms.*connectTimeoutMs/);
  t.is(clock.pendingCount, 0);
});

test("the next address of a reference is tried when one cannot be reached", async (t) => {
  const transport = new MemoryTransport();
  const server = await ORB_init([], { transport });
  const client = await ORB_init([], { transport });
  server.bindPlainKey("Sample", await server.rootPOA.activate(new Sample()));
  server.rootPOA.the_POAManager.activate();
  const port = server.endpoints[0]?.port;
  const url = `corbaloc:iiop:1.2@127.0.0.1:1,iiop:1.2@127.0.0.1:${port}/Sample`;
  t.is(await sample.echo(await referenceTo(client, url), "second"), "second");
  const nowhere = await referenceTo(client, "corbaloc:iiop:1.2@127.0.0.1:1/Sample");
  const error = await t.throwsAsync(sample.echo(nowhere, "x"), { instanceOf: TRANSIENT });
  t.regex(error?.message ?? "", /no connection to 127\.0\.0\.1:1: connect ECONNREFUSED/);
  await client.destroy();
  await server.destroy();
});

test("a server that never replies ends the call at the ORB's deadline, COMPLETED_MAYBE", async (t) => {
  const clock = new TestClock();
  const transport = new MemoryTransport();
  const server = await ORB_init([], { transport });
  const client = await ORB_init([], { transport, clock });
  const servant = new Sample();
  const local = await server.rootPOA.activate(servant);
  server.rootPOA.the_POAManager.activate();
  const reference = await referenceTo(client, server.object_to_string(local));
  const call = sample.park(reference);
  await servant.called(1);
  clock.advanceMs(30_000);
  const error = await t.throwsAsync(call, { instanceOf: TIMEOUT });
  t.regex(
    error?.message ?? "",
    /the limit of 30000 ms \(orb\.deadlineMs\) passed: connected and sent, no reply yet/,
  );
  t.is(error?.completed, "COMPLETED_MAYBE");
  t.is(clock.pendingCount, 0);
  for (const release of servant.parked) release();
  t.is(await sample.echo(reference, "still alive"), "still alive");
  await client.destroy();
  await server.destroy();
});

test("a peer that stops in the middle of a reply ends the call at its deadline", async (t) => {
  const clock = new TestClock();
  const transport = new MemoryTransport();
  const listener = await transport.listen({ host: "127.0.0.1", port: 7100 }, (channel) => {
    channel.start({
      // The header of a Reply of 100 octets, and 4 of them.
      data: () => channel.send(Buffer.from("47494f50010201016400000002000000", "hex")),
      drained: () => undefined,
      closed: () => undefined,
    });
  });
  await using client = await ORB_init([], { transport, clock });
  const reference = await referenceTo(client, "corbaloc:iiop:1.2@127.0.0.1:7100/Key");
  const call = sample.echo(reference, "x", { timeoutMs: 50 });
  await new Promise((resolve) => setImmediate(resolve));
  clock.advanceMs(50);
  await t.throwsAsync(call, { instanceOf: TIMEOUT, message: /no reply yet/ });
  await listener.close();
});

test("a peer that sends what is no GIOP, or closes, ends calls with COMM_FAILURE at once", async (t) => {
  const transport = new MemoryTransport();
  const answers: readonly (Buffer | undefined)[] = [
    Buffer.from("HTTP/1.1 400 Bad Request\r\n"),
    undefined,
  ];
  for (const answer of answers) {
    const listener = await transport.listen({ host: "127.0.0.1", port: 7101 }, (channel) => {
      channel.start({
        data: () => (answer === undefined ? channel.end() : channel.send(answer)),
        drained: () => undefined,
        closed: () => undefined,
      });
    });
    await using client = await ORB_init([], { transport });
    const reference = await referenceTo(client, "corbaloc:iiop:1.2@127.0.0.1:7101/Key");
    const error = await t.throwsAsync(sample.echo(reference, "x"), { instanceOf: COMM_FAILURE });
    t.is(error?.completed, "COMPLETED_MAYBE");
    await listener.close();
  }
});

test("a signal cancels: before, while connecting, while waiting; the server is told", async (t) => {
  const transport = new MemoryTransport();
  const server = await ORB_init([], { transport });
  const client = await ORB_init([], { transport });
  const servant = new Sample();
  const local = await server.rootPOA.activate(servant);
  server.rootPOA.the_POAManager.activate();
  const reference = await referenceTo(client, server.object_to_string(local));
  const before = await t.throwsAsync(
    sample.echo(reference, "x", { signal: AbortSignal.abort(new Error("changed my mind")) }),
    { instanceOf: TRANSIENT },
  );
  t.is(before?.minor, MINOR.requestCancelled);
  t.is((before?.cause as Error | undefined)?.message, "changed my mind");

  const abort = new AbortController();
  const waiting = sample.park(reference, { signal: abort.signal });
  await servant.called(1);
  abort.abort();
  const after = await t.throwsAsync(waiting, { instanceOf: TRANSIENT });
  t.is(after?.completed, "COMPLETED_MAYBE");
  t.is(await sample.echo(reference, "next"), "next");

  const hole = new BlackHole();
  await using other = await ORB_init([], { transport: hole });
  const connecting = new AbortController();
  const far = await referenceTo(other, "corbaloc:iiop:1.2@far.example:2809/Key");
  const call = sample.echo(far, "x", { signal: connecting.signal });
  connecting.abort();
  await t.throwsAsync(call, { instanceOf: TRANSIENT });
  t.is(hole.givenUp, 1);
  await client.destroy();
  await server.destroy();
});

test("a connection to nobody knows whom is left to the calls it has when one is given up", async (t) => {
  const clock = new TestClock();
  const transport = new MemoryTransport();
  const server = await ORB_init([], { transport });
  const client = await ORB_init([], { transport, clock });
  const servant = new Sample();
  const local = await server.rootPOA.activate(servant);
  server.bindPlainKey("Sample", local);
  server.rootPOA.the_POAManager.activate();
  const place = `127.0.0.1:${server.endpoints[0]?.port}`;
  const urls = [`corbaloc:iiop:1.0@${place}/Sample`, `corbaloc:iiop:1.2@${place}/Sample`];
  for (const url of [...urls, server.object_to_string(local)]) {
    const reference = await referenceTo(client, url);
    const before = client._connectionCounts.opened;
    const first = sample.park(reference);
    await servant.called(1);
    const late = sample.park(reference, { timeoutMs: 100 });
    await servant.called(2);
    clock.advanceMs(100);
    await t.throwsAsync(late, { instanceOf: TIMEOUT });
    t.is(await sample.echo(reference, "elsewhere"), "elsewhere");
    t.is(client._connectionCounts.opened - before, url.startsWith("IOR") ? 1 : 2, url);
    for (const release of servant.parked.splice(0)) release();
    await first;
    t.is(client._connectionCounts.opened - before, 1, "the old one closes with its last call");
  }
  await client.destroy();
  await server.destroy();
});

/** Cancels a call of a peer that never answers. @returns the types of the messages it got, by number */
async function typesAfterCancel(orbType: number | undefined): Promise<readonly number[]> {
  const transport = new MemoryTransport();
  const types: number[] = [];
  const received = new Deferred<undefined>();
  const listener = await transport.listen({ host: "127.0.0.1", port: 7102 }, (channel) => {
    channel.start({
      data: (chunk) => {
        for (let at = 0; at < chunk.length; at += 12 + Buffer.from(chunk).readUInt32LE(at + 8)) {
          types.push(chunk[at + 7] ?? -1);
        }
        received.resolve(undefined);
      },
      drained: () => undefined,
      closed: () => undefined,
    });
  });
  await using client = await ORB_init([], { transport });
  const components = orbType === undefined ? [] : [orbTypeComponent(orbType)];
  const profile = {
    minor: 2,
    host: "127.0.0.1",
    port: 7102,
    objectKey: Buffer.from("k"),
    components,
  };
  const ior = { typeId: "", profiles: [writeIiopProfile(profile)] };
  const reference = await referenceTo(client, iorToString(ior));
  const abort = new AbortController();
  const call = sample.echo(reference, "x", { signal: abort.signal });
  await received.promise;
  abort.abort();
  await call.catch(() => undefined);
  await client.destroy();
  await listener.close();
  return types;
}

test("omniORB is never sent a CancelRequest, which its server would read for ever", async (t) => {
  // 0 Request, 2 CancelRequest, 5 CloseConnection
  t.deepEqual(await typesAfterCancel(ORB_TYPE.omniOrb), [0, 5]);
  t.deepEqual(await typesAfterCancel(ORB_TYPE.tao), [0, 2, 5]);
  t.deepEqual(await typesAfterCancel(undefined), [0, 2, 5]);
});

test("10,000 aborted calls leave no timer, listener or connection behind", async (t) => {
  const clock = new TestClock();
  const hole = new BlackHole();
  await using lost = await ORB_init([], { transport: hole, clock });
  const far = await referenceTo(lost, "corbaloc:iiop:1.2@far.example:2809/Key");
  const transport = new MemoryTransport();
  const server = await ORB_init([], { transport, clock });
  const client = await ORB_init([], { transport, clock });
  const servant = new Sample();
  const local = await server.rootPOA.activate(servant);
  server.rootPOA.the_POAManager.activate();
  const near = await referenceTo(client, server.object_to_string(local));
  await sample.echo(near, "warm");
  let listeners = 0;
  const abort = new AbortController();
  const { signal } = abort;
  const add = signal.addEventListener.bind(signal);
  const remove = signal.removeEventListener.bind(signal);
  signal.addEventListener = (...args: Parameters<typeof add>) => {
    listeners++;
    add(...args);
  };
  signal.removeEventListener = (...args: Parameters<typeof remove>) => {
    listeners--;
    remove(...args);
  };
  const calls = Array.from({ length: 10_000 }, (_, i) =>
    i % 2 === 0 ? sample.echo(far, "x", { signal }) : sample.park(near, { signal }),
  );
  t.is(listeners, 2, "one for each ORB, however many calls");
  abort.abort();
  const outcomes = await Promise.allSettled(calls);
  t.true(outcomes.every((o) => o.status === "rejected" && o.reason instanceof TRANSIENT));
  t.is(listeners, 0);
  t.is(clock.pendingCount, 0);
  t.is(hole.givenUp, hole.connecting);
  t.deepEqual(lost._connectionCounts, { opened: 0, accepted: 0 });
  t.is(await sample.echo(near, "after"), "after");
  await client.destroy();
  await server.destroy();
});

test("arguments the client cannot write are its own error, and the connection goes on", async (t) => {
  const transport = new MemoryTransport();
  const server = await ORB_init([], { transport });
  const client = await ORB_init([], { transport });
  const local = await server.rootPOA.activate(new Sample());
  server.rootPOA.the_POAManager.activate();
  const near = await referenceTo(client, server.object_to_string(local));
  await t.throwsAsync(sample.echo(near, "with \0 inside"), { message: /NUL|U\+0000/i });
  await t.throwsAsync(sample.echo(near, 7 as unknown as string), { instanceOf: BAD_PARAM });
  t.is(await sample.echo(near, "fine"), "fine");
  await client.destroy();
  await server.destroy();
});
