import type { AttributeValue, PeerEntry, PeerId, PeerRef, Role, Service } from "./peer.ts";

/** Where a peer stands; `cell` is its id as digits. */
export type Standing =
  | { readonly at: "out" }
  | { readonly at: "joining"; readonly phase: "placing" | "binding" | "joining" }
  | { readonly at: "member"; readonly cell: string; readonly coordinator: PeerRef }
  | {
      readonly at: "coordinator";
      readonly cell: string;
      readonly up: "root" | "linked" | "rebinding" | "seeking";
    }
  | { readonly at: "left" };

/** What happens to the overlay as this peer sees it. */
export type OverlayEvent =
  | { readonly kind: "standing"; readonly standing: Standing }
  | { readonly kind: "joined"; readonly peer: PeerRef; readonly role: Role }
  | {
      readonly kind: "gone";
      readonly peer: PeerRef;
      readonly why: "left" | "suspected" | "reset" | "stray";
    }
  /** This peer was taken for dead and has to join again. */
  | { readonly kind: "shunned" }
  | { readonly kind: "refused"; readonly by: PeerRef; readonly reason: string }
  /** A message was not acted upon: of that kind, from that peer; `reason` is for the log. */
  | {
      readonly kind: "rejected";
      readonly from: PeerRef;
      readonly message: string;
      readonly reason: string;
      /** Others since the last one told, for a flood is not told message by message. */
      readonly untold: number;
    };

/** A range of numbers, ends included; an end that is absent is open. */
export interface Range {
  readonly least?: number;
  readonly most?: number;
}

export type Wanted = AttributeValue | Range;

/** What discovery is asked. Attributes must all match. */
export type Query =
  | {
      readonly of: "service";
      readonly name: string;
      readonly instance?: string;
      readonly attributes?: Readonly<Record<string, Wanted>>;
    }
  | {
      readonly of: "peer";
      /** Depth of the cell below the root's; absent: any. */
      readonly level?: number;
      readonly role?: Role;
      readonly attributes?: Readonly<Record<string, Wanted>>;
      /** Peers already used, which a place of launch avoids. */
      readonly except?: readonly PeerId[];
      /** How many at most; those with the fewest services first. */
      readonly count: number;
    };

/** A peer that matches, and its service where one was asked for. */
export interface Found {
  readonly peer: PeerRef;
  readonly service: Service | undefined;
}

/** How a question ended: `hops` counts the links it went before it was answered, 0 for an answer at home. */
export type Answer =
  | { readonly kind: "found"; readonly found: readonly Found[]; readonly hops: number }
  /** The root said so: there is none. */
  | { readonly kind: "none"; readonly hops: number }
  /** No answer within the deadline: a crash on the way, or no root. */
  | { readonly kind: "late"; readonly elapsedMs: number };

/** A cell of the tree as a peer knows it. */
export interface KnownCell {
  /** Its id as digits. */
  readonly cell: string;
  readonly coordinator: PeerId;
  readonly members: readonly PeerEntry[];
}

/** Building and keeping of the mesh. */
export interface Membership {
  standing(): Standing;
  /** Starts joining; the standing tells how it goes. Harmless when already joining or in. */
  join(): void;
  /** Leaves in order; the peer's links hand over at once. The overlay is of no use afterwards. */
  leave(): void;
  /**
   * The peers that this one holds links to: a member's coordinator; a coordinator's members, its parent's coordinator and
   * its children's. What each tells all its links reaches every peer of the tree.
   */
  links(): readonly PeerRef[];
  /** The peers of this one's cell in the order they joined, itself among them; empty while out. */
  cell(): readonly PeerEntry[];
  /** The cells that this peer knows, its own and, where it keeps them, all beneath, the uppermost first; empty while out. */
  tree(): readonly KnownCell[];
}

/** Finding services and peers. */
export interface Discovery {
  /** Makes a service known; one with the same name and instance is replaced. */
  publish(service: Service): void;
  withdraw(name: string, instance: string): void;
  /** Replaces what this peer tells of its resources. */
  describe(attributes: Readonly<Record<string, AttributeValue>>): void;
  /** Asks; `done` is called once, within the deadline of discovery, perhaps before this returns. */
  ask(query: Query, done: (answer: Answer) => void): void;
  /** An answer proved wrong when used: what was remembered of it is dropped. */
  discredit(service: string): void;
}

/** What groups need: sites for replicas, and news of the dead. */
export interface FaultTolerance {
  /** Peers to put replicas on, the least used first, never one of `except`; fewer when there are no more. */
  sites(count: number, except: readonly PeerId[], done: (answer: Answer) => void): void;
  /** How sure this peer is that a neighbour is dead: phi of its link; undefined without a link. */
  suspicion(peer: PeerId): number | undefined;
}

/** An overlay as the runtime sees it: three services and the news. */
export interface Overlay {
  readonly membership: Membership;
  readonly discovery: Discovery;
  readonly faultTolerance: FaultTolerance;
  /** Called with each event from now on. @returns ends it */
  watch(heard: (event: OverlayEvent) => void): () => void;
}
