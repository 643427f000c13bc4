import { ChildLink, keepsState, Link, MemberLink } from "../state/link.ts";
import type { Change } from "../state/directory.ts";
import { takeBranch } from "./feed.ts";
import { rejoin } from "./quest.ts";
import { depthOf, isCellId } from "../state/cell-id.ts";
import { areValid, isWhole } from "../state/validity.ts";
import { childWith, isMate, surroundings, surroundingsOfChild } from "../state/kin.ts";
import type { MessageOf, Rejection } from "../message.ts";
import { memberOf, type PeerRef, superpeersOf } from "../../overlay/index.ts";
import {
  asCoordinator,
  type Cell,
  type Coordinator,
  type Follower,
  isSelf,
  newFollower,
  newSeat,
  rootTie,
  send,
  type State,
  tell,
} from "../state/state.ts";

type Claim = MessageOf<"claim">;

/** A leaf or monitor waits this many staggers for a new coordinator before it joins elsewhere. */
const PATIENCE_STAGGERS = 4;

/** A follower whose coordinator is lost: the first of the remaining superpeers stands at once, each next one later. */
export function stepElection(state: State, cell: Cell, seat: Follower): void {
  if (seat.lostAtMs === undefined) return;
  const { staggerMs } = state.settings;
  const silentMs = state.turn.nowMs - seat.lostAtMs;
  const own = cell.directory.get("");
  const others =
    own === undefined ? [] : superpeersOf(own).filter(({ id }) => id !== seat.coordinator.ref.id);
  const rank = others.findIndex(({ id }) => isSelf(state, id));
  if (!keepsState(state.self.role) || rank < 0) {
    if (silentMs >= staggerMs * PATIENCE_STAGGERS) rejoin(state, cell.root);
    return;
  }
  if (silentMs >= rank * staggerMs) claim(state, cell, seat);
}

/** This follower becomes coordinator, and says so to all whom it concerns. */
export function claim(state: State, cell: Cell, lost: Follower): void {
  const former = lost.coordinator.ref;
  const { parent } = cell;
  const members = (cell.directory.get("")?.members ?? []).filter(({ ref }) => ref.id !== former.id);
  cell.epoch++;
  cell.version++;
  if (parent === undefined) cell.root = state.self.ref;
  cell.directory.set("", { epoch: cell.epoch, coordinator: state.self.ref.id, members });
  const seat = newSeat(
    parent === undefined
      ? rootTie(cell.directory, state.turn.nowMs)
      : { at: "linked", link: new Link(state, parent) },
  );
  cell.seat = seat;
  for (const entry of members)
    if (!isSelf(state, entry.ref.id)) seat.members.set(entry.ref.id, new MemberLink(state, entry));
  for (const [digit, record] of cell.directory.children()) {
    const entry = memberOf(record, record.coordinator);
    if (entry !== undefined)
      seat.children.set(entry.ref.id, new ChildLink(state, digit, entry.ref, -1));
  }
  state.contacts.remember([former]);
  tell(state, { kind: "gone", peer: former, why: "suspected" });
  announce(state, cell, seat, former);
}

function announce(state: State, cell: Cell, seat: Coordinator, former: PeerRef): void {
  const { id, epoch, version } = cell;
  const records = cell.directory.snapshot();
  const around = surroundings(cell, seat, true);
  const whole: Claim = { kind: "claim", cell: id, epoch, version, records, around };
  const short: Claim = { ...whole, records: [] };
  const toLeaf: Claim = { ...short, around: surroundings(cell, seat, false) };
  for (const { ref, role } of cell.directory.get("")?.members ?? [])
    if (seat.members.has(ref.id)) send(state, ref, keepsState(role) ? whole : toLeaf);
  if (seat.up.at === "linked") send(state, seat.up.link.ref, whole);
  send(state, former, short);
  for (const { digit, ref } of seat.children.values())
    send(state, ref, {
      ...short,
      cell: id + digit,
      around: surroundingsOfChild(cell, seat, state.self.ref, ref.id),
    });
}

export function onClaim(state: State, from: PeerRef, message: Claim): Rejection | undefined {
  const { cell } = state;
  if (cell === undefined) return "not joined";
  if (!isSound(from, message)) return "malformed";
  const { seat } = cell;
  if (seat.at === "follower") return follow(state, cell, seat, from, message);
  if (memberOf(cell.directory.get(""), from.id) !== undefined) {
    meetRival(state, from, message.epoch);
    return undefined;
  }
  if (claimOfParent(state, cell, seat, from, message)) return undefined;
  return claimOfChild(state, cell, seat, from, message);
}

/** Whether a claim holds together. To children and leaves it carries no records. */
function isSound(from: PeerRef, { cell, epoch, version, records }: Claim): boolean {
  if (!isCellId(cell) || !Number.isSafeInteger(epoch) || !Number.isSafeInteger(version))
    return false;
  if (records.length === 0) return true;
  if (records.some(([key, record]) => key === "" && record?.epoch !== epoch)) return false;
  return isWhole(records) && areValid(records, { coordinator: from.id, depth: depthOf(cell) });
}

