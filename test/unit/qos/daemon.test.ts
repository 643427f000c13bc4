import { once } from "node:events";
import { chmodSync, existsSync, readFileSync, statSync } from "node:fs";
import { dirname } from "node:path";
import test, { type ExecutionContext } from "ava";
import { loadNative } from "../../../native/index.ts";
import { Qos } from "../../../services/admission/index.ts";
import {
  connectToDaemon,
  laneDemand,
  QosClient,
  QosConfigError,
  runtimeDemand,
  startQosDaemon,
  statusText,
} from "../../../services/qos/index.ts";
import { groups, isReal, Lines, startDaemon, startPeer, testConfig } from "./real.ts";

/** Groups for real, serially: they share the budget of the machine. */
const real = isReal ? test.serial : test.skip;
const CPU = "/sys/fs/cgroup/cpu";

if (process.getuid?.() !== 0 && groups.versionOf("cpuset") !== undefined)
  test("without the rights the daemon does not start, and says which group it may not make", async (t) => {
    const config = await testConfig(t);
    const error = await t.throwsAsync(startQosDaemon({ config, logger: new Lines().logger }), {
      instanceOf: Qos.SystemRefused,
    });
    t.regex(error?.code ?? "", /^(?:EACCES|EPERM|EROFS)$/);
    t.regex(
      error?.reason ?? "",
      /orbweaver-test-\S+ cannot be made \(E\w+\): (?:the file belongs to another user|the kernel does not allow it|the control groups are mounted read-only)/,
    );
    t.false(existsSync(config.socket));
  });

async function client(
  t: ExecutionContext,
  socket: string,
  name: string,
  demand: Partial<Qos.RuntimeDemand> = {},
) {
  const lines = new Lines();
  const opened = await QosClient.open({
    socket,
    logger: lines.logger,
    runtime: runtimeDemand({ name, ...demand }),
  });
  if (opened === undefined) throw new TypeError(`no daemon at ${socket}: ${lines.all.join()}`);
  t.teardown(() => opened.close());
  return opened;
}

/** The kernel's id of this thread. */
function thisThread(): number {
  return Number(readFileSync("/proc/thread-self/stat", "utf8").split(" ")[0]);
}

function coresOfThisThread(): string | undefined {
  const status = readFileSync("/proc/thread-self/status", "utf8");
  return /^Cpus_allowed_list:\s*(.*)$/m.exec(status)?.[1];
}

const HALF = { runtime_us: 50_000, period_us: 1_000_000 };

real(
  "the paper's figure 3 as groups of the kernel: runtimes of half the time, overlay and services",
  async (t) => {
    const { config, daemon } = await startDaemon(t);
    t.is(statSync(config.socket).mode & 0o777, 0o600);
    const a = await client(t, config.socket, "A", {
      cpu_percent: 50,
      realtime: HALF,
      memory_octets: 500_000_000n,
      io_weight: 200,
    });
    const overlay = await a.reserve(
      laneDemand({
        name: "p2p",
        where: "PART_OVERLAY",
        sched: "SCHED_FIFO",
        priority: 30,
        cpu_percent: 50,
        realtime: { runtime_us: 2_000, period_us: 100_000 },
      }),
    );
    const service = await a.reserve(
      laneDemand({
        name: "alarm",
        sched: "SCHED_FIFO",
        priority: 40,
        cpu_percent: 50,
        realtime: { runtime_us: 3_000, period_us: 100_000 },
      }),
    );
    const root = config.group;
    t.is(overlay.path, `${root}/runtimes/A/overlay`);
    t.is(service.path, `${root}/runtimes/A/services/alarm`);
    t.deepEqual(service.cores, config.partitions[1]?.cores);
    const read = (path: string, file: string): string =>
      readFileSync(`${CPU}/${path}/${file}`, "utf8").trim();
    // Of 2^20 µs, as all that have others beneath them.
    t.is(read(`${root}/runtimes`, "cpu.rt_runtime_us"), "104857");
    t.is(read(`${root}/runtimes/A`, "cpu.rt_runtime_us"), "52428");
    t.is(read(overlay.path, "cpu.rt_runtime_us"), "2000");
    t.is(read(service.path, "cpu.rt_period_us"), "100000");
    t.is(read(`${root}/runtimes/A`, "cpu.shares"), "512");
    if (groups.versionOf("memory") === 1) {
      const limit = readFileSync(
        `/sys/fs/cgroup/memory/${root}/runtimes/A/memory.limit_in_bytes`,
        "utf8",
      );
      // Whole pages.
      t.true(Math.abs(Number(limit) - 500_000_000) < 4_096, limit);
    }

    const weight = `/sys/fs/cgroup/blkio/${root}/runtimes/A/blkio.bfq.weight`;
    if (existsSync(weight)) t.regex(readFileSync(weight, "utf8"), /\b200$/m);

    const before = coresOfThisThread();
    await service.place([thisThread()]);
    t.is(coresOfThisThread(), `${config.partitions[1]?.cores.join()}`);
    const report = daemon.report();
    const lane = report.groups.find(({ path }) => path === service.path);
    t.like(lane, {
      what: "KIND_LANE",
      owner: `process ${process.pid}`,
      cpu_percent: 50,
      asked: "fifo 40, 3 ms in 100 ms",
    });
    t.deepEqual(lane?.threads, [thisThread()]);
    t.like(report.left[0], {
      partition: "runtimes",
      cpu_percent: 50,
      realtime_ppm: 50_000,
      memory_octets: 500_000_000n,
    });
    const text = statusText(report).join("\n");
    t.regex(
      text,
      /^ {6}alarm +lane, core 1, 50 %, FIFO and RR 3\.0 %, fifo 40, 3 ms in 100 ms, thread \d+, process \d+$/m,
    );
    t.regex(
      text,
      /^free in runtimes: core 1, 50 %, FIFO and RR 5\.0 % of each core, 500000000 octets$/m,
    );
    await a.close();
    t.is(coresOfThisThread(), before, "the thread is where it was");
    t.false(existsSync(`${CPU}/${root}/runtimes/A`));
    t.is(daemon.report().left[0]?.cpu_percent, 100);
  },
);

