/** One of the three threads on one core: low holds the mutex, high wants it, middle burns. */
import { parentPort, workerData } from "node:worker_threads";
import { loadNative, plainMutexes } from "../../../native/index.ts";
import { MIDDLE_MS, MOST_MS, NUMBER, PRIORITY, SECTION_MS, WORD } from "./roles.ts";
import type { Casting } from "./roles.ts";

const NS_PER_MS = 1_000_000;

function play({ role, kind, core, words, numbers }: Casting): void {
  const addon = loadNative();
  if (addon === undefined) throw new Error("no addon");
  const { scheduler, burner } = addon;
  const mutexes = kind === "plain" ? plainMutexes(() => undefined, "asked for") : addon.mutexes;
  const mine = scheduler.threadId();
  // Code that runs for the first time is compiled: not while it is measured.
  const spare = new Int32Array(new SharedArrayBuffer(4));
  for (let i = 0; i < 100; i++) {
    mutexes.lock(spare, 0);
    burner.spend(0.01, 1);
    mutexes.unlock(spare, 0);
    scheduler.cpuTimeNs(mine);
    performance.now();
  }
  scheduler.setAffinity(mine, [core]);
  scheduler.setScheduling(mine, { policy: "fifo", priority: PRIORITY[role] });
  parentPort?.postMessage(mine);
  Atomics.wait(words, WORD.go[role], 0, 10_000);
  switch (role) {
    case "low":
      mutexes.lock(words, WORD.mutex);
      Atomics.store(words, WORD.isHeld, 1);
      Atomics.notify(words, WORD.isHeld);
      burner.spend(SECTION_MS, MOST_MS);
      numbers[NUMBER.spentMs] = scheduler.cpuTimeNs(mine) / NS_PER_MS;
      mutexes.unlock(words, WORD.mutex);
      break;
    case "middle":
      burner.spend(MIDDLE_MS, MOST_MS);
      break;
    case "high": {
      const low = Atomics.load(words, WORD.go.low);
      numbers[NUMBER.lowAtStartMs] = scheduler.cpuTimeNs(low) / NS_PER_MS;
      const begun = performance.now();
      mutexes.lock(words, WORD.mutex);
      numbers[NUMBER.waitedMs] = performance.now() - begun;
      mutexes.unlock(words, WORD.mutex);
      break;
    }
  }
  scheduler.setScheduling(mine, { policy: "other", nice: 0 });
}

if (parentPort !== null) play(workerData as Casting);
