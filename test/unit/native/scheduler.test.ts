import { readFileSync } from "node:fs";
import test from "ava";
import { loadNative, nativeFault } from "../../../native/index.ts";
import type { NativeScheduler } from "../../../native/index.ts";
import type { Scheduler } from "../../../orb/rt/index.ts";

/** The scheduler of this thread; the addon must be built, `npm run build:native` does it. */
function scheduler(): NativeScheduler {
  const addon = loadNative();
  if (addon === undefined) throw new Error(nativeFault());
  return addon.scheduler satisfies Scheduler;
}

test("a thread knows its id and takes a name of at most 15 octets", (t) => {
  const mine = scheduler().threadId();
  scheduler().setThreadName("lane of the alarms");
  t.deepEqual(
    scheduler()
      .threads()
      .filter(({ id }) => id === mine),
    [{ id: mine, name: "lane of the ala" }],
  );
  t.is(readFileSync("/proc/thread-self/comm", "utf8"), "lane of the ala\n");
});
