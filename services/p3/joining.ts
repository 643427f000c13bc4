import { depthOf, digitOf, isCellId, LARGEST_DEPTH, parentOf, ROOT_CELL } from "./cell-id.ts";
import { Directory } from "./directory.ts";
import { dropChild, publish, publishMembers, sendSnapshot } from "./feed.ts";
import {
  type Joiner,
  type Message,
  NO_KIN,
  P3_VERSION,
  type Refusal,
  type RootRank,
} from "./message.ts";
import { kinForChild, surroundings } from "./kin.ts";
import { countOf, memberOf, type PeerRef } from "../overlay/index.ts";
import { choosePlace, promiseKey } from "./placement.ts";
import { Promises } from "./promises.ts";
import { levelAt, roomFor } from "./settings.ts";
import {
  asCoordinator,
  type Cell,
  type Coordinator,
  isSelf,
  keepsState,
  newLink,
  type Quest,
  send,
  type State,
  tell,
  type Up,
} from "./state.ts";

type Of<K extends Message["kind"]> = Extract<Message, { kind: K }>;

/** Requests of one phase that go unanswered before joining starts again. */
const PHASE_TRIES = 3;

/** The root looks for room again this much later at the earliest, milliseconds. */
const BUSY_MS = 20;

/** Requests for a place after which a root that was to give way is one again. */
const ROOT_TRIES = 2;

export function newQuest(joiner: Joiner, contact?: PeerRef): Quest {
  return {
    joiner,
    phase: "placing",
    asked: contact,
    place: undefined,
    retryAtMs: 0,
    tries: 0,
  };
}

/** Gives up whatever cell this peer was in and joins again, asking `contact` first. */
export function rejoin(state: State, contact?: PeerRef): void {
  const { cell } = state;
  if (cell !== undefined) {
    state.contacts.remember(cell.kin.roots);
    state.contacts.remember([...cell.kin.parents, ...(cell.root === undefined ? [] : [cell.root])]);
  }
  state.cell = undefined;
  state.quest = newQuest("peer", contact);
  stepQuest(state);
}

/** Sends what is due: called by each tick while joining, and when a new quest starts. */
export function stepQuest(state: State): void {
  const { quest, settings } = state;
  if (quest === undefined || state.nowMs < quest.retryAtMs) return;
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
    wait(state, quest);
    if (contact !== undefined) send(state, contact, whereIs(state, quest.joiner));
    return;
  }
  if (quest.tries > PHASE_TRIES) {
    restart(state, quest);
    return;
  }
  wait(state, quest);
  bind(state, quest);
}

export function whereIs(state: State, joiner: Joiner): Message {
  const { cell, self } = state;
  return {
    kind: "where",
    version: P3_VERSION,
    joiner,
    role: self.role,
    height: joiner === "cell" ? (cell?.directory.height ?? 0) : 0,
    rank: rankOf(state),
  };
}

function rankOf(state: State): RootRank {
  const here = asCoordinator(state);
  const members = here?.cell.directory.get("")?.members ?? [];
  return {
    isRoot: here?.seat.up.at === "root",
    voterCount: members.filter(({ ref }) => state.settings.voters.includes(ref.id)).length,
    peerCount: here?.cell.directory.peerCount ?? 0,
    id: state.self.ref.id,
  };
}

function mayFound(state: State): boolean {
  return state.settings.mayFound && keepsState(state.self.role);
}

function isRoot(state: State): boolean {
  return asCoordinator(state)?.seat.up.at === "root";
}

/** The requests of many peers that start together must not come in step. */
function wait(state: State, quest: Quest, factor: number = 1): void {
  quest.retryAtMs =
    state.nowMs + state.settings.requestMs * factor * (0.75 + 0.5 * state.random.number());
}

/** Starts again with the first phase; a root that was about to give way stays one. */
function restart(state: State, quest: Quest): void {
  if (isRoot(state)) {
    state.quest = undefined;
    return;
  }
  quest.phase = "placing";
  quest.place = undefined;
  quest.asked = undefined;
  quest.tries = 0;
  wait(state, quest);
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
    seat: newSeat({ at: "root", probedAtMs: state.nowMs }),
  };
}

