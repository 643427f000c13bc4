import { cutAfter, type Entry, entryAt, lastOf, NOTHING_KEPT } from "../history/index.ts";
import { refuseHere } from "./answering.ts";
import { abandon, index, restore } from "./executing.ts";
import { passAnew } from "./ordering.ts";
import {
  addEntry,
  changed,
  newPeer,
  type Primary,
  send,
  type State,
  viewNumber,
  wantedFrom,
} from "./state.ts";
import { acknowledge, ask, beatAll } from "./streaming.ts";
import { withStyle } from "./settings.ts";
import { isSameView, type View } from "./view.ts";

/** A later view was decided. */
export function adopt(state: State, view: View): void {
  const { role, accepted, self } = state;
  if (view.number <= viewNumber(state) || role.at === "fenced" || role.at === "left") return;
  // Its store says still that it is in the view before: if it comes back from that, it is told of this one.
  if (role.at === "retiring" && !view.members.includes(self)) return end(state, "left");
  const staged = accepted !== undefined && isSameView(accepted.next, view) ? accepted : undefined;
  state.view = view;
  state.isBack = false;
  takeStyle(state, view);
  state.promised = undefined;
  state.accepted = undefined;
  state.attempt = undefined;
  state.intake = undefined;
  for (const gone of [state.suspects, state.retiring])
    for (const id of gone) if (!view.members.includes(id)) gone.delete(id);
  if (!view.members.includes(self) && role.at !== "outside") return end(state, "fenced");
  if (staged?.entries !== undefined && view.members.includes(self))
    return install(state, staged.entries);
  // The members that decided hold the history; what this one has beyond the certain part is of no more use.
  replaceAfter(state, []);
  if (role.at === "retiring") return;
  if (view.members.includes(self)) state.role = { at: "follower" };
  ask(state, wantedFrom(state));
}

/** The view says how the group is run from its start on. */
export function takeStyle(state: State, { style, start }: View): void {
  const wanted = style ?? state.founded.style;
  if (wanted === state.settings.style) return;
  state.settings = withStyle(state.founded, wanted);
  state.turnAt = start;
}

/** This member holds the history that the current view begins with: the certain part of its log, then `entries`. */
export function install(state: State, entries: readonly Entry[]): void {
  const { view, role, self } = state;
  if (view === undefined) return;
  replaceAfter(state, entries);
  state.installed = view.number;
  state.reads.clear();
  if (role.at === "retiring") return;
  if (view.primary === self) lead(state, view, role.at === "primary" ? role : undefined);
  else {
    state.role = { at: "follower" };
    acknowledge(state, 0);
    if (state.isTainted) ask(state, 0);
  }
  // Whoever was primary when they came: this one has them, or takes them now, and each only once.
  passAnew(state);
}

/** Puts another history behind the part that is certain. */
function replaceAfter(state: State, entries: readonly Entry[]): void {
  const { log, self } = state;
  let kept = state.commit;
  for (const entry of entries)
    if (entry.op === kept + 1 && entryAt(log, entry.op)?.view === entry.view) kept = entry.op;
  const isDeposed = state.role.at === "primary" && state.view?.primary !== self;
  const isAhead = state.busy !== undefined || state.held !== undefined || state.unlogged.length > 0;
  if (Math.max(state.started, state.applied) > kept || (isDeposed && isAhead)) {
    state.isTainted = true;
    abandon(state);
  }
  if (kept < lastOf(log)) changed(state, kept + 1);
  cutAfter(log, kept);
  for (const entry of entries) if (entry.op === lastOf(log) + 1) addEntry(state, entry);
  index(state);
}

/** From now on this member is the primary. */
function lead(state: State, view: View, former: Primary | undefined): void {
  const last = lastOf(state.log);
  // Another view came first: it is tried again.
  const style = former?.restyle?.style ?? state.settings.style;
  const role: Primary = {
    at: "primary",
    peers: new Map(),
    next: undefined,
    queue: new Map(),
    askers: new Map(),
    round: 0,
    snapshot: former?.snapshot,
    isCapturing: former?.isCapturing === true,
    heir: undefined,
    restyle: style === state.settings.style ? undefined : { style, isFlushing: false },
    isGathering: false,
  };
  for (const id of view.members) if (id !== state.self) role.peers.set(id, newPeer(true, last));
  state.role = role;
  // A majority of the members held it when the view was decided: whoever has the next one decided finds it there.
  state.commit = Math.max(state.commit, view.start);
  for (const id of former?.peers.keys() ?? [])
    if (!role.peers.has(id)) send(state, id, { kind: "news", view: view.number, current: view });
  if (state.settings.style === "cold-passive" && former === undefined) {
    const { op, state: octets, kept } = state.checkpoint ?? BEGINNING;
    restore(state, op, octets, kept);
    // What is executed again may still be waited for here.
    state.answered = op;
    index(state);
  }
  beatAll(state, role);
}

const BEGINNING = { op: 0, state: undefined, kept: NOTHING_KEPT } as const;

/** This member's part in the group is over. */
export function end(state: State, at: "fenced" | "retiring" | "left"): void {
  state.role = { at };
  abandon(state);
  const why = at === "fenced" ? at : "left";
  for (const id of state.pending.keys()) refuseHere(state, id, why, false);
  state.reads.clear();
}
