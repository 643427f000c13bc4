import { keepsState } from "../state/link.ts";
import { countOf, memberOf, type PeerRef } from "../../overlay/index.ts";
import { type MessageOf, P3_VERSION, type Refusal, type Rejection } from "../message.ts";
import { levelAt, roomFor } from "../settings.ts";
import { depthOf, digitOf, isCellId, parentOf } from "../state/cell-id.ts";
import { surroundings, surroundingsOfChild } from "../state/kin.ts";
import { asCoordinator, type Cell, type Coordinator, send, type State } from "../state/state.ts";
import { isGivingWay } from "./quest.ts";
import { refuse } from "./refusal.ts";

export function onBind(
  state: State,
  from: PeerRef,
  message: MessageOf<"bind">,
): Rejection | undefined {
  const { quest } = message;
  const here = asCoordinator(state);
  if (here === undefined) return refuse(state, from, quest, "not the coordinator");
  const refusal = judge(state, here, from, message);
  if (refusal === "welcome") {
    welcome(state, here, from, message);
    return undefined;
  }
  if (refusal !== undefined) return refuse(state, from, quest, refusal);
  const untilMs = state.turn.nowMs + state.settings.promiseMs;
  here.seat.binding.give(from.id, bindKey(message), untilMs);
  send(state, from, { kind: "bound", quest, cell: message.cell });
  return undefined;
}

/** What the place of one that binds is kept under: the digit of a new cell, or the role in this one. */
export function bindKey({ isNew, cell, entry }: MessageOf<"bind" | "verdict">): string {
  return isNew ? digitOf(cell) : entry.role;
}

/** Whether a bind is in order; "welcome" when it was already granted and the news was lost. */
function judge(
  state: State,
  { cell, seat }: { readonly cell: Cell; readonly seat: Coordinator },
  from: PeerRef,
  message: MessageOf<"bind">,
): Refusal | "welcome" | undefined {
  const { entry } = message;
  if (message.version !== P3_VERSION) return "version";
  if (entry.ref.id !== from.id || entry.ref.address !== from.address) return "forged parent";
  if (!isCellId(message.cell)) return "forged parent";
  if (seat.up.at === "rebinding" || seat.up.at === "seeking" || isGivingWay(state))
    return "no root";
  if (!message.isNew) {
    if (message.joiner !== "peer" || message.cell !== cell.id) return "not the coordinator";
    const known = memberOf(cell.directory.get(""), from.id);
    if (known === undefined) return hasRoom(state, cell, seat, entry) ? undefined : "full";
    if (known.ref.address !== from.address) return "duplicate id";
    return seat.members.has(from.id) ? "welcome" : "cycle";
  }
  if (parentOf(message.cell) !== cell.id) return "not the coordinator";
  const digit = digitOf(message.cell);
  const child = seat.children.get(from.id);
  if (child?.digit === digit)
    return child.ref.address === from.address ? "welcome" : "duplicate id";
  if (cell.directory.get(digit) !== undefined) return "taken";
  return seat.binding.isTakenByOther(digit, from.id) ? "taken" : undefined;
}

function hasRoom(
  state: State,
  cell: Cell,
  seat: Coordinator,
  { role, ref }: { readonly role: "superpeer" | "leaf" | "monitor"; readonly ref: PeerRef },
): boolean {
  const own = cell.directory.get("");
  if (own === undefined) return false;
  const promised = seat.binding.countAt(role) - (seat.binding.placeOf(ref.id) === role ? 1 : 0);
  return countOf(own, role) + promised < roomFor(levelAt(state.settings, depthOf(cell.id)), role);
}

/** The end of joining: the peer is in the directory, and is given its share of it. */
export function welcome(
  state: State,
  { cell, seat }: { readonly cell: Cell; readonly seat: Coordinator },
  to: PeerRef,
  { quest, isNew, entry }: MessageOf<"bind" | "verdict">,
): void {
  const child = seat.children.get(to.id);
  const keeps = keepsState(entry.role);
  send(state, to, {
    kind: "welcome",
    quest,
    cell: isNew && child !== undefined ? cell.id + child.digit : cell.id,
    isNew,
    epoch: isNew ? 1 : cell.epoch,
    version: isNew ? 1 : cell.version,
    records: isNew || !keeps ? [] : cell.directory.snapshot(),
    around: isNew
      ? surroundingsOfChild(cell, seat, state.self.ref, to.id)
      : surroundings(cell, seat, keeps),
  });
}
