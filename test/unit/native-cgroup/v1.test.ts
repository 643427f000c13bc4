import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { threadId } from "node:worker_threads";
import test, { type ExecutionContext } from "ava";
import {
  type Controller,
  type ControlGroup,
  ControlGroupError,
  ControlGroups,
} from "../../../native/index.ts";
import { mayGrant } from "../native/child.ts";

const ALL: readonly Controller[] = ["cpu", "cpuset", "memory", "io"];
const groups = ControlGroups.find();
const isRoot = process.getuid?.() === 0;
const isV1 = groups.versionOf("cpu") === 1 && groups.versionOf("cpuset") === 1;
/** For real, in groups of the test's own name; serially, since siblings share one budget. */
const real = isRoot && isV1 ? test.serial : test.skip;

let made = 0;
/** A group of its own that goes when the test does. */
function group(t: ExecutionContext, controllers: readonly Controller[] = ALL): ControlGroup {
  // Test files are threads of one process.
  const name = `orbweaver-test-${process.pid}-${threadId}-${++made}`;
  const one = groups.make(name, { controllers, holds: "processes" });
  t.teardown(() => one.remove());
  return one;
}

/** A process that sleeps; killed when the test ends. */
function sleeper(t: ExecutionContext): ChildProcess & { readonly pid: number } {
  const child = spawn("sleep", ["60"], { stdio: "ignore" });
  t.teardown(() => child.kill("SIGKILL"));
  return child as ChildProcess & { readonly pid: number };
}

function allowedCores(pid: number): string | undefined {
  return /^Cpus_allowed_list:\s*(.*)$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
}

function fifo(pid: number): void {
  execFileSync("chrt", ["-f", "-p", "10", `${pid}`], { stdio: "pipe" });
}

