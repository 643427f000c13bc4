import { existsSync, readFileSync, realpathSync } from "node:fs";
import { availableParallelism } from "node:os";
import test from "ava";
import { loadNative, nativeFault } from "../../../native/index.ts";
import type { NativeScheduler, NativeScheduling } from "../../../native/index.ts";
import type { Scheduler } from "../../../orb/rt/index.ts";
import { runToEnd } from "../../support/process.ts";
import { recountDeadlines } from "./deadline-bandwidth.ts";
import { inChild, mayGrant } from "./child.ts";
import type { ToldError, Who } from "./child.ts";

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

const RUNTIME = { runtimeNs: 1_000_000, deadlineNs: 8_000_000, periodNs: 10_000_000 };
const FIFO: NativeScheduling = { policy: "fifo", priority: 40 };
const DEADLINE: NativeScheduling = { policy: "deadline", ...RUNTIME };
const EVERY: readonly NativeScheduling[] = [
  FIFO,
  { policy: "rr", priority: 1 },
  { policy: "fifo", priority: 99 },
  DEADLINE,
  { policy: "other", nice: -20 },
  { policy: "other", nice: 19 },
];
const NODE = realpathSync(process.execPath);
const FOR_GOOD = `for good: sudo setcap cap_sys_nice+ep ${NODE}`;

/** With CAP_SYS_NICE: what the tests have when root runs them, else nobody can have it. */
const entitled: Who | undefined = mayGrant("sys_nice") ? { capability: "sys_nice" } : undefined;

/** What the refusal of a scheduling says; the ids of thread and process are put in as `T` and `P`. */
async function refusalOf(scheduling: NativeScheduling): Promise<ToldError> {
  const { error } = await inChild("schedule", [scheduling], "ordinary");
  if (error === undefined) throw new Error(`an ordinary user got ${JSON.stringify(scheduling)}`);
  const plain = (text: string): string =>
    text.replace(/^thread \d+/, "thread T").replace(/--pid \d+/, "--pid P");
  return { ...error, message: plain(error.message), missing: plain(error.missing ?? "") };
}

test("an ordinary user is told what right FIFO, DEADLINE and nice want, and how to get it", async (t) => {
  const missing: readonly (readonly [NativeScheduling, string, string])[] = [
    [
      FIFO,
      "FIFO priority 40",
      `CAP_SYS_NICE or an RLIMIT_RTPRIO of 40 is missing; now: sudo prlimit --pid P --rtprio=40; ${FOR_GOOD}`,
    ],
    [
      DEADLINE,
      "DEADLINE of 1000000 ns in 10000000 ns, due after 8000000 ns",
      `CAP_SYS_NICE is missing; ${FOR_GOOD}`,
    ],
    [
      { policy: "other", nice: -5 },
      "nice -5",
      `CAP_SYS_NICE or an RLIMIT_NICE of 25 is missing; now: sudo prlimit --pid P --nice=25; ${FOR_GOOD}`,
    ],
  ];
  for (const [scheduling, text, right] of missing)
    t.deepEqual(await refusalOf(scheduling), {
      name: "NativeError",
      message: `thread T is not scheduled ${text}: sched_setattr says EPERM; ${right}`,
      code: "EPERM",
      errno: 1,
      syscall: "sched_setattr",
      missing: right,
    });
});

test("an ordinary user may step back", async (t) => {
  const steps: readonly NativeScheduling[] = [{ policy: "other", nice: 5 }];
  t.deepEqual((await inChild("schedule", steps, "ordinary")).value, steps);
});

const MOST_ATTEMPTS = 10;

/** As `inChild`, for what takes a tenth of a core for DEADLINE, which other tests have and give back meanwhile. */
const inChildWithBandwidth: typeof inChild = async (...args) => {
  for (let attempt = 1; ; attempt++) {
    const ended = await inChild(...args);
    const isForAMoment = /no such bandwidth is free/.test(ended.error?.message ?? "");
    if (!isForAMoment || attempt === MOST_ATTEMPTS) return ended;
    await recountDeadlines();
  }
};

// DEADLINE threads share what the machine can promise, so these take turns.
// Each of these runs with the right where the tests can give it, and sees the refusal where they cannot.
test.serial("with CAP_SYS_NICE every scheduling is taken as given", async (t) => {
  if (entitled === undefined) {
    t.is((await inChild("schedule", EVERY)).error?.code, "EPERM");
    return;
  }
  t.deepEqual((await inChildWithBandwidth("schedule", EVERY, entitled)).value, EVERY);
});

test.serial(
  "what a real-time thread makes starts as other; a DEADLINE thread can make threads",
  async (t) => {
    for (const scheduling of [FIFO, DEADLINE]) {
      const { value, error } = await inChildWithBandwidth("offspring", scheduling, entitled);
      if (entitled === undefined) t.is(error?.code, "EPERM");
      else t.deepEqual(value, [{ policy: "other", nice: 0 }]);
    }
  },
);

test.serial("what the kernel does not do for DEADLINE threads is said in words", async (t) => {
  const pinned = (await inChildWithBandwidth("deadlineThenCore", DEADLINE, entitled)).error;
  const late = (await inChildWithBandwidth("coreThenDeadline", DEADLINE, entitled)).error;
  const greedy = { policy: "deadline", runtimeNs: 9e6, deadlineNs: 1e7, periodNs: 1e7 } as const;
  const much = (await inChild("everyDeadline", greedy, entitled)).error;
  if (entitled === undefined) {
    t.deepEqual([pinned?.code, late?.code, much?.code], ["EPERM", "EPERM", "EPERM"]);
    return;
  }
  if (availableParallelism() > 1) {
    t.is(pinned?.code, "EBUSY");
    t.regex(pinned?.message ?? "", /not confined to cores 0: a DEADLINE thread keeps every core/);
    t.is(late?.code, "EPERM");
    t.regex(late?.missing ?? "", /must be allowed on every core of its cpuset/);
  }
  // Node has about seven threads, each asked for 90 % of a core here.
  if (availableParallelism() > 6) return;
  t.is(much?.code, "EBUSY");
  t.regex(much?.message ?? "", /no such bandwidth is free/);
});

