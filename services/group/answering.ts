import { entryAt, findReply, lastOf, requestsOf } from "../history/index.ts";
import { catchUp } from "./executing.ts";
import type { Refusal } from "./message.ts";
import { send, type State, viewNumber } from "./state.ts";

/** Updates up to here are as safe as the group was asked to make them before it replies. */
export function acknowledged(state: State): number {
  const { ack } = state.settings;
  if (ack === "all") return Math.min(state.stable, state.commit);
  return ack === "one" && state.role.at === "primary" ? lastOf(state.log) : state.commit;
}

/** Sends the replies of what is executed and safe, each once. */
export function answerDone(state: State): void {
  if (state.isTainted) return;
  if (acknowledged(state) > state.applied) catchUp(state);
  const upTo = Math.min(acknowledged(state), state.applied);
  while (state.answered < upTo) {
    state.answered++;
    const entry = entryAt(state.log, state.answered);
    if (entry === undefined) continue;
    for (const { id } of requestsOf(entry)) {
      const outcome = findReply(state.replies, id)?.outcome;
      if (outcome !== undefined) answer(state, id, outcome);
      // Nobody needs it, or it was too large to be kept so long; who asks again is refused.
      else takeAskers(state, id);
    }
  }
}

/** To everybody here and elsewhere who waits for it. */
export function answer(state: State, id: string, outcome: Uint8Array): void {
  const waiting = state.pending.get(id);
  if (waiting !== undefined) {
    state.pending.delete(id);
    for (const ticket of waiting.tickets) state.out.push({ kind: "release", ticket, outcome });
  }
  for (const asker of takeAskers(state, id))
    send(state, asker, { kind: "answer", view: viewNumber(state), id, outcome });
}

export function refuse(state: State, id: string, why: Refusal, maybe: boolean): void {
  refuseHere(state, id, why, maybe);
  for (const asker of takeAskers(state, id))
    send(state, asker, { kind: "refused", view: viewNumber(state), id, why, maybe });
}

/** Refuses those who asked this member; `maybe` is true in any case when a primary may have ordered it. */
export function refuseHere(state: State, id: string, why: Refusal, maybe: boolean): void {
  const waiting = state.pending.get(id);
  if (waiting === undefined) return;
  state.pending.delete(id);
  for (const ticket of waiting.tickets)
    state.out.push({ kind: "refuse", ticket, why, maybe: maybe || waiting.sentCount > 0 });
}

function takeAskers(state: State, id: string): readonly string[] {
  const { role } = state;
  if (role.at !== "primary") return [];
  const askers = role.askers.get(id) ?? [];
  role.askers.delete(id);
  return askers;
}
