import { readdirSync } from "node:fs";

/** What a process holds at a moment when it has nothing to do. */
export interface State {
  /** Octets in use by JavaScript and its buffers, after a collection. */
  readonly heap: number;
  /** Octets that V8 keeps for its heap. */
  readonly committed: number;
  /** Octets of memory as the system sees it. */
  readonly rss: number;
  /** Open descriptors. */
  readonly descriptors: number;
  readonly timers: number;
  /** Of the process's own events. */
  readonly listeners: number;
}

/** Milliseconds in which V8 gives back on other threads what a collection has freed. */
const GIVING_BACK_MS = 150;

/** Collects several times: what finalizers free is counted only then. Needs `--expose-gc`. */
export async function stateAtRest(): Promise<State> {
  globalThis.gc?.();
  await new Promise((resolve) => setTimeout(resolve, GIVING_BACK_MS));
  globalThis.gc?.();
  globalThis.gc?.();
  const { heapUsed, heapTotal, external, rss } = process.memoryUsage();
  const resources = process.getActiveResourcesInfo();
  return {
    heap: heapUsed + external,
    committed: heapTotal,
    rss,
    descriptors: readdirSync("/proc/self/fd").length,
    timers: resources.filter((name) => name === "Timeout" || name === "Immediate").length,
    listeners: process
      .eventNames()
      .reduce((sum, name) => sum + process.listenerCount(name as string), 0),
  };
}

const MIB = 1 << 20;

/** A state as one reads it: `rss 141.2 MiB (V8 60.1, in use 31.4), 21 descriptors, 3 timers, 9 listeners`. */
export function stateText(state: State): string {
  const { heap, committed, rss, descriptors, timers, listeners } = state;
  const [all, kept, used] = [rss, committed, heap].map((octets) => (octets / MIB).toFixed(1));
  return `rss ${all} MiB (V8 ${kept}, in use ${used}), ${descriptors} descriptors, ${timers} timers, ${listeners} listeners`;
}

type Measure = "heap" | "rss" | "descriptors" | "timers" | "listeners";

/** How a process changed from its warm-up to the end. */
export interface Change {
  readonly what: Measure;
  readonly from: number;
  readonly to: number;
  readonly isGrown: boolean;
}

/** What became of a process in a run. */
export interface Verdict {
  /** States that count as warm-up. */
  readonly warmUp: number;
  /** Whether memory came to rest before the warm-up had to end. */
  readonly isSettled: boolean;
  readonly changes: readonly Change[];
}

/** Memory may differ by this share; a heap also by so many octets, which is what a collection leaves undone. */
const MEMORY_SHARE = 0.1;
const HEAP_SLACK_OCTETS = 2 * MIB;
/** Of the states, those that the warm-up may take at most: code is compiled, caches and pools are filled. */
const LONGEST_WARM_UP = 1 / 3;
/** Memory is at rest when a straight line through so many of the states rises by this share at most. */
const REST_STATES = 1 / 6;
const REST_SHARE = 0.02;

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

/** How much a straight line through a measure of memory may rise before that counts as growth. */
function allowance(what: "heap" | "rss", from: number, share: number): number {
  return Math.max(from * share, what === "heap" ? HEAP_SLACK_OCTETS : 0);
}

/** The line through what came after the warm-up; not its first state, which lies by chance above it or below. */
function lineOf(states: readonly State[], what: "heap" | "rss"): { from: number; growth: number } {
  const values = states.map((state) => state[what]);
  const growth = growthOf(values);
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return { from: mean - growth / 2, growth };
}

function isAtRest(states: readonly State[]): boolean {
  return (["heap", "rss"] as const).every((what) => {
    const { from, growth } = lineOf(states, what);
    return growth <= allowance(what, from, REST_SHARE);
  });
}

/**
 * Where the warm-up ends: after the first stretch in which memory no longer rises.
 * @returns how many states it has, and whether there was such a stretch in time
 */
function warmUpOf(states: readonly State[]): Pick<Verdict, "warmUp" | "isSettled"> {
  const n = states.length;
  const stretch = Math.max(3, Math.round(n * REST_STATES));
  const longest = Math.max(stretch, Math.floor(n * LONGEST_WARM_UP));
  for (let end = stretch; end <= longest; end++) {
    if (isAtRest(states.slice(end - stretch, end))) return { warmUp: end, isSettled: true };
  }
  return { warmUp: longest, isSettled: false };
}

/**
 * @param states in the order of time, at least 6
 * @param isRssJudged in a run too short to come to rest the resident memory is told only
 */
export function judge(states: readonly State[], isRssJudged: boolean): Verdict {
  const { warmUp, isSettled } = warmUpOf(states);
  const warm = states.slice(warmUp);
  const half = Math.ceil(warm.length / 2);
  const memory = (["heap", "rss"] as const).map((what): Change => {
    const { from, growth } = lineOf(warm, what);
    const isJudged = what === "heap" || isRssJudged;
    const isGrown = isJudged && growth > allowance(what, from, MEMORY_SHARE);
    return { what, from, to: from + growth, isGrown };
  });
  const counts = (["descriptors", "timers", "listeners"] as const).map((what): Change => {
    // The least of each half: what stands open for a moment is no leak, what stays in all of them is.
    const from = smallest(warm.slice(0, half).map((state) => state[what]));
    const to = smallest(warm.slice(half).map((state) => state[what]));
    return { what, from, to, isGrown: to > from };
  });
  return { warmUp, isSettled, changes: [...memory, ...counts] };
}

/** A change as one reads it. */
export function changeText({ what, from, to, isGrown }: Change): string {
  const isMemory = what === "heap" || what === "rss";
  const text = (value: number): string =>
    isMemory ? `${(value / MIB).toFixed(1)} MiB` : String(value);
  return `${what} ${text(from)} → ${text(to)}${isGrown ? " GROWN" : ""}`;
}
