import type { PeerRef } from "../../overlay/index.ts";
import type { MessageOf } from "../message.ts";
import { depthOf, LARGEST_DEPTH } from "../state/cell-id.ts";
import { type Cell, send, type State } from "../state/state.ts";
import { noteTold, passBack } from "./memory.ts";
import { search, suffices } from "./search.ts";

export function onAsk(state: State, message: MessageOf<"ask">): void {
  const { cell } = state;
  const { id, query, hops, path } = message;
  // A member that was coordinator passes on what reaches it late; a ring ends where the levels do.
  if (cell === undefined || path.length > LARGEST_DEPTH + 2) return;
  const found = search(cell.directory, depthOf(cell.id), query);
  const isLast = cell.seat.at === "coordinator" && cell.seat.up.at === "root";
  if (suffices(query, found) || isLast) {
    if (query.of === "service" && found.length > 0) noteTold(state, query.name, path);
    passBack(state, { kind: "answer", id, hops, found, path });
    return;
  }
  const next = nextUp(cell);
  if (next === undefined) return;
  send(state, next, { ...message, hops: hops + 1, path: [...path, state.self.ref] });
}

function nextUp(cell: Cell): PeerRef | undefined {
  if (cell.seat.at === "follower") return cell.seat.coordinator.ref;
  return cell.seat.up.at === "linked" ? cell.seat.up.link.ref : undefined;
}
