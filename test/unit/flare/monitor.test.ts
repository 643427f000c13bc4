// The resource monitor: what it reads, when it reports, and who lives.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { ControlGroups, type GroupFiles } from "../../../native/index.ts";
import { noLogger, TestClock } from "../../../orb/base/index.ts";
import { MemoryTransport, newTcpTransport, type ORB, ORB_init } from "../../../orb/index.ts";
import {
  groupUtilization,
  Life,
  machineUtilization,
  Monitor,
  MonitorError,
  Outbox,
  PLAN_BEGINNING,
  readJiffies,
  type ResourceMonitor,
  startMonitor,
  stepPlan,
  utilizationBetween,
} from "../../../services/monitor/index.ts";

test("/proc/stat: one minus the idle share of the jiffies that passed, waiting for disks included", (t) => {
  const text = "cpu  100 10 40 800 50 0 0 0 7 7\ncpu0 1 2 3 4\nintr 9\n";
  t.deepEqual(readJiffies(text), { idle: 850, all: 1_000 });
  const before = { idle: 850, all: 1_000 };
  t.is(utilizationBetween(before, { idle: 910, all: 1_100 }), 0.4);
  t.is(utilizationBetween(before, { idle: 950, all: 1_100 }), 0);
  t.is(utilizationBetween(before, { idle: 849, all: 1_100 }), 1, "idle time was taken back");
  t.is(utilizationBetween(before, before), undefined, "no jiffy has passed");
  t.throws(() => readJiffies("intr 1 2 3"), {
    instanceOf: MonitorError,
    message: /begins with "intr/,
  });
  t.throws(() => readJiffies(""), { instanceOf: MonitorError });
});

test("a look at the machine is what passed since the look before", (t) => {
  const texts = ["cpu 0 0 0 100 0", "cpu 25 0 0 175 0", "cpu 25 0 0 175 0", "cpu 75 0 0 225 0"];
  const look = machineUtilization(() => texts.shift() ?? "");
  t.is(look(), 0.25);
  t.is(look(), undefined);
  t.is(look(), 0.5);
  t.throws(look, { instanceOf: MonitorError });
});

/** Control files by their paths, as the kernel would show them. */
function filesOf(files: ReadonlyMap<string, string>): GroupFiles {
  return {
    read: (file) => {
      const text = files.get(file);
      if (text === undefined) throw Object.assign(new Error(file), { code: "ENOENT" });
      return text;
    },
    write: () => undefined,
    makeGroup: () => undefined,
    removeGroup: () => undefined,
    exists: (path) =>
      [...files.keys()].some((file) => file === path || file.startsWith(`${path}/`)),
    groups: () => [],
  };
}

for (const version of [1, 2] as const)
  test(`a control group of version ${version}: its time over its quota, or over all cores`, (t) => {
    const files = new Map<string, string>([["/p/cgroup", ""]]);
    const used = (us: number): void => {
      if (version === 2) files.set("/sys/all/p/cpu.stat", `usage_usec ${us}\nuser_usec 1\n`);
      else files.set("/sys/cpuacct/p/cpuacct.usage", `${us * 1_000}\n`);
    };
    if (version === 1) {
      const mount = (n: number, name: string): string =>
        `${n} 0 0:${n} / /sys/${name} rw - cgroup cgroup rw,${name}\n`;
      files.set("/p/mountinfo", mount(1, "cpu") + mount(2, "cpuacct"));
      files.set("/sys/cpu/p/cpu.cfs_quota_us", "5000\n");
      files.set("/sys/cpu/p/cpu.cfs_period_us", "10000\n");
    } else {
      files.set("/p/mountinfo", "1 0 0:1 / /sys/all rw - cgroup2 cgroup2 rw\n");
      files.set("/sys/all/cgroup.controllers", "cpu memory\n");
      files.set("/sys/all/p/cpu.max", "5000 10000\n");
    }
    used(1_000);
    const groups = ControlGroups.find({ files: filesOf(files), proc: "/p" });
    let nowMs = 0;
    const look = groupUtilization("p", groups, () => nowMs);
    nowMs = 100;
    used(26_000);
    t.is(look(), 0.5, "25 ms of the 50 that it may have in 100");
    t.is(look(), undefined, "no time has passed");
    nowMs = 200;
    used(226_000);
    t.is(look(), 1, "never more than all");
    files.set(
      version === 1 ? "/sys/cpu/p/cpu.cfs_quota_us" : "/sys/all/p/cpu.max",
      version === 1 ? "-1" : "max 10000",
    );
    nowMs = 300;
    used(226_000 + 50_000 * availableParallelism());
    t.is(look(), 0.5, "without a quota all cores are its own");
    t.throws(() => groupUtilization("q", groups), { message: /there is no control group "q"/ });
  });

