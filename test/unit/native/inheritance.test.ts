import test from "ava";
import { MOST_OF_PLAIN, MOST_OF_REST, runsOf } from "../../bench/inheritance/inheritance.ts";
import { median } from "../../bench/samples.ts";
import { inChild } from "./child.ts";

const RUNS = 5;

// A host that takes the processor away lengthens single runs: the medians are compared.
test("high waits for the rest of low's critical section, not for the middle thread", async (t) => {
  const { error } = await inChild("schedule", [{ policy: "fifo", priority: 40 }]);
  const inheriting = await runsOf("inheriting", RUNS);
  if (typeof inheriting === "string") {
    // Without the right there is nothing to measure; which right is told.
    t.regex(inheriting, /CAP_SYS_NICE or an RLIMIT_RTPRIO of 40 is missing/);
    t.is(error?.code, "EPERM");
    return;
  }
  const plain = await runsOf("plain", RUNS);
  if (typeof plain === "string") throw new Error(plain);
  t.is(inheriting.length, RUNS);
  t.true(median(inheriting.map(({ restMs }) => restMs)) > 15);
  const ofRest = median(inheriting.map(({ waitedMs, restMs }) => waitedMs / restMs));
  const waits = [inheriting, plain].map((runs) => median(runs.map(({ waitedMs }) => waitedMs)));
  const [withIt = 0, without = 0] = waits;
  t.log(
    `high waits ${withIt.toFixed(1)} ms, ${ofRest.toFixed(2)} × low's rest; plain ${without.toFixed(1)} ms`,
  );
  t.true(ofRest <= MOST_OF_REST);
  t.true(withIt < MOST_OF_PLAIN * without);
});
