import { memberOf, type PeerRef } from "../../overlay/index.ts";
import type { MessageOf, Refusal } from "../message.ts";
import { depthOf, digitOf, LARGEST_DEPTH, parentOf } from "../state/cell-id.ts";
import {
  asCoordinator,
  type Cell,
  type Coordinator,
  isSelf,
  newLink,
  send,
  type State,
  tell,
} from "../state/state.ts";
import { bindKey, refuse, welcome } from "./binding.ts";
import { dropChild, publish, publishMembers } from "./feed.ts";

export function onJoin(state: State, from: PeerRef, message: MessageOf<"join">): void {
  const here = asCoordinator(state);
  const refusal =
    here === undefined ? "not the coordinator" : judgeJoin(state, here, from, message);
  const { joiner, cell, isNew, entry, path } = message;
  if (refusal === undefined && here?.seat.up.at === "linked") {
    send(state, here.seat.up.link.ref, { ...message, path: [...path, state.self.ref] });
    return;
  }
  onVerdict(state, { kind: "verdict", refused: refusal ?? "", joiner, cell, isNew, entry, path });
}

function judgeJoin(
  state: State,
  { cell, seat }: { readonly cell: Cell; readonly seat: Coordinator },
  from: PeerRef,
  message: MessageOf<"join">,
): Refusal | undefined {
  const { entry, path } = message;
  if (isSelf(state, entry.ref.id)) return "cycle";
  if (path.length > LARGEST_DEPTH + 1) return "too deep";
  const isKnown =
    path.length === 1 ? seat.binding.placeOf(from.id) !== undefined : seat.children.has(from.id);
  if (!isKnown || path.at(-1)?.id !== from.id) return "forged parent";
  if (state.quest !== undefined) return "no root";
  if (seat.up.at === "linked") return undefined;
  if (seat.up.at !== "root") return "no root";
  const there = cell.directory.cellOf(entry.ref.id);
  const known = there === undefined ? undefined : memberOf(cell.directory.get(there), entry.ref.id);
  // The same peer at the same address was shunned and comes back; another address is another process.
  if (known !== undefined && known.ref.address !== entry.ref.address) return "duplicate id";
  return depthOf(message.cell) + message.height > LARGEST_DEPTH ? "too deep" : undefined;
}

/** Passes the root's word on to the last of the path, or acts on it where the path ends. */
export function onVerdict(state: State, message: MessageOf<"verdict">): void {
  const { path } = message;
  const next = path.at(-1);
  if (next === undefined) return;
  if (path.length > 1) {
    send(state, next, { ...message, path: path.slice(0, -1) });
    return;
  }
  const here = asCoordinator(state);
  if (here === undefined) return refuse(state, next, "not the coordinator");
  if (message.refused !== "") {
    here.seat.binding.drop(next.id);
    return refuse(state, next, message.refused as Refusal);
  }
  admit(state, here, next, message);
}

/** The binder takes in whom the root approved. */
function admit(
  state: State,
  here: { readonly cell: Cell; readonly seat: Coordinator },
  ref: PeerRef,
  message: MessageOf<"verdict">,
): void {
  const { cell, seat } = here;
  // What was promised may have lapsed: another took the place.
  if (seat.binding.placeOf(ref.id) !== bindKey(message)) return refuse(state, ref, "taken");
  seat.binding.drop(ref.id);
  const { entry } = message;
  if (!message.isNew) {
    if (message.cell !== cell.id) return refuse(state, ref, "not the coordinator");
    const members = cell.directory.get("")?.members ?? [];
    seat.members.set(ref.id, newLink(state, ref, cell.version + 1));
    publishMembers(state, cell, seat, [...members, entry]);
    tell(state, { kind: "joined", peer: ref, role: entry.role });
    return welcome(state, here, ref, message);
  }
  const digit = digitOf(message.cell);
  // It was beneath this cell before and comes back elsewhere.
  dropChild(state, cell, seat, ref);
  if (parentOf(message.cell) !== cell.id || cell.directory.get(digit) !== undefined)
    return refuse(state, ref, "taken");
  const applied = message.joiner === "peer" ? 1 : -1;
  const link = newLink(state, ref);
  seat.children.set(ref.id, { digit, link, applied, lostAtMs: undefined });
  publish(state, cell, seat, [[digit, { epoch: 1, coordinator: ref.id, members: [entry] }]]);
  tell(state, { kind: "joined", peer: ref, role: entry.role });
  welcome(state, here, ref, message);
}
