import test from "ava";
import fc from "fast-check";
import { LINK_FAULTS, planOf, PROCESS_FAULTS } from "../../../services/chaos/index.ts";

const ALL = [...PROCESS_FAULTS, ...LINK_FAULTS];
const BASE = { forMs: 60_000, everyMs: 2_000, faults: ALL, processes: 3, links: 2 } as const;

test("the same seed is the same plan", (t) => {
  t.deepEqual(planOf({ ...BASE, seed: 7 }), planOf({ ...BASE, seed: 7 }));
  t.notDeepEqual(planOf({ ...BASE, seed: 7 }), planOf({ ...BASE, seed: 8 }));
});

test("plans keep to what was given: time, kinds, targets", (t) => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 0xffff_ffff }),
      fc.integer({ min: 1, max: 10_000 }),
      fc.subarray(ALL, { minLength: 1 }),
      fc.nat(3),
      fc.nat(3),
      (seed, everyMs, faults, processes, links) => {
        const given = { seed, forMs: 30_000, everyMs, faults, processes, links };
        const isPossible = faults.some((kind) =>
          PROCESS_FAULTS.includes(kind) ? processes > 0 : links > 0,
        );
        if (!isPossible) {
          t.throws(() => planOf(given), { instanceOf: RangeError });
          return;
        }
        let lastMs = 0;
        for (const { atMs, target, fault } of planOf(given)) {
          t.true(atMs >= lastMs && atMs <= 30_000);
          lastMs = atMs;
          t.true(faults.includes(fault.kind));
          t.true(target >= 0 && target < (PROCESS_FAULTS.includes(fault.kind) ? processes : links));
          if ("percent" in fault) t.true(fault.percent >= 1 && fault.percent <= 95);
        }
      },
    ),
    { numRuns: 50 },
  );
});
