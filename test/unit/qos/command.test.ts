import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { setTimeout as wait } from "node:timers/promises";
import test, { type ExecutionContext } from "ava";
import { BorrowedSettings, wakeUpFile } from "../../../native/index.ts";
import { parseQosdConfig, qosdConfigText } from "../../../services/node/index.ts";
import { coresOfHost, defaultPartitions } from "../../../services/qos/index.ts";
import { groups, isReal, startPeer } from "./real.ts";

const MAIN = fileURLToPath(new URL("../../../services/cli/main.js", import.meta.url));
const real = isReal ? test.serial : test.skip;

const TEXT = `
[qosd]
socket = "/run/x.sock"
user = "root"
group = "metro"
fairServerPercent = 0

[partitions.os]
use = "system"
cores = "0,2"

[partitions.rt]
use = "runtimes"
cores = [1, 3]
realtime = { runtimeUs = 800000, periodUs = 1000000 }
memoryOctets = 1000000

[runtimes.central]
cpuPercent = 50
realtime = { runtimeUs = 450000, periodUs = 1000000 }
memoryOctets = 500000
ioWeight = 200

[runtimes.central.lanes.alarm]
scheduling = "fifo"
priority = 40
cpuPercent = 50
realtime = { runtimeUs = 200000, periodUs = 1000000 }
does = { periodUs = 4000, executionUs = 300, deadlineUs = 1000 }

[runtimes.central.lanes.video]
where = "overlay"
scheduling = "deadline"
deadline = { runtimeUs = 600, deadlineUs = 1500, periodUs = 2000 }
ownCores = 1
`;

test("the configuration is read, and printed so that it is read again", (t) => {
  const config = parseQosdConfig(TEXT, "qosd.toml");
  t.like(config, {
    socket: "/run/x.sock",
    user: "root",
    group: "metro",
    fairServerPercent: 0,
    confine: false,
  });
  t.deepEqual(
    config.partitions.map(({ name, use, cores }) => ({ name, use, cores })),
    [
      { name: "os", use: "system", cores: [0, 2] },
      { name: "rt", use: "runtimes", cores: [1, 3] },
    ],
  );
  const [central] = config.runtimes;
  t.like(central?.demand, {
    name: "central",
    cpu_percent: 50,
    memory_octets: 500_000n,
    io_weight: 200,
  });
  t.like(central?.lanes[0], {
    sched: "SCHED_FIFO",
    priority: 40,
    does: { period_us: 4_000, execution_us: 300, deadline_us: 1_000 },
  });
  t.like(central?.lanes[1], {
    where: "PART_OVERLAY",
    own_cores: 1,
    edf: { runtime_ns: 600_000n, deadline_ns: 1_500_000n, period_ns: 2_000_000n },
  });
  t.deepEqual(parseQosdConfig(qosdConfigText(config), "again"), config);
});

test("what a configuration may not say", (t) => {
  const bad: readonly (readonly [string, RegExp])[] = [
    [
      "[qos]",
      /f: qos: there is no key "qos" here; did you mean "qosd"\? allowed: partitions, qosd, runtimes/,
    ],
    ["[qosd]\nsockets = 1", /f: qosd\.sockets: there is no key/],
    ['[partitions.a]\nuse = "runtimes"', /partitions\.a\.cores: cores are needed/],
    [
      '[partitions.a]\nuse = "both"\ncores = "1"',
      /partitions\.a\.use: one of system, runtimes is needed/,
    ],
    [
      '[partitions.a]\nuse = "runtimes"\ncores = "x"',
      /cores are to be like "1-3" or \[1, 2, 3\], not "x"/,
    ],
    ['[partitions.a]\nuse = "system"\ncores = "1"\nmemoryOctets = 5', /are for use = "runtimes"/],
    ["[runtimes.a]\nrealtime = { runtimeUs = 5 }", /runtimes\.a\.realtime: "periodUs" is missing/],
    [
      "[runtimes.a.lanes.b]\npriority = 100",
      /runtimes\.a\.lanes\.b\.priority: an integer from 1 to 99/,
    ],
    [
      "[runtimes.a]\nlanes = 3",
      /runtimes\.a\.lanes: tables \[runtimes\.a\.lanes\.NAME\] are needed, not 3/,
    ],
  ];
  for (const [text, form] of bad)
    t.regex(t.throws(() => parseQosdConfig(text, "f"))?.message ?? "", form);
});

test("without a file core 0 is the system's", (t) => {
  t.deepEqual(
    defaultPartitions([0, 1, 2]).map(({ use, cores }) => ({ use, cores })),
    [
      { use: "system", cores: [0] },
      { use: "runtimes", cores: [1, 2] },
    ],
  );
  t.deepEqual(defaultPartitions([0])[1]?.cores, [0], "a machine of one core shares it");
});