real(
  "what is not there is refused with what is free, and changes at run time are admitted or leave all as it was",
  async (t) => {
    const { config } = await startDaemon(t);
    const a = await client(t, config.socket, "A", { realtime: HALF });
    const greedy = { runtime_us: 60_000, period_us: 1_000_000 };
    const refused = await t.throwsAsync(client(t, config.socket, "B", { realtime: greedy }), {
      instanceOf: Qos.Refused,
    });
    t.deepEqual(
      refused?.lacking.map(({ resource, asked, free, unit }) => ({ resource, asked, free, unit })),
      [{ resource: "FIFO and RR", asked: 60_000, free: 50_000, unit: "ppm" }],
    );
    const lane = await a.reserve(
      laneDemand({
        name: "x",
        sched: "SCHED_FIFO",
        priority: 40,
        realtime: { runtime_us: 1_000, period_us: 100_000 },
      }),
    );
    const file = `${CPU}/${lane.path}/cpu.rt_runtime_us`;
    await lane.change(
      laneDemand({
        name: "x",
        sched: "SCHED_RR",
        priority: 40,
        realtime: { runtime_us: 5_000, period_us: 100_000 },
      }),
    );
    t.is(readFileSync(file, "utf8").trim(), "5000");
    const over = { runtime_us: 6_000, period_us: 100_000 };
    await t.throwsAsync(
      lane.change(laneDemand({ name: "x", sched: "SCHED_RR", priority: 40, realtime: over })),
      { instanceOf: Qos.Refused },
    );
    t.is(readFileSync(file, "utf8").trim(), "5000");
    await t.throwsAsync(
      a.change(
        runtimeDemand({ name: "A", realtime: { runtime_us: 40_000, period_us: 1_000_000 } }),
      ),
      { instanceOf: Qos.Refused },
    );
    await a.change(
      runtimeDemand({ name: "A", realtime: { runtime_us: 100_000, period_us: 1_000_000 } }),
    );
    await lane.release();
    t.false(existsSync(file));
    await t.throwsAsync(a.reserve(laneDemand({ name: "y", sched: "SCHED_FIFO", priority: 40 })), {
      instanceOf: Qos.BadDemand,
    });
  },
);

real(
  "a peer killed with SIGKILL: its groups are gone within 1 s and its budget is free",
  async (t) => {
    const { config, lines, daemon } = await startDaemon(t);
    const { child, said } = await startPeer(t, [config.socket, "victim", "100000"]);
    t.is(said["path"], `${config.group}/runtimes/victim/services/lane`);
    t.true(
      Number(said["settled"]) >= 5,
      "the collector's helpers and the like are in the housekeeping leaf",
    );
    const before = daemon.report();
    t.is(before.left[0]?.realtime_ppm, 0);
    const housekeeping = before.groups.find(({ what }) => what === "KIND_HOUSEKEEPING");
    t.is(housekeeping?.path, `${config.group}/system/victim`);
    t.is(housekeeping?.threads.length, Number(said["settled"]));
    t.deepEqual(housekeeping?.runs_on, [0]);
    await t.throwsAsync(client(t, config.socket, "B", { realtime: HALF }), {
      instanceOf: Qos.Refused,
    });

    const taken = lines.next(/a runtime was taken away/);
    const killedAt = performance.now();
    child.kill("SIGKILL");
    await taken;
    const withinMs = performance.now() - killedAt;
    t.log(`groups gone after ${withinMs.toFixed(1)} ms`);
    t.true(withinMs < 1_000, `${withinMs} ms`);
    t.false(existsSync(`${CPU}/${config.group}/runtimes/victim`));
    t.false(existsSync(`/sys/fs/cgroup/cpuset/${config.group}/system/victim`));
    t.is(daemon.report().left[0]?.realtime_ppm, 100_000);
    const next = await client(t, config.socket, "B", {
      realtime: { runtime_us: 100_000, period_us: 1_000_000 },
    });
    t.true(next.isConnected);
  },
);

