import {
  type Answer,
  type Found,
  type PeerRef,
  type Query,
  servicesOf,
} from "../../overlay/index.ts";
import type { MessageOf, Rejection } from "../message.ts";
import { depthOf } from "../state/cell-id.ts";
import { keepsState, send, type State } from "../state/state.ts";
import { cached, remember } from "./memory.ts";
import { isFromAbove, passDown } from "./path.ts";
import { search, suffices } from "./search.ts";

/** A question is asked again after this part of its deadline. */
const RETRY_PART = 1 / 3;

/** Asks: first what this peer knows itself, then the coordinator, then the parents. */
export function ask(state: State, id: number, query: Query): void {
  const known = atHome(state, query);
  if (known !== undefined) {
    settle(state, id, { kind: "found", found: known, hops: 0 });
    return;
  }
  state.asks ??= new Map();
  state.asks.set(id, { query, startedAtMs: state.nowMs, sentAtMs: state.nowMs });
  pass(state, id, query);
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
function pass(state: State, id: number, query: Query): void {
  const { cell } = state;
  if (cell === undefined) return;
  const path = [state.self.ref];
  if (cell.seat.at === "follower") {
    send(state, cell.seat.coordinator.ref, { kind: "ask", id, query, hops: 1, path });
    return;
  }
  const { up } = cell.seat;
  if (up.at === "linked") send(state, up.link.ref, { kind: "ask", id, query, hops: 1, path });
  else if (up.at === "root")
    settle(state, id, outcome(search(cell.directory, depthOf(cell.id), query), 0));
}

export function onAnswer(
  state: State,
  from: PeerRef,
  message: MessageOf<"answer">,
): Rejection | undefined {
  if (!isFromAbove(state, from)) return "not from the parent";
  if (message.path.length > 0) return passDown(state, message);
  const asked = state.asks?.get(message.id);
  // It came twice, or too late.
  if (asked === undefined) return undefined;
  const { query } = asked;
  if (query.of === "service" && message.found.length > 0) remember(state, query, message.found);
  settle(state, message.id, outcome(message.found, message.hops));
  return undefined;
}

/** Open questions: asked again after a while, given up at the deadline. */
export function stepAsks(state: State): void {
  if (state.asks === undefined) return;
  const { deadlineMs } = state.settings;
  for (const [id, asked] of state.asks) {
    const elapsedMs = state.nowMs - asked.startedAtMs;
    if (elapsedMs >= deadlineMs) {
      settle(state, id, { kind: "late", elapsedMs });
    } else if (state.nowMs - asked.sentAtMs >= deadlineMs * RETRY_PART) {
      asked.sentAtMs = state.nowMs;
      const known = atHome(state, asked.query);
      if (known === undefined) pass(state, id, asked.query);
      else settle(state, id, { kind: "found", found: known, hops: 0 });
    }
  }
}

function outcome(found: readonly Found[], hops: number): Answer {
  return found.length > 0 ? { kind: "found", found, hops } : { kind: "none", hops };
}

function settle(state: State, id: number, answer: Answer): void {
  if (state.asks?.delete(id) === true && state.asks.size === 0) state.asks = undefined;
  state.outlet.effects.push({ kind: "answer", id, answer });
}
