import { type Entry, lastOf, slice } from "../history/index.ts";
import { adopt, end } from "./installing.ts";
import type { Message, Proposed } from "./message.ts";
import type { Style } from "./settings.ts";
import { reachesMajority } from "./streaming.ts";
import { type Attempt, isInstalled, isMember, send, type State, viewNumber } from "./state.ts";
import {
  acceptorsOf,
  type Ballot,
  compareBallots,
  majority,
  type MemberId,
  type View,
} from "./view.ts";

/*
 * The next view is decided by Paxos among the members of this one and its witness: one decree for each number, so two
 * views of one number cannot be. A proposal is the view together with the history it begins with, and who agrees holds
 * that history; so what a majority of a view acknowledged is found by whoever has the next view decided.
 *
 * Reconfiguration as in Birman, Malkhi, van Renesse, "Virtually Synchronous Methodology for Dynamic Service
 * Replication" (MSR-TR-2010-151, 2010): wedge the view, agree on the next by the members of this one, then begin. Its
 * relatives: Lamport, Malkhi, Zhou, "Vertical Paxos and Primary-Backup Replication" (PODC 2009). What goes on inside a
 * view, and the names (view, operation and commit number), are those of Liskov and Cowling, "Viewstamped Replication
 * Revisited" (MIT-CSAIL-TR-2012-021), normal operation.
 */

/** This member stands: it has the view ended and proposes the next one, itself as primary. */
export function stand(state: State, without: readonly MemberId[]): void {
  const { view, self, promised } = state;
  // Who lacks the view's history, or a servant with it, could not begin.
  if (view === undefined || !isMember(state) || !isInstalled(state) || state.isTainted) return;
  const ballot: Ballot = { round: (promised?.round ?? 0) + 1, proposer: self };
  const from = state.commit + 1;
  const attempt: Attempt = {
    ballot,
    without: without.filter((id) => id !== self),
    from,
    promises: new Map(),
    staged: undefined,
    proposed: undefined,
    accepted: new Set(),
  };
  state.attempt = attempt;
  state.promised = ballot;
  attempt.promises.set(self, promiseOf(state, ballot, from));
  wedgeOthers(state, attempt);
  choose(state, attempt);
}

/** Those that are not to be in the next view, as far as this member knows. */
export function goers({ suspects, retiring }: State): readonly MemberId[] {
  return [...suspects, ...retiring];
}

/**
 * This member is to go, in good order: it serves no more, acknowledges nothing, and stays an acceptor until a view without it
 * is decided, for of two members the other one alone could not decide on it.
 */
export function retire(state: State): void {
  if (!isMember(state)) return leave(state);
  state.attempt = undefined;
  end(state, "retiring");
  sayRetiring(state);
  goIfAlone(state);
}

export function sayRetiring(state: State): void {
  sayToMembers(state, { kind: "retire", view: viewNumber(state) });
}

/** This member goes as it is. */
export function leave(state: State): void {
  sayToMembers(state, { kind: "leave", view: viewNumber(state) });
  end(state, "left");
}

function sayToMembers(state: State, message: Message): void {
  for (const id of state.view?.members ?? []) send(state, id, message);
}

export function onRetire(state: State, from: MemberId): void {
  const { role, retiring, view } = state;
  if (view?.members.includes(from) !== true) return;
  retiring.add(from);
  if (role.at === "primary" && role.heir === from) role.heir = undefined;
  goIfAlone(state);
}

/** Who waits for a view that nobody is left to decide on waits no more. */
export function goIfAlone(state: State): void {
  const { role, view, self } = state;
  if (role.at !== "retiring" || view === undefined) return;
  const going = goers(state);
  const isAlone = view.members.every((id) => id === self || going.includes(id));
  if (isAlone || !reachesMajority(state)) leave(state);
}

/** Asks again whoever has not answered the attempt under way. */
export function standAgain(state: State): void {
  const { attempt } = state;
  if (attempt === undefined) return;
  const { staged, proposed } = attempt;
  if (staged !== undefined) return stage(state, attempt, staged);
  if (proposed === undefined) return wedgeOthers(state, attempt);
  proposeTo(state, attempt, proposed);
}

function wedgeOthers(state: State, { ballot, promises }: Attempt): void {
  const { view } = state;
  if (view === undefined) return;
  const from = heldOf(state) + 1;
  for (const id of acceptorsOf(view))
    if (!promises.has(id))
      send(state, id, { kind: "wedge", view: view.number, current: view, ballot, from });
}

