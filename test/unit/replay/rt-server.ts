import type { ExecutionContext } from "ava";
import { decapsulate } from "../../../orb/cdr/index.ts";
import { findServiceContext, SERVICE_ID } from "../../../orb/giop/index.ts";
import type { CreatePoaOptions, PriorityBand, ThreadpoolLane } from "../../../orb/index.ts";
import { bodyOf, type Exchange, type Spoken } from "./conversation.ts";

/** Ports of TAO's server: its default lane, three lanes, a pool without lanes. */
export const DEFAULT = 24_300;
export const LANES: ReadonlyMap<number, number> = new Map([
  [24_301, 5_000],
  [24_302, 15_000],
  [24_303, 25_000],
]);
export const NO_LANES = 24_304;
export const PRIORITIES: readonly number[] = [...LANES.values()];
export const BANDS: readonly PriorityBand[] = [
  { low: 0, high: 9_999 },
  { low: 10_000, high: 19_999 },
  { low: 20_000, high: 32_767 },
];

/** The lanes of TAO's pool. */
export const RT_LANES: readonly ThreadpoolLane[] = PRIORITIES.map((lane_priority) => ({
  lane_priority,
  static_threads: 1,
  dynamic_threads: 0,
}));

/** Where the server of ours listens in place of TAO's, by TAO's port. */
export type Ports = ReadonlyMap<number, number>;

/** The POAs of TAO's server. @param pool with lanes; @param flat without */
export function adaptersOf(pool: number, flat: number): Readonly<Record<string, CreatePoaOptions>> {
  return {
    client_propagated: {
      threadpool: pool,
      priorityModel: { model: "CLIENT_PROPAGATED", priority: 5_000 },
    },
    server_declared: {
      threadpool: pool,
      priorityModel: { model: "SERVER_DECLARED", priority: 15_000 },
    },
    banded: {
      threadpool: pool,
      priorityModel: { model: "CLIENT_PROPAGATED", priority: 5_000 },
      priorityBands: BANDS,
    },
    no_lanes: { threadpool: flat, priorityModel: { model: "CLIENT_PROPAGATED", priority: 5_000 } },
  };
}

export function portOf(place: string): number {
  return Number(place.split(":")[1]);
}

export function priorityIn({ header }: Spoken): number | undefined {
  if (header.type !== "Request" && header.type !== "Reply") return undefined;
  const context = findServiceContext(header.contexts, SERVICE_ID.rtCorbaPriority);
  return context === undefined ? undefined : decapsulate(context.data, (input) => input.short());
}

export interface Tally {
  requests: number;
  inLanes: number;
  echoed: number;
}

export function checkReply(
  t: ExecutionContext,
  ours: Spoken,
  e: Exchange,
  codeSets: object,
  tally: Tally,
): void {
  const theirs = e.answered as Spoken;
  const what = `${e.operation} ${"requestId" in theirs.header ? theirs.header.requestId : ""}`;
  t.is(priorityIn(ours), priorityIn(theirs), `${what}: the priority in the reply`);
  if (priorityIn(theirs) !== undefined) tally.echoed++;
  if ("status" in theirs.header && "status" in ours.header)
    t.is(ours.header.status, theirs.header.status, what);
  if (e.operation !== "seen_priority") return;
  t.deepEqual(bodyOf(ours, e.operation, codeSets), bodyOf(theirs, e.operation, codeSets), what);
}
