/** What the threads of the experiment share, and how one run came out. */

/** `plain` mutexes lend no priority; `inheriting` ones do. */
export type Kind = "inheriting" | "plain";

export interface Run {
  readonly kind: Kind;
  /** How long the high thread waited for the mutex. */
  readonly waitedMs: number;
  /** Processor time that the low one still needed in its critical section when the high one came. */
  readonly restMs: number;
}

/** SCHED_FIFO priorities; the experiment's own thread starts the others and is above them. */
export const PRIORITY = { low: 10, middle: 20, high: 30, conductor: 40 } as const;
export type Role = "low" | "middle" | "high";

/** Words of the shared memory. */
export const WORD = { mutex: 0, isHeld: 1, go: { low: 2, middle: 3, high: 4 } } as const;
/** Numbers of it. */
export const NUMBER = { spentMs: 0, waitedMs: 1, lowAtStartMs: 2 } as const;

export interface Shared {
  readonly words: Int32Array;
  readonly numbers: Float64Array;
}

export interface Casting extends Shared {
  readonly role: Role;
  readonly kind: Kind;
  readonly core: number;
}

/** The low thread's critical section, and what the middle one burns meanwhile. */
export const SECTION_MS: number = 20;
export const MIDDLE_MS: number = 100;
/** No thread spends longer than this, whatever it was to do. */
export const MOST_MS: number = 2_000;
