import { once } from "node:events";
import { Worker } from "node:worker_threads";
import test from "ava";
import { loadNative, nativeFault } from "../../../native/index.ts";
import type { LoadSpec, NativeAddon } from "../../../native/index.ts";
import { eventually } from "../../support/process.ts";
import { inChild, mayGrant } from "./child.ts";

function addon(): NativeAddon {
  const loaded = loadNative();
  if (loaded === undefined) throw new Error(nativeFault());
  return loaded;
}

const LOAD: LoadSpec = { priority: 0, duty: 0.3, sliceMs: 5, seconds: 60, cores: [undefined] };

/** The threads of this process that load cores. */
function loading(): number {
  return addon()
    .scheduler.threads()
    .filter(({ name }) => name === "orbweaver-load").length;
}

test.serial("threads load cores until they are stopped", async (t) => {
  const core = addon().scheduler.affinity(addon().scheduler.threadId())[0] ?? 0;
  const burning = addon().burner.start({ ...LOAD, cores: [core, undefined] });
  t.is(loading(), 2);
  const [first] = addon()
    .scheduler.threads()
    .filter(({ name }) => name === "orbweaver-load");
  const mine = first?.id ?? 0;
  // They get on by themselves: only the processor time that they spend says how far they are.
  await eventually("30 ms are spent", () => addon().scheduler.cpuTimeNs(mine) >= 30_000_000);
  const begun = performance.now();
  const shares = burning.stop();
  t.true(performance.now() - begun < 5_000);
  t.is(shares.length, 2);
  // Others may take the core, but nothing gives more than the duty; a slice may just have begun.
  for (const share of shares) t.true(share > 0 && share < 0.45, `share ${share}`);
  t.is(loading(), 0);
  t.throws(() => burning.stop(), { code: "ESRCH" });
});

test.serial("they end by themselves", async (t) => {
  const burning = addon().burner.start({ ...LOAD, seconds: 0.05 });
  await eventually("no thread loads a core", () => loading() === 0);
  t.is(burning.stop().length, 1);
});

test.serial("they end with the worker that started them", async (t) => {
  const program = `const { loadNative } = await import(${JSON.stringify(new URL("../../../native/index.js", import.meta.url).href)});
    const { parentPort } = await import("node:worker_threads");
    loadNative().burner.start(${JSON.stringify({ ...LOAD, cores: [0, 0] })});
    parentPort.postMessage("started");
    await new Promise(() => setTimeout(() => undefined, 60_000));`;
  const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(program)}`));
  await once(worker, "message");
  t.is(loading(), 2);
  await worker.terminate();
  t.is(loading(), 0);
});

test.serial(
  "what a load may not be is a RangeError, and what the system refuses leaves no thread",
  (t) => {
    const wrong: readonly (readonly [Partial<LoadSpec>, string])[] = [
      [{ duty: 0.96 }, "duty 0.96: 0.001 to 0.95 are allowed"],
      [{ duty: Number.NaN }, "duty NaN: 0.001 to 0.95 are allowed"],
      [{ priority: 99 }, "priority 99: 0 to 98 are allowed"],
      [{ sliceMs: 51 }, "sliceMs 51: 0.001 to 50 are allowed"],
      [{ seconds: 601 }, "seconds 601: 0.001 to 600 are allowed"],
    ];
    for (const [change, message] of wrong)
      t.throws(() => addon().burner.start({ ...LOAD, ...change }), {
        instanceOf: RangeError,
        message,
      });
    for (const cores of [[], [-2], [5_000], [1_000]])
      t.throws(() => addon().burner.start({ ...LOAD, cores }), { code: "EINVAL" });
    t.is(loading(), 0);
  },
);

test("a real-time load needs the right, and has it or says so", async (t) => {
  const load = { ...LOAD, priority: 48, seconds: 10, cores: [null] };
  const { error } = await inChild("load", load, "ordinary");
  t.is(error?.code, "EPERM");
  t.regex(
    error?.message ?? "",
    /^a new thread is not scheduled FIFO priority 48: sched_setattr says EPERM; CAP_SYS_NICE or an RLIMIT_RTPRIO of 48 is missing; /,
  );
  if (mayGrant("sys_nice")) {
    const { value } = await inChild("load", load, { capability: "sys_nice" });
    t.deepEqual(value, [{ policy: "fifo", priority: 48 }]);
  }
});

test("processor time is spent, and no more time than was given", (t) => {
  const { burner, scheduler } = addon();
  const before = scheduler.cpuTimeNs(scheduler.threadId());
  t.true(burner.spend(10, 60_000) >= 10);
  t.true(scheduler.cpuTimeNs(scheduler.threadId()) - before >= 10_000_000);
  const begun = performance.now();
  t.true(burner.spend(60_000, 20) <= 21);
  t.true(performance.now() - begun >= 20);
  t.throws(() => burner.spend(-1, 1), { code: "EINVAL" });
});
