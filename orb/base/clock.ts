/** A timer of a {@link Clock}; fires once. */
export interface Timer {
  /** After this the timer does not fire; harmless when it has. */
  cancel(): void;
  /** The process stays alive for this timer (the state a new timer is in). */
  ref(): void;
  /** The process may end before this timer fires. */
  unref(): void;
}

/** Monotonic time, and that of the wall. The only door to clocks inside the ORB. */
export interface Clock {
  /** Monotonic milliseconds with a fraction; the origin is arbitrary. */
  nowMs(): number;
  /** What the clock on the wall says: milliseconds since 1970, UTC; it may jump. For instants agreed with others alone. */
  wallMs(): number;
  /** Calls `fire` once, `delayMs` or a little more from now, never synchronously. */
  timer(delayMs: number, fire: () => void): Timer;
}

/** Longest delay `setTimeout` takes, 31 bits of milliseconds; a longer one would fire at once. */
export const LONGEST_DELAY_MS: number = 2_147_483_647;

class SystemTimer implements Timer {
  readonly #fire: () => void;
  /** When a delay beyond the longest ends. */
  readonly #atMs: number;
  #handle: NodeJS.Timeout;
  #referenced = true;

  constructor(delayMs: number, fire: () => void) {
    this.#fire = fire;
    this.#atMs = delayMs <= LONGEST_DELAY_MS ? 0 : performance.now() + delayMs;
    this.#handle = this.#arm(delayMs);
  }

  #arm(delayMs: number): NodeJS.Timeout {
    if (delayMs <= LONGEST_DELAY_MS) return setTimeout(this.#fire, Math.ceil(delayMs));
    const handle = setTimeout(() => {
      this.#handle = this.#arm(this.#atMs - performance.now());
    }, LONGEST_DELAY_MS);
    return this.#referenced ? handle : handle.unref();
  }

  cancel(): void {
    clearTimeout(this.#handle);
  }

  ref(): void {
    this.#referenced = true;
    this.#handle.ref();
  }

  unref(): void {
    this.#referenced = false;
    this.#handle.unref();
  }
}

/** The machine's monotonic clock and the timers of Node. */
export const systemClock: Clock = {
  nowMs: () => performance.now(),
  wallMs: () => Date.now(),
  timer: (delayMs, fire) => new SystemTimer(delayMs, fire),
};

interface Pending {
  readonly atMs: number;
  readonly order: number;
  readonly fire: () => void;
  isReferenced: boolean;
}

/** A clock that moves only when told: time in tests. */
export class TestClock implements Clock {
  readonly #pending: Set<Pending> = new Set();
  readonly #wallOffsetMs: number;
  #nowMs: number;
  #order = 0;

  /** @param startWallMs what the wall says at `startMs` */
  constructor(startMs: number = 0, startWallMs: number = 0) {
    this.#nowMs = startMs;
    this.#wallOffsetMs = startWallMs - startMs;
  }

  nowMs(): number {
    return this.#nowMs;
  }

  wallMs(): number {
    return this.#nowMs + this.#wallOffsetMs;
  }

  timer(delayMs: number, fire: () => void): Timer {
    const entry: Pending = {
      atMs: this.#nowMs + Math.max(0, delayMs),
      order: this.#order++,
      fire,
      isReferenced: true,
    };
    this.#pending.add(entry);
    return {
      cancel: () => void this.#pending.delete(entry),
      ref: () => void (entry.isReferenced = true),
      unref: () => void (entry.isReferenced = false),
    };
  }

  /** Timers set and neither fired nor cancelled, for which the process would stay alive. */
  get pendingCount(): number {
    return [...this.#pending].filter(({ isReferenced }) => isReferenced).length;
  }

  /**
   * Moves time on by `ms` and fires what falls due, earliest first, equal instants in the order they
   * were set. During a timer `nowMs` is its own instant; timers set by timers count too.
   */
  advanceMs(ms: number): void {
    const endMs = this.#nowMs + ms;
    for (let next = this.#earliest(endMs); next !== undefined; next = this.#earliest(endMs)) {
      this.#pending.delete(next);
      this.#nowMs = Math.max(this.#nowMs, next.atMs);
      next.fire();
    }
    this.#nowMs = endMs;
  }

  #earliest(endMs: number): Pending | undefined {
    let best: Pending | undefined;
    for (const entry of this.#pending) {
      if (entry.atMs > endMs) continue;
      if (best === undefined || entry.atMs < best.atMs) best = entry;
      else if (entry.atMs === best.atMs && entry.order < best.order) best = entry;
    }
    return best;
  }
}
