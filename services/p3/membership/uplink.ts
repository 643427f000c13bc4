import { Link } from "../state/link.ts";
import { isCellId, ROOT_CELL } from "../state/cell-id.ts";
import { newQuest, questId, stepQuest, whereIs } from "./quest.ts";
import { childWith, kinForChild } from "../state/kin.ts";
import type { MessageOf, Rejection } from "../message.ts";
import { refuse } from "./refusal.ts";
import { replaceChild } from "./election.ts";
import type { PeerId, PeerRef } from "../../overlay/index.ts";
import {
  asCoordinator,
  type Cell,
  type Coordinator,
  isSelf,
  rootTie,
  send,
  type State,
  type Up,
} from "../state/state.ts";

/** Peers that a root asks for another one each time. */
const PROBES = 8;

/** The parent is gone: the rest of its cell is asked first, for its subtree then stays where it was. */
export function loseParent(state: State, cell: Cell, seat: Coordinator, lost: PeerRef): void {
  state.contacts.remember([
    ...cell.kin.siblings,
    ...cell.kin.parents,
    ...cell.kin.roots,
    ...(cell.root === undefined ? [] : [cell.root]),
  ]);
  const untilMs = state.turn.nowMs + state.settings.rebindMs;
  const gone = new Set([lost.id]);
  seat.up = { at: "rebinding", lost, untilMs, hint: undefined, named: undefined, gone, tries: 0 };
  stepUp(state, cell, seat);
}

/** One of the parent's cell is gone, too: when none is left nobody is waited for. */
export function loseKin(state: State, cell: Cell, seat: Coordinator, { id }: PeerRef): void {
  const { up } = seat;
  if (up.at !== "rebinding" || up.gone.has(id)) return;
  up.gone.add(id);
  if (up.hint?.id === id) up.hint = undefined;
  // The next one is asked at once.
  stepUp(state, cell, seat);
}

/** What the tie to the tree needs at each tick; a linked one is watched with the other links. */
export function stepUp(state: State, cell: Cell, seat: Coordinator): void {
  const { up } = seat;
  switch (up.at) {
    case "root":
      probe(state, cell, seat);
      return;
    case "rebinding": {
      const others = cell.kin.parents.filter(({ id }) => !up.gone.has(id));
      if (others.length === 0 || state.turn.nowMs >= up.untilMs) return seek(state, cell, seat);
      const next = up.hint ?? others[up.tries++ % others.length];
      up.hint = undefined;
      if (next !== undefined) send(state, next, { kind: "rebind", epoch: cell.epoch });
      return;
    }
    case "seeking":
      // A quest that has found a place is seen through first.
      if (state.turn.nowMs >= up.untilMs && state.quest?.phase !== "joining")
        becomeRoot(state, cell, seat);
      return;
    case "linked":
      return;
  }
}

/** No parent: the cell with its subtree looks for a place from the root. */
export function seek(state: State, cell: Cell, seat: Coordinator): void {
  const { seekMs } = state.settings;
  // Those that lost the same root must not all become one at the same time.
  const untilMs = state.turn.nowMs + seekMs * (1 + state.random.number());
  seat.up = { at: "seeking", untilMs };
  cell.parent = undefined;
  state.quest = newQuest(state, "cell");
  stepQuest(state);
}

export function becomeRoot(state: State, cell: Cell, seat: Coordinator): void {
  state.quest = undefined;
  // The first probe follows at once: others may have become one too.
  seat.up = rootTie(cell.directory, state.turn.nowMs - state.settings.mergeMs);
  seat.beats = -1;
  cell.id = ROOT_CELL;
  cell.parent = undefined;
  cell.root = state.self.ref;
}

/** A root looks for others, for a partition may have ended. */
function probe(state: State, cell: Cell, seat: Coordinator): void {
  const { up } = seat;
  if (up.at !== "root" || state.quest !== undefined) return;
  if (state.turn.nowMs - up.probedAtMs < state.settings.mergeMs) return;
  up.probedAtMs = state.turn.nowMs;
  up.probe = questId(state);
  up.pointers = PROBES;
  const isMine = ({ id }: PeerRef): boolean => cell.directory.cellOf(id) !== undefined;
  const where = whereIs(state, "cell", up.probe);
  for (const contact of state.contacts.some(PROBES, isMine)) send(state, contact, where);
}

export function onRebind(
  state: State,
  from: PeerRef,
  { epoch }: MessageOf<"rebind">,
): Rejection | undefined {
  const { cell } = state;
  if (cell === undefined) return "not joined";
  const { seat } = cell;
  if (seat.at === "follower") {
    if (seat.lostAtMs === undefined)
      send(state, from, { kind: "coordinator", coordinator: seat.coordinator.ref });
    return undefined;
  }
  const child = childWith(cell, from.id);
  // A coordinator elected while this cell was without one is not known yet.
  if (child === undefined || (child[1].coordinator !== from.id && epoch <= child[1].epoch))
    return refuse(state, from, 0, "forged parent");
  const [digit] = child;
  if (!seat.children.has(from.id)) replaceChild(state, seat, digit, from, -1, [], cell);
  send(state, from, {
    kind: "adopted",
    cell: cell.id + digit,
    root: cell.root,
    kin: kinForChild(cell, seat, from.id),
  });
  return undefined;
}

export function onAdopted(
  state: State,
  from: PeerRef,
  message: MessageOf<"adopted">,
): Rejection | undefined {
  const here = asCoordinator(state);
  if (here?.seat.up.at !== "rebinding") return "not asked for";
  const { cell, seat } = here;
  if (!wasAsked(cell, here.seat.up, from.id)) return "not from the parent's cell";
  if (!isCellId(message.cell)) return "malformed";
  seat.up = { at: "linked", link: new Link(state, from) };
  seat.beats = -1;
  cell.id = message.cell;
  cell.parent = from;
  cell.root = message.root;
  cell.kin = message.kin;
  return undefined;
}

/** A member of the parent's cell names its coordinator. */
export function onCoordinator(
  state: State,
  from: PeerRef,
  coordinator: PeerRef,
): Rejection | undefined {
  const here = asCoordinator(state);
  if (here?.seat.up.at !== "rebinding") return "not asked for";
  const { up } = here.seat;
  if (!wasAsked(here.cell, up, from.id)) return "not from the parent's cell";
  if (isSelf(state, coordinator.id) || up.lost.id === coordinator.id) return undefined;
  up.hint = coordinator;
  up.named = coordinator.id;
  return undefined;
}

/** The parent's cell does not know this cell any more. */
export function onRebindRefused(state: State, from: PeerRef): Rejection | undefined {
  const here = asCoordinator(state);
  if (here?.seat.up.at !== "rebinding") return "not asked for";
  if (!wasAsked(here.cell, here.seat.up, from.id)) return "not from the parent's cell";
  seek(state, here.cell, here.seat);
  return undefined;
}

/** Whether a peer is of the parent's cell, or was named there as its coordinator. */
function wasAsked(cell: Cell, up: Extract<Up, { at: "rebinding" }>, id: PeerId): boolean {
  return up.named === id || cell.kin.parents.some((parent) => parent.id === id);
}