test("reports are due when their time has come, and at once on a threshold, a change or a fault", (t) => {
  const times = { reportMs: 1_000, threshold: 0.8 };
  let state = PLAN_BEGINNING;
  const due = (atMs: number, event: Parameters<typeof stepPlan>[1]): string | undefined => {
    const step = stepPlan(state, event, atMs, times);
    ({ state } = step);
    return step.due;
  };
  const sample = (utilization: number) => ({ kind: "sample", utilization }) as const;
  t.is(due(0, sample(0.1)), "CAUSE_PERIOD");
  t.is(due(250, sample(0.2)), undefined);
  t.is(due(500, sample(0.8)), "CAUSE_THRESHOLD");
  t.is(due(750, sample(0.9)), undefined, "once");
  t.is(due(1_000, sample(0.76)), undefined, "still about the threshold");
  t.is(due(1_250, sample(0.85)), undefined);
  t.is(due(1_500, sample(0.85)), "CAUSE_PERIOD", "a second after the last");
  t.is(due(1_750, sample(0.5)), undefined);
  t.is(due(2_000, sample(0.81)), "CAUSE_THRESHOLD", "it had fallen in between");
  t.is(due(2_001, { kind: "fault" }), "CAUSE_FAULT");
  t.is(due(2_002, { kind: "change" }), "CAUSE_CHANGE");
  t.is(due(2_900, sample(0.81)), undefined, "these were reports, too");
});

interface Watching {
  readonly orb: ORB;
  readonly monitor: ResourceMonitor;
  readonly reports: Monitor.Report[];
  /** The first report from now on of which this is so. */
  readonly reported: (isIt: (report: Monitor.Report) => boolean) => Promise<Monitor.Report>;
}

/** A monitor at a socket of its own, with an observer. */
async function watching(t: ExecutionContext, clock?: TestClock): Promise<Watching> {
  const folder = await mkdtemp(join(tmpdir(), "orbweaver-monitor-"));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  const orb = await ORB_init(["-ORBListenEndpoints", "iiop://host:1"], {
    transport: new MemoryTransport(),
  });
  t.teardown(() => orb.destroy());
  const reports: Monitor.Report[] = [];
  const waiting = new Set<() => void>();
  class Observer extends Monitor.ObserverSkeleton {
    observe(what: Monitor.Report): void {
      reports.push(what);
      for (const look of waiting) look();
    }
  }
  const reported: Watching["reported"] = (isIt) => {
    const from = reports.length;
    return new Promise((resolve) => {
      const look = (): void => {
        const found = reports.slice(from).find(isIt);
        if (found === undefined) return;
        waiting.delete(look);
        resolve(found);
      };
      waiting.add(look);
    });
  };
  const observer = Monitor.Observer.uncheckedNarrow(await orb.rootPOA.activate(new Observer()));
  orb.rootPOA.the_POAManager.activate();
  const monitor = await startMonitor({
    orb,
    processor: "tango",
    socket: join(folder, "monitor.sock"),
    source: () => 0.25,
    observers: [observer],
    ...(clock === undefined ? {} : { clock }),
  });
  t.teardown(() => monitor.close());
  return { orb, monitor, reports, reported };
}

const names = ({ processes }: Monitor.Report): readonly string[] =>
  processes.map(({ name }) => name);

