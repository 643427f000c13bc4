import test from "ava";
import fc from "fast-check";
import { compareRanks, NO_RANK, type Rank, RankedQueue } from "../../../orb/base/index.ts";

const ranks: fc.Arbitrary<Rank> = fc.record({
  priority: fc.integer({ min: -2, max: 2 }),
  endMs: fc.constantFrom(1, 2, 3, Infinity),
});

test("a ranked queue gives what a stable sort gives, also when it is filled and emptied by turns", (t) => {
  fc.assert(
    fc.property(fc.array(fc.option(ranks, { nil: undefined })), (steps) => {
      const queue = new RankedQueue<{ rank: Rank; age: number }>(1_000, 1_000);
      const model: { rank: Rank; age: number }[] = [];
      for (const [age, rank] of steps.entries()) {
        if (rank === undefined) {
          model.sort((a, b) => compareRanks(a.rank, b.rank) || a.age - b.age);
          t.is(queue.shift(), model.shift());
        } else {
          const value = { rank, age };
          model.push(value);
          t.true(queue.push(value, { rank }));
        }
      }
      model.sort((a, b) => compareRanks(a.rank, b.rank) || a.age - b.age);
      for (const value of model) t.is(queue.shift(), value);
      t.is(queue.length, 0);
    }),
  );
});

test("a ranked queue is bounded in elements and in octets", (t) => {
  const queue = new RankedQueue<string>(2, 100);
  t.true(queue.push("a", { octets: 60 }));
  t.false(queue.push("b", { octets: 41 }), "octets");
  t.true(queue.push("c", { octets: 40 }));
  t.false(queue.push("d"), "elements");
  t.is(queue.octets, 100);
  t.is(queue.shift(), "a");
  t.is(queue.octets, 40);
  t.true(queue.push("e", { octets: 60, rank: { ...NO_RANK, priority: 1 } }));
  t.deepEqual([queue.shift(), queue.shift(), queue.shift()], ["e", "c", undefined]);
});