real(
  "what one connection was given another cannot use, and threads of other processes are not placed",
  async (t) => {
    const { config } = await startDaemon(t);
    const { child, said } = await startPeer(t, [config.socket, "other"]);
    const mine = await client(t, config.socket, "mine");
    const lane = await mine.reserve(laneDemand({ name: "lane" }));
    await t.notThrowsAsync(lane.place([Number(said["pid"])]), "this process started it");
    const foreign = await t.throwsAsync(lane.place([1]), { instanceOf: Qos.NotAllowed });
    t.is(
      foreign?.reason,
      `thread 1 is of process 1; the runtime is for process ${process.pid} and those it started`,
    );

    const { orb, daemon } = await connectToDaemon(config.socket, new Lines().logger);
    t.teardown(() => orb.destroy());
    const taken = await t.throwsAsync(daemon.join(runtimeDemand({ name: "other" })), {
      instanceOf: Qos.BadDemand,
    });
    t.regex(taken?.reason ?? "", /there is a runtime other on this host/);
    const elsewhere = await t.throwsAsync(
      daemon.join(runtimeDemand({ name: "z", process_id: 4_194_303 })),
      { instanceOf: Qos.NotAllowed },
    );
    t.is(
      elsewhere?.reason,
      loadNative() === undefined
        ? "there is no process 4194303"
        : `process 4194303 is not the one that connected, ${process.pid}`,
    );
    // A reference is no right: the same object, asked over another connection.
    const runtime = await daemon.join(runtimeDemand({ name: "third" }));
    const text = orb.object_to_string(runtime);
    const { orb: secondOrb } = await connectToDaemon(config.socket, new Lines().logger);
    t.teardown(() => secondOrb.destroy());
    const seen = await Qos.Runtime.narrow(await secondOrb.string_to_object(text));
    t.is(await seen?._get_path(), `${config.group}/runtimes/third`);
    const stolen = await t.throwsAsync(seen?.leave() ?? Promise.resolve(), {
      instanceOf: Qos.NotAllowed,
    });
    t.is(stolen?.reason, "runtime third belongs to another connection");
    const exit = once(child, "exit");
    child.stdin?.end();
    child.kill("SIGTERM");
    await exit;
  },
);

real("another user cannot open the socket", async (t) => {
  const { config } = await startDaemon(t);
  const nobody = ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups"];
  const { said } = await startPeer(t, [config.socket, "nobody"], nobody);
  t.is(said["path"], undefined, "it runs without reservation");
});

const credentials = isReal && loadNative() !== undefined ? test.serial : test.skip;

credentials(
  "who gets at the socket all the same is refused by the credentials the kernel tells",
  async (t) => {
    const { config } = await startDaemon(t);
    chmodSync(dirname(config.socket), 0o755);
    chmodSync(config.socket, 0o666);
    const nobody = ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups"];
    const { child, said } = await startPeer(t, [config.socket, "nobody"], nobody);
    t.is(
      said["fault"],
      `NotAllowed: process ${child.pid} is of user 65534; this daemon answers users 0`,
    );
  },
);

credentials("the daemon of root serves the user it is configured for", async (t) => {
  const { config, daemon } = await startDaemon(t, { user: 65_534 });
  chmodSync(dirname(config.socket), 0o755);
  t.is(statSync(config.socket).uid, 65_534);
  const nobody = ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups"];
  const { child, said } = await startPeer(t, [config.socket, "metro"], nobody);
  t.is(said["path"], `${config.group}/runtimes/metro/services/lane`);
  const lane = daemon.report().groups.find(({ path }) => path === said["path"]);
  t.deepEqual(lane?.threads, [child.pid]);
});

real("a process of another user is refused by its credentials", async (t) => {
  const { newTcpTransport } = await import("../../../orb/index.ts");
  const base = newTcpTransport({ keepAliveMs: 0 });
  const transport = {
    connect: (...[to, signal]: Parameters<typeof base.connect>) => base.connect(to, signal),
    listen: (...[at, accept]: Parameters<typeof base.listen>) =>
      base.listen(at, (channel) =>
        accept(Object.assign(channel, { credentials: { pid: 77, uid: 1_000, gid: 1_000 } })),
      ),
  };
  const { config } = await startDaemon(t, {}, { transport });
  const error = await t.throwsAsync(client(t, config.socket, "foreign"), {
    instanceOf: Qos.NotAllowed,
  });
  t.is(error?.reason, "process 77 is of user 1000; this daemon answers users 0");
});

