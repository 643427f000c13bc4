import {
  append,
  type Done,
  type Entry,
  type Kept,
  type Log,
  newLog,
  newReplies,
  type Replies,
  type Request,
  type Work,
} from "../history/index.ts";
import type { Message, Proposed, Refusal } from "./message.ts";
import type { GroupSettings, Style } from "./settings.ts";
import type { Ballot, MemberId, View } from "./view.ts";

/** Something the servant is to do; told back with `executed`. */
export type Task =
  /** An operation of the log, in its turn. */
  | { readonly kind: "ordered"; readonly op: number; readonly atMs: number; readonly work: Work }
  /** A request that is put into the log when its result is there. */
  | {
      readonly kind: "first";
      /** The operation it will be. */
      readonly op: number;
      readonly atMs: number;
      readonly request: Request;
    }
  | { readonly kind: "read"; readonly request: Request };

/**
 * What a step wants done, in this order: what was stored must be safe before anything after it is done, and tasks,
 * captures and restorations follow one another as they stand. `run` is given back with the result; results of an
 * earlier run are no longer wanted, and what is still under way for it may be given up.
 */
export type Effect =
  | { readonly kind: "send"; readonly to: MemberId; readonly message: Message }
  | { readonly kind: "execute"; readonly run: number; readonly task: Task }
  /** The servant's state, when all tasks before it have ended: told back with `captured`. */
  | { readonly kind: "capture"; readonly run: number }
  /** What changed since the last update, likewise: told back with `updated`. */
  | { readonly kind: "update"; readonly run: number }
  /** The servant takes this state; undefined: that of its beginning. */
  | { readonly kind: "restore"; readonly run: number; readonly state: Uint8Array | undefined }
  | { readonly kind: "release"; readonly ticket: number; readonly outcome: Uint8Array }
  /** Not taken; `maybe`: it may have been executed, or may still be. */
  | {
      readonly kind: "refuse";
      readonly ticket: number;
      readonly why: Refusal;
      readonly maybe: boolean;
    }
  /** A member has another state after this operation than the primary, though it executed the same. */
  | {
      readonly kind: "diverged";
      readonly member: MemberId;
      readonly op: number;
      readonly own: string;
      readonly other: string;
    }
  | { readonly kind: "store"; readonly change: StoreChange }
  /** Silent for too long: its process is to be asked whether it lives; told back with `alive`, if at all. */
  | { readonly kind: "doubt"; readonly member: MemberId }
  | { readonly kind: "standing"; readonly standing: Standing };

/** What a durable member must find again after a crash. */
export interface StoreChange {
  readonly view: View | undefined;
  readonly installed: number;
  readonly promised: Ballot | undefined;
  readonly accepted: Proposed | undefined;
  /** Operations from here on were replaced by `entries`; those up to `base` are no longer needed. */
  readonly from: number;
  readonly entries: readonly Entry[];
  readonly base: number;
  readonly checkpoint: Checkpoint | undefined;
}

/** The servant's state after an operation, with what was kept of requests until then. */
export interface Checkpoint {
  readonly op: number;
  readonly atMs: number;
  readonly kept: Kept;
  /** undefined: the state of its beginning. */
  readonly state: Uint8Array | undefined;
}

/** Where a member stands, for its owner. */
export type Standing =
  | { readonly at: "joining" }
  /** In the view `view`, and still getting its history. */
  | { readonly at: "installing"; readonly view: View }
  | { readonly at: "follower"; readonly view: View }
  | { readonly at: "primary"; readonly view: View }
  /** In the view, and no new request is ordered: it is about to end, no majority of it can be reached, or it may be over. */
  | { readonly at: "wedged"; readonly view: View }
  /** The group goes on without it: `view` is the first it is not in, as far as it knows. */
  | { readonly at: "fenced"; readonly view: View }
  | { readonly at: "left" };

/** A request that came to this member and is not answered. */
export interface Pending {
  readonly request: Request;
  readonly tickets: number[];
  /** Copies with a primary that has not refused them: it may have ordered one. Infinity: nobody can say any more. */
  sentCount: number;
  /** Why some copies were refused, while others are on their way. */
  why: Refusal | undefined;
}

