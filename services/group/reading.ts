import { lastOf, type Request } from "../history/index.ts";
import { answer, refuse } from "./answering.ts";

import { isActive, type Primary, type State } from "./state.ts";
import { beatAll, byMajority, isSurvivor, reachesMajority, servesAlone } from "./streaming.ts";

/**
 * A request that changes nothing: executed without a place in the log. It must see every update that was answered
 * before it came, so the primary makes sure, by a round of heartbeats to a majority, that no later view has begun
 * (read index: Ongaro, "Consensus: Bridging Theory and Practice", 2014, 6.4). What it saw must be committed.
 */
export function read(state: State, request: Request): void {
  const { reads, role, settings } = state;
  if (reads.has(request.id)) return;
  if (reads.size >= settings.queueCount) return refuse(state, request.id, "full", false);
  const round = role.at === "primary" ? ++role.round : 0;
  const index = lastOf(state.log);
  reads.set(request.id, {
    request,
    index,
    round,
    isStarted: false,
    at: 0,
    outcome: undefined,
  });
  startReads(state);
  if (role.at === "primary" && isActive(state)) beatAll(state, role);
}

/** Tasks are done in turn: once everything before a read was handed over, it is its turn. */
export function startReads(state: State): void {
  if (state.isTainted || !state.hasState) return;
  for (const one of state.reads.values()) {
    if (one.isStarted || (state.started < one.index && !isSurvivor(state))) continue;
    one.isStarted = true;
    const task = { kind: "read", request: one.request } as const;
    state.out.push({ kind: "execute", run: state.run, task });
  }
}

export function onReadDone(state: State, id: string, outcome: Uint8Array): void {
  const one = state.reads.get(id);
  if (one === undefined) return;
  one.outcome = outcome;
  one.at = state.applied;
}

/** Sends the results that are known to be of the present. */
export function answerReads(state: State): void {
  const { reads, role } = state;
  if (reads.size === 0) return;
  const isAlone = isSurvivor(state) || (servesAlone(state) && !reachesMajority(state));
  const confirmed = role.at === "primary" ? confirmedRound(state, role) : -1;
  for (const [id, { outcome, at, round }] of reads) {
    if (outcome === undefined) continue;
    if (!isAlone && (round > confirmed || at > state.commit)) continue;
    reads.delete(id);
    answer(state, id, outcome);
  }
}

/** The latest round that a majority has answered, itself included. */
function confirmedRound(state: State, role: Primary): number {
  return isActive(state) ? byMajority(role, role.round, ({ round }) => round) : -1;
}
