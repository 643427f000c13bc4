import { Worker } from "node:worker_threads";
import type { LaneStart } from "./lane-messages.ts";

/** What a thread is given, and what each peer beyond the first adds: it keeps a few links, and what is on its way. */
const YOUNG_MB = 2;
const OLD_MB = 64;
const OLD_MB_FOR_EACH = 4;
const STACK_MB = 1;

/** A peer whose heartbeats go by the thread. */
interface Guest {
  readonly worker: Worker;
  readonly died: (why: unknown) => void;
}

/**
 * The thread that heartbeats are sent and answered by. A peer has one of its own, unless several peers of a process are given
 * the same: then they share it, and its fate. It runs while there are peers.
 */
export class HeartbeatThread {
  readonly #peers: number;
  readonly #guests: Set<Guest> = new Set();
  #worker: Worker | undefined;

  /** @param peers how many will share it, at most: its memory is for those */
  constructor(peers: number = 1) {
    this.#peers = peers;
  }

  /**
   * Starts a peer's heartbeats there; how that went comes through the port of `start`.
   * @param died called when the thread ends and the peer has not left it
   * @returns leaves; the last one ends the thread
   */
  enter(start: LaneStart, died: (why: unknown) => void): () => Promise<void> {
    this.#worker ??= this.#spawn();
    const worker = this.#worker;
    const guest: Guest = { worker, died };
    this.#guests.add(guest);
    worker.postMessage(start, [start.port]);
    return async () => {
      this.#guests.delete(guest);
      if ([...this.#guests].some((other) => other.worker === worker)) return;
      if (this.#worker === worker) this.#worker = undefined;
      await worker.terminate();
    };
  }

  #spawn(): Worker {
    const worker = new Worker(new URL("./beat-main.js", import.meta.url), {
      name: "p3 heartbeats",
      resourceLimits: {
        maxYoungGenerationSizeMb: YOUNG_MB,
        maxOldGenerationSizeMb: OLD_MB + (this.#peers - 1) * OLD_MB_FOR_EACH,
        stackSizeMb: STACK_MB,
      },
    });
    let why: unknown = "it ended by itself";
    worker.on("error", (error) => (why = error));
    worker.on("exit", () => {
      if (this.#worker === worker) this.#worker = undefined;
      for (const guest of this.#guests)
        if (guest.worker === worker) {
          this.#guests.delete(guest);
          guest.died(why);
        }
    });
    return worker;
  }
}
