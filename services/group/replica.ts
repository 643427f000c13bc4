import { append, type Entry, lastOf, type Request, restart, slice } from "../history/index.ts";
import { answer, refuse, refuseHere } from "./answering.ts";
import { catchUp, type Executed } from "./executing.ts";
import { onAppend } from "./following.ts";
import { adopt, takeStyle } from "./installing.ts";
import type { Message } from "./message.ts";
import { onExecuted, onRefused, onSubmit, onUpdated, passAgain, submit } from "./ordering.ts";
import type { GroupSettings, Style } from "./settings.ts";
import { settle } from "./settle.ts";
import {
  type Effect,
  isInstalled,
  isMember,
  newPeer,
  newState,
  send,
  type Standing,
  type State,
  type StoreChange,
  viewNumber,
  wantedFrom,
} from "./state.ts";
import { beatAll, ask, beat, isCutOff, stream } from "./streaming.ts";
import {
  goIfAlone,
  handOver,
  leave,
  onAccept,
  onLack,
  onOutbid,
  onPromise,
  onPropose,
  onRetire,
  onWedge,
  stand,
  restyle,
  retire,
  sayRetiring,
  standAgain,
  stepHandOver,
  stepRestyle,
} from "./succession.ts";
import { onCaptured, onChunk, onFetch, onPull, onSnapshot, pull } from "./transfer.ts";
import type { MemberId, View } from "./view.ts";

/** What happens to a member. */
export type ReplicaEvent =
  | { readonly kind: "submit"; readonly ticket: number; readonly request: Request }
  /** Nobody waits for the answer any more. */
  | { readonly kind: "forget"; readonly ticket: number }
  | { readonly kind: "message"; readonly from: MemberId; readonly message: Message }
  | Executed
  | { readonly kind: "captured"; readonly run: number; readonly state: Uint8Array }
  | { readonly kind: "updated"; readonly run: number; readonly update: Uint8Array }
  /** Seems to be gone; seems to be there after all. */
  | { readonly kind: "suspect"; readonly member: MemberId }
  | { readonly kind: "trust"; readonly member: MemberId }
  /** There has been no majority for long: who waits for an answer here waits no more. */
  | { readonly kind: "giveUp" }
  /** Stand for the next view, without these members and with those that have caught up. */
  | { readonly kind: "stand"; readonly without: readonly MemberId[] }
  /** The primary gives its place to this member; undefined: it stays after all. */
  | { readonly kind: "handOver"; readonly to: MemberId | undefined }
  /** The primary has the group's style changed; undefined: it stays after all. */
  | { readonly kind: "restyle"; readonly style: Style | undefined }
  /** Shows life, and what is committed. */
  | { readonly kind: "beat" }
  /** Says again what may have been lost. */
  | { readonly kind: "resend" }
  /** Warm passive, deferred: what changed goes into the log. */
  | { readonly kind: "flush" }
  /** Looks for the group at this member. */
  | { readonly kind: "join"; readonly contact: MemberId }
  /** Leaves in good order: serves no more, and votes until there is a view without it. */
  | { readonly kind: "retire" }
  /** Leaves at once. */
  | { readonly kind: "leave" };

export interface ReplicaOptions {
  readonly self: MemberId;
  readonly settings: GroupSettings;
  /** Of a member that founds the group, alone or with others; who joins later has none. */
  readonly founding?: View;
  /** Of the first founder, where the others join: they have yet to come for its state. */
  readonly isGathering?: boolean;
  /** What a durable member had stored: the last change, and all entries of its log. */
  readonly recovered?: Stored;
}

export interface Stored {
  readonly stored: StoreChange;
  /** From `base + 1` on. */
  readonly entries: readonly Entry[];
}

const NOTHING: readonly Effect[] = [];

/**
 * The protocol of one member, without a clock: when to suspect, to stand and to send again is told to it; see
 * `member.ts`. The same events give the same effects, always.
 */
export class Replica {
  readonly state: State;

  constructor(options: ReplicaOptions, nowMs: number) {
    this.state = newReplicaState(options, nowMs);
  }

  step(event: ReplicaEvent, nowMs: number): readonly Effect[] {
    return stepState(this.state, event, nowMs);
  }

  /** Does what nobody waits for; else the next step does it first. */
  tidy(): void {
    catchUp(this.state);
  }

  get standing(): Standing {
    return standingOf(this.state);
  }
}

export function newReplicaState(
  { self, settings, founding, isGathering, recovered }: ReplicaOptions,
  nowMs: number,
): State {
  if (settings.isDurable && settings.style !== "cold-passive")
    throw new RangeError(`only cold passive members are durable, not ${settings.style} ones`);
  const state = newState(self, settings, nowMs);
  if (recovered !== undefined) recover(state, recovered);
  else if (founding !== undefined) found(state, founding, isGathering === true);
  return state;
}