test("on a scripted clock: samples, and a report each second", async (t) => {
  const clock = new TestClock(0, 1_700_000_000_000);
  const { reports, reported } = await watching(t, clock);
  for (let i = 0; i < 3; i++) {
    const next = reported(() => true);
    clock.advanceMs(i === 0 ? 250 : 1_000);
    await next;
  }
  t.deepEqual(
    reports.map(({ number, why, utilization, run }) => [number, why, utilization, run]),
    [1n, 2n, 3n].map((number) => [number, "CAUSE_PERIOD", 0.25, 1_700_000_000_000n]),
  );
});

test("a process that comes, says how busy it is, and leaves in order", async (t) => {
  const { monitor, reported } = await watching(t);
  const came = reported((report) => names(report).includes("p1"));
  const clock = new TestClock();
  const life = await Life.begin({ process: "p1", socket: monitor.socket, clock });
  t.is((await came).why, "CAUSE_CHANGE");
  t.true(life.isSeen);
  const busy = reported(({ processes }) => (processes[0]?.event_loop ?? -1) >= 0);
  clock.advanceMs(1_000);
  const [said] = (await busy).processes;
  t.true((said?.event_loop ?? -1) <= 1);
  const left = reported(({ gone }) => gone.includes("p1"));
  await life.close();
  const { why, processes } = await left;
  t.is(why, "CAUSE_CHANGE", "that is no fault");
  t.deepEqual(processes, []);
});

test("a name that is taken, and what is no name, are refused in words", async (t) => {
  const { monitor } = await watching(t);
  await using first = await Life.begin({ process: "p1", socket: monitor.socket });
  t.true(first.isSeen);
  await t.throwsAsync(Life.begin({ process: "p1", socket: monitor.socket }), {
    instanceOf: MonitorError,
    message: /a process "p1" is connected already/,
  });
  await t.throwsAsync(Life.begin({ process: "p 2", socket: monitor.socket }), {
    instanceOf: MonitorError,
    message: /"process NAME" is the first line/,
  });
  t.deepEqual(names(monitor.latest()), ["p1"]);
  await t.throwsAsync(Life.begin({ process: "p", socket: `${monitor.socket}.not` }), {
    instanceOf: MonitorError,
    message: /no monitor answers at .*\(ENOENT\)/,
  });
});

/** Connects with what every language has, says its name, and waits. */
const PLAIN = `
  const socket = require("node:net").connect(process.argv[1]);
  socket.write("process " + process.argv[2] + "\\n");
  socket.on("data", (text) => process.stdout.write(text));
  process.stdin.on("end", () => process.exit()).resume();
`;

test("a process that is killed is told of at once, as a fault; it may come back", async (t) => {
  const { monitor, reported } = await watching(t);
  const begin = async (): Promise<ReturnType<typeof spawn>> => {
    const came = reported((report) => names(report).includes("killed"));
    const child = spawn(process.execPath, ["-e", PLAIN, monitor.socket, "killed"]);
    t.teardown(() => child.kill("SIGKILL"));
    await came;
    return child;
  };
  const child = await begin();
  const died = reported(({ gone }) => gone.includes("killed"));
  const ended = once(child, "close");
  child.kill("SIGKILL");
  const { why, processes } = await died;
  await ended;
  t.is(why, "CAUSE_FAULT");
  t.deepEqual(processes, []);
  await begin();
  t.deepEqual(monitor.latest().gone, []);
});

test("a monitor that is started anew is found again", async (t) => {
  const first = await watching(t);
  const { socket } = first.monitor;
  const clock = new TestClock();
  await using life = await Life.begin({ process: "p", socket, clock });
  await first.monitor.close();
  while (life.isSeen) await new Promise((resolve) => setImmediate(resolve));
  await using second = await startMonitor({ orb: first.orb, socket, source: () => 0 });
  clock.advanceMs(1_000);
  while (!life.isSeen) await new Promise((resolve) => setImmediate(resolve));
  t.deepEqual(names(second.latest()), ["p"]);
});

