import { existsSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import test, { type ExecutionContext } from "ava";
import {
  AwakeCores,
  BorrowedSettings,
  processSettings,
  wakeUpFile,
} from "../../../native/index.ts";
import { FakeSettings } from "./fake-settings.ts";

const BOOT = "/proc/sys/kernel/random/boot_id";
const DRIVER = "/sys/devices/system/cpu/cpuidle/current_driver";

/** Two cores that may sleep, and one that may take 20 µs to wake up. */
const MACHINE = {
  [BOOT]: "first",
  [DRIVER]: "haltpoll",
  [wakeUpFile(0)]: "0",
  [wakeUpFile(1)]: "0",
  [wakeUpFile(2)]: "20",
};

/** A state file in a folder that is not there yet. */
async function stateFile(t: ExecutionContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "orbweaver-settings-"));
  t.teardown(() => rm(folder, { recursive: true }));
  return join(folder, "run", "settings.json");
}

function awake(files: FakeSettings, file: string): AwakeCores {
  return new AwakeCores(BorrowedSettings.open(file, files).settings);
}

test("cores are kept awake, and let go to what stood there", async (t) => {
  const files = new FakeSettings(MACHINE);
  const file = await stateFile(t);
  const cores = awake(files, file);
  t.deepEqual(cores.keep([1, 2]), []);
  t.deepEqual(cores.cores, [1, 2]);
  t.is(files.texts.get(wakeUpFile(0)), "0", "others are untouched");
  t.is(files.texts.get(wakeUpFile(1)), "n/a");
  t.is(files.texts.get(wakeUpFile(2)), "n/a");
  cores.keep([1]);
  t.is(files.texts.get(wakeUpFile(2)), "20");
  cores.keep([]);
  t.is(files.texts.get(wakeUpFile(1)), "0");
  t.deepEqual(cores.cores, []);
  t.false(existsSync(file), "nothing is left to remember");
});

test("what a killed process left is given back by the next, and what was there before it is known still", async (t) => {
  const files = new FakeSettings(MACHINE);
  const file = await stateFile(t);
  awake(files, file).keep([1, 2]);
  // Killed: nobody closed it.
  const { settings, restored } = BorrowedSettings.open(file, files);
  t.is(restored, 2);
  t.is(files.texts.get(wakeUpFile(1)), "0");
  t.is(files.texts.get(wakeUpFile(2)), "20");
  t.deepEqual(settings.paths, []);
  t.false(existsSync(file));
});

test("a core that somebody else keeps awake is left to them", async (t) => {
  const files = new FakeSettings({ ...MACHINE, [wakeUpFile(1)]: "n/a" });
  const cores = awake(files, await stateFile(t));
  t.deepEqual(cores.keep([1]), []);
  t.deepEqual(cores.cores, [1]);
  cores.keep([]);
  t.is(files.texts.get(wakeUpFile(1)), "n/a");
});

test("what somebody else changed since is not put back", async (t) => {
  const files = new FakeSettings(MACHINE);
  const file = await stateFile(t);
  const cores = awake(files, file);
  cores.keep([1, 2]);
  files.texts.set(wakeUpFile(2), "7");
  cores.keep([]);
  t.is(files.texts.get(wakeUpFile(1)), "0");
  t.is(files.texts.get(wakeUpFile(2)), "7");
  t.false(existsSync(file));
});

test("after a start of the machine nothing is put back: nothing is as it was", async (t) => {
  const files = new FakeSettings(MACHINE);
  const file = await stateFile(t);
  awake(files, file).keep([2]);
  files.texts.set(BOOT, "second");
  t.is(BorrowedSettings.open(file, files).restored, 0);
  t.is(files.texts.get(wakeUpFile(2)), "n/a");
});

test("a state file that was cut short is none", async (t) => {
  const files = new FakeSettings(MACHINE);
  const file = await stateFile(t);
  awake(files, file).keep([2]);
  writeFileSync(file, readFileSync(file, "utf8").slice(0, 20));
  t.is(BorrowedSettings.open(file, files).restored, 0);
});

test("a core that was taken out needs nothing put back", async (t) => {
  const files = new FakeSettings(MACHINE);
  const file = await stateFile(t);
  awake(files, file).keep([1, 2]);
  files.texts.delete(wakeUpFile(2));
  t.is(BorrowedSettings.open(file, files).restored, 2);
  t.is(files.texts.get(wakeUpFile(1)), "0");
});

test("without the right nothing is changed or remembered, and the reason has the command", async (t) => {
  const files = new FakeSettings(MACHINE, (path) =>
    path === wakeUpFile(1) ? "EACCES" : undefined,
  );
  const file = await stateFile(t);
  const cores = awake(files, file);
  t.deepEqual(cores.keep([1]), [
    {
      core: 1,
      reason: `EACCES: ${wakeUpFile(1)}; by hand: echo n/a | sudo tee ${wakeUpFile(1)}`,
    },
  ]);
  t.deepEqual(cores.cores, []);
  t.false(existsSync(file));
});

test("a setting that cannot be given back stays in the state file for the next", async (t) => {
  let isStuck = false;
  const files = new FakeSettings(MACHINE, () => (isStuck ? "EPERM" : undefined));
  const file = await stateFile(t);
  const { settings } = BorrowedSettings.open(file, files);
  new AwakeCores(settings).keep([2]);
  isStuck = true;
  t.deepEqual(settings.close(), [wakeUpFile(2)]);
  isStuck = false;
  t.is(BorrowedSettings.open(file, files).restored, 1);
  t.is(files.texts.get(wakeUpFile(2)), "20");
});

test("a kernel without the file, and one where nobody looks at it", async (t) => {
  const files = new FakeSettings({ ...MACHINE, [DRIVER]: "none" });
  files.texts.delete(wakeUpFile(2));
  const cores = awake(files, await stateFile(t));
  const reasons = cores.keep([1, 2]).map(({ core, reason }) => `${core}: ${reason}`);
  t.deepEqual(reasons, [
    "1: this kernel has no cpuidle driver; idle=poll on its command line helps",
    `2: this kernel has no ${wakeUpFile(2)}; /dev/cpu_dma_latency may be there`,
  ]);
});

test("processes with settings of their own leave each other alone, until one is killed", async (t) => {
  const files = new FakeSettings({ ...MACHINE, [`/proc/${process.pid}/status`]: "" });
  const folder = dirname(await stateFile(t));
  new AwakeCores(processSettings(folder, files)).keep([1]);
  const second = new AwakeCores(processSettings(folder, files));
  second.keep([2]);
  t.is(files.texts.get(wakeUpFile(1)), "n/a");
  t.is(files.texts.get(wakeUpFile(2)), "n/a");
  // As if the first were another process, and killed.
  const [first = ""] = readdirSync(folder).filter((name) =>
    readFileSync(join(folder, name), "utf8").includes("cpu1"),
  );
  renameSync(join(folder, first), join(folder, first.replace(`${process.pid}`, "4194305")));
  processSettings(folder, files);
  t.is(files.texts.get(wakeUpFile(1)), "0");
  t.is(files.texts.get(wakeUpFile(2)), "n/a");
  second.keep([]);
  t.is(files.texts.get(wakeUpFile(2)), "20");
  t.deepEqual(readdirSync(folder), []);
});
