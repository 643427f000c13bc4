import type { Clock } from "./clock.ts";

/** An instant on a monotonic clock by which something must have happened. Immutable. */
export class Deadline {
  /** Never comes. */
  static readonly never: Deadline = new Deadline(Number.POSITIVE_INFINITY);

  /** Milliseconds of the clock it was made with; `Infinity` for never. */
  readonly atMs: number;

  constructor(atMs: number) {
    this.atMs = atMs;
  }

  /** `ms` from now. */
  static after(clock: Clock, ms: number): Deadline {
    return new Deadline(clock.nowMs() + ms);
  }

  /** Milliseconds left: 0 once it has passed, `Infinity` for never. */
  remainingMs(clock: Clock): number {
    return this.atMs === Number.POSITIVE_INFINITY
      ? this.atMs
      : Math.max(0, this.atMs - clock.nowMs());
  }

  hasPassed(clock: Clock): boolean {
    return clock.nowMs() >= this.atMs;
  }

  /** The one of both that comes first. */
  earlier(other: Deadline): Deadline {
    return other.atMs < this.atMs ? other : this;
  }
}