test("observers come and go; one that is there already is no second one", async (t) => {
  const { orb, monitor } = await watching(t);
  const told: Monitor.Report[] = [];
  let heard: (() => void) | undefined;
  class Other extends Monitor.ObserverSkeleton {
    observe(what: Monitor.Report): void {
      told.push(what);
      heard?.();
    }
  }
  const other = Monitor.Observer.uncheckedNarrow(await orb.rootPOA.activate(new Other()));
  const first = new Promise<void>((resolve) => {
    heard = resolve;
  });
  await monitor.root.subscribe(other);
  await first;
  t.is(told[0]?.processor, "tango");
  await monitor.root.subscribe(other);
  await monitor.root.unsubscribe(other);
  const many = Array.from({ length: 15 }, () => orb.rootPOA.activate(new Other()));
  for (const each of await Promise.all(many))
    await monitor.root.subscribe(Monitor.Observer.uncheckedNarrow(each));
  await t.throwsAsync(monitor.root.subscribe(other), { instanceOf: Monitor.TooMany });
});

test("an observer that is away is told the latest when it is back, and one that stays away is forgotten", async (t) => {
  const transport = new MemoryTransport();
  const orb = await ORB_init([], { transport });
  t.teardown(() => orb.destroy());
  const clock = new TestClock();
  const away = Monitor.Observer.uncheckedNarrow(await orb.string_to_object("corbaloc::away:1/O"));
  if (away === null) throw new TypeError("nil");
  let lostCount = 0;
  const warnings: string[] = [];
  const logger = { ...noLogger, warn: (text: string) => void warnings.push(text) };
  const outbox = new Outbox(away, clock, logger, () => lostCount++);
  const report = (number: bigint): Monitor.Report => ({
    processor: "p",
    run: 1n,
    number,
    why: "CAUSE_PERIOD",
    utilization: 0,
    processes: [],
    gone: [],
  });
  const turns = async (): Promise<void> => {
    for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve));
  };
  outbox.tell(report(1n));
  await turns();
  outbox.tell(report(2n));
  t.is(warnings.length, 1, "it is said once");
  const told: bigint[] = [];
  class Observer extends Monitor.ObserverSkeleton {
    observe(what: Monitor.Report): void {
      told.push(what.number);
    }
  }
  const back = await ORB_init(["-ORBListenEndpoints", "iiop://away:1"], { transport });
  back.rootPOA.the_POAManager.activate();
  back.bindPlainKey("O", await back.rootPOA.activate(new Observer()));
  clock.advanceMs(200);
  while (told.length === 0) await turns();
  t.deepEqual(told, [2n]);
  await back.destroy();
  outbox.tell(report(3n));
  for (let ms = 0; ms <= 61_000 && lostCount === 0; ms += 1_000) {
    await turns();
    clock.advanceMs(1_000);
  }
  await turns();
  t.is(lostCount, 1);
  t.is(clock.pendingCount, 0);
});

test("who says nothing, or too much, is let go", async (t) => {
  const clock = new TestClock();
  const { monitor } = await watching(t, clock);
  const transport = newTcpTransport({ keepAliveMs: 0 });
  const open = async (text: string): Promise<{ readonly closed: Promise<string> }> => {
    const signal = new AbortController().signal;
    const channel = await transport.connect({ host: "", port: 0, path: monitor.socket }, signal);
    t.teardown(() => channel.destroy());
    let said = "";
    const closed = new Promise<string>((resolve) => {
      channel.start({
        data: (chunk) => {
          said += Buffer.from(chunk).toString();
        },
        drained: () => undefined,
        closed: () => resolve(said),
      });
    });
    if (text !== "") channel.send(Buffer.from(text));
    return { closed };
  };
  const long = await open("x".repeat(300));
  t.is(await long.closed, "no a line has 256 octets at most\n");
  const silent = await open("");
  for (let i = 1; i < 64; i++) await open("");
  const last = await open("");
  t.is(await last.closed, "", "64 may be there without a name");
  clock.advanceMs(2_000);
  t.is(await silent.closed, 'no "process NAME" comes within 2000 ms\n');
  const named = await open("process late\nbye\nx\n");
  t.regex(await named.closed, /^ok\n/, "others have their place");
});

test("a socket that cannot be had is named", async (t) => {
  const { orb, monitor } = await watching(t);
  await t.throwsAsync(startMonitor({ orb, socket: monitor.socket, source: () => 0 }), {
    instanceOf: MonitorError,
    message: /cannot listen at .*monitor\.sock: EADDRINUSE/,
  });
});
