import type * as Metro from "./gen/Metro.ts";

/** Milliseconds in which an alarm must be with whoever watches, as contracted. */
export const CONTRACTED_MS = 2_000;
/** Alarms that may wait for one listener; it is too slow to be of use when there are more. */
const WAITING = 1_000;

const LEVELS: readonly Metro.Traffic[] = ["normal", "critical", "alarm"];

interface Watcher {
  readonly listener: Metro.AlarmListener;
  readonly least: Metro.Traffic;
  readonly waiting: Metro.AlarmEvent[];
  isDelivering: boolean;
}

/**
 * Those who want alarms. Each gets its own in order, one after the other; one that fails or is too
 * slow is dropped, and the others do not notice.
 */
export class Watchers {
  readonly #log: (line: string) => void;
  readonly #watchers: Map<number, Watcher> = new Map();
  #count = 0;

  constructor(log: (line: string) => void) {
    this.#log = log;
  }

  add(listener: Metro.AlarmListener, least: Metro.Traffic): number {
    this.#watchers.set(++this.#count, { listener, least, waiting: [], isDelivering: false });
    return this.#count;
  }

  remove(number: number): void {
    this.#watchers.delete(number);
  }

  tell(what: Metro.AlarmEvent): void {
    for (const [number, watcher] of this.#watchers) {
      if (LEVELS.indexOf(what.level) < LEVELS.indexOf(watcher.least)) continue;
      if (watcher.waiting.length >= WAITING) {
        this.#drop(number, `${WAITING} alarms wait for it`);
        continue;
      }
      watcher.waiting.push(what);
      // #deliver catches what its calls throw.
      if (!watcher.isDelivering) void this.#deliver(number, watcher);
    }
  }

  async #deliver(number: number, watcher: Watcher): Promise<void> {
    watcher.isDelivering = true;
    try {
      for (let what = watcher.waiting.shift(); what !== undefined; what = watcher.waiting.shift()) {
        if (!this.#watchers.has(number)) return;
        await watcher.listener.raised(what, { timeoutMs: CONTRACTED_MS });
      }
    } catch (thrown) {
      this.#drop(number, thrown instanceof Error ? thrown.message : String(thrown));
    } finally {
      watcher.isDelivering = false;
    }
  }

  #drop(number: number, why: string): void {
    this.#watchers.delete(number);
    this.#log(`watcher ${number} is dropped: ${why}`);
  }

  /** Tells all that nothing more will come. */
  async close(reason: string): Promise<void> {
    const all = [...this.#watchers.values()];
    this.#watchers.clear();
    await Promise.allSettled(all.map(({ listener }) => listener.over(reason)));
  }
}
