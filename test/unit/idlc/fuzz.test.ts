import test from "ava";
import { detonate, fuzz } from "../../support/idlc-fuzz.ts";

/** Milliseconds of mutated files; `ORBWEAVER_FUZZ_MS=30000` in CI, ten minutes in `npm run bench -- idlc --long`. */
const BUDGET_MS: number = Number(process.env["ORBWEAVER_FUZZ_MS"] ?? 3_000);

// One after the other: the time of one is no time of the next.
test.serial("no mutation of IDL crashes the compiler or keeps it busy", async (t) => {
  t.timeout(BUDGET_MS + 60_000);
  const { runs, failure } = await fuzz(BUDGET_MS);
  t.is(failure, undefined);
  t.true(runs > 0);
});

for (const size of [300, 3_000]) {
  test.serial(`no IDL that is small for what it asks for does, at ${size}`, async (t) => {
    t.timeout(120_000);
    t.deepEqual(await detonate(size), []);
  });
}
