import { setImmediate as turn } from "node:timers/promises";
import test from "ava";
import fc from "fast-check";
import { systemClock, TestClock } from "../../../orb/base/index.ts";
import {
  type BufferBounds,
  type LaneShape,
  ReadyQueue,
  type Work,
  WorkQueue,
} from "../../../orb/rt/index.ts";

const ROOMY: BufferBounds = { maxCount: 1_000, maxOctets: 1 << 20 };
const NONE: BufferBounds = { maxCount: 0, maxOctets: 0 };

function lane(priority: number, concurrency: number, mayBorrow = false): LaneShape {
  return { name: `lane ${priority}`, priority, concurrency, mayBorrow };
}

/** Writes down what happens to the work it makes. */
class Diary {
  readonly lines: string[] = [];
  readonly ends = new Map<string, () => void>();

  /** Work that goes on until it is ended. */
  work(name: string, priority = 0, octets = 10): Work {
    return {
      priority,
      octets,
      run: (done) => {
        this.lines.push(name);
        this.ends.set(name, done);
      },
      refuse: (why) => this.lines.push(`${name} refused: ${why}`),
    };
  }

  end(name: string): void {
    this.ends.get(name)?.();
  }
}

test("what is ready in several lanes goes by priority, and by age among equals", async (t) => {
  const queue = new WorkQueue(
    [lane(5_000, 9), lane(15_000, 9), lane(25_000, 9)],
    NONE,
    systemClock,
  );
  const diary = new Diary();
  queue.submit(0, diary.work("low", 5_000));
  queue.submit(2, diary.work("high", 25_000));
  queue.submit(1, diary.work("middle", 15_000));
  queue.submit(2, diary.work("high again", 25_000));
  t.deepEqual(diary.lines, []);
  await turn();
  t.deepEqual(diary.lines, ["high", "high again", "middle", "low"]);
});

test("after a slice of work the event loop has a turn, and what arrives in it goes first when it is more urgent", async (t) => {
  const clock = new TestClock();
  const queue = new WorkQueue([lane(0, 9), lane(1, 9)], NONE, clock);
  const lines: string[] = [];
  const slow = (name: string): Work => ({
    ...new Diary().work(name),
    run: (done) => {
      lines.push(name);
      clock.advanceMs(2);
      done();
    },
  });
  queue.submit(0, slow("first"));
  queue.submit(0, slow("second"));
  await turn();
  t.deepEqual(lines, ["first"]);
  queue.submit(1, { ...slow("urgent"), priority: 1 });
  await turn();
  await turn();
  t.deepEqual(lines, ["first", "urgent", "second"]);
});

test("no buffering: what finds no thread is refused, and says why", async (t) => {
  const queue = new WorkQueue([lane(5_000, 1)], NONE, systemClock);
  const diary = new Diary();
  queue.submit(0, diary.work("one"));
  queue.submit(0, diary.work("two"));
  t.deepEqual(diary.lines, [
    "two refused: all 1 threads of lane 5000 are busy, and it buffers no requests",
  ]);
  await turn();
  diary.end("one");
  queue.submit(0, diary.work("three"));
  await turn();
  t.deepEqual(diary.lines.slice(1), ["one", "three"]);
});

test("buffering: bounds by count and by octets, over all lanes of the pool", async (t) => {
  const queue = new WorkQueue(
    [lane(1, 1), lane(2, 1)],
    { maxCount: 3, maxOctets: 50 },
    systemClock,
  );
  const diary = new Diary();
  for (const of of [0, 1]) queue.submit(of, diary.work(`runs ${of}`));
  queue.submit(0, diary.work("a", 0, 20));
  queue.submit(1, diary.work("b", 0, 20));
  queue.submit(1, diary.work("too large", 0, 11));
  queue.submit(1, diary.work("c", 0, 10));
  queue.submit(0, diary.work("too many", 0, 0));
  t.is(diary.lines.length, 2);
  t.regex(diary.lines[0] ?? "", /^too large refused: .*2 requests with 40 octets wait already/);
  t.regex(diary.lines[1] ?? "", /^too many refused: .*3 requests with 50 octets/);
  t.deepEqual(queue.countsOf(1), { running: 1, waiting: 2 });
  await turn();
  diary.end("runs 0");
  await turn();
  t.deepEqual(diary.lines.slice(2), ["runs 0", "runs 1", "a"]);
});

