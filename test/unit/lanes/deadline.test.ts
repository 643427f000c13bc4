import { mkdir, rmdir, writeFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import test, { type ExecutionContext } from "ava";
import { loadNative } from "../../../native/index.ts";
import type { LaneGroups } from "../../../services/lanes/index.ts";
import { Laned, laneSpec, obedient } from "./laned.ts";
import { tell } from "./servants.ts";

const CPUSET = "/sys/fs/cgroup/cpuset";
/** Two milliseconds in every ten. */
const DEADLINE = { scheduling: "deadline", runtimeUs: 2_000, periodUs: 10_000 } as const;

/** A set of one core, for threads by their ids; undefined where this process may not make one. */
async function coreSet(
  t: ExecutionContext,
  core: number,
): Promise<((threadId: number) => Promise<void>) | undefined> {
  const path = `${CPUSET}/orbweaver-test-${process.pid}`;
  try {
    await mkdir(path);
    await writeFile(`${path}/cpuset.cpus`, String(core));
    await writeFile(`${path}/cpuset.mems`, "0");
  } catch {
    await rmdir(path).catch(() => undefined);
    return undefined;
  }
  t.teardown(() => rmdir(path));
  return (threadId) => writeFile(`${path}/tasks`, String(threadId));
}

/** Whether the kernel gives this process DEADLINE. */
function mayHaveDeadline(): boolean {
  const scheduler = loadNative()?.scheduler;
  if (scheduler === undefined) return false;
  const mine = scheduler.threadId();
  const before = scheduler.scheduling(mine);
  try {
    scheduler.setScheduling(mine, {
      policy: "deadline",
      runtimeNs: 100_000,
      deadlineNs: 10_000_000,
      periodNs: 10_000_000,
    });
    scheduler.setScheduling(mine, before);
    return true;
  } catch {
    return false;
  }
}

test.serial(
  "a lane of DEADLINE has its policy first, is brought into its group then, and runs on the group's cores",
  async (t) => {
    const core = availableParallelism() - 1;
    const join = core > 0 && mayHaveDeadline() ? await coreSet(t, core) : undefined;
    if (join === undefined) {
      t.pass("needs CAP_SYS_NICE, two cores, and sets of cores in version 1");
      return;
    }
    const scheduler = loadNative()?.scheduler;
    const policies: (string | undefined)[] = [];
    const groups: LaneGroups = {
      join: async (_, threadId) => {
        policies.push(scheduler?.scheduling(threadId).policy);
        await join(threadId);
      },
    };
    await using laned = await Laned.start([laneSpec("edf")], { edf: DEADLINE }, { groups });
    t.deepEqual(policies, ["deadline"]);
    const [placement] = laned.lanes[0]?.placements ?? [];
    t.deepEqual(placement?.refused, []);
    t.deepEqual(placement?.cores, [core]);
    t.like(placement?.scheduling, {
      policy: "deadline",
      runtimeNs: 2_000_000,
      periodNs: 10_000_000,
    });
    await laned.adapter("p");
    await laned.activate("p", "a", obedient);
    const object = await laned.at(0, "p", "a");
    t.is(await tell(object, "hello"), "hello");
    await t.throwsAsync(tell(object, "exit"));
    await laned.log.line(/serves again/);
    t.deepEqual(policies, ["deadline", "deadline"], "and again when it is made again");
  },
);
