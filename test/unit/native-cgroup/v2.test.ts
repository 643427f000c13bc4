import test, { type ExecutionContext } from "ava";
import { ControlGroupError, ControlGroups } from "../../../native/index.ts";
import { FakeTree } from "./fake-tree.ts";

function tree(
  t: ExecutionContext,
  controllers: string = "cpuset cpu io memory hugetlb pids",
  processes: Readonly<Record<string, readonly string[]>> = {},
  own: string = "/",
): FakeTree {
  const fake = new FakeTree(controllers, processes, own);
  t.teardown(() => fake.dispose());
  return fake;
}

test("what version 2 controls is read from its mount", (t) => {
  const files = tree(t);
  const groups = ControlGroups.find({ files, proc: files.proc });
  t.deepEqual(groups.hierarchies, [
    {
      version: 2,
      mountPoint: files.mountPoint,
      controllers: ["cpuset", "cpu", "io", "memory"],
      own: "/",
    },
  ]);
  t.is(groups.versionOf("memory"), 2);
  t.false(groups.hasRealtimeBudgets);
});

test("both versions at once: each controller is found where it is bound", (t) => {
  const files = tree(t, "hugetlb");
  const v1 = `31 24 0:27 / ${files.mountPoint}/x\\040y rw - cgroup cgroup rw,cpu,cpuacct\n`;
  const v2 = files.read(`${files.proc}/mountinfo`);
  const both = {
    ...wrapped(files),
    read: (file: string) =>
      file === `${files.proc}/mountinfo` ? `${v1}${v1}${v2}` : files.read(file),
  };
  const groups = ControlGroups.find({ files: both, proc: files.proc });
  t.deepEqual(
    groups.hierarchies.map(({ version, mountPoint, controllers }) => ({
      version,
      mountPoint,
      controllers,
    })),
    [
      { version: 1, mountPoint: `${files.mountPoint}/x y`, controllers: ["cpu", "cpuacct"] },
      { version: 2, mountPoint: files.mountPoint, controllers: [] },
    ],
  );
  t.is(groups.versionOf("cpu"), 1);
  t.is(groups.versionOf("memory"), undefined);
});

/** The tree's calls as an object of its own, to put others in their place. */
function wrapped(files: FakeTree) {
  return {
    read: (file: string): string => files.read(file),
    write: (file: string, text: string): void => files.write(file, text),
    makeGroup: (directory: string): void => files.makeGroup(directory),
    removeGroup: (directory: string): void => files.removeGroup(directory),
    exists: (path: string): boolean => files.exists(path),
    groups: (directory: string): readonly string[] => files.groups(directory),
  };
}

test("settings of a group are written, and read back", (t) => {
  const files = tree(t);
  const groups = ControlGroups.find({ files, proc: files.proc });
  const all = { controllers: ["cpu", "cpuset", "memory", "io"], holds: "processes" } as const;
  const group = groups.make("peer", all);
  t.deepEqual(group.directories, [`${files.mountPoint}/peer`]);
  t.deepEqual(group.read(), {
    memoryNodes: [],
    cores: [],
    coreUse: "shared",
    cpuWeight: 100,
    cpuMost: "all",
    memoryOctets: "all",
    ioWeight: 100,
  });
  const settings = {
    memoryNodes: [0],
    cores: [1, 2, 3],
    coreUse: "exclusive",
    cpuWeight: 250,
    cpuMost: { runtimeUs: 20_000, periodUs: 100_000 },
    memoryOctets: 1_073_741_824,
    ioWeight: 300,
  } as const;
  group.set(settings);
  t.deepEqual(group.read(), settings);
  t.is(files.read(`${files.mountPoint}/peer/cpu.max`), "20000 100000\n");
  t.is(files.read(`${files.mountPoint}/peer/cpuset.cpus`), "1-3\n");
  t.is(files.read(`${files.mountPoint}/peer/cpuset.cpus.partition`), "root\n");
  t.is(files.read(`${files.mountPoint}/peer/io.weight`), "default 300\n");
  group.set({ cpuMost: "all", memoryOctets: "all", coreUse: "shared" });
  t.like(group.read(), { cpuMost: "all", memoryOctets: "all", coreUse: "shared", cpuWeight: 250 });
});

