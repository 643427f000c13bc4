import type { CellId } from "./state/cell-id.ts";
import type { Change } from "./state/directory.ts";
import type { PeerEntry, PeerId, PeerRef, Role } from "../overlay/index.ts";
import type { Found, Query } from "../overlay/index.ts";

/** Peers of another version are refused. */
export const P3_VERSION: number = 1;

/** What joins: a single peer, or a cell with everything beneath it. */
export type Joiner = "peer" | "cell";

/** Which of two roots gives way at a merge; see `membership/rank.ts`. */
export interface RootRank {
  readonly isRoot: boolean;
  /** Configured voters in the root's own cell. */
  readonly voterCount: number;
  readonly peerCount: number;
  readonly id: PeerId;
}

/** Whom a cell can turn to when its parent is gone. */
export interface Kin {
  /** Superpeers of the parent's cell. */
  readonly parents: readonly PeerRef[];
  /** Coordinators of the parent's other children. */
  readonly siblings: readonly PeerRef[];
  /** Superpeers of the root cell. */
  readonly roots: readonly PeerRef[];
}

export const NO_KIN: Kin = { parents: [], siblings: [], roots: [] };

/** What a member must know to become coordinator, besides the directory. */
export interface Surroundings {
  readonly parent: PeerRef | undefined;
  readonly root: PeerRef | undefined;
  readonly kin: Kin;
  /** Superpeers of the own cell, for those who keep no copy of its state; else empty. */
  readonly mates: readonly PeerRef[];
}

/**
 * Everything that peers of P3 say to each other about membership. What belongs to one attempt to join carries its
 * `quest`, a number the joiner drew by lot: an answer to anything else is no answer.
 */
