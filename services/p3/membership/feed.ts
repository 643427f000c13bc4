import { type ChildLink, type Link } from "../state/link.ts";
import type { Change } from "../state/directory.ts";
import { depthOf } from "../state/cell-id.ts";
import { areValid, isWhole } from "../state/validity.ts";
import { callOff } from "../discovery/memory.ts";
import type { Message, MessageOf, Rejection } from "../message.ts";
import {
  type CellRecord,
  memberOf,
  type PeerEntry,
  type PeerId,
  type PeerRef,
  sameRecord,
} from "../../overlay/index.ts";
import { asCoordinator, type Cell, type Coordinator, send, type State } from "../state/state.ts";

/** Makes changes to the state this peer is coordinator of, and sends them to all that have copies. */
export function publish(
  state: State,
  cell: Cell,
  seat: Coordinator,
  changes: readonly Change[],
): void {
  if (changes.length === 0) return;
  callOff(state, cell, changes);
  cell.directory.apply(changes);
  const from = cell.version++;
  const feed: Message = {
    kind: "feed",
    epoch: cell.epoch,
    from,
    to: cell.version,
    changes,
  };
  for (const { ref, keeps } of seat.members.values()) if (keeps) send(state, ref, feed);
  if (seat.up.at === "linked") send(state, seat.up.link.ref, feed);
  if (seat.up.at === "root") seat.up.portal.note(changes);
}

/** The cell's own record with other members. */
export function publishMembers(
  state: State,
  cell: Cell,
  seat: Coordinator,
  members: readonly PeerEntry[],
): void {
  const record: CellRecord = { epoch: cell.epoch, coordinator: state.self.ref.id, members };
  publish(state, cell, seat, [["", record]]);
}

/** Sends everything to a link that is behind what it should have had two beats ago. */
export function repair(state: State, cell: Cell, link: Link): void {
  const isBehind = link.acked < link.longBefore;
  link.longBefore = link.before;
  link.before = cell.version;
  if (!isBehind) return;
  // It gets two beats to say that it has it.
  link.longBefore = -1;
  link.before = -1;
  sendSnapshot(state, cell, link.ref);
}

export function sendSnapshot(state: State, cell: Cell, to: PeerRef): void {
  const { epoch, version, directory } = cell;
  send(state, to, { kind: "snapshot", epoch, version, records: directory.snapshot() });
}

export function onFeed(
  state: State,
  from: PeerRef,
  message: MessageOf<"feed">,
): Rejection | undefined {
  const { cell } = state;
  if (cell === undefined) return "not joined";
  const { seat } = cell;
  const { changes } = message;
  if (seat.at === "follower") {
    if (seat.coordinator.ref.id !== from.id) return "not from the coordinator";
    if (message.epoch !== cell.epoch || message.from < cell.version) return undefined;
    if (message.to !== message.from + 1 || !areValid(changes, originOf(cell, from)))
      return "malformed";
    seat.ahead.keep(message.from, changes);
    for (;;) {
      const next = seat.ahead.take(cell.version);
      if (next === undefined) return undefined;
      cell.directory.apply(next);
      cell.version++;
    }
  }
  const child = seat.children.get(from.id);
  if (child === undefined) return "no link of mine";
  if (child.applied < 0 || message.from < child.applied) return undefined;
  if (message.to !== message.from + 1 || !areValid(changes, originOf(cell, from, child)))
    return "malformed";
  child.ahead.keep(message.from, changes);
  for (;;) {
    const next = child.ahead.take(child.applied);
    if (next === undefined) return undefined;
    child.applied++;
    const prefixed = next.map(([key, record]): Change => [child.digit + key, record]);
    publish(state, cell, seat, prefixed.filter(isNews(cell)));
  }
}

export function onSnapshot(
  state: State,
  from: PeerRef,
  message: MessageOf<"snapshot">,
): Rejection | undefined {
  const { cell } = state;
  if (cell === undefined) return "not joined";
  const { seat } = cell;
  const { records, version } = message;
  if (seat.at === "follower") {
    if (seat.coordinator.ref.id !== from.id) return "not from the coordinator";
    // An older one that was overtaken would undo changes.
    if (message.epoch !== cell.epoch || version < cell.version) return undefined;
    if (!isWhole(records) || !areValid(records, originOf(cell, from))) return "malformed";
    cell.directory.apply(cell.directory.changesTo("", records));
    cell.version = version;
    return undefined;
  }
  const child = seat.children.get(from.id);
  if (child === undefined) return "no link of mine";
  if (!isWhole(records) || !areValid(records, originOf(cell, from, child))) return "malformed";
  takeBranch(state, cell, seat, child, version, records);
  return undefined;
}

/** Whose state is told: the own cell's, or that of a child. */
function originOf(
  cell: Cell,
  { id }: PeerRef,
  child?: ChildLink,
): { readonly coordinator: PeerId; readonly depth: number } {
  return { coordinator: id, depth: depthOf(cell.id) + (child === undefined ? 0 : 1) };
}

/** A child's whole state takes the place of what was known of its branch. */
export function takeBranch(
  state: State,
  cell: Cell,
  seat: Coordinator,
  child: ChildLink,
  version: number,
  records: readonly Change[],
): void {
  if (version < child.applied) return;
  child.applied = version;
  publish(state, cell, seat, cell.directory.changesTo(child.digit, records));
}

/** A member's news of itself. */
export function onEntry(state: State, from: PeerRef, entry: PeerEntry): Rejection | undefined {
  const here = asCoordinator(state);
  if (here === undefined || !here.seat.members.has(from.id)) return "no link of mine";
  const known = memberOf(here.cell.directory.get(""), from.id);
  const isOwn =
    entry.ref.id === from.id &&
    entry.ref.address === known?.ref.address &&
    entry.role === known.role &&
    Number.isSafeInteger(entry.version);
  if (!isOwn) return "not its own";
  setEntry(state, here.cell, here.seat, entry);
  return undefined;
}

/** An entry of the own cell, newer than the one there is. */
export function setEntry(state: State, cell: Cell, seat: Coordinator, entry: PeerEntry): void {
  const members = cell.directory.get("")?.members ?? [];
  const before = members.find(({ ref }) => ref.id === entry.ref.id);
  if (before === undefined || before.version >= entry.version) return;
  const link = seat.members.get(entry.ref.id);
  if (link !== undefined) link.entryVersion = entry.version;
  publishMembers(
    state,
    cell,
    seat,
    members.map((one) => (one === before ? entry : one)),
  );
}

function isNews(cell: Cell): (change: Change) => boolean {
  return ([key, record]) => !sameRecord(cell.directory.get(key), record);
}

/** A child cell and all beneath it is given up: who lives there joins anew. */
export function dropChild(state: State, cell: Cell, seat: Coordinator, child: PeerRef): void {
  const link = seat.children.get(child.id);
  if (link === undefined) return;
  seat.children.delete(child.id);
  const record = cell.directory.get(link.digit);
  state.contacts.remember(record?.members.map(({ ref }) => ref) ?? []);
  publish(state, cell, seat, cell.directory.changesTo(link.digit, []));
}

/** Branches without a link, which a peer leaves behind that moved within its cell's subtree before it was missed. */
export function dropLoose(state: State, cell: Cell, seat: Coordinator): void {
  if (cell.directory.childCount("") === seat.children.size) return;
  const linked = new Set([...seat.children.values()].map(({ digit }) => digit));
  for (const [digit] of cell.directory.children())
    if (!linked.has(digit)) publish(state, cell, seat, cell.directory.changesTo(digit, []));
}