real(
  "one daemon for one group; what a daemon that died left is removed, and its clients have their leaves again",
  async (t) => {
    const config = await testConfig(t);
    const lines = new Lines();
    const first = await startQosDaemon({ config, logger: lines.logger });
    const other = { ...config, socket: `${config.socket}2` };
    const second = await t.throwsAsync(startQosDaemon({ config: other, logger: lines.logger }), {
      instanceOf: QosConfigError,
    });
    t.regex(second?.message ?? "", /keeps the groups "orbweaver-test-.*" of this host already/);

    const own = new Lines();
    const opened = await QosClient.open({
      socket: config.socket,
      logger: own.logger,
      runtime: runtimeDemand({ name: "A", realtime: HALF }),
    });
    t.teardown(() => opened?.close());
    const lane = await opened?.reserve(laneDemand({ name: "lane" }));
    await lane?.place([thisThread()]);
    const away = own.next(/went away/);
    const back = own.next(/is back: lanes have their reservations again/);
    await first.close();
    await away;
    t.false(opened?.isConnected);
    // As a daemon leaves it that was killed: groups, and nobody who keeps them.
    const leaf = { controllers: ["cpu", "cpuset"], holds: "processes" } as const;
    groups.make(config.group, leaf);
    groups.make(`${config.group}/runtimes`, leaf);
    const third = await startQosDaemon({ config, logger: lines.logger });
    t.teardown(() => third.close());
    t.is(third.leftGroups, 2);
    t.regex(
      lines.all.join("\n"),
      /groups of an earlier daemon were there and are removed {"groups":2}/,
    );
    await back;
    t.true(opened?.isConnected);
    const found = third.report().groups.find(({ path }) => path === lane?.path);
    t.deepEqual(found?.threads, [thisThread()], "placed again");
  },
);

real(
  "static runtimes have their share from the start, are claimed by name, and stay when their process ends",
  async (t) => {
    const lane = laneDemand({
      name: "lane",
      sched: "SCHED_FIFO",
      priority: 40,
      realtime: HALF,
      cpu_percent: 80,
    });
    const { config, daemon, lines } = await startDaemon(t, {
      runtimes: [
        {
          demand: {
            ...runtimeDemand({ name: "metro", realtime: HALF, cpu_percent: 90 }),
            process_id: 1,
          },
          lanes: [lane],
        },
      ],
    });
    const nodes = () =>
      daemon.report().groups.filter(({ what }) => what === "KIND_RUNTIME" || what === "KIND_LANE");
    t.deepEqual(
      nodes().map(({ owner, cpu_percent }) => `${owner} ${cpu_percent}`),
      ["static 90", "static 80"],
    );
    const { child, said } = await startPeer(t, [config.socket, "metro"]);
    t.is(said["path"], `${config.group}/runtimes/metro/services/lane`);
    t.deepEqual(
      nodes().map(({ owner }) => owner),
      [`process ${child.pid}`, `process ${child.pid}`],
    );
    const taken = lines.next(/a runtime was taken away/);
    child.kill("SIGKILL");
    await taken;
    t.deepEqual(
      nodes().map(({ owner, threads }) => `${owner} ${threads.length}`),
      ["static 0", "static 0"],
    );
  },
);

real("threads of other processes of the user are sent to the system's cores", async (t) => {
  const { config } = await startDaemon(t);
  const mine = await client(t, config.socket, "mine");
  const { said } = await startPeer(t, [config.socket, "other"]);
  const pid = Number(said["pid"]);
  await mine.expel([pid]);
  t.regex(readFileSync(`/proc/${pid}/status`, "utf8"), /^Cpus_allowed_list:\s*0$/m);
  const gone = await t.throwsAsync(mine.expel([4_194_303]), { instanceOf: Qos.NotAllowed });
  t.is(gone?.reason, "there is no thread 4194303");
});

test("no daemon: said once, and lanes run without reservation", async (t) => {
  const lines = new Lines();
  const options = {
    socket: "/nonexistent/qosd.sock",
    logger: lines.logger,
    runtime: runtimeDemand({ name: "a" }),
  };
  t.is(await QosClient.open(options), undefined);
  t.deepEqual(lines.all, [
    'warn: no QoS daemon answers at /nonexistent/qosd.sock: lanes run without reservation; "orbweaver qosd" starts one {}',
  ]);
});
