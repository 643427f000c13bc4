import type { Clock } from "../../orb/base/index.ts";

/** How often what dies is made again. */
export interface RestartLimits {
  /** Deaths within `withinMs` that are forgiven. */
  readonly most: number;
  readonly withinMs: number;
  /** Before the second restart; doubled for each further one. The first one is at once. */
  readonly firstDelayMs: number;
  readonly longestDelayMs: number;
}

export const RESTART_LIMITS: RestartLimits = {
  most: 5,
  withinMs: 60_000,
  firstDelayMs: 100,
  longestDelayMs: 5_000,
};

/** Counts the deaths of one thread: restarts are bounded, and further apart each time. */
export class RestartBudget {
  readonly #limits: RestartLimits;
  readonly #clock: Clock;
  #diedAtMs: readonly number[] = [];

  constructor(limits: RestartLimits, clock: Clock) {
    this.#limits = limits;
    this.#clock = clock;
  }

  /** Of one more death. @returns milliseconds to the restart; undefined: it died too often */
  next(): number | undefined {
    const { most, withinMs, firstDelayMs, longestDelayMs } = this.#limits;
    const nowMs = this.#clock.nowMs();
    this.#diedAtMs = [...this.#diedAtMs.filter((atMs) => nowMs - atMs < withinMs), nowMs];
    const deaths = this.#diedAtMs.length;
    if (deaths > most) return undefined;
    return deaths === 1 ? 0 : Math.min(firstDelayMs * 2 ** (deaths - 2), longestDelayMs);
  }

  /** `6 times within 60 s`. */
  get text(): string {
    return `${this.#diedAtMs.length} times within ${this.#limits.withinMs / 1_000} s`;
  }
}