/**
 * Up to here this member needs nothing of others. In one view all logs are one, so its own serves beyond its commit, too;
 * and others may have dropped what comes after that, for after a crash it is that of the checkpoint.
 */
function heldOf(state: State): number {
  return isMember(state) && isInstalled(state) ? lastOf(state.log) : state.commit;
}

/** Somebody wants the view to end. From the promise on this member acknowledges nothing in it. */
export function onWedge(
  state: State,
  from: MemberId,
  { ballot, from: wanted }: Extract<Message, { kind: "wedge" }>,
): void {
  const { promised } = state;
  if (!isMember(state)) return;
  if (promised !== undefined && compareBallots(ballot, promised) < 0)
    return send(state, from, { kind: "outbid", view: viewNumber(state), ballot: promised });
  giveWay(state, ballot);
  send(state, from, promiseOf(state, ballot, wanted));
}

function giveWay(state: State, ballot: Ballot): void {
  state.promised = ballot;
  if (state.attempt !== undefined && compareBallots(state.attempt.ballot, ballot) < 0)
    state.attempt = undefined;
}

type PromiseMessage = Extract<Message, { kind: "promise" }>;

function promiseOf(state: State, ballot: Ballot, from: number): PromiseMessage {
  const { accepted, log, installed } = state;
  return {
    kind: "promise",
    view: viewNumber(state),
    ballot,
    installed,
    op: lastOf(log),
    entries: slice(log, from),
    accepted:
      accepted === undefined
        ? undefined
        : { ...accepted, entries: historyFrom(state, accepted, from) },
  };
}

/** The history that a proposal begins with, from `from` on; this member holds it, or its part up to its commit. */
function historyFrom(
  { log }: State,
  { entries, next }: Proposed,
  from: number,
): readonly Entry[] | undefined {
  if (entries === undefined) return undefined;
  const first = entries[0]?.op ?? next.start + 1;
  if (from >= first) return entries.filter(({ op }) => op >= from);
  const before = slice(log, from, first - 1);
  return before === undefined ? undefined : [...before, ...entries];
}

export function onPromise(state: State, from: MemberId, message: PromiseMessage): void {
  const { attempt } = state;
  if (attempt === undefined || compareBallots(message.ballot, attempt.ballot) !== 0) return;
  if (attempt.proposed !== undefined || attempt.staged !== undefined) return;
  attempt.promises.set(from, completed(message, attempt.promises.get(state.self)?.entries ?? []));
  choose(state, attempt);
}

/** What was asked for comes after this member's log: `own`, its log from its commit on, goes before it. */
function completed(message: PromiseMessage, own: readonly Entry[]): PromiseMessage {
  if (own.length === 0) return message;
  const { kind, view, ballot, installed, op, entries, accepted } = message;
  return {
    kind,
    view,
    ballot,
    installed,
    op,
    entries: entries === undefined ? undefined : [...own, ...entries],
    accepted: accepted === undefined ? undefined : completedProposal(accepted, own),
  };
}

function completedProposal(proposed: Proposed, own: readonly Entry[]): Proposed {
  const { ballot, next, entries } = proposed;
  if (entries === undefined) return proposed;
  return { ballot, next, entries: [...own.filter(({ op }) => op <= next.start), ...entries] };
}

/** With promises of a majority: what was agreed to already stays; else the best history there is goes on. */
function choose(state: State, attempt: Attempt): void {
  const { view, self } = state;
  if (view === undefined) return;
  const acceptors = acceptorsOf(view);
  const needed = majority(acceptors.length);
  let promises = [...attempt.promises].filter(([id]) => acceptors.includes(id));
  if (promises.length < needed) return;
  let bound = latest(promises.map(([, { accepted }]) => accepted));
  if (bound !== undefined && bound.entries === undefined) {
    // Only the witness knows of it, and holds nothing: members that do not may be enough without it.
    promises = promises.filter(([id]) => id !== view.witness);
    if (promises.length < needed) return;
    bound = latest(promises.map(([, { accepted }]) => accepted));
  }
  if (bound !== undefined) {
    // Who told of it has dropped what this member lacks; what is proposed without its history nobody could agree to.
    if (bound.entries === undefined) return;
    return propose(state, attempt, { ...bound, ballot: attempt.ballot });
  }
  // Nobody has a later history than this member's view's; in it all logs are one, of different lengths.
  const longest = promises
    .map(([, promise]) => promise)
    .filter(({ installed }) => installed === view.number)
    .reduce((a, b) => (b.op > a.op ? b : a));
  // It is too far ahead: this member should not be the one to stand.
  if (longest.entries === undefined) {
    state.attempt = undefined;
    return;
  }
  const style = nextStyle(state, view);
  const next: View = {
    number: view.number + 1,
    by: attempt.ballot,
    primary: self,
    members: nextMembers(state, view, attempt.without),
    start: longest.op,
    witness: view.witness,
    ...(style === undefined ? {} : { style }),
  };
  stage(state, attempt, { ballot: attempt.ballot, next, entries: longest.entries });
}