/** Runs the command to its end. */
function run(...args: readonly string[]): {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
} {
  const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN, "qosd", ...args], {
    encoding: "utf8",
    timeout: 30_000,
  });
  return { code: status, out: stdout, err: stderr };
}

async function folder(t: ExecutionContext): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), "orbweaver-qosd-"));
  t.teardown(() => rm(path, { recursive: true }));
  return path;
}

test("exit codes: 0 for what was asked, 1 where nobody answers, 2 for a wrong call or configuration", async (t) => {
  const dir = await folder(t);
  const file = join(dir, "qosd.toml");
  await writeFile(file, TEXT);
  const printed = run("--config", file, "--print-config", "--socket", "/run/y.sock");
  t.is(printed.code, 0);
  t.is(parseQosdConfig(printed.out, "printed").socket, "/run/y.sock");
  const none = run("--status", "--socket", join(dir, "none.sock"));
  t.is(none.code, 1);
  t.regex(none.err, /no daemon answers at .*none\.sock: TRANSIENT: .*ENOENT/);
  t.is(run("--sockets").code, 2);
  t.is(run("now").code, 2);
  const missing = run("--config", join(dir, "none.toml"));
  t.is(missing.code, 2);
  t.regex(missing.err, /none\.toml: cannot be read: .*ENOENT/);
  const far = join(dir, "far.toml");
  await writeFile(
    far,
    '[partitions.rt]\nuse = "runtimes"\ncores = "8000"\n'.replace("8000", "1000"),
  );
  const nowhere = run("--config", far, "--socket", join(dir, "s"));
  t.is(nowhere.code, 2);
  t.regex(nowhere.err, /partition rt has cores 1000; this machine has 0/);
  t.regex(run("--help").out, /Usage: orbweaver qosd/);
});

/** What the machine says of how long a core may take to wake up; undefined where it says nothing. */
function wakeUpOf(core: number | undefined): string | undefined {
  const file = wakeUpFile(core ?? 0);
  return existsSync(file) ? readFileSync(file, "utf8").trim() : undefined;
}

/** Takes away what a killed daemon left, where the test did not get so far. */
async function clean(group: string, dir: string): Promise<void> {
  const all = ["cpu", "cpuset", "memory", "io"] as const;
  await groups.existing(group, all)?.remove({ to: groups.base(all) });
  BorrowedSettings.open(join(dir, `${group}.settings.json`));
}

interface Running {
  readonly child: ChildProcess;
  readonly lines: string[];
}

