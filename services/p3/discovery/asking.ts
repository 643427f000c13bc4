import { keepsState } from "../state/link.ts";
import {
  type Answer,
  type Found,
  type PeerRef,
  type Query,
  servicesOf,
} from "../../overlay/index.ts";
import type { MessageOf, Rejection } from "../message.ts";
import { questId } from "../membership/quest.ts";
import { depthOf } from "../state/cell-id.ts";
import { send, type State } from "../state/state.ts";
import { cached, remember } from "./memory.ts";
import { isFromAbove, nextUp, passDown } from "./path.ts";
import { search, suffices } from "./search.ts";

/** A question is asked again after this part of its deadline. */
const RETRY_PART = 1 / 3;

/** Asks: first what this peer knows itself, then the coordinator, then the parents. */
export function ask(state: State, id: number, query: Query): void {
  const known = atHome(state, query);
  if (known !== undefined) {
    tellAnswer(state, id, { kind: "found", found: known, hops: 0 });
    return;
  }
  state.asks ??= new Map();
  const number = questId(state);
  state.asks.set(number, { id, query, startedAtMs: state.turn.nowMs, sentAtMs: state.turn.nowMs });
  pass(state, number, query, true);
}

function atHome(state: State, query: Query): readonly Found[] | undefined {
  if (query.of === "service") {
    const own = servicesOf(state.self, query);
    if (own.length > 0) return own;
    const known = cached(state, query);
    if (known !== undefined) return known;
  }
  const { cell } = state;
  if (cell === undefined || !keepsState(state.self.role)) return undefined;
  const found = search(cell.directory, depthOf(cell.id), query);
  return suffices(query, found) ? found : undefined;
}

/** On to the next that knows more; a root has the last word. */
function pass(state: State, number: number, query: Query, isStraight: boolean): void {
  const { cell } = state;
  if (cell === undefined) return;
  const { directory, seat } = cell;
  if (seat.at === "coordinator" && seat.up.at === "root") {
    settle(state, number, outcome(search(directory, depthOf(cell.id), query), 0));
    return;
  }
  const next = nextUp(state, cell, isStraight);
  const path = [state.self.ref];
  if (next !== undefined)
    send(state, next, { kind: "ask", id: number, query, hops: 1, path, isStraight });
}

export function onAnswer(
  state: State,
  from: PeerRef,
  message: MessageOf<"answer">,
): Rejection | undefined {
  if (message.path.length > 0)
    return isFromAbove(state, from) ? passDown(state, message) : "not from the parent";
  const asked = state.asks?.get(message.id);
  // It came twice, or too late. Who answers what is asked is whom the question came to: its number was drawn by lot.
  if (asked === undefined) return undefined;
  const { query } = asked;
  if (query.of === "service" && message.found.length > 0)
    remember(state, query, { found: message.found, by: from.id });
  settle(state, message.id, outcome(message.found, message.hops));
  return undefined;
}

/** Open questions: asked again after a while, by the links of the tree; given up at the deadline. */
export function stepAsks(state: State): void {
  if (state.asks === undefined) return;
  const { deadlineMs } = state.settings;
  for (const [number, asked] of state.asks) {
    const elapsedMs = state.turn.nowMs - asked.startedAtMs;
    if (elapsedMs >= deadlineMs) {
      settle(state, number, { kind: "late", elapsedMs });
    } else if (state.turn.nowMs - asked.sentAtMs >= deadlineMs * RETRY_PART) {
      asked.sentAtMs = state.turn.nowMs;
      const known = atHome(state, asked.query);
      if (known === undefined) pass(state, number, asked.query, false);
      else settle(state, number, { kind: "found", found: known, hops: 0 });
    }
  }
}

function outcome(found: readonly Found[], hops: number): Answer {
  return found.length > 0 ? { kind: "found", found, hops } : { kind: "none", hops };
}

function settle(state: State, number: number, answer: Answer): void {
  const asked = state.asks?.get(number);
  if (asked === undefined) return;
  state.asks?.delete(number);
  if (state.asks?.size === 0) state.asks = undefined;
  tellAnswer(state, asked.id, answer);
}

function tellAnswer(state: State, id: number, answer: Answer): void {
  state.turn.effects.push({ kind: "answer", id, answer });
}
