import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import {
  BorrowedSettings,
  ControlGroups,
  keepGroupsOff,
  keepInterruptsOff,
  readCoreList,
} from "../../../native/index.ts";
import { FakeSettings } from "./fake-settings.ts";

async function borrow(t: ExecutionContext, files: FakeSettings): Promise<BorrowedSettings> {
  const folder = await mkdtemp(join(tmpdir(), "orbweaver-settings-"));
  t.teardown(() => rm(folder, { recursive: true }));
  return BorrowedSettings.open(join(folder, "settings.json"), files).settings;
}

const CLEAR = { cores: [2, 3], others: [0, 1] };
const WORK = "/sys/devices/virtual/workqueue/cpumask";

function affinity(irq: number): string {
  return `/proc/irq/${irq}/smp_affinity_list`;
}

/** A machine of four cores. */
const MACHINE = {
  "/proc/irq/default_smp_affinity": "f",
  [affinity(1)]: "0-3",
  [affinity(2)]: "2",
  "/proc/irq/2/eth0-rx/spurious": "",
  [affinity(3)]: "0",
  [affinity(9)]: "0-3",
  "/proc/irq/9/effective_affinity_list": "3",
  "/proc/irq/9/nvme0q4/spurious": "",
  [affinity(10)]: "0-3",
  "/proc/irq/10/effective_affinity_list": "1",
  [WORK]: "0000000f",
};

test("interrupts and the kernel's work leave the cores; what a driver keeps there is told", async (t) => {
  const files = new FakeSettings(MACHINE, (path) =>
    path === affinity(9) || path === affinity(10) ? "EPERM" : undefined,
  );
  const settings = await borrow(t, files);
  t.deepEqual(keepInterruptsOff(settings, CLEAR), {
    changed: 4,
    left: [
      {
        what: "interrupt 9 (nvme0q4)",
        reason: `its driver keeps it on 3: EPERM: ${affinity(9)}`,
      },
    ],
  });
  t.is(files.texts.get(affinity(1)), "0-1");
  t.is(files.texts.get(affinity(2)), "0-1", "it had no other core");
  t.is(files.texts.get(affinity(3)), "0");
  t.is(files.texts.get("/proc/irq/default_smp_affinity"), "3");
  t.is(files.texts.get(WORK), "3");
  settings.close();
  t.deepEqual(Object.fromEntries(files.texts), MACHINE, "all as before");
});

test("a machine that tells nothing of interrupts", async (t) => {
  const settings = await borrow(t, new FakeSettings({}));
  t.deepEqual(keepInterruptsOff(settings, CLEAR), { changed: 0, left: [] });
});

const CPUSET = "/sys/fs/cgroup/cpuset";
const VERSION_1 = {
  "/proc/self/mountinfo": `31 25 0:27 / ${CPUSET} rw - cgroup cgroup rw,cpuset`,
  "/proc/self/cgroup": "3:cpuset:/",
  [`${CPUSET}/cpuset.cpus`]: "0-3",
  [`${CPUSET}/docker/cpuset.cpus`]: "0-3",
  [`${CPUSET}/docker/a/cpuset.cpus`]: "1-2",
  [`${CPUSET}/docker/b/cpuset.cpus`]: "3",
  [`${CPUSET}/empty/cpuset.cpus`]: "",
  [`${CPUSET}/orbweaver/cpuset.cpus`]: "0-3",
};

/** Version 1 keeps a group's cores within those of the group above, as it is written to either. */
function kernelRefuses(
  files: () => FakeSettings,
): (path: string, text: string) => string | undefined {
  return (path, text) => {
    const cores = (each: string = ""): readonly number[] => readCoreList(each);
    const directory = path.slice(0, path.lastIndexOf("/"));
    const above = files().texts.get(
      `${directory.slice(0, directory.lastIndexOf("/"))}/cpuset.cpus`,
    );
    if (cores(text).some((core) => !cores(above).includes(core))) return "EACCES";
    const beneath = files()
      .groups(directory)
      .flatMap((name) => cores(files().texts.get(`${directory}/${name}/cpuset.cpus`)));
    return beneath.some((core) => !cores(text).includes(core)) ? "EBUSY" : undefined;
  };
}

/** Found by the lists of the kernel that exist only here. */
function groupsOf(files: FakeSettings): ControlGroups {
  const none = (): void => undefined;
  return ControlGroups.find({
    files: {
      exists: (path) => files.exists(path),
      groups: (path) => files.groups(path),
      read: (path) => files.read(path),
      write: none,
      makeGroup: none,
      removeGroup: none,
    },
  });
}

test("version 1: groups of others give the cores up, from the leaves, and have them back from the root", async (t) => {
  const files: FakeSettings = new FakeSettings(
    VERSION_1,
    kernelRefuses(() => files),
  );
  const settings = await borrow(t, files);
  const groups = groupsOf(files);
  t.deepEqual(keepGroupsOff(settings, groups, "orbweaver", [2]), { changed: 2, left: [] });
  t.is(files.texts.get(`${CPUSET}/docker/cpuset.cpus`), "0-1,3");
  t.is(files.texts.get(`${CPUSET}/docker/a/cpuset.cpus`), "1");
  t.is(files.texts.get(`${CPUSET}/orbweaver/cpuset.cpus`), "0-3", "ours is left");
  t.deepEqual(settings.close(), []);
  t.deepEqual(Object.fromEntries(files.texts), VERSION_1);
});

test("version 1: a group that would have no core left keeps them, and so does the one above it", async (t) => {
  const files: FakeSettings = new FakeSettings(
    VERSION_1,
    kernelRefuses(() => files),
  );
  const settings = await borrow(t, files);
  const groups = groupsOf(files);
  t.deepEqual(keepGroupsOff(settings, groups, "orbweaver", [3]), {
    changed: 0,
    left: [
      { what: `group ${CPUSET}/docker/b`, reason: "it has no other core" },
      { what: `group ${CPUSET}/docker`, reason: "a group beneath it needs them (EBUSY)" },
    ],
  });
});