/** One step of a state; `Replica` holds one, tests hold many. */
export function stepState(state: State, event: ReplicaEvent, nowMs: number): readonly Effect[] {
  state.nowMs = Math.max(state.nowMs, nowMs);
  if (state.role.at !== "left") {
    catchUp(state);
    handle(state, event);
    settle(state);
    stepHandOver(state);
    stepRestyle(state);
    report(state);
    if (state.settings.isDurable) keep(state);
  }
  const { out } = state;
  if (out.length === 0) return NOTHING;
  state.out = [];
  return out;
}

function found(state: State, view: View, isGathering: boolean): void {
  state.view = view;
  state.installed = view.number;
  state.hasState = true;
  state.role = { at: "follower" };
  if (view.primary === state.self)
    state.role = {
      at: "primary",
      peers: new Map(
        view.members.filter((id) => id !== state.self).map((id) => [id, newPeer(true, 0)]),
      ),
      next: undefined,
      queue: new Map(),
      askers: new Map(),
      round: 0,
      snapshot: undefined,
      isCapturing: false,
      heir: undefined,
      restyle: undefined,
      isGathering,
    };
}

/** What others will be told after this step is stored before they are. */
function keep(state: State): void {
  const { view, installed, promised, accepted, log, checkpoint, stored, changedFrom } = state;
  const isSame =
    stored.view === view &&
    stored.promised === promised &&
    stored.accepted === accepted &&
    stored.checkpoint === checkpoint &&
    stored.installed === installed;
  if (isSame && changedFrom === undefined) return;
  const from = Math.max(log.base + 1, Math.min(changedFrom ?? Infinity, lastOf(log) + 1));
  const change: StoreChange = {
    view,
    installed,
    promised,
    accepted,
    base: log.base,
    from,
    entries: slice(log, from) ?? [],
    checkpoint,
  };
  state.stored = { view, installed, promised, accepted, checkpoint };
  state.changedFrom = undefined;
  state.out.unshift({ kind: "store", change });
}

/** A durable member after its process ended: what it told others still holds, and it remembers it. */
function recover(state: State, { stored, entries }: Stored): void {
  const { view, installed, promised, accepted, checkpoint, base } = stored;
  state.view = view;
  state.installed = installed;
  state.promised = promised;
  state.accepted = accepted;
  state.checkpoint = checkpoint;
  state.hasState = true;
  if (view !== undefined) takeStyle(state, view);
  const op = checkpoint?.op ?? 0;
  restart(state.log, base, checkpoint?.atMs ?? 0);
  for (const entry of entries) append(state.log, entry);
  state.commit = Math.max(op, base);
  state.answered = state.commit;
  // Out of the view, it would be another member; the end of its log need not be the group's.
  const isOut = view !== undefined && !isMember(state);
  state.role = { at: isOut ? "fenced" : "follower" };
  state.isBack = !isOut;
  // Its replies are lost with its clients: it begins as a follower, also where it was the primary, and stands again.
}

function standingOf(state: State): Standing {
  const { role, view } = state;
  if (role.at === "left" || role.at === "retiring") return { at: "left" };
  if (view === undefined || role.at === "outside") return { at: "joining" };
  if (role.at === "fenced") return { at: "fenced", view };
  if (!isInstalled(state)) return { at: "installing", view };
  const isStill = state.promised !== undefined || state.isBack || isCutOff(state);
  if (isStill) return { at: "wedged", view };
  return { at: role.at, view };
}

function report(state: State): void {
  const standing = standingOf(state);
  const view = viewNumber(state);
  if (state.reported.at === standing.at && state.reported.view === view) return;
  state.reported = { at: standing.at, view };
  state.out.push({ kind: "standing", standing });
}

function handle(state: State, event: ReplicaEvent): void {
  switch (event.kind) {
    case "submit":
      return submit(state, event.ticket, event.request);
    case "forget":
      return forget(state, event.ticket);
    case "message":
      return receive(state, event.from, event.message);
    case "executed":
      return event.run === state.run ? onExecuted(state, event) : undefined;
    case "captured":
      return event.run === state.run ? onCaptured(state, event.state) : undefined;
    case "updated":
      return event.run === state.run ? onUpdated(state, event.update) : undefined;
    case "suspect":
      return suspect(state, event.member);
    case "trust":
      return void state.suspects.delete(event.member);
    case "giveUp":
      return giveUp(state);
    case "stand":
      return stand(state, event.without);
    case "handOver":
      return handOver(state, event.to);
    case "restyle":
      return restyle(state, event.style);
    case "beat":
      return state.role.at === "primary" ? beatAll(state, state.role) : undefined;
    case "resend":
      return resend(state);
    case "flush":
      if (state.role.at === "primary" && state.unlogged.length > 0)
        state.out.push({ kind: "update", run: state.run });
      return;
    case "join":
      state.contact = event.contact;
      return send(state, event.contact, { kind: "ask", view: viewNumber(state) });
    case "retire":
      return retire(state);
    case "leave":
      return leave(state);
  }
}

function forget(state: State, ticket: number): void {
  for (const [id, { tickets }] of state.pending) {
    const at = tickets.indexOf(ticket);
    if (at < 0) continue;
    tickets.splice(at, 1);
    if (tickets.length === 0) state.pending.delete(id);
    return;
  }
}

