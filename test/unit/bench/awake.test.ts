import { EventEmitter } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { BorrowedSettings, wakeUpFile } from "../../../native/index.ts";
import { type Ending, keepAwake } from "../../bench/awake.ts";
import { FakeSettings } from "../native-settings/fake-settings.ts";

const MACHINE = {
  "/proc/sys/kernel/random/boot_id": "first",
  "/sys/devices/system/cpu/cpuidle/current_driver": "haltpoll",
  [wakeUpFile(0)]: "0",
  [wakeUpFile(1)]: "20",
};

/** A process that only says that it was to end. */
class FakeProcess extends EventEmitter {
  readonly pid = 7;
  readonly killed: unknown[] = [];

  kill(...args: unknown[]): true {
    this.killed.push(args);
    return true;
  }
}

async function start(
  t: ExecutionContext,
  files: FakeSettings,
): Promise<{ awake: ReturnType<typeof keepAwake>; ending: FakeProcess; file: string }> {
  const folder = await mkdtemp(join(tmpdir(), "orbweaver-awake-"));
  t.teardown(() => rm(folder, { recursive: true }));
  const file = join(folder, "settings.json");
  const { settings } = BorrowedSettings.open(file, files);
  const ending = new FakeProcess();
  const awake = keepAwake({ settings, cores: [0, 1], ending: ending as unknown as Ending });
  return { awake, ending, file };
}

const standing = ({ texts }: FakeSettings): readonly (string | undefined)[] =>
  [0, 1].map((core) => texts.get(wakeUpFile(core)));

test("cores are awake until the bench is done with them, and then nobody listens any more", async (t) => {
  const files = new FakeSettings(MACHINE);
  const { awake, ending, file } = await start(t, files);
  t.is(awake.text, "all cores awake");
  t.is(awake.advice, undefined);
  t.deepEqual(standing(files), ["n/a", "n/a"]);
  awake[Symbol.dispose]();
  t.deepEqual(standing(files), ["0", "20"]);
  t.false(existsSync(file));
  t.deepEqual(ending.eventNames(), []);
});

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"])
  test(`${signal} gives the cores back before it ends the bench`, async (t) => {
    const files = new FakeSettings(MACHINE);
    const { ending } = await start(t, files);
    ending.emit(signal, signal);
    t.deepEqual(standing(files), ["0", "20"]);
    t.deepEqual(ending.killed, [[7, signal]]);
    t.deepEqual(ending.eventNames(), [], "the signal has its usual effect again");
  });

test("an error that nobody catches gives the cores back", async (t) => {
  const files = new FakeSettings(MACHINE);
  const { ending } = await start(t, files);
  ending.emit("exit", 1);
  t.deepEqual(standing(files), ["0", "20"]);
});

test("who lacks the right is told which cores sleep, and what helps", async (t) => {
  const all = await start(t, new FakeSettings(MACHINE, () => "EACCES"));
  t.is(all.awake.text, "2 of 2 cores asleep while idle");
  t.regex(all.awake.advice ?? "", /EACCES.*echo n\/a \| sudo tee .*cpu0.*as for core 1$/);
  const one = await start(
    t,
    new FakeSettings(MACHINE, (path) => (path === wakeUpFile(1) ? "EACCES" : undefined)),
  );
  t.is(one.awake.text, "1 of 2 cores asleep while idle");
});