function follow(
  state: State,
  cell: Cell,
  seat: Follower,
  from: PeerRef,
  message: Claim,
): Rejection | undefined {
  if (!isMate(cell, from.id)) return "not from the cell";
  if (message.epoch <= cell.epoch) {
    if (from.id !== seat.coordinator.ref.id)
      supersede(state, from, cell.epoch, seat.coordinator.ref);
    return "an older election";
  }
  const keeps = keepsState(state.self.role);
  const own = message.records.find(([key]) => key === "")?.[1];
  if (keeps && memberOf(own, state.self.ref.id) === undefined) {
    // The claim leaves this peer out: it was taken for dead too.
    tell(state, { kind: "shunned" });
    rejoin(state, from);
    return undefined;
  }
  followNew(state, cell, from, message.epoch);
  cell.id = message.cell;
  cell.parent = message.around.parent;
  cell.root = message.around.root;
  cell.kin = message.around.kin;
  cell.mates = message.around.mates;
  if (!keeps) return undefined;
  cell.directory.apply(cell.directory.changesTo("", message.records));
  cell.version = message.version;
  return undefined;
}

/** Takes another coordinator; what it has to tell comes with its claim or as a repair. */
export function followNew(state: State, cell: Cell, coordinator: PeerRef, epoch: number): void {
  cell.epoch = epoch;
  cell.version = -1;
  cell.seat = newFollower(state, coordinator);
}

/** Two coordinators of one cell: the later election stays, of one epoch the lower id. */
export function meetRival(state: State, rival: PeerRef, epoch: number): void {
  const here = asCoordinator(state);
  if (here === undefined) return;
  const { self } = state;
  const isLater = epoch > here.cell.epoch || (epoch === here.cell.epoch && rival.id < self.ref.id);
  if (isLater) abdicate(state, here.cell, here.seat, rival);
  else supersede(state, rival, here.cell.epoch, self.ref);
}

function supersede(state: State, whom: PeerRef, epoch: number, coordinator: PeerRef): void {
  send(state, whom, { kind: "superseded", epoch, coordinator });
}

export function onSuperseded(
  state: State,
  from: PeerRef,
  { epoch, coordinator }: MessageOf<"superseded">,
): Rejection | undefined {
  const here = asCoordinator(state);
  if (here === undefined) return "not asked for";
  const { cell, seat } = here;
  const isParent = seat.up.at === "linked" && seat.up.link.ref.id === from.id;
  if (!isParent && memberOf(cell.directory.get(""), from.id) === undefined)
    return "not from the cell";
  if (isSelf(state, coordinator.id)) return undefined;
  const isLater =
    epoch > cell.epoch || (epoch === cell.epoch && coordinator.id < state.self.ref.id);
  if (!isParent && !isLater) return "an older election";
  abdicate(state, cell, seat, coordinator);
  return undefined;
}

/** This coordinator was taken for dead and replaced: it joins again, and its links look for the new one. */
export function abdicate(state: State, cell: Cell, seat: Coordinator, successor: PeerRef): void {
  for (const { ref } of seat.members.values())
    if (ref.id !== successor.id) send(state, ref, { kind: "stray" });
  for (const { ref } of seat.children.values()) send(state, ref, { kind: "stray" });
  tell(state, { kind: "shunned" });
  state.contacts.remember([successor, ...(cell.root === undefined ? [] : [cell.root])]);
  rejoin(state, successor);
}

/** A member of the parent's cell became its coordinator. */
function claimOfParent(
  state: State,
  cell: Cell,
  seat: Coordinator,
  from: PeerRef,
  message: Claim,
): boolean {
  if (seat.up.at !== "linked" && seat.up.at !== "rebinding") return false;
  if (!cell.kin.parents.some(({ id }) => id === from.id)) return false;
  seat.up = { at: "linked", link: new Link(state, from) };
  seat.beats = -1;
  cell.id = message.cell;
  cell.parent = from;
  cell.root = message.around.root;
  cell.kin = message.around.kin;
  return true;
}

/** A member of a child cell became its coordinator. */
function claimOfChild(
  state: State,
  cell: Cell,
  seat: Coordinator,
  from: PeerRef,
  message: Claim,
): Rejection | undefined {
  const child = childWith(cell, from.id);
  // Not beneath this cell, or not any more: it has to be placed anew.
  if (child === undefined) {
    send(state, from, { kind: "stray" });
    return "no link of mine";
  }
  const [digit, record] = child;
  if (message.epoch <= record.epoch) {
    const there = memberOf(record, record.coordinator);
    if (there !== undefined && there.ref.id !== from.id)
      supersede(state, from, record.epoch, there.ref);
    return "an older election";
  }
  if (message.records.length === 0) return "malformed";
  replaceChild(state, seat, digit, from, message.version, message.records, cell);
  return undefined;
}

export function replaceChild(
  state: State,
  seat: Coordinator,
  digit: string,
  ref: PeerRef,
  version: number,
  records: readonly Change[],
  cell: Cell,
): void {
  for (const [id, child] of seat.children) if (child.digit === digit) seat.children.delete(id);
  const child = new ChildLink(state, digit, ref, -1);
  seat.children.set(ref.id, child);
  if (records.length > 0) takeBranch(state, cell, seat, child, version, records);
}
