import {
  clockOf,
  dropExpired,
  type Entry,
  entryAt,
  type Kept,
  keepReply,
  lastOf,
  requestsOf,
  slice,
  takeReplies,
} from "../history/index.ts";
import type { State } from "./state.ts";

/** Result of a task, as the servant's side tells it. */
export interface Executed {
  readonly kind: "executed";
  readonly run: number;
  /** The operation of an ordered task, else the request. */
  readonly of: number | string;
  readonly outcome: Uint8Array;
  /** Semi-active: what the others have to be told to execute alike. */
  readonly decisions?: Uint8Array | undefined;
  /** Warm passive without deferral: what changed. */
  readonly update?: Uint8Array | undefined;
  /** Of the servant's state after the operation, now and then: where two replicas executed alike it is the same. */
  readonly digest?: string | undefined;
}

/** How far this member may execute. */
function horizonOf(state: State): number {
  const { settings, role } = state;
  if (settings.style === "cold-passive" && role.at !== "primary") return 0;
  // Whoever acknowledges by itself executes by itself; the history may lose what it did, and then it starts anew.
  if (role.at === "primary" && settings.ack === "one") return lastOf(state.log);
  return state.commit;
}

/** Hands the servant what has become history. */
export function startExecuting(state: State): void {
  if (!state.hasState || state.isTainted) return;
  const horizon = horizonOf(state);
  while (state.started < horizon) {
    turn(state);
    const entry = entryAt(state.log, state.started + 1);
    if (entry === undefined) return;
    state.started++;
    const { op, atMs, work } = entry;
    const task = { kind: "ordered", op, atMs, work } as const;
    state.out.push({ kind: "execute", run: state.run, task });
  }
  turn(state);
}

/** What a servant noted as changed before its group became warm passive is at all members: nobody is to be told. */
function turn(state: State): void {
  if (state.turnAt === undefined || state.started < state.turnAt) return;
  state.turnAt = undefined;
  if (state.settings.style === "warm-passive") state.out.push({ kind: "update", run: state.run });
}

/** The servant has done an operation of the log; what was done before its turn waits. */
export function onOrdered(state: State, op: number, outcome: Uint8Array): void {
  if (op <= state.applied || op > state.started) return;
  state.early.set(op, outcome);
  for (;;) {
    const next = state.applied + 1;
    const result = state.early.get(next);
    const entry = entryAt(state.log, next);
    if (result === undefined || entry === undefined) return;
    state.early.delete(next);
    apply(state, entry, result);
  }
}

/** Digests remembered: members tell theirs with their next acknowledgements. */
const DIGEST_COUNT = 16;

/** Notes what the state was like after an operation. */
export function noteDigest({ digests }: State, op: number, digest: string | undefined): void {
  if (digest === undefined) return;
  digests.set(op, digest);
  for (const old of digests.keys()) {
    if (digests.size <= DIGEST_COUNT) return;
    digests.delete(old);
  }
}

/** The servant has the effects of this operation: its replies are kept from now on. */
export function apply(state: State, entry: Entry, outcome: Uint8Array): void {
  const { replies, settings } = state;
  state.applied = entry.op;
  if (entry.work.kind === "update")
    for (const done of entry.work.done)
      keepReply(replies, done, entry.op, done.outcome, settings.replies.octets);
  else keepReply(replies, entry.work.request, entry.op, outcome, settings.replies.octets);
  for (const { id } of requestsOf(entry)) {
    state.inFlight.delete(id);
    dropExpired(replies, entry.atMs);
  }
}

/** Applies what was executed before it was in the log; before anything else happens. */
export function catchUp(state: State): void {
  const { ahead } = state;
  if (ahead === undefined) return;
  state.ahead = undefined;
  apply(state, ahead.entry, ahead.outcome);
}

/** The group's clock never goes back, whoever is primary. */
export function groupClock(state: State): number {
  return Math.max(state.nowMs, clockOf(state.log));
}

/** The servant begins again with this state, that after operation `op`; undefined: with the state of its beginning. */
export function restore(
  state: State,
  op: number,
  octets: Uint8Array | undefined,
  kept: Kept,
): void {
  abandon(state);
  state.started = op;
  state.applied = op;
  state.replies = takeReplies(kept);
  state.isTainted = false;
  state.out.push({ kind: "restore", run: state.run, state: octets });
}

/** Whatever the servant is doing is of no more use. */
export function abandon(state: State): void {
  state.run++;
  state.early.clear();
  state.digests.clear();
  state.busy = undefined;
  state.held = undefined;
  state.unlogged = [];
}

/** Notes anew which requests are in the log and not executed. */
export function index(state: State): void {
  state.inFlight.clear();
  const { log, applied } = state;
  // What was executed before stays in the log for long: it is not gone through.
  for (const entry of slice(log, Math.max(applied, log.base) + 1) ?? [])
    for (const { id } of requestsOf(entry)) state.inFlight.set(id, entry.op);
}
