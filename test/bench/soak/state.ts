import { readdirSync } from "node:fs";

/** What a process holds at a moment when it has nothing to do. */
export interface State {
  /** Octets, after a collection. */
  readonly heap: number;
  /** Octets of memory as the system sees it. */
  readonly rss: number;
  /** Open descriptors. */
  readonly descriptors: number;
  readonly timers: number;
  /** Of the process's own events. */
  readonly listeners: number;
}

/** Collects twice: what finalizers free is counted only then. Needs `--expose-gc`. */
export function stateNow(): State {
  globalThis.gc?.();
  globalThis.gc?.();
  const { heapUsed, external, rss } = process.memoryUsage();
  const resources = process.getActiveResourcesInfo();
  return {
    heap: heapUsed + external,
    rss,
    descriptors: readdirSync("/proc/self/fd").length,
    timers: resources.filter((name) => name === "Timeout" || name === "Immediate").length,
    listeners: process
      .eventNames()
      .reduce((sum, name) => sum + process.listenerCount(name as string), 0),
  };
}

/** How a process changed from its warm-up to the end. */
export interface Change {
  readonly what: keyof State;
  readonly from: number;
  readonly to: number;
  readonly isGrown: boolean;
}

/** A heap may differ by this share, or by so many octets, which is what a collection leaves undone. */
const HEAP_SHARE = 0.1;
const HEAP_SLACK_OCTETS = 2 << 20;
/** Of the states, those of the warm-up: the code is compiled, caches and pools are filled. */
const WARM_UP_SHARE = 1 / 3;

/** The growth that a straight line through the values has from the first to the last. */
export function growthOf(values: readonly number[]): number {
  const n = values.length;
  if (n < 2) return 0;
  const middle = (n - 1) / 2;
  const mean = values.reduce((sum, value) => sum + value, 0) / n;
  let above = 0;
  let below = 0;
  for (const [at, value] of values.entries()) {
    above += (at - middle) * (value - mean);
    below += (at - middle) ** 2;
  }
  return (above / below) * (n - 1);
}

function smallest(values: readonly number[]): number {
  return values.reduce((least, value) => Math.min(least, value), Infinity);
}

/** @param states in the order of time, at least 6 */
export function changesOf(states: readonly State[]): Change[] {
  const warm = states.slice(Math.floor(states.length * WARM_UP_SHARE));
  const half = Math.ceil(warm.length / 2);
  const memory = (["heap", "rss"] as const).map((what): Change => {
    const values = warm.map((state) => state[what]);
    const from = values[0] ?? 0;
    const growth = growthOf(values);
    const isGrown = what === "heap" && growth > Math.max(from * HEAP_SHARE, HEAP_SLACK_OCTETS);
    return { what, from, to: from + growth, isGrown };
  });
  const counts = (["descriptors", "timers", "listeners"] as const).map((what): Change => {
    // The least of each half: what stands open for a moment is no leak, what stays in all of them is.
    const from = smallest(warm.slice(0, half).map((state) => state[what]));
    const to = smallest(warm.slice(half).map((state) => state[what]));
    return { what, from, to, isGrown: to > from };
  });
  return [...memory, ...counts];
}
