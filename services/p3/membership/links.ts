import type { OverlayEvent, PeerRef } from "../../overlay/index.ts";
import { type Cell, type Coordinator, isSelf, send, type State, tell } from "../state/state.ts";
import { stepElection } from "./election.ts";
import { dropChild, publishMembers } from "./feed.ts";
import { rejoin } from "./quest.ts";
import { loseParent } from "./uplink.ts";

type Why = Extract<OverlayEvent, { kind: "gone" }>["why"];

/** A member goes; when it lives after all, it hears that it is a stray and joins again. */
export function expel(state: State, cell: Cell, seat: Coordinator, ref: PeerRef, why: Why): void {
  if (!seat.members.delete(ref.id)) return;
  state.contacts.remember([ref]);
  const members = cell.directory.get("")?.members ?? [];
  publishMembers(
    state,
    cell,
    seat,
    members.filter((entry) => entry.ref.id !== ref.id),
  );
  tell(state, { kind: "gone", peer: ref, why });
}

export function stray(state: State, to: PeerRef): void {
  send(state, to, { kind: "stray" });
}

/** A neighbour does not know this link. */
export function onStray(state: State, from: PeerRef): void {
  const { cell } = state;
  if (cell === undefined) return;
  if (cell.seat.at === "follower") {
    if (cell.seat.coordinator.ref.id !== from.id) return;
    tell(state, { kind: "shunned" });
    return rejoin(state, from);
  }
  loseLink(state, from, "stray");
}

/** The connection broke, or the peer said that it leaves: nothing has to be waited for. */
export function loseLink(state: State, ref: PeerRef, why: Why): void {
  const { cell } = state;
  if (cell === undefined) return;
  const { seat } = cell;
  if (seat.at === "follower") {
    if (seat.coordinator.ref.id !== ref.id) return;
    seat.lostAtMs ??= state.nowMs;
    return stepElection(state, cell, seat);
  }
  if (seat.members.has(ref.id)) return expel(state, cell, seat, ref, why);
  const child = seat.children.get(ref.id);
  if (child !== undefined) {
    // A cell that has other members gets time for an election.
    if (why === "stray") return dropChild(state, cell, seat, ref);
    child.lostAtMs ??= state.nowMs;
    return;
  }
  if (seat.up.at === "linked" && seat.up.link.ref.id === ref.id && !isSelf(state, ref.id))
    loseParent(state, cell, seat, ref);
}
