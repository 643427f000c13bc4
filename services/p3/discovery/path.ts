import { keepsState } from "../state/link.ts";
import { memberOf, type PeerRef } from "../../overlay/index.ts";
import type { MessageOf, Rejection } from "../message.ts";
import { type Cell, send, type State } from "../state/state.ts";

/** Whether answers may come from there: the coordinator, or the parent's. */
export function isFromAbove({ cell }: State, { id }: PeerRef): boolean {
  if (cell === undefined) return false;
  const { seat } = cell;
  if (seat.at === "follower") return seat.coordinator.ref.id === id;
  return seat.up.at === "linked" && seat.up.link.ref.id === id;
}

/** Whether questions may come from there: the cell, or a child cell. */
export function isFromBelow({ cell }: State, { id }: PeerRef): boolean {
  if (cell === undefined) return false;
  const { seat } = cell;
  if (seat.at === "coordinator" && (seat.members.has(id) || seat.children.has(id))) return true;
  const key = cell.directory.cellOf(id);
  return key !== undefined && key.length <= 1;
}

/**
 * The next that knows more; undefined where there is none. To ask its coordinator is of no use to one that has a copy of
 * what it knows: a straight question goes to the parent's.
 */
export function nextUp(state: State, cell: Cell, isStraight: boolean): PeerRef | undefined {
  const { seat, parent } = cell;
  if (seat.at === "coordinator") return seat.up.at === "linked" ? seat.up.link.ref : undefined;
  const isCopy = parent !== undefined && keepsState(state.self.role);
  return isStraight && isCopy ? parent : seat.coordinator.ref;
}

/** To who asked, at the head of the path: straight where that is wanted and its place is known, else down the path. */
export function reply(
  state: State,
  message: MessageOf<"answer" | "forget">,
  isStraight: boolean,
): Rejection | undefined {
  const asker = isStraight ? beneath(state, message.path[0]) : undefined;
  if (asker === undefined) return passDown(state, message);
  send(state, asker, { ...message, path: [] });
  return undefined;
}

/** The way down: each hop takes itself off the path, and the next one must be beneath it. */
export function passDown(
  state: State,
  message: MessageOf<"answer" | "forget">,
): Rejection | undefined {
  const next = message.path.at(-1);
  if (next === undefined || !isFromBelow(state, next)) return "a forged path";
  send(state, next, { ...message, path: message.path.slice(0, -1) });
  return undefined;
}

/** A peer beneath this one, as it told itself where it is: nobody is sent what others asked for in its name. */
function beneath({ cell }: State, asker: PeerRef | undefined): PeerRef | undefined {
  if (cell === undefined || asker === undefined) return undefined;
  const key = cell.directory.cellOf(asker.id);
  return key === undefined ? undefined : memberOf(cell.directory.get(key), asker.id)?.ref;
}
