import type { PriorityBand } from "../policy/index.ts";
import { isInBand } from "./combinations.ts";

/** What chooses the lane of a request in a pool with lanes. */
export interface LaneChoice {
  /** Of the pool's lanes, in their order. */
  readonly priorities: readonly number[];
  /** Of the POA; empty where it has none. */
  readonly bands: readonly PriorityBand[];
  /** The POA's own priority. */
  readonly usual: number | undefined;
}

/**
 * The lane of a priority: the one that has it; else one of its band, the one that the request came to where that is
 * in it; else the one that it came to; else that of the POA's own priority.
 * @param came place of the lane whose endpoint the request came to; -1: of none
 * @returns its place in the pool
 */
export function laneFor(
  { priorities, bands, usual }: LaneChoice,
  priority: number | undefined,
  came: number,
): number {
  const exact = priority === undefined ? -1 : priorities.indexOf(priority);
  if (exact >= 0) return exact;
  const band = priority === undefined ? undefined : bands.find((each) => isInBand(each, priority));
  if (band !== undefined) {
    const isIn = (of: number | undefined): boolean => of !== undefined && isInBand(band, of);
    if (!isIn(priorities[came])) return Math.max(0, priorities.findIndex(isIn));
  }
  return came >= 0 ? came : Math.max(0, usual === undefined ? -1 : priorities.indexOf(usual));
}
