import { closeSync, openSync, readSync } from "node:fs";
import { performance } from "node:perf_hooks";

/** What Linux keeps of the thread that reads it: nanoseconds on a processor, nanoseconds ready and without one, slices. */
const SCHEDSTAT = "/proc/thread-self/schedstat";
const MOST_OCTETS = 128;
const NS_PER_S = 1e9;

/** Seconds of one thread. */
export interface ProcessorTime {
  readonly usedS: number;
  /** Ready to run, while something else had the processor. */
  readonly waitedS: number;
}

/** Tells how busy the calling thread was since it was last asked. */
export class Utilization {
  readonly #file: number | undefined = open();
  readonly #octets = Buffer.alloc(MOST_OCTETS);
  #usedS = 0;
  #waitedS = 0;
  #atMs = performance.now();
  #loop = performance.eventLoopUtilization();

  constructor() {
    this.take();
  }

  /** @returns the share of the time that the thread was at work, 0 to 1; time is undefined where the system does not tell */
  take(): { readonly share: number; readonly time: ProcessorTime | undefined } {
    const total = this.#read();
    const nowMs = performance.now();
    const passedS = (nowMs - this.#atMs) / 1_000;
    this.#atMs = nowMs;
    if (total === undefined) {
      const now = performance.eventLoopUtilization();
      const { utilization } = performance.eventLoopUtilization(now, this.#loop);
      this.#loop = now;
      return { share: utilization, time: undefined };
    }
    const time = { usedS: total.usedS - this.#usedS, waitedS: total.waitedS - this.#waitedS };
    this.#usedS = total.usedS;
    this.#waitedS = total.waitedS;
    return { share: passedS > 0 ? Math.min(1, time.usedS / passedS) : 0, time };
  }

  close(): void {
    if (this.#file !== undefined) closeSync(this.#file);
  }

  #read(): ProcessorTime | undefined {
    if (this.#file === undefined) return undefined;
    const length = readSync(this.#file, this.#octets, 0, MOST_OCTETS, 0);
    const text = this.#octets.toString("latin1", 0, length);
    const [used = NaN, waited = NaN] = text.split(" ").map(Number);
    return Number.isFinite(used) && Number.isFinite(waited)
      ? { usedS: used / NS_PER_S, waitedS: waited / NS_PER_S }
      : undefined;
  }
}

/** The file is the opening thread's for good. */
function open(): number | undefined {
  try {
    return openSync(SCHEDSTAT, "r");
  } catch {
    return undefined;
  }
}
