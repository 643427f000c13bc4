import { dropUpTo, lastOf, octetsOf } from "../history/index.ts";
import { answerDone } from "./answering.ts";
import { startExecuting } from "./executing.ts";
import { pump } from "./ordering.ts";
import { answerReads, startReads } from "./reading.ts";
import { isInstalled, type Primary, type State } from "./state.ts";
import { byMajority } from "./streaming.ts";
import { stepSnapshot } from "./transfer.ts";

/** Everything that follows from what a step has changed: commits, executes, answers, orders, drops. */
export function settle(state: State): void {
  const { role } = state;
  if (role.at === "primary") commit(state, role);
  startExecuting(state);
  if (role.at === "primary") {
    const last = lastOf(state.log);
    pump(state, role);
    // Alone in its view, or acknowledging by itself: what was just ordered may be executed and answered at once.
    if (lastOf(state.log) > last) {
      commit(state, role);
      startExecuting(state);
    }
  }
  startReads(state);
  answerDone(state);
  answerReads(state);
  if (role.at === "primary") stepSnapshot(state, role);
  trim(state);
}

/** What a majority holds is history for good: the next view begins with it, whoever decides on it. */
function commit(state: State, role: Primary): void {
  if (!isInstalled(state)) return;
  const last = lastOf(state.log);
  const held = byMajority(role, last, ({ acked }) => acked);
  state.commit = Math.max(state.commit, held);
  let stable = last;
  for (const peer of role.peers.values()) if (peer.isMember) stable = Math.min(stable, peer.acked);
  state.stable = Math.max(state.stable, stable);
}

/** Dropped in one go: cutting off the head of the log moves the rest. */
const LEAST_DROPPED = 64;
/** A log is allowed this many times its limits while somebody needs it to catch up with a snapshot. */
const MOST_TIMES = 4;

/** Drops what is executed and answered, from the oldest on, as far as the log is over its limits. */
export function trim(state: State): void {
  const { log, settings, nowMs, role } = state;
  const { count, octets, ageMs } = settings.log;
  const oldest = log.entries[0];
  if (oldest === undefined) return;
  const isOver =
    log.entries.length >= count + LEAST_DROPPED ||
    log.octets > octets ||
    oldest.atMs + 2 * ageMs < nowMs;
  if (!isOver) return;
  const snapshot = role.at === "primary" ? role.snapshot : undefined;
  const last = lastOf(log);
  let left = log.octets;
  let upTo = log.base;
  for (const entry of log.entries) {
    const keptCount = last - upTo;
    if (entry.op > disposable(state)) break;
    if (keptCount <= count && left <= octets && entry.atMs + ageMs >= nowMs) break;
    const isNeeded = snapshot !== undefined && entry.op > snapshot.op;
    if (isNeeded && keptCount <= MOST_TIMES * count && left <= MOST_TIMES * octets) break;
    left -= octetsOf(entry);
    upTo = entry.op;
  }
  dropUpTo(log, upTo);
}

/** Up to here this member itself needs the log no more. */
function disposable(state: State): number {
  const { settings, commit, answered, applied, checkpoint, role } = state;
  if (settings.style !== "cold-passive") return Math.min(commit, answered, applied);
  // The log since the checkpoint is what a new primary, or this member after a crash, begins with.
  const safe = Math.min(commit, checkpoint?.op ?? 0);
  return role.at === "primary" ? Math.min(safe, answered) : safe;
}