/**
 * Who joins has to hold the history before anybody agrees: what was agreed to cannot be taken back, and must not wait
 * for a majority of the next view that is gone by then.
 */
function stage(state: State, attempt: Attempt, proposed: Proposed): void {
  const { view } = state;
  const missing = proposed.next.members.filter(
    (id) => view?.members.includes(id) !== true && !attempt.accepted.has(id),
  );
  if (missing.length === 0) return propose(state, attempt, proposed);
  attempt.staged = proposed;
  for (const id of missing) sendProposal(state, attempt, proposed, id, attempt.from);
}

/** Of several proposals agreed to, that of the latest ballot binds; one with its history is as good as any. */
function latest(proposals: readonly (Proposed | undefined)[]): Proposed | undefined {
  let found: Proposed | undefined;
  for (const one of proposals) {
    if (one === undefined) continue;
    const order = found === undefined ? 1 : compareBallots(one.ballot, found.ballot);
    if (order > 0 || (order === 0 && found?.entries === undefined)) found = one;
  }
  return found;
}

/** Those of this view that are to stay, and who has caught up with it. */
function nextMembers(state: State, view: View, without: readonly MemberId[]): readonly MemberId[] {
  const staying = view.members.filter((id) => !without.includes(id));
  return [...staying, ...readyLearners(state).filter((id) => !without.includes(id))];
}

/** Those on their way into the group that hold what the primary's log has, but for what is under way. */
export function readyLearners({ role, log, commit, settings }: State): readonly MemberId[] {
  if (role.at !== "primary") return [];
  const enough = Math.max(0, log.base, commit - settings.windowCount);
  return [...role.peers]
    .filter(([, { isMember: isIn, acked }]) => !isIn && acked >= enough)
    .map(([id]) => id);
}

function propose(state: State, attempt: Attempt, proposed: Proposed): void {
  attempt.staged = undefined;
  attempt.proposed = proposed;
  state.accepted = proposed;
  attempt.accepted.add(state.self);
  proposeTo(state, attempt, proposed);
  decide(state, attempt, proposed);
}

function proposeTo(state: State, attempt: Attempt, proposed: Proposed): void {
  for (const id of concerned(state, proposed.next))
    if (!attempt.accepted.has(id)) sendProposal(state, attempt, proposed, id, attempt.from);
}

function sendProposal(
  state: State,
  { ballot }: Attempt,
  proposed: Proposed,
  to: MemberId,
  from: number,
): void {
  const { next } = proposed;
  const entries = historyFrom(state, proposed, from);
  if (entries === undefined) return;
  send(state, to, { kind: "propose", view: viewNumber(state), ballot, next, from, entries });
}

/** Who decides on the next view, and who is in it. */
function concerned({ view }: State, next: View): readonly MemberId[] {
  return [...new Set([...(view === undefined ? [] : acceptorsOf(view)), ...next.members])];
}

/** A proposal: who agrees takes over its history at the same time, beside its own. */
export function onPropose(
  state: State,
  from: MemberId,
  message: Extract<Message, { kind: "propose" }>,
): void {
  const { ballot, next } = message;
  const view = viewNumber(state);
  const before = state.promised ?? state.accepted?.ballot;
  if (before !== undefined && compareBallots(ballot, before) < 0)
    return send(state, from, { kind: "outbid", view, ballot: before });
  if (isMember(state)) giveWay(state, ballot);
  else if (!next.members.includes(state.self)) return;
  const { log, commit } = state;
  const held = heldOf(state);
  if (!state.hasState || message.from > held + 1)
    return send(state, from, { kind: "lack", view, ballot, from: held + 1 });
  const entries = [
    ...(slice(log, commit + 1, Math.max(commit, message.from - 1)) ?? []),
    ...message.entries.filter(({ op }) => op > commit),
  ];
  state.accepted = { ballot, next, entries };
  send(state, from, { kind: "accept", view, ballot });
}