if (!isRoot)
  test("an ordinary user is told which directory is whose", (t) => {
    const plan = { controllers: ALL, holds: "processes" } as const;
    if (groups.hierarchies.every(({ controllers }) => controllers.length === 0)) {
      t.deepEqual(groups.make("orbweaver-test", plan).directories, []);
      return;
    }
    const error = t.throws(() => groups.make("orbweaver-test", plan), {
      instanceOf: ControlGroupError,
    });
    t.regex(error?.code ?? "", /^(EACCES|EPERM|EROFS)$/);
    t.regex(error?.message ?? "", /orbweaver-test cannot be made .*(root's|read-only)/);
  });

real("settings of version 1 are written, and read back", (t) => {
  const one = group(t);
  t.like(one.read(), {
    cores: [],
    coreUse: "shared",
    cpuWeight: 100,
    cpuMost: "all",
    memoryOctets: "all",
  });
  const settings = {
    cores: [0],
    memoryNodes: [0],
    cpuWeight: 250,
    cpuMost: { runtimeUs: 20_000, periodUs: 50_000 },
    memoryOctets: 1_073_741_824,
  } as const;
  one.set(settings);
  if (one.can("ioWeight")) one.set({ ioWeight: 200 });
  t.like(one.read(), one.can("ioWeight") ? { ...settings, ioWeight: 200 } : settings);
  one.set({ cpuMost: "all", memoryOctets: "all" });
  t.like(one.read(), { cpuMost: "all", memoryOctets: "all" });
  one.set({ cpuWeight: 10_000 });
  t.is(one.read().cpuWeight, 10_000);
});

real("a fresh set of cores takes no thread; with cores it confines those it takes", async (t) => {
  const one = group(t, ["cpuset"]);
  const child = sleeper(t);
  const early = t.throws(() => one.addThread(child.pid), { instanceOf: ControlGroupError });
  t.is(early?.code, "ENOSPC");
  t.regex(early?.message ?? "", /tasks was refused \(ENOSPC\): the group has no cores/);
  one.set({ cores: [0], memoryNodes: [0] });
  one.addThread(child.pid);
  t.deepEqual(one.threads(), [child.pid]);
  t.is(allowedCores(child.pid), "0");
  const empty = t.throws(() => one.set({ cores: [] }), { instanceOf: ControlGroupError });
  t.is(empty?.code, "ENOSPC");
  await one.remove();
  t.not(allowedCores(child.pid), "0", "the thread went back to the group above");
});

real("cores that the machine or the group above has not are refused, each with its reason", (t) => {
  const one = group(t, ["cpuset"]);
  const far = t.throws(() => one.set({ cores: [8_000] }), { instanceOf: ControlGroupError });
  t.regex(far?.message ?? "", /"8000\s*" to .*cpuset\.cpus was refused \((ERANGE|EACCES|EINVAL)\)/);
  // Never exclusive for real: that would keep cores from all other groups of this machine.
  group(t, ["cpuset"]).set({ cores: [0], memoryNodes: [0] });
  one.set({ cores: [0], memoryNodes: [0], coreUse: "shared" });
  const taken = t.throws(() => one.set({ coreUse: "exclusive" }), {
    instanceOf: ControlGroupError,
  });
  t.is(taken?.code, "EINVAL");
  t.regex(taken?.message ?? "", /a group beside this one has some of the same cores/);
  t.is(one.read().coreUse, "shared");
  const isolated = t.throws(() => one.set({ coreUse: "isolated" }), {
    instanceOf: ControlGroupError,
  });
  t.is(isolated?.code, "ENOTSUP");
});

const budgets = mayGrant("sys_nice") && groups.hasRealtimeBudgets ? test.serial : test.skip;

budgets("FIFO threads need a budget, and the refusals say why", (t) => {
  const one = group(t, ["cpu"]);
  const child = sleeper(t);
  fifo(child.pid);
  const none = t.throws(() => one.addThread(child.pid), { instanceOf: ControlGroupError });
  t.is(none?.code, "EINVAL");
  t.regex(
    none?.message ?? "",
    /needs a group with a real-time budget \(cpu\.rt_runtime_us above 0\)/,
  );
  const tooMuch = { runtimeUs: 1_000_000, periodUs: 1_000_000 };
  const over = t.throws(() => one.set({ realtime: tooMuch }), { instanceOf: ControlGroupError });
  t.is(over?.code, "EINVAL");
  t.regex(over?.message ?? "", /"1000000" to .*cpu\.rt_runtime_us .*may not exceed its own/);

  one.set({ realtime: { runtimeUs: 10_000, periodUs: 1_000_000 } });
  one.addThread(child.pid);
  t.deepEqual(one.threads(), [child.pid]);
  const within = { runtimeUs: 0, periodUs: 1_000_000 };
  const busy = t.throws(() => one.set({ realtime: within }), { instanceOf: ControlGroupError });
  t.is(busy?.code, "EBUSY");
  t.regex(busy?.message ?? "", /threads with FIFO or RR are in the group/);
});

budgets("a budget changes its period in either direction, whole or not at all", (t) => {
  const one = group(t, ["cpu"]);
  for (const realtime of [
    { runtimeUs: 10_000, periodUs: 1_000_000 },
    { runtimeUs: 100, periodUs: 10_000 },
    { runtimeUs: 20_000, periodUs: 2_000_000 },
    { runtimeUs: 500, periodUs: 1_000 },
    { runtimeUs: 50_000, periodUs: 100_000 },
  ]) {
    one.set({ realtime });
    t.deepEqual(one.read().realtime, realtime);
  }
  const before = one.read().realtime;
  // The first is refused when the runtime is written, the second when the period is, after the runtime.
  for (const realtime of [
    { runtimeUs: 990_000, periodUs: 1_000_000 },
    { runtimeUs: 990, periodUs: 1_000 },
  ]) {
    t.throws(() => one.set({ realtime }), { instanceOf: ControlGroupError });
    t.deepEqual(one.read().realtime, before);
  }
});

budgets("groups beneath share their parent's budget", (t) => {
  const one = group(t, ["cpu"]);
  one.set({ realtime: { runtimeUs: 100_000, periodUs: 1_000_000 } });
  const plan = { controllers: ["cpu"], holds: "threads" } as const;
  const [a, b] = [groups.make(`${one.path}/a`, plan), groups.make(`${one.path}/b`, plan)];
  a.set({ realtime: { runtimeUs: 60_000, periodUs: 1_000_000 } });
  t.is(
    t.throws(() => b.set({ realtime: { runtimeUs: 60_000, periodUs: 1_000_000 } }))?.name,
    "ControlGroupError",
  );
  b.set({ realtime: { runtimeUs: 4_000, periodUs: 100_000 } });
  t.deepEqual(b.read().realtime, { runtimeUs: 4_000, periodUs: 100_000 });
});

budgets("a removed group's budget is free at once", async (t) => {
  const one = group(t, ["cpu"]);
  const whole = { runtimeUs: 100_000, periodUs: 1_000_000 };
  one.set({ realtime: whole });
  const plan = { controllers: ["cpu"], holds: "threads" } as const;
  for (let round = 0; round < 20; round++) {
    const inner = groups.make(`${one.path}/n${round}`, plan);
    inner.set({ realtime: whole });
    t.deepEqual(inner.read().realtime, whole);
    await inner.remove();
  }
});

real("a group goes with the groups beneath it and those killed in them", async (t) => {
  const one = group(t, ["cpu", "cpuset"]);
  one.set({ cores: [0], memoryNodes: [0] });
  const inner = groups.make(`${one.path}/inner`, {
    controllers: ["cpu", "cpuset"],
    holds: "threads",
  });
  inner.set({ cores: [0], memoryNodes: [0] });
  const child = sleeper(t);
  inner.addThread(child.pid);
  const exit = once(child, "exit");
  child.kill("SIGKILL");
  await one.remove();
  t.is(groups.existing(one.path, ALL), undefined);
  await exit;
});

real("no thread of that number, no group of that name", async (t) => {
  const one = group(t, ["cpu"]);
  const child = sleeper(t);
  const exit = once(child, "exit");
  child.kill("SIGKILL");
  await exit;
  const gone = t.throws(() => one.addThread(child.pid), { instanceOf: ControlGroupError });
  t.is(gone?.code, "ESRCH");
  const plan = { controllers: ["cpu"], holds: "threads" } as const;
  const orphan = t.throws(() => groups.make("orbweaver-test-none/inner", plan), {
    instanceOf: ControlGroupError,
  });
  t.is(orphan?.code, "ENOENT");
  t.throws(() => groups.make("../other", plan), { instanceOf: RangeError });
});

real("threads of one process are placed one by one", (t) => {
  const one = group(t, ["cpu", "memory"]);
  const lane = groups.make(`${one.path}/lane`, {
    controllers: ["cpu", "memory"],
    holds: "threads",
  });
  t.deepEqual(lane.controllers, ["cpu"]);
  const mine = readFileSync("/proc/thread-self/stat", "utf8").split(" ")[0];
  lane.addThread(Number(mine));
  t.deepEqual(lane.threads(), [Number(mine)], "no other thread of this process");
});
