import * as Metro from "./gen/Metro.ts";
import { CONTRACTED_MS } from "./watchers.ts";

/** An alarm and the moment it came, in monotonic milliseconds. */
export interface Arrival {
  readonly what: Metro.AlarmEvent;
  readonly atMs: number;
}

/** The callback object: keeps alarms until somebody takes them. */
export class Listener extends Metro.AlarmListenerSkeleton {
  readonly #arrived: Arrival[] = [];
  #wake: (() => void) | undefined;

  override raised(what: Metro.AlarmEvent): void {
    this.#arrived.push({ what, atMs: performance.now() });
    this.#wake?.();
  }

  override over(reason: string): void {
    process.stdout.write(`  no more alarms: ${reason}\n`);
  }

  /** The next alarm nobody took; throws when none comes in the time contracted. */
  async next(): Promise<Arrival> {
    const arrival = this.#arrived.shift();
    if (arrival !== undefined) return arrival;
    await new Promise<void>((resolve, reject) => {
      // A timer of its own: it keeps the process here while nothing but the callback is expected.
      const timer = setTimeout(() => {
        reject(new RangeError(`no alarm arrived within the contracted ${CONTRACTED_MS} ms`));
      }, CONTRACTED_MS);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.#wake = undefined;
    return this.next();
  }
}