/** What no primary can have ordered is not ordered later either. */
function giveUp(state: State): void {
  const { role, pending } = state;
  for (const id of pending.keys()) refuseHere(state, id, "no majority", false);
  if (role.at !== "primary") return;
  role.next = undefined;
  role.queue.clear();
  for (const id of role.askers.keys()) refuse(state, id, "no majority", true);
}

/** Who is on its way into the group and is gone is no concern of it; a member is one of the next view's. */
function suspect(state: State, member: MemberId): void {
  const { role } = state;
  state.suspects.add(member);
  if (role.at === "primary" && role.peers.get(member)?.isMember === false)
    role.peers.delete(member);
  goIfAlone(state);
}

/** Fencing: a message of another view than this member's is never acted on. */
function receive(state: State, from: MemberId, message: Message): void {
  const number = viewNumber(state);
  if (message.kind === "news") return adopt(state, message.current);
  if (message.kind === "wedge" && message.view > number) adopt(state, message.current);
  const { at } = state.role;
  if (at === "fenced" || at === "left") return;
  const { view } = state;
  if (message.view < number && view !== undefined)
    return send(state, from, { kind: "news", view: number, current: view });
  if (message.view > viewNumber(state))
    return send(state, from, { kind: "ask", view: viewNumber(state) });
  if (at === "retiring") vote(state, from, message);
  else act(state, from, message);
}

/** What a member that is to go still has to do with. */
function vote(state: State, from: MemberId, message: Message): void {
  const { kind } = message;
  if (kind === "wedge") onWedge(state, from, message);
  else if (kind === "propose") onPropose(state, from, message);
  else if (kind === "retire") onRetire(state, from);
  else if (kind === "leave") suspect(state, from);
}

function act(state: State, from: MemberId, message: Message): void {
  switch (message.kind) {
    case "append":
      return onAppend(state, from, message);
    case "ack":
      return onAck(state, from, message);
    case "fetch":
      return onFetch(state, from, message.from);
    case "snapshot":
      return onSnapshot(state, from, message);
    case "pull":
      return onPull(state, from, message);
    case "chunk":
      return onChunk(state, from, message);
    case "wedge":
      return onWedge(state, from, message);
    case "promise":
      return onPromise(state, from, message);
    case "propose":
      return onPropose(state, from, message);
    case "accept":
      return onAccept(state, from, message);
    case "lack":
      return onLack(state, from, message);
    case "outbid":
      return onOutbid(state, message);
    case "submit":
      return onSubmit(state, from, message.request);
    case "answer":
      return answer(state, message.id, message.outcome);
    case "refused":
      return onRefused(state, message.id, message.why, message.maybe);
    case "stand":
      return from === state.view?.primary ? stand(state, [...state.retiring]) : undefined;
    case "retire":
      return onRetire(state, from);
    case "leave":
      return suspect(state, from);
    case "news":
    case "ask":
      return;
  }
}

function onAck(
  state: State,
  from: MemberId,
  { op, round, digest }: Extract<Message, { kind: "ack" }>,
): void {
  const { role } = state;
  const peer = role.at === "primary" ? role.peers.get(from) : undefined;
  if (role.at !== "primary" || peer === undefined) return;
  peer.acked = Math.max(peer.acked, op);
  peer.sent = Math.max(peer.sent, op);
  peer.round = Math.max(peer.round, round);
  if (digest !== undefined) compare(state, from, digest.op, digest.of);
  stream(state, role, from, peer);
}

/** Executions that were given the same must have done the same: a servant that draws on something else is found out. */
function compare(state: State, member: MemberId, op: number, other: string): void {
  const own = state.digests.get(op);
  if (own !== undefined && own !== other)
    state.out.push({ kind: "diverged", member, op, own, other });
}

function resend(state: State): void {
  const { role, view, intake } = state;
  if (role.at === "retiring") return sayRetiring(state);
  // On its way in, or back, it is told of no view: the primary it knows may be gone, and all it knows may be old.
  if (role.at === "outside" || state.isBack) {
    const known = new Set([
      ...(view?.members ?? []),
      ...(state.contact === undefined ? [] : [state.contact]),
    ]);
    for (const id of known) send(state, id, { kind: "ask", view: viewNumber(state) });
  }
  standAgain(state);
  if (role.at === "primary") {
    for (const [id, peer] of role.peers) {
      if (peer.acked >= 0 && peer.acked < lastOf(state.log)) {
        peer.sent = peer.acked;
        stream(state, role, id, peer);
      } else beat(state, role, id, peer.sent + 1);
    }
  } else if (view !== undefined && role.at !== "fenced") {
    if (intake !== undefined) pull(state, intake);
    else if (!state.hasState || state.isTainted) ask(state, 0);
    else if (isMember(state) && !isInstalled(state)) ask(state, wantedFrom(state));
    else if (!isMember(state)) ask(state, lastOf(state.log) + 1);
  }
  passAgain(state);
}
