import test from "ava";
import { ControlGroups, type SettingFiles } from "../../../native/index.ts";
import { Qos } from "../../../services/admission/index.ts";
import {
  laneDemand,
  type Processes,
  QosClient,
  runtimeDemand,
} from "../../../services/qos/index.ts";
import { FakeTree } from "../native-cgroup/fake-tree.ts";
import { FakeSettings } from "../native-settings/fake-settings.ts";
import { Lines, startDaemon } from "./real.ts";

/** Threads of this process, as the tree has them: nothing of it is the kernel's. */
const THREADS = [process.pid, 9_000_001, 9_000_002];
const FIFO = { runtime_us: 50_000, period_us: 1_000_000 };

const processes: Processes = {
  ownerOf: (threadId) =>
    THREADS.includes(threadId)
      ? { processId: process.pid, userId: process.getuid?.() ?? 0, parentId: 0 }
      : undefined,
  threadsOf: () => THREADS,
  isKernel: () => false,
  coresOf: () => [0, 1],
};

/** The tree of groups, and beside it a machine's settings. */
function both(tree: FakeTree, settings: FakeSettings): SettingFiles {
  const of = (path: string): SettingFiles => (path.startsWith(tree.mountPoint) ? tree : settings);
  return {
    exists: (path) => of(path).exists(path),
    groups: (path) => of(path).groups(path),
    read: (path) => of(path).read(path),
    write: (path, text) => of(path).write(path, text),
  };
}

test("version 2, on a recorded tree: the process in its runtime's group, its threads in leaves beneath", async (t) => {
  const files = new FakeTree("cpuset cpu io memory pids", { [process.pid]: THREADS.map(String) });
  t.teardown(() => files.dispose());
  const groups = ControlGroups.find({ files, proc: files.proc });
  const { config, daemon, lines } = await startDaemon(t, {}, { groups, processes });
  const client = await QosClient.open({
    socket: config.socket,
    logger: lines.logger,
    runtime: runtimeDemand({
      name: "A",
      cpu_percent: 50,
      realtime: FIFO,
      memory_octets: 500_000_000n,
      io_weight: 300,
    }),
  });
  if (client === undefined) throw new TypeError("there is no daemon");
  t.teardown(() => client.close());
  const lane = await client.reserve(
    laneDemand({
      name: "alarm",
      sched: "SCHED_FIFO",
      priority: 40,
      cpu_percent: 60,
      realtime: FIFO,
    }),
  );
  await lane.place([9_000_001]);
  t.is(await client.settle(), 2);
  const at = (path: string, file: string): string =>
    files.read(`${files.mountPoint}/${config.group}/${path}/${file}`).trim();
  t.is(at("runtimes/A", "cgroup.type"), "domain threaded");
  t.is(at("runtimes/A", "cgroup.procs"), `${process.pid}`);
  t.is(at("runtimes/A", "memory.max"), "500000000");
  t.is(at("runtimes/A", "io.weight"), "default 300");
  t.is(at("runtimes/A", "cpu.weight"), "50");
  t.is(at("runtimes/A/services/alarm", "cgroup.threads"), "9000001");
  t.is(at("runtimes/A/services/alarm", "cpu.weight"), "60");
  t.is(at("runtimes/A/housekeeping", "cgroup.threads"), `${process.pid}\n9000002`);
  const report = daemon.report();
  t.regex(report.controllers, /cpu \(version 2\), .*counted here and not kept by this kernel/);
  t.is(report.left[0]?.realtime_ppm, 50_000, "budgets are counted all the same");
  await lane.release();
  t.is(at("runtimes/A", "cgroup.threads"), "9000001");

  await client.close();
  t.is(files.read(`${files.mountPoint}/cgroup.procs`).trim(), `${process.pid}`);
  t.deepEqual(files.groups(`${files.mountPoint}/${config.group}/runtimes`), []);
  await daemon.close();
  t.deepEqual(files.groups(files.mountPoint), []);
});

test("processes that run already are confined to the system's cores, and let go in the end", async (t) => {
  const own = { [process.pid]: THREADS.map(String), 77: ["77", "78"] };
  const files = new FakeTree("cpuset cpu", own);
  t.teardown(() => files.dispose());
  const groups = ControlGroups.find({ files, proc: files.proc });
  files.makeGroup(`${files.mountPoint}/system.slice`);
  const machine = new FakeSettings({
    "/proc/irq/default_smp_affinity": "3",
    "/proc/irq/7/smp_affinity_list": "0-1",
  });
  const { config, daemon } = await startDaemon(
    t,
    { confine: true },
    { groups, processes, settingFiles: both(files, machine) },
  );
  const slice = `${files.mountPoint}/system.slice/cpuset.cpus`;
  t.is(files.read(slice), "0\n", "groups of others keep what is not reserved");
  t.is(machine.texts.get("/proc/irq/7/smp_affinity_list"), "0");
  t.is(machine.texts.get("/proc/irq/default_smp_affinity"), "1");
  const system = `${files.mountPoint}/${config.group}/system`;
  t.is(files.read(`${system}/cgroup.procs`), `77\n${process.pid}\n`);
  t.is(files.read(`${system}/cpuset.cpus`), "0\n");
  await daemon.close();
  t.is(files.read(`${files.mountPoint}/cgroup.procs`), `77\n${process.pid}\n`);
  t.is(files.read(slice), "\n", "all of those above, as before");
  t.is(machine.texts.get("/proc/irq/7/smp_affinity_list"), "0-1");
});

test("a demand for a controller that is not there is refused with what there is", async (t) => {
  const files = new FakeTree("cpuset cpu", { [process.pid]: THREADS.map(String) });
  t.teardown(() => files.dispose());
  const groups = ControlGroups.find({ files, proc: files.proc });
  const { config } = await startDaemon(t, {}, { groups, processes });
  const error = await t.throwsAsync(
    QosClient.open({
      socket: config.socket,
      logger: new Lines().logger,
      runtime: runtimeDemand({ name: "A", memory_octets: 1_000n, io_weight: 10 }),
    }),
    { instanceOf: Qos.Refused },
  );
  t.is(
    error?.reason,
    "this machine has no memory controller for control groups; this machine has no io weight controller for control groups",
  );
});
