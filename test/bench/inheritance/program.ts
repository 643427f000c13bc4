/**
 * The experiment, in a process of its own: KIND RUNS prints the runs as JSON, or the refusal of the system.
 * The conductor wakes low, then high, then middle; each as soon as the one before is where it should be.
 */
import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { loadNative, nativeFault, NativeError } from "../../../native/index.ts";
import type { NativeAddon } from "../../../native/index.ts";
import { MOST_MS, NUMBER, PRIORITY, WORD } from "./roles.ts";
import type { Casting, Kind, Role, Run, Shared } from "./roles.ts";

const ROLES: readonly Role[] = ["low", "middle", "high"];

interface Player {
  readonly role: Role;
  readonly worker: Worker;
  readonly threadId: number;
}

async function cast(shared: Shared, kind: Kind, core: number, role: Role): Promise<Player> {
  const workerData: Casting = { ...shared, role, kind, core };
  const worker = new Worker(new URL("thread.js", import.meta.url), { workerData });
  const [threadId] = (await once(worker, "message")) as [number];
  return { role, worker, threadId };
}

/** Waits until `isSo`, without the event loop: the thread is above the others and must sleep. */
function until(isSo: () => boolean): void {
  const spare = new Int32Array(new SharedArrayBuffer(4));
  const most = performance.now() + MOST_MS;
  while (!isSo()) {
    if (performance.now() > most) throw new Error("the experiment stands still");
    Atomics.wait(spare, 0, 0, 0.2);
  }
}

async function run(kind: Kind, core: number): Promise<Run> {
  const words = new Int32Array(new SharedArrayBuffer(64));
  const numbers = new Float64Array(new SharedArrayBuffer(64));
  const players = await Promise.all(
    ROLES.map((role) => cast({ words, numbers }, kind, core, role)),
  );
  const ended = players.map(({ worker }) => once(worker, "exit"));
  const low = players.find(({ role }) => role === "low")?.threadId ?? 1;
  const wake = (role: Role): void => {
    Atomics.store(words, WORD.go[role], low);
    Atomics.notify(words, WORD.go[role]);
  };
  wake("low");
  until(() => Atomics.load(words, WORD.isHeld) === 1);
  wake("high");
  const free = Atomics.load(words, WORD.mutex);
  until(() => Atomics.load(words, WORD.mutex) !== free || numbers[NUMBER.waitedMs] !== 0);
  wake("middle");
  await Promise.all(ended);
  const [spentMs = 0, waitedMs = 0, lowAtStartMs = 0] = numbers;
  return { kind, waitedMs, restMs: spentMs - lowAtStartMs };
}

async function main(kind: Kind, runs: number, { scheduler }: NativeAddon): Promise<readonly Run[]> {
  const mine = scheduler.threadId();
  const core = scheduler.affinity(mine).at(-1) ?? 0;
  scheduler.setScheduling(mine, { policy: "fifo", priority: PRIORITY.conductor });
  const done: Run[] = [];
  while (done.length < runs) done.push(await run(kind, core));
  return done;
}

const [kind = "inheriting", runs = "1"] = process.argv.slice(2);
const addon = loadNative();
if (addon === undefined) throw new Error(nativeFault());
try {
  process.stdout.write(JSON.stringify(await main(kind as Kind, Number(runs), addon)));
} catch (error) {
  if (!(error instanceof NativeError)) throw error;
  process.stdout.write(JSON.stringify({ refused: error.message }));
}
