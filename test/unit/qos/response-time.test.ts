import test from "ava";
import fc from "fast-check";
import { findLate, type Work } from "../../../services/admission/index.ts";

function work(
  name: string,
  priority: number,
  period: number,
  execution: number,
  deadline?: number,
): Work {
  return { name, priority, period, execution, deadline };
}

test("three lanes on one core: the textbook's response times", (t) => {
  // Burns and Wellings: periods 7, 12, 20, execution 3, 3, 5: response times 3, 6, 20.
  const lanes = (a: number, b: number, c: number): readonly Work[] => [
    work("a", 3, 7, 3, a),
    work("b", 2, 12, 3, b),
    work("c", 1, 20, 5, c),
  ];
  t.deepEqual(findLate(lanes(3, 6, 20), 1), []);
  t.deepEqual(
    findLate(lanes(3, 6, 19), 1).map(({ name }) => name),
    ["c"],
  );
  t.deepEqual(
    findLate(lanes(3, 5, 20), 1).map(({ name }) => name),
    ["b"],
  );
  t.deepEqual(
    findLate(lanes(2, 6, 20), 1).map(({ name }) => name),
    ["a"],
  );
});

test("lanes of the same priority are in each other's way", (t) => {
  const both = [work("a", 5, 100, 10, 15), work("b", 5, 100, 10, 20)];
  t.deepEqual(findLate(both, 1), [{ name: "a", deadline: 15, response: 20 }]);
});

test("more than a core can do is late, however long the deadline", (t) => {
  const over = [work("a", 2, 10, 6, 10), work("b", 1, 1_000_000, 400_001, 1_000_000)];
  t.deepEqual(
    findLate(over, 1).map(({ name }) => name),
    ["b"],
  );
});

/** Runs fixed priorities on one core, all released at 0, tick by tick. @returns the first response of each */
function simulate(works: readonly Work[], ticks: number): ReadonlyMap<string, number> {
  const first = new Map<string, number>();
  const left = works.map(() => 0);
  for (let now = 0; now < ticks; now++) {
    works.forEach(({ period, execution }, at) => {
      if (now % period === 0) left[at] = (left[at] ?? 0) + execution;
    });
    const ready = works.map((each, at) => ({ each, at })).filter(({ at }) => (left[at] ?? 0) > 0);
    const next = ready.toSorted((a, b) => b.each.priority - a.each.priority)[0];
    if (next === undefined) continue;
    left[next.at] = (left[next.at] ?? 0) - 1;
    if (left[next.at] === 0 && !first.has(next.each.name)) first.set(next.each.name, now + 1);
  }
  return first;
}

test("on one core the test is exact: what it promises a simulation keeps, what it refuses it breaks", (t) => {
  const set = fc.array(
    fc.record({ period: fc.integer({ min: 2, max: 30 }), share: fc.integer({ min: 5, max: 60 }) }),
    {
      minLength: 1,
      maxLength: 4,
    },
  );
  fc.assert(
    fc.property(set, (tasks) => {
      const works = tasks.map(({ period, share }, n) => {
        const execution = Math.max(1, Math.floor((period * share) / 100));
        return work(`${n}`, 10 - n, period, execution, period);
      });
      const late = new Set(findLate(works, 1).map(({ name }) => name));
      const seen = simulate(works, 30);
      for (const { name, deadline = 0 } of works) {
        // Higher ones that are late themselves push work into the next period: only whether, not when.
        t.is(
          (seen.get(name) ?? Number.POSITIVE_INFINITY) > deadline,
          late.has(name),
          JSON.stringify(works),
        );
      }
    }),
    { numRuns: 300 },
  );
});

test("several cores: never more promised than one core each would give, and more than one gives", (t) => {
  const three = ["a", "b", "c"].map((name, n) => work(name, 9 - n, 100, 60, 100));
  t.is(findLate(three, 1).length, 2);
  t.is(findLate(three, 3).length, 0, "one core each");
  t.deepEqual(findLate([work("alone", 1, 10, 10, 10)], 4), []);
});