export function newSeat(up: Up): Coordinator {
  return {
    at: "coordinator",
    members: new Map(),
    children: new Map(),
    binding: new Promises(),
    promised: new Promises(),
    busyUntilMs: 0,
    up,
    beats: 0,
  };
}

// Phase 1: which cell.

export function onWhere(state: State, from: PeerRef, message: Of<"where">): void {
  const { cell } = state;
  if (message.version !== P3_VERSION) return refuse(state, from, "version");
  if (cell === undefined) return;
  const { seat } = cell;
  if (seat.at === "follower" || seat.up.at !== "root") {
    if (cell.root !== undefined && cell.root.id !== from.id && !isSelf(state, cell.root.id))
      send(state, from, { kind: "root", root: cell.root });
    return;
  }
  // A root that is about to give way sends nobody anywhere.
  if (state.quest !== undefined) return;
  if (message.joiner === "cell" && !outranks(rankOf(state), message.rank)) {
    state.contacts.remember([from]);
    state.quest = newQuest("cell", from);
    stepQuest(state);
    return;
  }
  const isUsual = message.joiner === "peer" && keepsState(message.role);
  if (isUsual && state.nowMs < seat.busyUntilMs) return refuse(state, from, "busy");
  const place = choosePlace(cell.id, cell.directory, seat.promised, state.settings, {
    id: from.id,
    joiner: message.joiner,
    role: message.role,
    height: message.height,
  });
  if (place === "busy" || place === "full") {
    if (isUsual && place === "busy") seat.busyUntilMs = state.nowMs + BUSY_MS;
    return refuse(state, from, place);
  }
  seat.promised.give(
    from.id,
    promiseKey(cell.id, place, message.role),
    state.nowMs + state.settings.promiseMs,
  );
  send(state, from, { kind: "place", ...place });
}

export function onRoot(state: State, root: PeerRef): void {
  if (isSelf(state, root.id)) return;
  state.contacts.remember([root]);
  const { quest } = state;
  if (quest === undefined) {
    // The probe of a root: whoever was asked knows another one.
    const here = asCoordinator(state);
    if (here?.seat.up.at === "root" && here.cell.directory.cellOf(root.id) === undefined)
      send(state, root, whereIs(state, "cell"));
    return;
  }
  if (quest.phase !== "placing") return;
  wait(state, quest);
  send(state, root, whereIs(state, quest.joiner));
}

export function onPlace(state: State, from: PeerRef, message: Of<"place">): void {
  const here = asCoordinator(state);
  if (state.quest === undefined && here?.seat.up.at === "root") state.quest = newQuest("cell");
  const { quest } = state;
  if (quest === undefined || quest.phase !== "placing" || !isCellId(message.cell)) return;
  if (quest.joiner === "cell" && here !== undefined && here.cell.directory.height === 0) {
    dissolve(state, here.cell, from);
    return;
  }
  const { cell, isNew, binder } = message;
  quest.place = { cell, isNew, binder };
  quest.phase = "binding";
  quest.tries = 1;
  wait(state, quest);
  bind(state, quest);
}

/** A cell with nothing beneath it joins another tree peer by peer: so that cells stay full. */
function dissolve(state: State, cell: Cell, root: PeerRef): void {
  for (const { ref } of cell.directory.get("")?.members ?? [])
    if (!isSelf(state, ref.id)) send(state, ref, { kind: "dissolve", root });
  rejoin(state, root);
}

// Phase 2: the bind.

function bind(state: State, quest: Quest): void {
  if (quest.place === undefined) return;
  const { cell, isNew, binder } = quest.place;
  send(state, binder, {
    kind: "bind",
    version: P3_VERSION,
    joiner: quest.joiner,
    cell,
    isNew,
    entry: state.self,
  });
}

export function onBind(state: State, from: PeerRef, message: Of<"bind">): void {
  const here = asCoordinator(state);
  const refusal = here === undefined ? "not the coordinator" : judge(state, here, from, message);
  if (refusal === "welcome" && here !== undefined) return welcome(state, here, from, message);
  if (refusal !== undefined && refusal !== "welcome") return refuse(state, from, refusal);
  const key = bindKey(message);
  here?.seat.binding.give(from.id, key, state.nowMs + state.settings.promiseMs);
  send(state, from, { kind: "bound", cell: message.cell });
}