export function onLack(
  state: State,
  from: MemberId,
  message: Extract<Message, { kind: "lack" }>,
): void {
  const { attempt } = state;
  const proposed = attempt?.proposed ?? attempt?.staged;
  if (attempt === undefined || proposed === undefined) return;
  if (compareBallots(message.ballot, attempt.ballot) === 0)
    sendProposal(state, attempt, proposed, from, message.from);
}

export function onAccept(
  state: State,
  from: MemberId,
  message: Extract<Message, { kind: "accept" }>,
): void {
  const { attempt } = state;
  if (attempt === undefined || compareBallots(message.ballot, attempt.ballot) !== 0) return;
  attempt.accepted.add(from);
  if (attempt.staged !== undefined) return stage(state, attempt, attempt.staged);
  if (attempt.proposed !== undefined) decide(state, attempt, attempt.proposed);
}

/**
 * Decided is what a majority of this view's acceptors agreed to and a majority of the next view's members hold: these
 * are asked for it when the view after that is decided.
 */
function decide(state: State, { accepted }: Attempt, { next }: Proposed): void {
  const { view } = state;
  if (view === undefined) return;
  const count = (ids: readonly MemberId[]): number => ids.filter((id) => accepted.has(id)).length;
  const acceptors = acceptorsOf(view);
  if (count(acceptors) < majority(acceptors.length)) return;
  if (count(next.members) < majority(next.members.length)) return;
  for (const id of concerned(state, next))
    send(state, id, { kind: "news", view: next.number, current: next });
  adopt(state, next);
}

/** Another ballot came first: this attempt is over, and the next one of this member exceeds it. */
export function onOutbid(state: State, { ballot }: Extract<Message, { kind: "outbid" }>): void {
  const { promised, attempt } = state;
  if (attempt === undefined || compareBallots(ballot, attempt.ballot) <= 0) return;
  state.attempt = undefined;
  if (promised === undefined || compareBallots(ballot, promised) > 0) state.promised = ballot;
}

/** The primary's place goes to `heir`, as soon as it has everything. */
export function handOver(state: State, heir: MemberId | undefined): void {
  const { role } = state;
  if (role.at !== "primary" || (heir !== undefined && role.peers.get(heir)?.isMember !== true))
    return;
  role.heir = heir;
}

/** Tells the heir to stand when nothing is under way that it lacks. */
export function stepHandOver(state: State): void {
  const { role, promised } = state;
  if (role.at !== "primary" || role.heir === undefined || promised !== undefined) return;
  if (isQuiet(state) && role.peers.get(role.heir)?.acked === lastOf(state.log))
    send(state, role.heir, { kind: "stand", view: viewNumber(state) });
}

/** All that the primary's servant has done is in the log. */
function isQuiet({ busy, held, unlogged }: State): boolean {
  return busy === undefined && held === undefined && unlogged.length === 0;
}

/**
 * The group is to be run in another way. A view says how, so that all members change after the same operation, and no
 * two of them ever go by different styles for one operation.
 */
export function restyle({ role, settings }: State, style: Style | undefined): void {
  if (role.at !== "primary") return;
  const isChange = style !== undefined && style !== settings.style;
  role.restyle = isChange ? { style, isFlushing: false } : undefined;
}

/** Has a view of the other style decided when nothing is under way that belongs to the one there is. */
export function stepRestyle(state: State): void {
  const { role, promised, busy, held } = state;
  if (role.at !== "primary" || role.restyle === undefined || role.heir !== undefined) return;
  if (promised !== undefined || !isInstalled(state) || !reachesMajority(state)) return;
  if (isQuiet(state)) return stand(state, goers(state));
  // Deferred: what was executed and answered goes into the log before.
  if (busy !== undefined || held !== undefined || role.restyle.isFlushing) return;
  role.restyle.isFlushing = true;
  state.out.push({ kind: "update", run: state.run });
}

/** Who stands with something under way that belongs to the present style keeps to it. */
function nextStyle(state: State, { style }: View): Style | undefined {
  const { role } = state;
  if (role.at !== "primary" || role.restyle === undefined || !isQuiet(state)) return style;
  return role.restyle.style;
}
