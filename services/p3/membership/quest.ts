import { keepsState } from "../state/link.ts";
import type { PeerRef } from "../../overlay/index.ts";
import { type Joiner, type Message, NO_KIN, P3_VERSION, type Rejection } from "../message.ts";
import { ROOT_CELL } from "../state/cell-id.ts";
import { Directory } from "../state/directory.ts";
import { asCoordinator, newSeat, type Quest, rootTie, send, type State } from "../state/state.ts";
import { rankOf } from "./rank.ts";

/** Requests of one phase that go unanswered before joining starts again. */
const PHASE_TRIES = 3;

/** Requests for a place after which a root that was to give way is one again. */
const ROOT_TRIES = 2;

/** Pointers to a root followed for one request: two peers that each take the other for the root end here. */
const POINTERS = 4;

export function newQuest(
  state: State,
  joiner: Joiner,
  contact?: PeerRef,
  id: number = questId(state),
): Quest {
  state.formerQuest = state.latestQuest;
  state.latestQuest = id;
  return {
    id,
    joiner,
    phase: "placing",
    asked: contact,
    place: undefined,
    pointers: POINTERS,
    retryAtMs: 0,
    tries: 0,
  };
}

/** Never 0, which belongs to no quest; 31 bits, which IDL's long holds. */
export function questId(state: State): number {
  return 1 + Math.floor(state.random.number() * 0x7fff_fffe);
}

/** An answer that belongs to no quest under way: to one of the last two it is merely late, or came twice. */
export function unasked(
  { quest, latestQuest, formerQuest }: State,
  id: number,
): Rejection | undefined {
  const isLate = id !== quest?.id && (id === latestQuest || id === formerQuest);
  return isLate ? undefined : "not asked for";
}

/** Gives up whatever cell this peer was in and joins again, asking `contact` first. */
export function rejoin(state: State, contact?: PeerRef): void {
  const { cell } = state;
  if (cell !== undefined) {
    state.contacts.remember([...cell.kin.roots, ...cell.kin.parents, ...cell.mates]);
    if (cell.root !== undefined) state.contacts.remember([cell.root]);
  }
  state.cell = undefined;
  state.quest = newQuest(state, "peer", contact);
  stepQuest(state);
}

/** Sends what is due: called by each tick while joining, and when a new quest starts. */
export function stepQuest(state: State): void {
  const { quest, settings } = state;
  if (quest === undefined || state.turn.nowMs < quest.retryAtMs) return;
  quest.tries++;
  if (quest.phase === "placing") {
    const patience = settings.foundTries * (1 + state.contacts.rank);
    if (quest.joiner === "peer" && quest.tries > patience && mayFound(state)) {
      found(state);
      return;
    }
    // Roots that all wait for each other to answer would wait for ever.
    if (isRoot(state) && quest.tries > ROOT_TRIES) {
      state.quest = undefined;
      return;
    }
    const contact = quest.asked ?? state.contacts.next();
    // A pointer is followed once: when nobody answers there, the next contact is asked.
    quest.asked = undefined;
    quest.pointers = POINTERS;
    wait(state, quest);
    if (contact !== undefined) send(state, contact, whereIs(state, quest.joiner, quest.id));
    return;
  }
  if (quest.tries > PHASE_TRIES) {
    restart(state, quest);
    return;
  }
  wait(state, quest);
  bind(state, quest);
}

/** Whether this root has been given a place in another tree. */
export function isGivingWay({ quest }: State): boolean {
  return quest !== undefined && quest.phase !== "placing";
}

/** There are others to ask now: the next one is not waited for. */
export function hurryQuest(state: State): void {
  const { quest } = state;
  if (quest?.phase !== "placing" || state.contacts.count === 0) return;
  quest.retryAtMs = state.turn.nowMs;
  stepQuest(state);
}

export function whereIs(state: State, joiner: Joiner, quest: number): Message {
  const { cell, self } = state;
  return {
    kind: "where",
    quest,
    version: P3_VERSION,
    joiner,
    role: self.role,
    height: joiner === "cell" ? (cell?.directory.height ?? 0) : 0,
    rank: rankOf(state),
  };
}

function mayFound(state: State): boolean {
  return state.settings.mayFound && keepsState(state.self.role);
}

function isRoot(state: State): boolean {
  return asCoordinator(state)?.seat.up.at === "root";
}

/** The requests of many peers that start together must not come in step. */
export function wait(state: State, quest: Quest, ms: number = state.settings.requestMs): void {
  quest.retryAtMs = state.turn.nowMs + ms * (0.75 + 0.5 * state.random.number());
}

/** Starts again with the first phase; a root that was about to give way stays one. */
export function restart(state: State, quest: Quest): void {
  if (isRoot(state)) {
    state.quest = undefined;
    return;
  }
  state.quest = newQuest(state, quest.joiner);
  wait(state, state.quest);
}

/** This peer becomes the root of a tree of its own. */
function found(state: State): void {
  const directory = new Directory();
  const { self } = state;
  directory.set("", { epoch: 1, coordinator: self.ref.id, members: [self] });
  state.quest = undefined;
  state.cell = {
    id: ROOT_CELL,
    epoch: 1,
    version: 1,
    directory,
    parent: undefined,
    root: self.ref,
    kin: NO_KIN,
    mates: [],
    seat: newSeat(rootTie(directory, state.turn.nowMs)),
  };
}

export function bind(state: State, { id, joiner, place }: Quest): void {
  if (place === undefined) return;
  const { cell, isNew, binder } = place;
  const { self } = state;
  send(state, binder, {
    kind: "bind",
    quest: id,
    version: P3_VERSION,
    joiner,
    cell,
    isNew,
    entry: self,
  });
}
