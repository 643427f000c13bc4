import { memberOf, type PeerRef } from "../../overlay/index.ts";
import { type MessageOf, P3_VERSION, type Rejection } from "../message.ts";
import { ROOT_CELL } from "../state/cell-id.ts";
import { placeKey } from "../state/portal.ts";
import {
  asCoordinator,
  type Cell,
  isSelf,
  type RootTie,
  send,
  type State,
} from "../state/state.ts";
import { type Applicant, choosePlace, type Place, promisedPlace } from "./placement.ts";
import { isGivingWay, newQuest, stepQuest } from "./quest.ts";
import { outranks, rankOf } from "./rank.ts";
import { refuse } from "./refusal.ts";

/** Whoever waits for a place need not ask again sooner, nor is it to wait longer, milliseconds. */
const LEAST_WAIT_MS = 100;
const MOST_WAIT_MS = 4_000;
/** There is no room in the tree at all, so there will be none for a while, milliseconds. */
const FULL_MS = 1_000;

export function onWhere(
  state: State,
  from: PeerRef,
  message: MessageOf<"where">,
): Rejection | undefined {
  const { cell } = state;
  if (message.version !== P3_VERSION) return refuse(state, from, message.quest, "version");
  if (isSelf(state, from.id)) return refuse(state, from, message.quest, "duplicate id");
  if (cell === undefined) return undefined;
  const { seat } = cell;
  if (seat.at === "follower" || seat.up.at !== "root") {
    const { root } = cell;
    if (root !== undefined && root.id !== from.id && !isSelf(state, root.id))
      send(state, from, { kind: "root", quest: message.quest, root });
    return undefined;
  }
  // A root that has found another one to give way to sends nobody anywhere.
  if (isGivingWay(state)) return undefined;
  if (message.joiner === "cell" && !outranks(rankOf(state), message.rank)) {
    if (state.quest !== undefined) return undefined;
    state.contacts.remember([from]);
    state.quest = newQuest(state, "cell", from);
    stepQuest(state);
    return undefined;
  }
  return placeOne(state, { cell, up: seat.up }, from, message);
}

function placeOne(
  state: State,
  { cell, up }: { readonly cell: Cell; readonly up: RootTie },
  from: PeerRef,
  { quest, joiner, role, height }: MessageOf<"where">,
): Rejection | undefined {
  const { directory } = cell;
  const { portal } = up;
  const there = directory.cellOf(from.id);
  const known = there === undefined ? undefined : memberOf(directory.get(there), from.id);
  if (known !== undefined && known.ref.address !== from.address)
    return refuse(state, from, quest, "duplicate id");
  // It did not hear of its place yet; with another quest it has tried in vain to come in there.
  const before = promisedPlace(directory, portal, from.id);
  if (before !== undefined && portal.questOf(from.id) === quest) {
    send(state, from, { kind: "place", quest, ...before });
    return undefined;
  }
  portal.promised.drop(from.id);
  const applicant = { id: from.id, joiner, role, height };
  const place = choosePlace(directory, portal, state, applicant);
  if (typeof place === "object") {
    grant(state, up, from, quest, applicant, place);
    return undefined;
  }
  // A cell that lost its parent has not the time: it would become a root meanwhile.
  const afterMs = place === "full" && joiner === "peer" ? FULL_MS : waitMs(up);
  if (joiner === "peer")
    portal.waiting.add({ ref: from, quest, role, untilMs: state.turn.nowMs + 2 * afterMs });
  return refuse(state, from, quest, place, afterMs);
}

/** How long it takes at present until all that wait have a place. */
function waitMs({ portal }: RootTie): number {
  const { waiting, intervalMs } = portal;
  return Math.min(Math.max((waiting.count + 1) * intervalMs, LEAST_WAIT_MS), MOST_WAIT_MS);
}

function grant(
  state: State,
  { portal }: RootTie,
  to: PeerRef,
  quest: number,
  { role }: Applicant,
  place: Place,
): void {
  const key = placeKey(place.cell.slice(ROOT_CELL.length), role, place.isNew);
  portal.waiting.drop(to.id);
  const untilMs = state.turn.nowMs + state.settings.promiseMs;
  portal.promise(to.id, { place: key, quest, nowMs: state.turn.nowMs, untilMs });
  portal.given(state.turn.nowMs);
  send(state, to, { kind: "place", quest, ...place });
}

/** Sends those that wait where room has come up: after each step in which the tree may have changed. */
export function placeWaiting(state: State): void {
  const seat = asCoordinator(state)?.seat;
  if (seat?.up.at !== "root") return;
  const { up } = seat;
  const { waiting, openings } = up.portal;
  if (waiting.count === 0 || isGivingWay(state) || !openings.takeTouched()) return;
  for (const role of ["superpeer", "leaf", "monitor"] as const) placeLine(state, up, role);
}

function placeLine(state: State, up: RootTie, role: Applicant["role"]): void {
  const { portal } = up;
  const directory = state.cell?.directory;
  if (directory === undefined) return;
  for (;;) {
    const waiter = portal.waiting.next(role, state.turn.nowMs);
    if (waiter === undefined) return;
    const applicant = { id: waiter.ref.id, joiner: "peer", role, height: 0 } as const;
    const place = choosePlace(directory, portal, state, applicant);
    if (typeof place === "string") return;
    grant(state, up, waiter.ref, waiter.quest, applicant, place);
  }
}
