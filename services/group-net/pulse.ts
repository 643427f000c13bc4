import { Worker } from "node:worker_threads";
import type { Clock, Endpoint, Logger } from "../../orb/index.ts";
import { monotonicMs, type PulseNews, type PulseOrder, type PulseStart } from "./pulse-words.ts";

export interface PulseOptions extends Pick<PulseStart, "at" | "own"> {
  readonly log: Logger;
  readonly clock: Clock;
  /** A process that was asked lives; its main thread has said nothing for so many milliseconds. */
  readonly alive: (address: string, quietMs: number) => void;
}

/** The thread keeps a socket and a few names. */
const LIMITS = { maxYoungGenerationSizeMb: 1, maxOldGenerationSizeMb: 16, stackSizeMb: 1 } as const;
const WITHOUT = "a main thread that stands still is taken for a dead one";
/** Milliseconds until a thread that ended is started again: the first time, and the most; twice as many each time. */
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 60_000;

/**
 * Tells other hosts of groups that this process lives while its main thread is busy, and asks them: by datagrams, from a
 * thread that does nothing else. Where it cannot be had, silence is all that others have to go by.
 */
export class Pulse {
  readonly #options: PulseOptions;
  readonly #beatAtMs: Int32Array = new Int32Array(
    new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT),
  );
  #worker: Worker | undefined;
  #startedAtMs = -Infinity;
  #pausedUntilMs = -Infinity;
  #pauseMs = FIRST_PAUSE_MS;
  #isOver = false;

  constructor(options: PulseOptions) {
    this.#options = options;
  }

  /** The main thread is there. This starts the thread where there is none: who is in no group with others needs none. */
  beat(): void {
    Atomics.store(this.#beatAtMs, 0, monotonicMs());
    if (this.#worker !== undefined || this.#isOver) return;
    const nowMs = this.#options.clock.nowMs();
    if (nowMs < this.#pausedUntilMs) return;
    this.#startedAtMs = nowMs;
    this.#start();
  }

  /** Asks the process at an address, once; `alive` is told if it answers. */
  ask(address: string, at: Endpoint): void {
    const order: PulseOrder = { address, at };
    this.#worker?.postMessage(order);
  }

  async close(): Promise<void> {
    this.#isOver = true;
    await this.#worker?.terminate();
  }

  #start(): void {
    const { at, own } = this.#options;
    const workerData: PulseStart = { at, own, beatAtMs: this.#beatAtMs };
    try {
      const url = new URL("./pulse-thread.js", import.meta.url);
      const worker = new Worker(url, { name: "group pulse", workerData, resourceLimits: LIMITS });
      this.#worker = worker;
      let why: unknown = "it ended by itself";
      worker.on("message", (news: PulseNews) => this.#take(news));
      worker.on("error", (error) => (why = error));
      worker.on("exit", () => this.#end(why));
      worker.unref();
    } catch (error) {
      this.#end(error);
    }
  }

  #take(news: PulseNews): void {
    if (this.#isOver) return;
    this.#options.alive(news.address, news.quietMs);
  }

  #end(why: unknown): void {
    this.#worker = undefined;
    if (this.#isOver) return;
    const { at, log, clock } = this.#options;
    const nowMs = clock.nowMs();
    if (nowMs - this.#startedAtMs >= LONGEST_PAUSE_MS) this.#pauseMs = FIRST_PAUSE_MS;
    const againMs = this.#pauseMs;
    this.#pausedUntilMs = nowMs + againMs;
    this.#pauseMs = Math.min(2 * againMs, LONGEST_PAUSE_MS);
    log.warn(`the pulse of groups ended, and is started again: until then ${WITHOUT}`, {
      ...at,
      why,
      againMs,
    });
  }
}
