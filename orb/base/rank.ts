/** Where something stands among what waits: by priority, then by who has to be first, then by age. */
export interface Rank {
  /** The higher the earlier. */
  readonly priority: number;
  /** Milliseconds since 1970 by which it is of use; `Infinity` for no end. */
  readonly endMs: number;
}

/** What has no rank stands in the middle, by age. */
export const NO_RANK: Rank = { priority: 0, endMs: Infinity };

/** Below 0 where `a` goes first, 0 where age decides. */
export function compareRanks(a: Rank, b: Rank): number {
  if (a.priority !== b.priority) return b.priority - a.priority;
  // Not their difference: both may be without end.
  return a.endMs === b.endMs ? 0 : a.endMs < b.endMs ? -1 : 1;
}