/** Where groups of the `cpu` controller are, when it is of version 1 and has real-time budgets. */
const CPU_GROUPS = "/sys/fs/cgroup/cpu";

test("a control group without a real-time budget is named", async (t) => {
  const name = `/orbweaver-test-${process.pid}`;
  const given = { home: CPU_GROUPS, group: `${CPU_GROUPS}${name}` };
  if (!mayGrant("sys_nice") || !existsSync(`${CPU_GROUPS}/cpu.rt_runtime_us`)) {
    t.log(
      `no real-time groups of version 1 that this user may make in ${CPU_GROUPS}: not seen here`,
    );
    t.pass();
    return;
  }
  const { error } = await inChild("fifoInNewGroup", given);
  t.is(error?.code, "EPERM");
  t.is(
    error?.missing,
    `its control group ${name} has no real-time budget; write microseconds into cpu.rt_runtime_us of it, in each group above it first`,
  );
});

test("a thread is confined to cores that there are", async (t) => {
  const all = scheduler().affinity(scheduler().threadId());
  const [first = 0] = all;
  t.deepEqual((await inChild("affinity", [[first], all])).value, [[first], all]);
  const { error } = await inChild("affinity", [[1_000]]);
  t.is(error?.code, "EINVAL");
  t.regex(
    error?.message ?? "",
    /thread \d+ is not confined to cores 1000: none of them is in its cpuset/,
  );
});

test("timers may be made exact, and slack again", async (t) => {
  t.deepEqual((await inChild("slack", [1, 70_000, 0], "ordinary")).value, [1, 70_000, 50_000]);
  t.is((await inChild("slack", [-1])).error?.code, "EINVAL");
});

test("memory is locked with the right, and the refusal names the right", async (t) => {
  if (mayGrant("ipc_lock"))
    for (const thread of ["main", "worker"]) {
      const { value } = await inChild("lockMemory", thread, { capability: "ipc_lock" });
      t.deepEqual(value, { isLocked: true, left: 0 }, thread);
    }
  const { error } = await inChild("lockMemory", null, "ordinary");
  t.is(error?.code, "ENOMEM");
  t.regex(
    error?.missing ?? "",
    /^CAP_IPC_LOCK or an unlimited RLIMIT_MEMLOCK is missing; now: sudo prlimit --pid \d+ --memlock=unlimited; for good: sudo setcap cap_ipc_lock\+ep /,
  );
});

test("numbers that are no priority, nice value or time are EINVAL", (t) => {
  const wrong: readonly NativeScheduling[] = [
    { policy: "fifo", priority: 0 },
    { policy: "fifo", priority: 100 },
    { policy: "rr", priority: -1 },
    { policy: "rr", priority: 1.5 },
    { policy: "other", nice: Number.NaN },
    { policy: "deadline", runtimeNs: 2e6, deadlineNs: 1e6, periodNs: 1e6 },
    { policy: "deadline", runtimeNs: Infinity, deadlineNs: 1e6, periodNs: 1e6 },
    { policy: "deadline", runtimeNs: -1, deadlineNs: 1e6, periodNs: 1e6 },
  ];
  const mine = scheduler().threadId();
  const before = scheduler().scheduling(mine);
  for (const scheduling of wrong)
    t.throws(() => scheduler().setScheduling(mine, scheduling), { code: "EINVAL" });
  t.deepEqual(scheduler().scheduling(mine), before);
});

test("a thread that is not there is ESRCH, and arguments of a wrong kind are TypeErrors", (t) => {
  const gone = 2 ** 22 + 1; // beyond the kernel's largest id
  t.like(
    t.throws(() => scheduler().scheduling(gone)),
    { code: "ESRCH", syscall: "sched_getattr" },
  );
  t.throws(() => scheduler().scheduling(1.5), { instanceOf: TypeError, message: /safe integer/ });
  t.throws(() => scheduler().scheduling(2 ** 40), { instanceOf: TypeError, message: /32-bit/ });
  t.throws(() => scheduler().setTimerSlackNs(Number.NaN), { instanceOf: TypeError });
  t.throws(() => scheduler().setThreadName(undefined as unknown as string));
});

test("without the addon there is a reason and no exception", async (t) => {
  const program = `import { loadNative, nativeFault } from "${new URL("../../../native/index.js", import.meta.url).href}";
    process.stdout.write(JSON.stringify([loadNative() === undefined, nativeFault()]));`;
  const faultWith = async (wish: string): Promise<unknown> => {
    const env = { ORBWEAVER_NATIVE: wish };
    const args = ["--input-type=module", "--eval", program];
    const { output } = await runToEnd(process.execPath, args, { env });
    return JSON.parse(output);
  };
  t.deepEqual(await faultWith("off"), [true, "switched off by ORBWEAVER_NATIVE=off"]);
  t.deepEqual(await faultWith("/nowhere/orb.node"), [
    true,
    '/nowhere/orb.node is not built: run "npm run build:native" (or "npm rebuild orbweaver")',
  ]);
  const [, broken] = (await faultWith(NODE)) as [boolean, string];
  t.regex(broken, /node cannot be loaded: /);
});
