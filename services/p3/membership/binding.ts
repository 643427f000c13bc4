import { countOf, memberOf, type PeerRef } from "../../overlay/index.ts";
import { type MessageOf, P3_VERSION, type Refusal } from "../message.ts";
import { levelAt, roomFor } from "../settings.ts";
import { depthOf, digitOf, isCellId, parentOf } from "../state/cell-id.ts";
import { kinForChild, surroundings } from "../state/kin.ts";
import {
  asCoordinator,
  type Cell,
  type Coordinator,
  keepsState,
  send,
  type State,
} from "../state/state.ts";

export function onBind(state: State, from: PeerRef, message: MessageOf<"bind">): void {
  const here = asCoordinator(state);
  const refusal = here === undefined ? "not the coordinator" : judge(state, here, from, message);
  if (refusal === "welcome" && here !== undefined) return welcome(state, here, from, message);
  if (refusal !== undefined && refusal !== "welcome") return refuse(state, from, refusal);
  const key = bindKey(message);
  here?.seat.binding.give(from.id, key, state.nowMs + state.settings.promiseMs);
  send(state, from, { kind: "bound", cell: message.cell });
}

export function bindKey({ isNew, cell, entry }: MessageOf<"bind"> | MessageOf<"verdict">): string {
  return isNew ? digitOf(cell) : entry.role;
}

/** Whether a bind is in order; "welcome" when it was already granted and the news was lost. */
function judge(
  state: State,
  { cell, seat }: { readonly cell: Cell; readonly seat: Coordinator },
  from: PeerRef,
  message: MessageOf<"bind">,
): Refusal | "welcome" | undefined {
  if (message.version !== P3_VERSION) return "version";
  if (message.entry.ref.id !== from.id) return "forged parent";
  if (!isCellId(message.cell)) return "forged parent";
  if (state.quest !== undefined || seat.up.at === "rebinding" || seat.up.at === "seeking")
    return "no root";
  if (!message.isNew) {
    if (message.joiner !== "peer" || message.cell !== cell.id) return "not the coordinator";
    if (memberOf(cell.directory.get(""), from.id) !== undefined)
      return seat.members.has(from.id) ? "welcome" : "cycle";
    return hasRoom(state, cell, seat, message.entry) ? undefined : "full";
  }
  if (parentOf(message.cell) !== cell.id) return "not the coordinator";
  const digit = digitOf(message.cell);
  if (seat.children.get(from.id)?.digit === digit) return "welcome";
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

export function welcome(
  state: State,
  { cell, seat }: { readonly cell: Cell; readonly seat: Coordinator },
  to: PeerRef,
  message: MessageOf<"verdict"> | MessageOf<"bind">,
): void {
  const { isNew } = message;
  const child = seat.children.get(to.id);
  send(state, to, {
    kind: "welcome",
    cell: isNew && child !== undefined ? cell.id + child.digit : cell.id,
    isNew,
    epoch: isNew ? 1 : cell.epoch,
    version: isNew ? 1 : cell.version,
    records: isNew || !keepsState(message.entry.role) ? [] : cell.directory.snapshot(),
    around: isNew
      ? { parent: state.self.ref, root: cell.root, kin: kinForChild(cell, seat, to.id) }
      : surroundings(cell, seat),
  });
}

export function refuse(state: State, to: PeerRef, reason: Refusal, afterMs: number = 0): void {
  send(state, to, { kind: "refused", reason, afterMs });
}