/** A daemon of its own process, when it says that it listens. */
async function start(
  t: ExecutionContext,
  file: string,
  ...more: readonly string[]
): Promise<Running> {
  const child = spawn(process.execPath, [MAIN, "qosd", "--config", file, ...more], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  t.teardown(() => child.kill("SIGKILL"));
  const lines: string[] = [];
  createInterface({ input: child.stderr }).on("line", (line) => lines.push(line));
  const out = createInterface({ input: child.stdout });
  for await (const line of out) {
    lines.push(line);
    if (line.startsWith("QosDaemon=")) return { child, lines };
  }
  throw new TypeError(`the daemon ended: ${lines.join("; ")}`);
}

real(
  "the command: status while it runs, groups cleaned after SIGKILL by the next, SIGTERM ends in order",
  async (t) => {
    const dir = await folder(t);
    const file = join(dir, "qosd.toml");
    const socket = join(dir, "qosd.sock");
    const group = `orbweaver-test-${process.pid}-command`;
    t.teardown(() => clean(group, dir));
    const [system, ...others] = coresOfHost();
    await writeFile(
      file,
      `[qosd]\nsocket = "${socket}"\ngroup = "${group}"\n` +
        `[partitions.system]\nuse = "system"\ncores = "${system}"\n` +
        `[partitions.runtimes]\nuse = "runtimes"\ncores = "${others[0]}"\nrealtime = { runtimeUs = 50000, periodUs = 1000000 }\nawake = true\n`,
    );
    const sleeps = wakeUpOf(others[0]);
    const first = await start(t, file, "--no-guard");
    t.true(first.lines.includes(`QosDaemon=corbaloc:omniunix:${socket}:/QosDaemon`));
    const { said } = await startPeer(t, [socket, "peer", "20000"]);
    t.is(wakeUpOf(others[0]), sleeps === undefined ? undefined : "n/a");
    const status = run("--status", "--socket", socket);
    t.is(status.code, 0, status.err);
    t.regex(status.out, /^ {2}peer +runtime, core 1, 50 %, FIFO and RR 2\.0 %, process \d+$/m);
    t.regex(
      status.out,
      /^ {6}lane +lane, core 1, 50 %, FIFO and RR 2\.0 %, fifo 20, 20 ms in 1000 ms, thread \d+, process \d+$/m,
    );
    t.regex(status.out, /^free in runtimes: core 1, 50 %, FIFO and RR 3\.0 % of each core$/m);
    const twice = run("--config", file);
    t.is(twice.code, 2);
    t.regex(twice.err, /keeps the groups "orbweaver-test-.*" of this host already/);

    const killed = once(first.child, "exit");
    first.child.kill("SIGKILL");
    await killed;
    const lane = `/sys/fs/cgroup/cpu/${String(said["path"])}`;
    t.true(existsSync(lane), "nobody took the groups away");
    t.is(wakeUpOf(others[0]), sleeps === undefined ? undefined : "n/a", "nor let the core sleep");
    const second = await start(t, file, "--no-guard");
    t.regex(
      second.lines.join("\n"),
      /warning: groups of an earlier daemon were there and are removed {2}groups=\d+/,
    );

    if (sleeps !== undefined)
      t.regex(
        second.lines.join("\n"),
        /settings that an earlier daemon had changed are as they were {2}settings=1/,
      );
    const again = await startPeer(t, [socket, "again"]);
    t.is(wakeUpOf(others[0]), sleeps === undefined ? undefined : "n/a", "for the next lane");
    again.child.kill("SIGKILL");
    const ended = once(second.child, "exit");
    second.child.kill("SIGTERM");
    t.deepEqual(await ended, [0, null]);
    t.false(existsSync(`/sys/fs/cgroup/cpu/${group}`));
    t.false(existsSync(`/sys/fs/cgroup/cpuset/${group}`));
    t.false(existsSync(socket));
    t.is(wakeUpOf(others[0]), sleeps);
  },
);

/** The processes that a process has started. */
function childrenOf(pid: number | undefined): readonly string[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ");
}

/** Waits until it is so, looking every few milliseconds. @returns how many milliseconds that took */
async function until(isSo: () => boolean): Promise<number> {
  const began = performance.now();
  while (!isSo() && performance.now() - began < 5_000) await wait(5);
  return performance.now() - began;
}

real(
  "a daemon that is killed: its guard takes the groups away and gives settings back within 1 s, and the next starts at once",
  async (t) => {
    const dir = await folder(t);
    const file = join(dir, "qosd.toml");
    const socket = join(dir, "qosd.sock");
    const group = `orbweaver-test-${process.pid}-guarded`;
    t.teardown(() => clean(group, dir));
    const [system, ...others] = coresOfHost();
    await writeFile(
      file,
      `[qosd]\nsocket = "${socket}"\ngroup = "${group}"\n` +
        `[partitions.system]\nuse = "system"\ncores = "${system}"\n` +
        `[partitions.runtimes]\nuse = "runtimes"\ncores = "${others[0]}"\nrealtime = { runtimeUs = 20000, periodUs = 1000000 }\nawake = true\n`,
    );
    const first = await start(t, file);
    const [guard] = childrenOf(first.child.pid);
    const { child: peer, said } = await startPeer(t, [socket, "peer", "20000"]);
    const lane = `/sys/fs/cgroup/cpu/${String(said["path"])}`;
    const state = join(dir, `${group}.settings.json`);
    t.true(existsSync(lane));
    const isAwake = existsSync(state);
    first.child.kill("SIGKILL");
    const gone = await until(
      () => !existsSync(`/sys/fs/cgroup/cpu/${group}`) && !existsSync(state),
    );
    t.log(`groups gone and settings back after ${gone.toFixed(0)} ms`);
    t.true(gone < 1_000, `${gone} ms`);
    t.is(isAwake, existsSync(wakeUpFile(others[0] ?? 0)));
    t.is(peer.exitCode, null, "the peer runs on");
    t.true((await until(() => !existsSync(`/proc/${guard}`))) < 5_000);

    const second = await start(t, file);
    const [next] = childrenOf(second.child.pid);
    second.child.kill("SIGKILL");
    const third = await start(t, file);
    t.regex(third.lines.join("\n"), /QosDaemon=/, "though the guard is at work yet");
    t.true((await until(() => !existsSync(`/proc/${next}`))) < 5_000);
    const [last] = childrenOf(third.child.pid);
    const ended = once(third.child, "exit");
    third.child.kill("SIGTERM");
    t.deepEqual(await ended, [0, null]);
    t.false(existsSync(`/proc/${last}`), "nothing to do for it");
  },
);
