import test from "ava";
import { storm } from "../../chaos/storm.ts";

/** The short form; `node dist/test/chaos/main.js --minutes N` is the long one. */
const FOR_MS = 8_000;
const SEED = Number(process.env["ORBWEAVER_SEED"] ?? Math.floor(Math.random() * 2 ** 31));

test(`a replicated bank under faults keeps its books: seed ${SEED}`, async (t) => {
  t.timeout(200_000);
  const { faults, calls, ends, wrong } = await storm({
    seed: SEED,
    forMs: FOR_MS,
    policy: { style: "semi-active" },
    say: (line) => t.log(line),
  });
  t.log(`${calls.length} calls: ${JSON.stringify(ends)}`);
  t.deepEqual(wrong, []);
  t.true(faults.length > 0);
  for (const [writer, how] of Object.entries(ends)) t.true((how["done"] ?? 0) > 0, writer);
});
