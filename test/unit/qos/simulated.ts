import type { Work } from "../../../services/admission/index.ts";

/** A lane with the ticks at which its requests come, in order. */
export interface Requested extends Work {
  readonly requests: readonly number[];
}

/** A request that was run, or was not to the end. */
export interface Job {
  readonly name: string;
  /** When it came. */
  readonly request: number;
  /** Its deadline passed before it was done. */
  readonly isLate: boolean;
}

/** Requests as close as they may come, each after a pause: these, over and over. */
export function everyPeriod(
  { period }: Work,
  pauses: readonly number[],
  ticks: number,
): readonly number[] {
  const requests: number[] = [];
  for (let at = pauses[0] ?? 0; at < ticks; ) {
    requests.push(at);
    at += period + (pauses[requests.length % pauses.length] ?? 0);
  }
  return requests;
}

/**
 * Fixed priorities on cores that are all alike, tick by tick: those of the highest priorities run, and of one lane one
 * request at a time.
 */
export function run(lanes: readonly Requested[], cores: number, ticks: number): readonly Job[] {
  const jobs = lanes.flatMap((lane) =>
    lane.requests.map((request) => ({ lane, request, left: lane.execution, end: Infinity })),
  );
  for (let now = 0; now < ticks; now++) {
    const busy = new Set<string>();
    const ready = jobs
      .filter(({ request, left }) => request <= now && left > 0)
      .filter(({ lane }) => !busy.has(lane.name) && busy.add(lane.name))
      .toSorted((a, b) => b.lane.priority - a.lane.priority);
    for (const job of ready.slice(0, cores)) {
      job.left--;
      if (job.left === 0) job.end = now + 1;
    }
  }
  return jobs
    .filter(({ lane, request }) => request + (lane.deadline ?? 0) <= ticks)
    .map(({ lane, request, end }) => ({
      name: lane.name,
      request,
      isLate: lane.deadline !== undefined && end > request + lane.deadline,
    }));
}
