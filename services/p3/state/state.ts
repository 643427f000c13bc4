import type { Random } from "../../../orb/base/index.ts";
import { Ahead } from "./ahead.ts";
import type { CellId } from "./cell-id.ts";
import type { Contacts } from "./contacts.ts";
import type { Directory } from "./directory.ts";
import type { Joiner, Kin, Message } from "../message.ts";
import type { PeerEntry, PeerId, PeerRef } from "../../overlay/index.ts";
import type { Answer, Found, OverlayEvent, Query, Standing } from "../../overlay/index.ts";
import { type ChildLink, Link, type MemberLink } from "./link.ts";
import { Portal } from "./portal.ts";
import { Promises } from "./promises.ts";
import type { P3Settings } from "../settings.ts";

/** What a step wants done. */
export type Effect =
  | { readonly kind: "send"; readonly to: PeerRef; readonly message: Message }
  | { readonly kind: "event"; readonly event: OverlayEvent }
  | { readonly kind: "answer"; readonly id: number; readonly answer: Answer };

/**
 * The step under way: its instant, and what it wants done. Machines that are stepped one after the other may share one:
 * thousands would each write to memory of their own, which no processor has at hand.
 */
export interface Turn {
  nowMs: number;
  effects: Effect[];
}

/** The root is tied to nothing; it lets peers in and looks for other roots. */
export interface RootTie {
  readonly at: "root";
  readonly portal: Portal;
  probedAtMs: number;
  /** The quest of its last probe, and how many pointers of the answers it may still follow. */
  probe: number;
  pointers: number;
}

/** How a coordinator is tied to the rest of the tree. */
export type Up =
  | RootTie
  | { readonly at: "linked"; readonly link: Link }
  | {
      readonly at: "rebinding";
      readonly lost: PeerRef;
      readonly untilMs: number;
      /** Told by a member of the parent's cell to ask this one. */
      hint: PeerRef | undefined;
      /** Whom a member of the parent's cell named last. */
      named: PeerId | undefined;
      /** Of the parent's cell, and known to have ended. */
      readonly gone: Set<PeerId>;
      tries: number;
    }
  | { readonly at: "seeking"; readonly untilMs: number };

export interface Follower {
  readonly at: "follower";
  coordinator: Link;
  readonly ahead: Ahead;
  lostAtMs: number | undefined;
}

export interface Coordinator {
  readonly at: "coordinator";
  readonly members: Map<PeerId, MemberLink>;
  readonly children: Map<PeerId, ChildLink>;
  /** Who was promised a place while the root has not yet spoken. */
  readonly binding: Promises;
  up: Up;
  /** Heartbeats so far; -1 makes the next one carry the surroundings, for they changed. */
  beats: number;
}

/** The cell this peer is in, the state all its superpeers have. */
export interface Cell {
  id: CellId;
  epoch: number;
  version: number;
  readonly directory: Directory;
  parent: PeerRef | undefined;
  root: PeerRef | undefined;
  kin: Kin;
  /** The cell's superpeers, where no directory is kept. */
  mates: readonly PeerRef[];
  seat: Follower | Coordinator;
}

/** Joining under way, of this peer or of its whole cell. */
export interface Quest {
  /** Drawn by lot; answers carry it. */
  readonly id: number;
  readonly joiner: Joiner;
  phase: "placing" | "binding" | "joining";
  /** Whom the open request went to. */
  asked: PeerRef | undefined;
  place: { readonly cell: CellId; readonly isNew: boolean; readonly binder: PeerRef } | undefined;
  /** How many pointers to a root may still be followed before the request is sent again. */
  pointers: number;
  /** When the open request is sent again, or given up. */
  retryAtMs: number;
  /** Requests in a row without an answer. */
  tries: number;
}

/** An open question, and what its asker calls it. */
export interface Asked {
  readonly id: number;
  readonly query: Query;
  readonly startedAtMs: number;
  sentAtMs: number;
}

/** What an answer said, and who gave it. */
export interface Cached {
  readonly found: readonly Found[];
  readonly by: PeerId;
  readonly untilMs: number;
}

/** How who asked is reached: by the way of the question, or straight. */
export interface Told {
  readonly path: readonly PeerRef[];
  readonly isStraight: boolean;
}

/** All that a peer is: changed in place by each step, for thousands of peers are stepped in one simulation. */
export interface State {
  // Of these each step has need: side by side they are in few lines of a processor's memory.
  readonly settings: P3Settings;
  readonly turn: Turn;
  phase: "out" | "in" | "left";
  cell: Cell | undefined;
  self: PeerEntry;
  quest: Quest | undefined;
  /** Open questions by the numbers drawn for them; undefined while there are none. */
  asks: Map<number, Asked> | undefined;
  /** What this peer tells of itself has changed since it was told. */
  isNewsDue: boolean;
  /** Numbers of the latest quest and of the one before, over or not: what answers them comes from whom they went to. 0: none. */
  latestQuest: number;
  formerQuest: number;
  /** Messages not acted upon: since the last heartbeat, and those that were not told. */
  rejectedCount: number;
  /** What the last event of standing said: the phase or the cell, and the tie or the coordinator. */
  reportedAt: string;
  reportedHow: string | undefined;
  untoldCount: number;
  readonly random: Random;
  readonly contacts: Contacts;
  readonly cache: Map<string, Cached>;
  /** Who was told of a service and has to hear when it is gone. */
  readonly told: Map<string, Map<PeerId, Told>>;
}

export function send(state: State, to: PeerRef, message: Message): void {
  state.turn.effects.push({ kind: "send", to, message });
}

export function tell(state: State, event: OverlayEvent): void {
  state.turn.effects.push({ kind: "event", event });
}

export function rootTie(directory: Directory, probedAtMs: number): RootTie {
  return { at: "root", portal: new Portal(directory), probedAtMs, probe: 0, pointers: 0 };
}

/** The seat of a member. */
export function newFollower(state: State, coordinator: PeerRef): Follower {
  return {
    at: "follower",
    coordinator: new Link(state, coordinator),
    ahead: new Ahead(),
    lostAtMs: undefined,
  };
}

/** The seat of a coordinator that has just taken it. */
export function newSeat(up: Up): Coordinator {
  return {
    at: "coordinator",
    members: new Map(),
    children: new Map(),
    binding: new Promises(),
    up,
    beats: 0,
  };
}

export function isSelf(state: State, id: PeerId): boolean {
  return state.self.ref.id === id;
}

/** The cell and the seat, when this peer coordinates one. */
export function asCoordinator(
  state: State,
): { readonly cell: Cell; readonly seat: Coordinator } | undefined {
  const { cell } = state;
  return cell?.seat.at === "coordinator" ? { cell, seat: cell.seat } : undefined;
}

export function standingOf(state: State): Standing {
  const { phase, cell, quest } = state;
  if (phase !== "in") return { at: phase };
  if (cell === undefined) return { at: "joining", phase: quest?.phase ?? "placing" };
  if (cell.seat.at === "coordinator")
    return { at: "coordinator", cell: cell.id, up: cell.seat.up.at };
  return { at: "member", cell: cell.id, coordinator: cell.seat.coordinator.ref };
}