test("threads are placed in threaded groups beneath their process's, and return to it", async (t) => {
  const files = tree(t, "cpuset cpu io memory", { 40: ["40", "41", "42"] });
  const groups = ControlGroups.find({ files, proc: files.proc });
  groups.make("runtimes", { controllers: ["cpu", "cpuset", "memory"], holds: "processes" });
  const plan = { controllers: ["cpu", "cpuset", "memory"], holds: "processes" } as const;
  const peer = groups.make("runtimes/a", plan);
  const lane = groups.make("runtimes/a/lane", { controllers: ["cpu", "memory"], holds: "threads" });
  t.deepEqual(lane.controllers, ["cpu"], "memory belongs to whole processes");
  t.is(files.read(`${files.mountPoint}/runtimes/a/cgroup.type`), "domain threaded\n");
  t.is(files.read(`${files.mountPoint}/runtimes/a/lane/cgroup.type`), "threaded\n");

  const early = t.throws(() => lane.addThread(41), { instanceOf: ControlGroupError });
  t.is(early?.code, "EOPNOTSUPP");
  t.regex(early?.message ?? "", /"41" to .*lane\/cgroup\.threads .*move the process first/);

  peer.addProcess(40);
  lane.addThread(41);
  t.deepEqual(lane.threads(), [41]);
  t.deepEqual(peer.threads(), [40, 42]);
  await lane.remove();
  t.deepEqual(peer.threads(), [40, 42, 41]);
  t.false(files.exists(`${files.mountPoint}/runtimes/a/lane`));
  await peer.remove();
  t.is(files.read(`${files.mountPoint}/cgroup.procs`), "40\n", "out of all groups of ours");
});

test("a partition that does not hold is refused in the kernel's words", (t) => {
  const files = tree(t);
  const groups = ControlGroups.find({ files, proc: files.proc });
  const plan = { controllers: ["cpuset"], holds: "processes" } as const;
  groups.make("a", plan);
  const inner = groups.make("a/b", plan);
  const error = t.throws(() => inner.set({ cores: [1], coreUse: "isolated" }), {
    instanceOf: ControlGroupError,
  });
  t.regex(error?.message ?? "", /isolated invalid \(Parent is not a partition root\)/);
});

test("version 2 has no real-time budgets, and says so", (t) => {
  const files = tree(t);
  const groups = ControlGroups.find({ files, proc: files.proc });
  const group = groups.make("a", { controllers: ["cpu"], holds: "threads" });
  t.false(group.can("realtime"));
  t.true(group.can("cpuWeight"));
  const realtime = { runtimeUs: 1_000, periodUs: 10_000 };
  const error = t.throws(() => group.set({ realtime }), { instanceOf: ControlGroupError });
  t.is(error?.code, "ENOTSUP");
  t.regex(
    error?.message ?? "",
    /realtime cannot be set for a: no controller of this machine has it/,
  );
});

test("a controller that is bound to version 1 cannot be handed on", (t) => {
  const files = tree(t, "hugetlb");
  const groups = ControlGroups.find({ files, proc: files.proc });
  const group = groups.make("a", { controllers: ["cpu", "memory"], holds: "processes" });
  t.deepEqual(group.directories, [], "there is no place for it, and nothing was made");
  t.deepEqual(files.groups(files.mountPoint), []);
});

test("a group delegated to a user holds the groups that its daemon makes", async (t) => {
  const own = "/user.slice/qosd";
  const files = tree(t, "cpu memory", { 7: ["7"] }, own);
  files.makeGroup(`${files.mountPoint}/user.slice`);
  files.write(`${files.mountPoint}/cgroup.subtree_control`, "+cpu +memory");
  files.write(`${files.mountPoint}/user.slice/cgroup.subtree_control`, "+cpu +memory");
  files.makeGroup(`${files.mountPoint}${own}`);
  const groups = ControlGroups.find({ files, proc: files.proc, at: "own" });
  const group = groups.make("peer", { controllers: ["cpu"], holds: "processes" });
  t.deepEqual(group.directories, [`${files.mountPoint}${own}/peer`]);
  await group.remove();
  t.deepEqual(files.groups(`${files.mountPoint}${own}`), []);
});

test("a group that holds processes hands memory on to none: the refusal says what to do", (t) => {
  const files = tree(t, "cpu memory", { 7: ["7"] });
  const groups = ControlGroups.find({ files, proc: files.proc });
  const group = groups.make("a", { controllers: ["cpu"], holds: "processes" });
  group.addProcess(7);
  files.write(`${files.mountPoint}/cgroup.subtree_control`, "+memory");
  const error = t.throws(
    () => groups.make("a/b", { controllers: ["memory"], holds: "processes" }),
    {
      instanceOf: ControlGroupError,
    },
  );
  t.regex(
    error?.message ?? "",
    /"\+memory" to .*subtree_control.*EBUSY.*move to a group beneath it first/,
  );
  t.deepEqual(files.groups(`${files.mountPoint}/a`), [], "what was begun is taken away");
});
