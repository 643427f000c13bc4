import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import test, { type ExecutionContext } from "ava";
import { BorrowedSettings } from "../../../native/index.ts";
import { coresOfHost } from "../../../services/qos/index.ts";
import { groups, isReal } from "./real.ts";

/** For real. What is "the host" to the daemon is a group of the test's own: other tests run beside. */
const real = isReal ? test.serial : test.skip;
const MAIN = fileURLToPath(new URL("../../../services/cli/main.js", import.meta.url));
const CPUSET = "/sys/fs/cgroup/cpuset";
const [SYSTEM = 0, LANES = 1] = coresOfHost();
const ALL = ["cpu", "cpuset", "memory", "io"] as const;
const BOTH = `${SYSTEM},${LANES}`;

/** The text of a file of the kernel's; undefined where it may not be read or is not there. */
function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8").trim();
  } catch {
    return undefined;
  }
}

function coresOf(pid: number | undefined): string | undefined {
  return /^Cpus_allowed_list:\s*(.*)$/m.exec(textOf(`/proc/${pid}/status`) ?? "")?.[1];
}

/** Where interrupts and the kernel's work go, by file. */
function affinities(): Readonly<Record<string, string | undefined>> {
  const interrupts = readdirSync("/proc/irq", { withFileTypes: true })
    .filter((each) => each.isDirectory())
    .map(({ name }) => `/proc/irq/${name}/smp_affinity_list`);
  const masks = ["/proc/irq/default_smp_affinity", "/sys/devices/virtual/workqueue/cpumask"];
  return Object.fromEntries([...interrupts, ...masks].map((path) => [path, textOf(path)]));
}

function makeGroup(path: string, cores: string): string {
  const directory = `${CPUSET}/${path}`;
  mkdirSync(directory);
  writeFileSync(`${directory}/cpuset.mems`, "0");
  writeFileSync(`${directory}/cpuset.cpus`, cores);
  return directory;
}

function move(id: string | number, directory: string): void {
  try {
    writeFileSync(`${directory}/tasks`, `${id}`);
  } catch {
    // It has ended.
  }
}

/** A process in that group, started by what is before it. */
function sleeper(t: ExecutionContext, directory: string, ...before: readonly string[]): number {
  const child = spawn("env", [...before, "sleep", "60"], { stdio: "ignore" });
  t.teardown(() => child.kill("SIGKILL"));
  move(child.pid ?? 0, directory);
  return child.pid ?? 0;
}

interface Running {
  readonly child: ChildProcess;
  readonly lines: readonly string[];
}

/** A daemon of its own process in that group of cores, when it says that it listens. */
async function start(t: ExecutionContext, directory: string, file: string): Promise<Running> {
  const command = `echo $$ > ${directory}/tasks; exec "$@"`;
  const args = [process.execPath, MAIN, "qosd", "--verbose", "--no-guard", "--config", file];
  const child = spawn("sh", ["-c", command, "sh", ...args], { stdio: ["ignore", "pipe", "pipe"] });
  t.teardown(() => child.kill("SIGKILL"));
  const lines: string[] = [];
  createInterface({ input: child.stderr }).on("line", (line) => lines.push(line));
  for await (const line of createInterface({ input: child.stdout })) {
    lines.push(line);
    if (line.startsWith("QosDaemon=")) return { child, lines };
  }
  throw new TypeError(`the daemon ended: ${lines.join("; ")}`);
}

async function ended(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  const exit = once(child, "exit");
  child.kill(signal);
  await exit;
}

/** What of the machine the test may leave changed where it does not get to its end. */
async function configured(t: ExecutionContext, host: string, group: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "orbweaver-confine-"));
  t.teardown(async () => {
    for (const path of [group, host])
      await groups.existing(path, ALL)?.remove({ to: groups.base(ALL) });
    BorrowedSettings.open(join(folder, `${group}.settings.json`));
    await rm(folder, { recursive: true });
  });
  const file = join(folder, "qosd.toml");
  await writeFile(
    file,
    `[qosd]\nsocket = "${join(folder, "qosd.sock")}"\ngroup = "${group}"\nat = "own"\nconfine = true\n` +
      `[partitions.system]\nuse = "system"\ncores = "${SYSTEM}"\n` +
      `[partitions.runtimes]\nuse = "runtimes"\ncores = "${LANES}"\nrealtime = { runtimeUs = 10000, periodUs = 1000000 }\n`,
  );
  return file;
}

real(
  "everything else leaves the cores of lanes, and all is as before when the daemon ends, at SIGKILL with the next",
  async (t) => {
    const name = `orbweaver-test-${process.pid}-host`;
    const file = await configured(t, name, `${name}-daemon`);
    const host = makeGroup(name, BOTH);
    const container = makeGroup(`${name}/container`, BOTH);
    const inner = makeGroup(`${name}/container/inner`, BOTH);
    const stubborn = makeGroup(`${name}/stubborn`, `${LANES}`);
    const plain = sleeper(t, host);
    const pinned = sleeper(t, host, "taskset", "-c", `${LANES}`);
    const contained = sleeper(t, inner);
    const before = affinities();

    const confined = (): void => {
      t.is(coresOf(plain), `${SYSTEM}`);
      t.is(coresOf(pinned), `${SYSTEM}`, "though its owner had bound it to a core of lanes");
      t.is(coresOf(contained), `${SYSTEM}`);
      t.is(textOf(`${host}/tasks`), "", "nothing was left behind");
      t.is(textOf(`${container}/cpuset.cpus`), `${SYSTEM}`);
      t.is(textOf(`${inner}/cpuset.cpus`), `${SYSTEM}`);
      t.is(textOf(`${stubborn}/cpuset.cpus`), `${LANES}`);
      t.is(textOf("/sys/devices/virtual/workqueue/cpumask"), (1 << SYSTEM).toString(16));
    };
    const asBefore = (): void => {
      t.is(coresOf(plain), "0-1");
      t.is(coresOf(contained), "0-1");
      t.is(textOf(`${inner}/cpuset.cpus`), "0-1");
      t.true(textOf(`${host}/tasks`)?.split("\n").includes(`${plain}`), "where it was");
      t.deepEqual(affinities(), before);
    };

    const first = await start(t, host, file);
    confined();
    const said = first.lines.join("\n");
    t.regex(
      said,
      /groups of others stay on the cores of lanes {2}count=1 {2}which=.*stubborn: it has no other core/,
    );
    for (const [path, text] of Object.entries(affinities()))
      if (path.endsWith("_list") && (text === `${LANES}` || text?.includes("-") === true))
        t.true(
          said.includes(`interrupt ${path.split("/")[3]} `),
          `${path} is ${text}, and that is told`,
        );
    await ended(first.child, "SIGTERM");
    asBefore();

    const second = await start(t, host, file);
    await ended(second.child, "SIGKILL");
    confined();
    const third = await start(t, host, file);
    t.regex(third.lines.join("\n"), /settings that an earlier daemon had changed are as they were/);
    confined();
    await ended(third.child, "SIGTERM");
    asBefore();
  },
);
