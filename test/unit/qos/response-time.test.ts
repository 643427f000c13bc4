import test from "ava";
import fc from "fast-check";
import { findLate, type Work } from "../../../services/admission/index.ts";
import { everyPeriod, run } from "./simulated.ts";

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

/** Long enough for what the deadlines below leave open. */
const TICKS = 150;

const CORES = fc.integer({ min: 1, max: 3 });

const tasks = (most: number): fc.Arbitrary<readonly Work[]> =>
  fc
    .array(
      fc.record({
        period: fc.integer({ min: 2, max: 30 }),
        share: fc.integer({ min: 5, max: 60 }),
        slack: fc.integer({ min: 0, max: 100 }),
      }),
      { minLength: 1, maxLength: most },
    )
    .map((each) =>
      each.map(({ period, share, slack }, n) => {
        const execution = Math.max(1, Math.floor((period * share) / 100));
        const deadline = execution + Math.floor(((period - execution) * slack) / 100);
        return work(`${n}`, 99 - n, period, execution, deadline);
      }),
    );

test("on one core the test is exact: what it promises a simulation keeps, what it refuses it breaks", (t) => {
  fc.assert(
    fc.property(tasks(4), (works) => {
      const late = new Set(findLate(works, 1).map(({ name }) => name));
      // All at once is the worst there is. Of each the first job: those that are late push work into later ones.
      const first = works.map((each) => ({ ...each, requests: everyPeriod(each, [0], TICKS) }));
      const broken = new Set(
        run(first, 1, TICKS).flatMap(({ name, request, isLate }) =>
          isLate && request === 0 ? [name] : [],
        ),
      );
      t.deepEqual([...broken].toSorted(), [...late].toSorted(), JSON.stringify(works));
    }),
    { numRuns: 300 },
  );
});

/** Waits before each request, beside the least that there is between two. */
const waits = (count: number): fc.Arbitrary<readonly (readonly number[])[]> =>
  fc.array(fc.array(fc.nat({ max: 12 }), { minLength: 6, maxLength: 6 }), {
    minLength: count,
    maxLength: count,
  });

test("what is promised is kept, whenever requests come, on one core and on several", (t) => {
  let kept = 0;
  fc.assert(
    fc.property(tasks(5), waits(5), CORES, (works, pauses, cores) => {
      if (findLate(works, cores).length > 0) return;
      kept++;
      const all = works.map((each, n) => ({
        ...each,
        requests: everyPeriod(each, pauses[n] ?? [], TICKS),
      }));
      const broken = run(all, cores, TICKS).filter(({ isLate }) => isLate);
      t.deepEqual(broken, [], JSON.stringify({ works, pauses, cores }));
    }),
    { numRuns: 1_000 },
  );
  t.true(kept > 200, `${kept} of them say something`);
});

test("a lane that does not say what it does may use its budget at the end of one period and the start of the next", (t) => {
  const silent = work("silent", 9, 10, 3);
  const low = (deadline: number): Work => work("low", 1, 100, 2, deadline);
  t.deepEqual(findLate([silent, low(8)], 1), []);
  t.deepEqual(findLate([silent, low(7)], 1), [{ name: "low", deadline: 7, response: 8 }]);
});

test("what is promised is kept, however lanes that do not say what they do use their budgets", (t) => {
  let kept = 0;
  const uses = fc.array(fc.array(fc.nat({ max: 30 }), { minLength: 8, maxLength: 8 }), {
    minLength: 4,
    maxLength: 4,
  });
  fc.assert(
    fc.property(
      tasks(4),
      uses,
      waits(4),
      fc.nat(15),
      CORES,
      (works, starts, pauses, silent, cores) => {
        const mixed = works.map((each, n) =>
          ((silent >> n) & 1) === 1 ? { ...each, deadline: undefined } : each,
        );
        if (findLate(mixed, cores).length > 0) return;
        kept++;
        const all = mixed.map((each, n) => ({
          ...each,
          requests:
            each.deadline === undefined
              ? // In each period of the budget at any moment that leaves time for it.
                Array.from({ length: Math.floor(TICKS / each.period) }, (_, period) => {
                  const at = starts[n]?.[period % 8] ?? 0;
                  return period * each.period + (at % (each.period - each.execution + 1));
                })
              : everyPeriod(each, pauses[n] ?? [], TICKS),
        }));
        const broken = run(all, cores, TICKS).filter(({ isLate }) => isLate);
        t.deepEqual(broken, [], JSON.stringify({ all, cores }));
      },
    ),
    { numRuns: 1_000 },
  );
  t.true(kept > 200, `${kept} of them say something`);
});

test("several cores: never more promised than one core each would give, and more than one gives", (t) => {
  const three = ["a", "b", "c"].map((name, n) => work(name, 9 - n, 100, 60, 100));
  t.is(findLate(three, 1).length, 2);
  t.is(findLate(three, 3).length, 0, "one core each");
  t.deepEqual(findLate([work("alone", 1, 10, 10, 10)], 4), []);
});
