import { MessageChannel } from "node:worker_threads";
import test from "ava";
import fc from "fast-check";
import { systemClock } from "../../../orb/base/index.ts";
import { type Arrival, COMM_FAILURE, type Outcome, TRANSIENT } from "../../../orb/index.ts";
import {
  newRingMemory,
  Peer,
  RingReader,
  RingWriter,
} from "../../../services/lane-thread/index.ts";
import { within } from "./laned.ts";

test("a ring gives back what was written, in order, and refuses what it has no room for", (t) => {
  const frame = fc.uint8Array({ maxLength: 300 });
  const step = fc.oneof(frame, fc.constant("read" as const));
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const memory = newRingMemory(512);
      const writer = new RingWriter(memory);
      const reader = new RingReader(memory);
      const model: Uint8Array[] = [];
      let taken = 0;
      const size = (octets: Uint8Array): number => 4 + ((octets.length + 3) & ~3);
      for (const each of steps) {
        if (each === "read") {
          const expected = model.shift();
          if (expected !== undefined) taken -= size(expected);
          t.deepEqual(reader.read(), expected);
          continue;
        }
        const hasRoom = taken + size(each) <= 512;
        t.is(writer.write(each), hasRoom);
        if (!hasRoom) continue;
        taken += size(each);
        model.push(each);
      }
    }),
  );
});

test("a reader that sleeps is woken once; what came before it slept keeps it awake", (t) => {
  const memory = newRingMemory(64);
  const writer = new RingWriter(memory);
  const reader = new RingReader(memory);
  writer.write(new Uint8Array(1));
  t.true(writer.hasToWake());
  writer.write(new Uint8Array(2));
  t.false(writer.hasToWake(), "it is being woken");
  t.false(reader.sleep(), "there is something to read");
  reader.read();
  reader.read();
  t.true(reader.sleep());
});

const ARRIVAL: Arrival = {
  adapter: ["p"],
  objectId: new Uint8Array(4),
  operation: "tell",
  caller: { connectionId: "c", requestId: 1 },
  encoding: { version: 2, littleEndian: true, charSet: 0, wcharSet: 0 },
  contexts: [],
  body: new Uint8Array(1_000),
  priority: undefined,
  replyExpected: true,
};

test("a way that is full is TRANSIENT, and one that breaks COMM_FAILURE", async (t) => {
  const { port1, port2 } = new MessageChannel();
  const [inbound, outbound] = [newRingMemory(16_384), newRingMemory(16_384)];
  const seat = { lane: 1, thread: 0 };
  const nobody = (): Outcome => ({ kind: "none" });
  // Nobody reads at the other end.
  const peer = new Peer({ seat, inbound, outbound, port: port1 }, systemClock, nobody);
  const handed: Promise<Outcome>[] = [];
  const full = t.throws(
    () => {
      for (let i = 0; i < 100; i++) handed.push(peer.handOver(ARRIVAL, within()));
    },
    { instanceOf: TRANSIENT },
  );
  t.regex(full?.message ?? "", /the way to the lane that tell is for is full: \d+ requests/);
  t.true(handed.length > 5 && handed.length < 16);
  peer.close();
  const outcomes = await Promise.allSettled(handed);
  t.true(
    outcomes.every((each) => each.status === "rejected" && each.reason instanceof COMM_FAILURE),
  );
  port2.close();
});