/** How far another one has come, as the primary knows. */
export interface Peer {
  readonly isMember: boolean;
  /** -1: has not acknowledged anything in this view. */
  acked: number;
  /** Last operation sent; what comes after it is sent next. */
  sent: number;
  /** Latest round of reads it answered. */
  round: number;
  /** Waits for a snapshot; was offered one and has not yet said that it has it. */
  wantsState: boolean;
  isPulling: boolean;
}

export function newPeer(isMember: boolean, sent: number): Peer {
  return { isMember, acked: -1, sent, round: 0, wantsState: false, isPulling: false };
}

export interface Read {
  readonly request: Request;
  /** The last operation there was when it came: it must see what that did. */
  readonly index: number;
  /** A majority must have acknowledged this round: they have no later view. */
  readonly round: number;
  isStarted: boolean;
  /** The last operation executed when it was done: what it may have seen. */
  at: number;
  outcome: Uint8Array | undefined;
}

export interface Primary {
  readonly at: "primary";
  readonly peers: Map<MemberId, Peer>;
  /**
   * Waiting to be ordered: this one, and then those. A map takes a new table whenever its only entry leaves it, and where
   * requests come one by one each would.
   */
  next: Request | undefined;
  readonly queue: Map<string, Request>;
  /** Members that passed a request on, by its id. */
  readonly askers: Map<string, MemberId[]>;
  round: number;
  snapshot: Checkpoint | undefined;
  isCapturing: boolean;
  /** Is to become primary: nothing is ordered until it has everything and stands. */
  heir: MemberId | undefined;
  /** The style that the group is to have: nothing is ordered until everything is in the log, and a view has it. */
  restyle: { readonly style: Style; isFlushing: boolean } | undefined;
  /** The other founders come for the state of the beginning: nothing is ordered until a majority has it. */
  isGathering: boolean;
}

export type Role =
  | { readonly at: "outside" }
  | { readonly at: "follower" }
  | Primary
  | { readonly at: "fenced" }
  /** Has left, but for its vote on the view without it. */
  | { readonly at: "retiring" }
  | { readonly at: "left" };

/** An attempt of this member to have the next view decided. */
export interface Attempt {
  readonly ballot: Ballot;
  /** Not to be in the next view. */
  readonly without: readonly MemberId[];
  readonly from: number;
  readonly promises: Map<MemberId, Extract<Message, { kind: "promise" }>>;
  /** What is to be proposed, once those who join in it hold its history. */
  staged: Proposed | undefined;
  /** What is proposed. */
  proposed: Proposed | undefined;
  readonly accepted: Set<MemberId>;
}

/** A state on its way to this member. */
export interface Intake {
  readonly from: MemberId;
  readonly op: number;
  readonly atMs: number;
  readonly kept: Kept;
  readonly octets: number;
  readonly parts: Uint8Array[];
  have: number;
  /** What was asked for so far reaches up to here. */
  asked: number;
}

