import { countOf, type OverlayEvent, type PeerRef } from "../../overlay/index.ts";
import type { Rejection } from "../message.ts";
import { type Cell, type Coordinator, isSelf, send, type State, tell } from "../state/state.ts";
import { stepElection } from "./election.ts";
import { dropChild, publishMembers } from "./feed.ts";
import { rejoin } from "./quest.ts";
import { loseKin, loseParent } from "./uplink.ts";

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

/** Tells whoever speaks as a neighbour that it is none: it looks for its place. */
export function stray(state: State, to: PeerRef): Rejection {
  send(state, to, { kind: "stray" });
  return "no link of mine";
}

/** A neighbour does not know this link. */
export function onStray(state: State, from: PeerRef): Rejection | undefined {
  const { cell } = state;
  if (cell === undefined) return "not joined";
  if (cell.seat.at === "coordinator") return onGone(state, from, "stray");
  if (cell.seat.coordinator.ref.id !== from.id) return "no link of mine";
  tell(state, { kind: "shunned" });
  rejoin(state, from);
  return undefined;
}

/** A peer says that it leaves, or that there is no link. */
export function onGone(state: State, from: PeerRef, why: Why): Rejection | undefined {
  if (!isLink(state, from)) return "no link of mine";
  loseLink(state, from, why);
  return undefined;
}

function isLink({ cell }: State, { id }: PeerRef): boolean {
  if (cell === undefined) return false;
  const { seat } = cell;
  if (seat.at === "follower") return seat.coordinator.ref.id === id;
  const { up } = seat;
  return (
    seat.members.has(id) || seat.children.has(id) || (up.at === "linked" && up.link.ref.id === id)
  );
}

/** The connection broke, or the peer said that it leaves: nothing has to be waited for. */
export function loseLink(state: State, ref: PeerRef, why: Why): void {
  const { cell } = state;
  if (cell === undefined) return;
  const { seat } = cell;
  if (seat.at === "follower") {
    if (seat.coordinator.ref.id !== ref.id) return;
    seat.lostAtMs ??= state.turn.nowMs;
    return stepElection(state, cell, seat);
  }
  if (seat.members.has(ref.id)) return expel(state, cell, seat, ref, why);
  const child = seat.children.get(ref.id);
  if (child !== undefined) {
    // A cell that has other superpeers gets time for an election.
    const record = cell.directory.get(child.digit);
    const isLast = record === undefined || countOf(record, "superpeer") < 2;
    if (why === "stray" || isLast) {
      tell(state, { kind: "gone", peer: ref, why });
      return dropChild(state, cell, seat, ref);
    }
    child.lostAtMs ??= state.turn.nowMs;
    return;
  }
  if (seat.up.at === "linked" && seat.up.link.ref.id === ref.id && !isSelf(state, ref.id))
    loseParent(state, cell, seat, ref);
  else if (why === "reset") loseKin(state, cell, seat, ref);
}