test("what waits in a lane goes by its own priority, and can be taken back", async (t) => {
  const queue = new WorkQueue([lane(1, 1)], { maxCount: 2, maxOctets: 100 }, systemClock);
  const diary = new Diary();
  queue.submit(0, diary.work("runs"));
  const withdraw = queue.submit(0, diary.work("low", 1));
  queue.submit(0, diary.work("high", 9));
  withdraw?.();
  withdraw?.();
  queue.submit(0, diary.work("lowest", 0));
  await turn();
  for (const name of ["runs", "high", "lowest"]) {
    diary.end(name);
    await turn();
  }
  t.deepEqual(diary.lines, ["runs", "high", "lowest"]);
  t.deepEqual(queue.countsOf(0), { running: 0, waiting: 0 });
});

test("borrowing: from the nearest lane below, never from one above; the thread goes back to its own", async (t) => {
  const lanes = [lane(1, 1, true), lane(2, 1, true), lane(3, 1, true)];
  const queue = new WorkQueue(lanes, NONE, systemClock);
  const diary = new Diary();
  queue.submit(2, diary.work("a"));
  queue.submit(2, diary.work("b"));
  queue.submit(2, diary.work("c"));
  queue.submit(2, diary.work("d"));
  t.deepEqual(queue.countsOf(0), { running: 1, waiting: 0 });
  t.deepEqual(queue.countsOf(1), { running: 1, waiting: 0 });
  t.regex(diary.lines[0] ?? "", /^d refused/);
  await turn();
  diary.end("a");
  // A thread of the highest lane is free, and the low one has none of its own.
  queue.submit(0, diary.work("e"));
  t.regex(diary.lines.at(-1) ?? "", /^e refused/);
});

test("a thread that becomes free serves the most urgent that may have it", async (t) => {
  const queue = new WorkQueue([lane(1, 1), lane(2, 1, true)], ROOMY, systemClock);
  const diary = new Diary();
  queue.submit(1, diary.work("x", 2));
  queue.submit(0, diary.work("y", 1));
  queue.submit(0, diary.work("low waits", 1));
  queue.submit(1, diary.work("high waits", 2));
  await turn();
  diary.end("y");
  await turn();
  diary.end("high waits");
  await turn();
  t.deepEqual(diary.lines, ["x", "y", "high waits", "low waits"]);
});

test("a queue by priority gives what sorting would, whatever is taken back meanwhile", (t) => {
  const step = fc.oneof(
    fc.record({ kind: fc.constant("push" as const), priority: fc.integer({ min: 0, max: 5 }) }),
    fc.record({ kind: fc.constant("shift" as const) }),
    fc.record({ kind: fc.constant("takeBack" as const), which: fc.nat(200) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 400 }), (steps) => {
      const queue = new ReadyQueue<{ readonly priority: number }>();
      const model: {
        readonly value: { readonly priority: number };
        readonly takeBack: () => boolean;
      }[] = [];
      for (const next of steps) {
        if (next.kind === "push") {
          const value = { priority: next.priority };
          model.push({ value, takeBack: queue.push(next.priority, value) });
        } else if (next.kind === "shift") {
          const best = model.toSorted((a, b) => b.value.priority - a.value.priority)[0];
          t.is(queue.shift(), best?.value);
          if (best !== undefined) model.splice(model.indexOf(best), 1);
        } else if (model.length > 0) {
          const [gone] = model.splice(next.which % model.length, 1);
          t.true(gone?.takeBack());
          t.false(gone?.takeBack());
        }
        t.is(queue.length, model.length);
      }
    }),
  );
});
