import * as Metro from "../../../examples/metro/gen/Metro.ts";

/** What came of the events: which were never heard, heard as two different alarms, and after how long the others. */
export interface Heard {
  readonly lost: number;
  readonly twice: number;
  /** Ascending, in milliseconds. */
  readonly timesMs: Float64Array;
}

/**
 * Who watches. Each replica tells of each alarm, so that none is missed when one dies: it is the alarm's number that
 * tells one from another.
 */
export class AlarmEars extends Metro.AlarmListenerSkeleton {
  /** By number of the event: when it was first heard, and the number that the station gave the alarm. */
  readonly #arrived: Map<number, { readonly atMs: number; readonly alarm: number }> = new Map();
  #twice = 0;
  #wake: (() => void) | undefined;

  override raised(what: Metro.AlarmEvent): void {
    if (what.cause.$d !== "track") return;
    const event = Number(what.cause.train.train);
    const known = this.#arrived.get(event);
    if (known !== undefined) {
      // The same event as another alarm: the report was executed once more.
      if (known.alarm !== what.number) this.#twice++;
      return;
    }
    this.#arrived.set(event, { atMs: performance.now(), alarm: what.number });
    this.#wake?.();
  }

  override over(): void {
    // A replica has ended, and the others go on.
  }

  /** Settled when that many events were heard, or after so long. */
  async until(count: number, forMs: number): Promise<void> {
    if (this.#arrived.size >= count) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, forMs);
      this.#wake = () => {
        if (this.#arrived.size < count) return;
        clearTimeout(timer);
        resolve();
      };
    });
  }

  /** @param startsMs when each event was due, by its number */
  tally(startsMs: Float64Array): Heard {
    const times: number[] = [];
    for (const [event, startMs] of startsMs.entries()) {
      const arrival = this.#arrived.get(event);
      if (arrival !== undefined) times.push(arrival.atMs - startMs);
    }
    return {
      lost: startsMs.length - times.length,
      twice: this.#twice,
      timesMs: Float64Array.from(times).toSorted(),
    };
  }
}
