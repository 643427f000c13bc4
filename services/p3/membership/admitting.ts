import { ChildLink, MemberLink } from "../state/link.ts";
import { memberOf, type PeerRef } from "../../overlay/index.ts";
import type { MessageOf, Refusal, Rejection } from "../message.ts";
import {
  depthOf,
  digitOf,
  isCellId,
  LARGEST_DEPTH,
  parentOf,
  ROOT_CELL,
} from "../state/cell-id.ts";
import { placeKey } from "../state/portal.ts";
import {
  asCoordinator,
  type Cell,
  type Coordinator,
  isSelf,
  type RootTie,
  send,
  type State,
  tell,
} from "../state/state.ts";
import { bindKey, welcome } from "./binding.ts";
import { dropChild, publish, publishMembers } from "./feed.ts";
import { isGivingWay } from "./quest.ts";
import { refuse } from "./refusal.ts";

interface Here {
  readonly cell: Cell;
  readonly seat: Coordinator;
}

/** Phase 3: from coordinator to coordinator up to the root, each of which may object. */
export function onJoin(
  state: State,
  from: PeerRef,
  message: MessageOf<"join">,
): Rejection | undefined {
  const { quest, joiner, cell, isNew, entry, path } = message;
  const here = asCoordinator(state);
  if (here === undefined) return refuse(state, from, quest, "not the coordinator");
  // The way back is only worth something when it begins and ends where it should.
  if (!comesFrom(here.seat, from, message)) return refuse(state, from, quest, "forged parent");
  const refusal = judge(state, here, message);
  if (refusal === undefined && here.seat.up.at === "linked") {
    send(state, here.seat.up.link.ref, { ...message, path: [...path, state.self.ref] });
    return undefined;
  }
  const refused = refusal ?? "";
  passDown(state, here, { kind: "verdict", quest, refused, joiner, cell, isNew, entry, path });
  return refusal;
}

function comesFrom(seat: Coordinator, from: PeerRef, { entry, path }: MessageOf<"join">): boolean {
  if (path.at(-1)?.id !== from.id || path[0]?.id !== entry.ref.id) return false;
  return path.length === 1
    ? seat.binding.placeOf(from.id) !== undefined
    : seat.children.has(from.id);
}

function judge(
  state: State,
  { cell, seat }: Here,
  { quest, cell: wanted, height, isNew, entry, path }: MessageOf<"join">,
): Refusal | undefined {
  if (isSelf(state, entry.ref.id)) return "cycle";
  if (path.length > LARGEST_DEPTH + 1) return "too deep";
  if (isGivingWay(state)) return "no root";
  if (seat.up.at === "linked") return undefined;
  if (seat.up.at !== "root") return "no root";
  if (!isCellId(wanted) || depthOf(wanted) + height > LARGEST_DEPTH) return "too deep";
  const there = cell.directory.cellOf(entry.ref.id);
  const known = there === undefined ? undefined : memberOf(cell.directory.get(there), entry.ref.id);
  // The same peer at the same address was shunned and comes back; another address is another process.
  if (known !== undefined && known.ref.address !== entry.ref.address) return "duplicate id";
  const key = placeKey(wanted.slice(ROOT_CELL.length), entry.role, isNew);
  return isPromised(state, seat.up, entry.ref, key, quest) ? undefined : "not placed";
}

/** Whether the root sent that peer there; the promise then holds for as long again, until the peer is in. */
function isPromised(
  state: State,
  { portal }: RootTie,
  { id }: PeerRef,
  place: string,
  quest: number,
): boolean {
  if (portal.promised.placeOf(id) !== place || portal.questOf(id) !== quest) return false;
  const untilMs = state.turn.nowMs + state.settings.promiseMs;
  portal.promise(id, { place, quest, nowMs: state.turn.nowMs, untilMs });
  return true;
}

/** Phase 4: the root's word comes down. Only the parent's counts. */
export function onVerdict(
  state: State,
  from: PeerRef,
  message: MessageOf<"verdict">,
): Rejection | undefined {
  const here = asCoordinator(state);
  const up = here?.seat.up;
  if (here === undefined || up?.at !== "linked" || up.link.ref.id !== from.id)
    return "not from the parent";
  return passDown(state, here, message);
}

/** Passes the root's word on to the last of the path, or acts on it where the path ends. */
function passDown(state: State, here: Here, message: MessageOf<"verdict">): Rejection | undefined {
  const { path, quest, refused } = message;
  const { seat } = here;
  const next = path.at(-1);
  if (next === undefined) return "a forged path";
  if (path.length > 1) {
    if (!seat.children.has(next.id)) return "a forged path";
    send(state, next, { ...message, path: path.slice(0, -1) });
    return undefined;
  }
  // What was promised may have lapsed: another took the place.
  if (seat.binding.placeOf(next.id) !== bindKey(message))
    return refuse(state, next, quest, "taken");
  seat.binding.drop(next.id);
  if (refused !== "") {
    refuse(state, next, quest, refused as Refusal);
    return undefined;
  }
  admit(state, here, next, message);
  return undefined;
}

/** The binder takes in whom the root approved. */
function admit(state: State, here: Here, ref: PeerRef, message: MessageOf<"verdict">): void {
  const { cell, seat } = here;
  const { entry, quest } = message;
  if (!message.isNew) {
    if (message.cell !== cell.id) return void refuse(state, ref, quest, "not the coordinator");
    const members = (cell.directory.get("")?.members ?? []).filter((one) => one.ref.id !== ref.id);
    seat.members.set(ref.id, new MemberLink(state, entry, cell.version + 1));
    publishMembers(state, cell, seat, [...members, entry]);
    tell(state, { kind: "joined", peer: ref, role: entry.role });
    return welcome(state, here, ref, message);
  }
  const digit = digitOf(message.cell);
  // It was beneath this cell before and comes back elsewhere.
  dropChild(state, cell, seat, ref);
  if (parentOf(message.cell) !== cell.id || cell.directory.get(digit) !== undefined)
    return void refuse(state, ref, quest, "taken");
  const applied = message.joiner === "peer" ? 1 : -1;
  seat.children.set(ref.id, new ChildLink(state, digit, ref, applied));
  publish(state, cell, seat, [[digit, { epoch: 1, coordinator: ref.id, members: [entry] }]]);
  tell(state, { kind: "joined", peer: ref, role: entry.role });
  welcome(state, here, ref, message);
}
