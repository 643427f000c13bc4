import { Samples } from "../samples.ts";

/** Milliseconds of sleep that are worth it; what is due sooner is done now. */
const SHORTEST_SLEEP_MS = 1;

/**
 * Work that comes at a rate, whatever becomes of what came before: each piece is timed from the instant at which it was due,
 * so that a stop of everything is not forgotten.
 */
export class Pace {
  readonly #everyMs: number;
  readonly #times: Samples = new Samples();
  readonly #starts: Samples = new Samples();
  readonly #reasons: string[] = [];
  #failed = 0;

  constructor(perSecond: number) {
    this.#everyMs = 1_000 / perSecond;
  }

  get count(): number {
    return this.#starts.count;
  }

  get failed(): number {
    return this.#failed;
  }

  /** Why pieces failed, at most a few. */
  get reasons(): readonly string[] {
    return this.#reasons;
  }

  /** Ascending. */
  get timesMs(): Float64Array {
    return this.#times.view().toSorted();
  }

  /** When each was due, by its number. */
  get startsMs(): Float64Array {
    return this.#starts.view();
  }

  /** Settled when all that came in that time is done, or has failed. */
  async run(
    forMs: number,
    stop: AbortSignal,
    piece: (number: number) => Promise<void>,
  ): Promise<void> {
    const startMs = performance.now();
    const open = new Set<Promise<void>>();
    for (let number = 0; number * this.#everyMs < forMs && !stop.aborted; number++) {
      const dueMs = startMs + number * this.#everyMs;
      const aheadMs = dueMs - performance.now();
      if (aheadMs > SHORTEST_SLEEP_MS) await new Promise((resolve) => setTimeout(resolve, aheadMs));
      this.#starts.add(dueMs);
      const done = this.#timed(dueMs, piece(number)).finally(() => open.delete(done));
      open.add(done);
    }
    await Promise.all(open);
  }

  async #timed(dueMs: number, work: Promise<void>): Promise<void> {
    try {
      await work;
      this.#times.add(performance.now() - dueMs);
    } catch (thrown) {
      this.#failed++;
      if (this.#reasons.length < 10) this.#reasons.push(String(thrown));
    }
  }
}