export type MembershipMessage =
  /** Phase 1 of joining: which cell shall I bind to? */
  | {
      readonly kind: "where";
      readonly quest: number;
      readonly version: number;
      readonly joiner: Joiner;
      readonly role: Role;
      readonly height: number;
      readonly rank: RootRank;
    }
  /** Not a root: ask this one. */
  | { readonly kind: "root"; readonly quest: number; readonly root: PeerRef }
  /** The root's answer: a cell with room, or a new one; `binder` coordinates the cell or, for a new one, its parent. */
  | {
      readonly kind: "place";
      readonly quest: number;
      readonly cell: CellId;
      readonly isNew: boolean;
      readonly binder: PeerRef;
    }
  /** Phase 2, to the binder. */
  | {
      readonly kind: "bind";
      readonly quest: number;
      readonly version: number;
      readonly joiner: Joiner;
      readonly cell: CellId;
      readonly isNew: boolean;
      readonly entry: PeerEntry;
    }
  | { readonly kind: "bound"; readonly quest: number; readonly cell: CellId }
  /** Phase 3: from coordinator to coordinator up to the root; `path` is the way back. */
  | {
      readonly kind: "join";
      readonly quest: number;
      readonly joiner: Joiner;
      readonly cell: CellId;
      readonly isNew: boolean;
      readonly height: number;
      readonly entry: PeerEntry;
      readonly path: readonly PeerRef[];
    }
  /** Phase 4: from the root down to the binder; `refused` is empty when all is well. */
  | {
      readonly kind: "verdict";
      readonly quest: number;
      readonly refused: string;
      readonly joiner: Joiner;
      readonly cell: CellId;
      readonly isNew: boolean;
      readonly entry: PeerEntry;
      readonly path: readonly PeerRef[];
    }
  /** The end of joining: the cell's state. A cell that joined keeps its own and takes the new id. */
  | {
      readonly kind: "welcome";
      readonly quest: number;
      readonly cell: CellId;
      readonly isNew: boolean;
      readonly epoch: number;
      readonly version: number;
      readonly records: readonly Change[];
      readonly around: Surroundings;
    }
  /**
   * No to any request of joining, and to "rebind", whose quest is 0; the reason is for the log. To ask again before
   * `afterMs` are over is of no use.
   */
  | {
      readonly kind: "refused";
      readonly quest: number;
      readonly reason: Refusal;
      readonly afterMs: number;
    }
  /** Heartbeat of a member to its coordinator: which version of the state and of itself it has. */
  | {
      readonly kind: "member-beat";
      readonly epoch: number;
      readonly version: number;
      readonly entryVersion: number;
    }
  /** Heartbeat of a coordinator to a member; `around` only now and then, for it is long. */
  | {
      readonly kind: "coordinator-beat";
      readonly cell: CellId;
      readonly epoch: number;
      readonly entryVersion: number;
      readonly root: PeerRef | undefined;
      readonly around: Surroundings | undefined;
    }
  /** Heartbeat of a child cell's coordinator to its parent's. */
  | { readonly kind: "child-beat"; readonly epoch: number; readonly version: number }
  /** Heartbeat of a parent's coordinator to a child cell's: the child's id, and which version of its state came. */
  | {
      readonly kind: "parent-beat";
      readonly cell: CellId;
      readonly version: number;
      readonly root: PeerRef | undefined;
      readonly kin: Kin | undefined;
    }
  /** Changes of the cell's state, to members and to the parent; taken only on top of version `from`. */
  | {
      readonly kind: "feed";
      readonly epoch: number;
      readonly from: number;
      readonly to: number;
      readonly changes: readonly Change[];
    }
  /** The whole state, for one that missed changes. */
  | {
      readonly kind: "snapshot";
      readonly epoch: number;
      readonly version: number;
      readonly records: readonly Change[];
    }
  /** A member tells its coordinator what it is now. */
  | { readonly kind: "entry"; readonly entry: PeerEntry }
  /** A member is coordinator from now on: to members, the former coordinator, the parent and the children. */
  | {
      readonly kind: "claim";
      readonly cell: CellId;
      readonly epoch: number;
      readonly version: number;
      readonly records: readonly Change[];
      readonly around: Surroundings;
    }
  /** There is another coordinator, elected later. */
  | { readonly kind: "superseded"; readonly epoch: number; readonly coordinator: PeerRef }
  /** You are no link of mine: join again. */
  | { readonly kind: "stray" }
  /** A cell that lost its parent asks a member of the parent's cell to take it back. */
  | { readonly kind: "rebind"; readonly epoch: number }
  | {
      readonly kind: "adopted";
      readonly cell: CellId;
      readonly root: PeerRef | undefined;
      readonly kin: Kin;
    }
  /** Not the coordinator of its cell: ask this one. */
  | { readonly kind: "coordinator"; readonly coordinator: PeerRef }
  /** The cell gives up in favour of another tree: its peers join there one by one. */
  | { readonly kind: "dissolve"; readonly root: PeerRef }
  | { readonly kind: "leave" };

export type DiscoveryMessage =
  | {
      readonly kind: "ask";
      /** Drawn by lot; the answer has it. */
      readonly id: number;
      readonly query: Query;
      readonly hops: number;
      readonly path: readonly PeerRef[];
      /** The answer is to go to the first of the path at once; else back the way that the question came. */
      readonly isStraight: boolean;
    }
  | {
      readonly kind: "answer";
      readonly id: number;
      readonly hops: number;
      readonly found: readonly Found[];
      readonly path: readonly PeerRef[];
    }
  /** What was answered no longer holds. */
  | { readonly kind: "forget"; readonly service: string; readonly path: readonly PeerRef[] };

export type Message = MembershipMessage | DiscoveryMessage;

export type MessageOf<K extends Message["kind"]> = Extract<Message, { readonly kind: K }>;

export type Refusal =
  | "version"
  | "duplicate id"
  | "full"
  | "busy"
  | "not the coordinator"
  | "taken"
  | "no root"
  | "cycle"
  | "too deep"
  | "forged parent"
  | "not placed";

/** Why a message is not acted upon; for the log. */
export type Rejection =
  | Refusal
  | "not joined"
  | "no link of mine"
  | "not asked for"
  | "not from the coordinator"
  | "not from the parent"
  | "not from the cell"
  | "not from the parent's cell"
  | "not its own"
  | "an older election"
  | "a forged path"
  | "malformed";
