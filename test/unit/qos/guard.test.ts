import test from "ava";
import { noLogger } from "../../../orb/base/index.ts";
import { startGuard } from "../../../services/qos/index.ts";

test("a guard that does not end does not keep the daemon", async (t) => {
  const stuck =
    'process.stdin.resume(); console.log("ready"); setInterval(() => undefined, 1_000);';
  const command = [process.execPath, "-e", stuck];
  const guarded = { at: "own", group: "orbweaver-test", socket: "/nowhere/qosd.sock" } as const;
  const guard = await startGuard(command, guarded, noLogger, 50);
  const { processId = 0 } = guard;
  t.true(process.kill(processId, 0));
  await guard[Symbol.asyncDispose]();
  t.throws(() => process.kill(processId, 0), { code: "ESRCH" });
});
