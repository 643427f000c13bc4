import test from "ava";
import { runCrowd } from "../../bench/connections/connections.ts";

test("connections beyond the limit are refused in words, and those within it do not notice", async (t) => {
  const result = await runCrowd({ idle: 200, active: 40 }, 200);
  t.is(result.accepted, 240);
  t.deepEqual(result.refusal.slice(0, 2), ["TRANSIENT", "CloseConnection"]);
  t.is(result.idleServed, 200);
  t.true(result.among.sortedUs.length > 40);
});