/** All that a member is: plain data, changed in place by each step. */
export interface State {
  /** With the style of `view`. */
  settings: GroupSettings;
  readonly founded: GroupSettings;
  /** The style is another one after this operation; undefined once the servant's side has come there. */
  turnAt: number | undefined;
  readonly self: MemberId;
  out: Effect[];
  nowMs: number;
  /** The latest view known to be decided. */
  view: View | undefined;
  /** Number of the view whose history the log is; less than the view's while that is fetched. */
  installed: number;
  /** The latest ballot for the view after `view`: from the first one on nothing is acknowledged in `view`. */
  promised: Ballot | undefined;
  accepted: Proposed | undefined;
  attempt: Attempt | undefined;
  role: Role;
  readonly log: Log;
  /** Everything up to here is history for good, as far as this member knows. */
  commit: number;
  /** Everything up to here is in the logs of all members. */
  stable: number;
  /** Operations handed to the servant, and those whose effects it has. */
  started: number;
  applied: number;
  /** The last operation, executed before it was one, and not applied yet: that is done when it has left for the others. */
  ahead: { readonly entry: Entry; readonly outcome: Uint8Array } | undefined;
  /** Results that came before those of earlier operations. */
  readonly early: Map<number, Uint8Array>;
  /** Of the servant's state after some of the latest operations. */
  readonly digests: Map<number, string>;
  /** Requests of operations up to here were answered, as far as they were this member's to answer. */
  answered: number;
  /** As the primary: requests in the log that are not executed yet, with their operations. */
  readonly inFlight: Map<string, number>;
  replies: Replies;
  readonly pending: Map<string, Pending>;
  readonly reads: Map<string, Read>;
  /** Executed first, its result not there yet. */
  busy: Request | undefined;
  /** Its result, which waits until an operation can be ordered again. */
  held:
    | {
        readonly work: Work;
        readonly outcome: Uint8Array;
        readonly digest: string | undefined;
      }
    | undefined;
  /** Executed and answered, and not in the log yet. */
  unlogged: Done[];
  run: number;
  /** The servant has a state at all. */
  hasState: boolean;
  /** The servant has effects that the history lacks: it needs another state before it may execute again. */
  isTainted: boolean;
  checkpoint: Checkpoint | undefined;
  intake: Intake | undefined;
  readonly suspects: Set<MemberId>;
  /** Other members that are to go: they vote on the next view, and are not to be in it. */
  readonly retiring: Set<MemberId>;
  /** Came back from its store, and has not heard since whether the group went on without it. */
  isBack: boolean;
  /** Whom one outside asks for the view. */
  contact: MemberId | undefined;
  /** Lowest operation that was changed in the log since the store was last told; undefined: none was. */
  changedFrom: number | undefined;
  /** What the store was told last. */
  stored: Pick<StoreChange, "view" | "installed" | "promised" | "accepted" | "checkpoint">;
  reported: { readonly at: Standing["at"]; readonly view: number };
}

export function newState(self: MemberId, settings: GroupSettings, nowMs: number): State {
  return {
    settings,
    founded: settings,
    turnAt: undefined,
    self,
    out: [],
    nowMs,
    view: undefined,
    installed: 0,
    promised: undefined,
    accepted: undefined,
    attempt: undefined,
    role: { at: "outside" },
    log: newLog(),
    commit: 0,
    stable: 0,
    started: 0,
    applied: 0,
    ahead: undefined,
    early: new Map(),
    digests: new Map(),
    answered: 0,
    inFlight: new Map(),
    replies: newReplies(),
    pending: new Map(),
    reads: new Map(),
    busy: undefined,
    held: undefined,
    unlogged: [],
    run: 0,
    hasState: false,
    isTainted: false,
    checkpoint: undefined,
    intake: undefined,
    suspects: new Set(),
    retiring: new Set(),
    isBack: false,
    contact: undefined,
    changedFrom: undefined,
    stored: {
      view: undefined,
      installed: 0,
      promised: undefined,
      accepted: undefined,
      checkpoint: undefined,
    },
    reported: { at: "joining", view: 0 },
  };
}

export function send(state: State, to: MemberId, message: Message): void {
  if (to !== state.self) state.out.push({ kind: "send", to, message });
}

export function viewNumber(state: State): number {
  return state.view?.number ?? 0;
}

export function isMember(state: State): boolean {
  return state.view?.members.includes(state.self) === true;
}

/** Whether it holds the history of the current view. */
export function isInstalled(state: State): boolean {
  return state.view !== undefined && state.installed === state.view.number;
}

/** In the current view, with its history, and the view is not about to end. */
export function isActive(state: State): boolean {
  return isMember(state) && isInstalled(state) && state.promised === undefined;
}

/** From where on this member needs operations in another view: what it knows to be committed stays; 0: a state first. */
export function wantedFrom(state: State): number {
  return state.hasState ? state.commit + 1 : 0;
}

/** Makes this operation the last one. */
export function addEntry(state: State, entry: Entry): void {
  append(state.log, entry);
  changed(state, entry.op);
}

/** The log is another one from `op` on. */
export function changed(state: State, op: number): void {
  if (state.settings.isDurable) state.changedFrom = Math.min(state.changedFrom ?? op, op);
}
