import { EventEmitter, once } from "node:events";
import test from "ava";
import { TestClock } from "../../../orb/base/index.ts";
import type { Channel, Transport } from "../../../orb/index.ts";
import { MemoryTransport } from "../../../orb/transport/index.ts";
import { Rehearsal } from "../../../services/lane-thread/index.ts";

interface Watched extends Transport {
  readonly events: EventEmitter;
  /** Both sides of the newest connection. */
  channel?: Channel;
  accepted?: Channel;
}

/** A transport that tells what its newest connection sends and is answered. */
function watched(): Watched {
  const memory = new MemoryTransport();
  const events = new EventEmitter();
  const transport: Watched = {
    events,
    listen: (at, accept) =>
      memory.listen(at, (channel) => {
        transport.accepted = channel;
        accept(channel);
      }),
    async connect(to, signal) {
      const channel = await memory.connect(to, signal);
      transport.channel = channel;
      const send = channel.send.bind(channel);
      const start = channel.start.bind(channel);
      channel.send = (octets, free) => {
        events.emit("sent", octets.slice());
        send(octets, free);
      };
      channel.start = (receiver) =>
        start({
          data(chunk) {
            receiver.data(chunk);
            events.emit("answered", chunk);
          },
          drained: () => receiver.drained(),
          closed: (cause) => receiver.closed(cause),
        });
      return channel;
    },
  };
  return transport;
}

/** Turns of the event loop: what was sent over memory is there. */
async function pass(clock: TestClock, ms: number): Promise<void> {
  for (let i = 0; i < ms; i++) {
    clock.advanceMs(1);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

async function rehearsed(): Promise<{
  readonly rehearsal: Rehearsal;
  readonly transport: Watched;
  readonly clock: TestClock;
  readonly serving: { taken: number };
  readonly failures: Error[];
  readonly sent: Uint8Array[];
}> {
  const transport = watched();
  const clock = new TestClock();
  const serving = { taken: 0 };
  const failures: Error[] = [];
  const rehearsal = await Rehearsal.warmUp(transport, {}, 2);
  const sent: Uint8Array[] = [];
  transport.events.on("sent", (octets: Uint8Array) => sent.push(octets));
  const answered = once(transport.events, "answered");
  await rehearsal.keepWarm(500, {
    clock,
    taken: () => serving.taken,
    failed: (error) => failures.push(error),
  });
  await answered;
  return { rehearsal, transport, clock, serving, failures, sent };
}

test("a thread calls itself as often as it is to, and not when somebody else has called", async (t) => {
  const { rehearsal, clock, serving, failures, sent } = await rehearsed();
  t.is(sent.length, 1, "the first at once");
  await pass(clock, 10);
  t.is(sent.length, 6, "one each 2 ms");
  t.true(sent.every((octets) => Buffer.from(octets).includes("echo")));
  for (let i = 0; i < 5; i++) {
    serving.taken++;
    await pass(clock, 2);
  }
  t.is(sent.length, 6, "it is warm by what it serves");
  await pass(clock, 2);
  t.is(sent.length, 7);
  await rehearsal.close();
  await pass(clock, 10);
  t.deepEqual([sent.length, failures], [7, []]);
});

test("a thread that does not answer itself is told of once, and rehearses no more", async (t) => {
  const { rehearsal, transport, clock, failures, sent } = await rehearsed();
  const { channel } = transport;
  if (channel === undefined) return t.fail("it has no connection to itself");
  channel.pause();
  await pass(clock, 2);
  const before = sent.length;
  clock.advanceMs(6_000);
  t.deepEqual(
    failures.map(({ message }) => message),
    ["the thread did not answer itself within 5000 ms"],
  );
  await pass(clock, 10);
  t.is(sent.length, before);
  await rehearsal.close();
  t.is(failures.length, 1);
});

test("a connection to itself that breaks ends the rehearsals", async (t) => {
  const { rehearsal, transport, clock, failures, sent } = await rehearsed();
  transport.accepted?.destroy();
  await pass(clock, 1);
  t.is(failures.length, 1);
  const before = sent.length;
  await pass(clock, 10);
  t.deepEqual([sent.length, failures.length], [before, 1]);
  await rehearsal.close();
});
