import { memberOf, type PeerRef } from "../../overlay/index.ts";
import type { MessageOf, Rejection } from "../message.ts";
import { childWith } from "../state/kin.ts";
import { send, type State } from "../state/state.ts";

/** Whether answers may come from there: the coordinator, or the parent's. */
export function isFromAbove({ cell }: State, { id }: PeerRef): boolean {
  if (cell === undefined) return false;
  const { seat } = cell;
  if (seat.at === "follower") return seat.coordinator.ref.id === id;
  return seat.up.at === "linked" && seat.up.link.ref.id === id;
}

/** Whether questions may come from there: a member of the cell, or a child cell's coordinator. */
export function isFromBelow({ cell }: State, { id }: PeerRef): boolean {
  if (cell === undefined) return false;
  const { seat } = cell;
  if (seat.at === "coordinator") return seat.members.has(id) || seat.children.has(id);
  // One that was coordinator still passes on what reaches it late.
  return memberOf(cell.directory.get(""), id) !== undefined || childWith(cell, id) !== undefined;
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
