import type { MessageOf, Rejection } from "../message.ts";
import { depthOf, LARGEST_DEPTH } from "../state/cell-id.ts";
import { send, type State } from "../state/state.ts";
import type { PeerRef } from "../../overlay/index.ts";
import { noteTold } from "./memory.ts";
import { isFromBelow, nextUp, reply } from "./path.ts";
import { search, suffices } from "./search.ts";

export function onAsk(
  state: State,
  from: PeerRef,
  message: MessageOf<"ask">,
): Rejection | undefined {
  const { cell } = state;
  const { id, query, hops, path, isStraight } = message;
  if (cell === undefined) return "not joined";
  if (!isFromBelow(state, from)) return "no link of mine";
  if (path.at(-1)?.id !== from.id || path.length !== hops) return "a forged path";
  // A ring ends where the levels do.
  if (path.length > LARGEST_DEPTH + 2) return "too deep";
  const found = search(cell.directory, depthOf(cell.id), query);
  const isLast = cell.seat.at === "coordinator" && cell.seat.up.at === "root";
  if (suffices(query, found) || isLast) {
    if (query.of === "service" && query.attributes === undefined && found.length > 0)
      noteTold(state, query.name, { path, isStraight });
    return reply(state, { kind: "answer", id, hops, found, path }, isStraight);
  }
  const next = nextUp(state, cell, isStraight);
  if (next !== undefined)
    send(state, next, { ...message, hops: hops + 1, path: [...path, state.self.ref] });
  return undefined;
}