function bindKey({ isNew, cell, entry }: Of<"bind"> | Of<"verdict">): string {
  return isNew ? digitOf(cell) : entry.role;
}

/** Whether a bind is in order; "welcome" when it was already granted and the news was lost. */
function judge(
  state: State,
  { cell, seat }: { readonly cell: Cell; readonly seat: Coordinator },
  from: PeerRef,
  message: Of<"bind">,
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

export function onBound(state: State, from: PeerRef): void {
  const { quest } = state;
  if (quest?.phase !== "binding" || quest.place?.binder.id !== from.id) return;
  quest.phase = "joining";
  quest.tries = 0;
  wait(state, quest, 2);
  const { cell, isNew } = quest.place;
  send(state, from, {
    kind: "join",
    joiner: quest.joiner,
    cell,
    isNew,
    height: quest.joiner === "cell" ? (state.cell?.directory.height ?? 0) : 0,
    entry: state.self,
    path: [state.self.ref],
  });
}

// Phases 3 and 4: up to the root and down again.

export function onJoin(state: State, from: PeerRef, message: Of<"join">): void {
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
  message: Of<"join">,
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
export function onVerdict(state: State, message: Of<"verdict">): void {
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
  message: Of<"verdict">,
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

function welcome(
  state: State,
  { cell, seat }: { readonly cell: Cell; readonly seat: Coordinator },
  to: PeerRef,
  message: Of<"verdict"> | Of<"bind">,
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

export function onWelcome(state: State, from: PeerRef, message: Of<"welcome">): void {
  const { quest } = state;
  if (quest?.place === undefined || quest.place.binder.id !== from.id) return;
  if (quest.phase === "placing" || !isCellId(message.cell)) return;
  const { around, epoch, version } = message;
  state.contacts.remember(around.kin.roots);
  state.quest = undefined;
  const here = asCoordinator(state);
  if (quest.joiner === "cell") {
    if (here === undefined) return;
    here.seat.up = { at: "linked", link: newLink(state, from) };
    here.seat.beats = -1;
    here.cell.id = message.cell;
    here.cell.parent = from;
    here.cell.root = around.root;
    here.cell.kin = around.kin;
    sendSnapshot(state, here.cell, from);
    return;
  }
  const directory = new Directory();
  if (message.isNew)
    directory.set("", { epoch, coordinator: state.self.ref.id, members: [state.self] });
  else directory.apply(message.records);
  state.cell = {
    id: message.cell,
    epoch,
    version,
    directory,
    parent: around.parent,
    root: around.root,
    kin: around.kin,
    seat: message.isNew
      ? newSeat({ at: "linked", link: newLink(state, from, 1) })
      : { at: "follower", coordinator: newLink(state, from), lostAtMs: undefined },
  };
}

export function onRefused(state: State, from: PeerRef, reason: Refusal): void {
  const { quest } = state;
  if (quest === undefined) return;
  if (reason !== "busy") tell(state, { kind: "refused", by: from, reason });
  if (quest.phase !== "placing" && quest.place?.binder.id !== from.id) return;
  restart(state, quest);
  // Whoever answers is alive: that is not what makes a peer found a tree.
  if (reason !== "busy") return;
  quest.asked = from;
  wait(state, quest, 0.5);
}

function refuse(state: State, to: PeerRef, reason: Refusal): void {
  send(state, to, { kind: "refused", reason });
}

/**
 * Whether root `a` stays when it meets `b`: a settled one before one that is still looking, then the one whose cell
 * has more of the configured voters, then the larger tree, then the lower id. Never true both ways.
 */
function outranks(a: RootRank, b: RootRank): boolean {
  if (a.isRoot !== b.isRoot) return a.isRoot;
  if (a.voterCount !== b.voterCount) return a.voterCount > b.voterCount;
  if (a.peerCount !== b.peerCount) return a.peerCount > b.peerCount;
  return a.id < b.id;
}
