import type { DispatchGate } from "../../orb/index.ts";
import type { MemberId, Standing, Stored, Style, View, WitnessState } from "../group/index.ts";
import type { Divergence, GroupReplicaOptions } from "./group-replica.ts";
import type { GroupStore } from "./outbox.ts";

/** IOP::TaggedProfile. */
export interface MemberProfile {
  readonly tag: number;
  readonly data: Uint8Array;
}

/** What a member tells the others of itself; the latest one counts. */
export interface MemberCard {
  /** Ends with `@` and the address that its messages go to. */
  readonly id: MemberId;
  /** The peer, for people and for anti-affinity: a name that lasts over restarts. */
  readonly site: string;
  /**
   * Profiles of a reference that this member's POA makes; opaque to the group. Of persistent POAs of equal names the
   * object keys are equal, so these tell where each object of the POA is to be had at this member. Empty: not yet told.
   */
  readonly profiles: readonly MemberProfile[];
}

/** Who makes up a group, and where they are. */
export interface GroupView {
  readonly group: string;
  readonly view: View;
  /** A card for each member of the view: its primary first, then in the view's order. */
  readonly members: readonly MemberCard[];
}

/** News of a group, as one of its members sees it. */
export type GroupNews =
  /** Another view, or a member told something else of itself. */
  | { readonly kind: "view"; readonly view: GroupView }
  | { readonly kind: "standing"; readonly standing: Standing }
  /** The group went on without this member: it comes back under another id, by itself. */
  | { readonly kind: "rejoining"; readonly former: MemberId }
  /** This member's servants could not follow: it is out for good. */
  | { readonly kind: "failed"; readonly error: unknown };

/** How a member comes into its group. */
export type Entry =
  /** The group begins with this member, alone. For a name that nobody else founds: two groups would be the outcome. */
  | { readonly by: "founding" }
  /**
   * The group is those at these addresses, this one's among them. The first founds it when all have answered, and none
   * of them knows of such a group; later each member joins it where it is.
   */
  | { readonly by: "list"; readonly addresses: readonly string[] }
  /** The group is there, and some of these are in it. */
  | { readonly by: "contacts"; readonly addresses: readonly string[] };

/** What a durable member's store has of an earlier start. */
export interface Recovered extends Stored {
  readonly self: MemberId;
}

/** Where a host keeps its votes as a witness: one that forgot them must not be taken for the one a view names. */
export interface WitnessStore {
  /** What is there; undefined: nothing. @throws Error for a store that is damaged */
  load(group: string): WitnessVote | undefined;
  /** Settled when it is safe. */
  save(vote: WitnessVote): Promise<void>;
}

/** The vote of a witness, and the id that it is given under. */
export interface WitnessVote {
  readonly group: string;
  readonly self: MemberId;
  readonly state: WitnessState | undefined;
}

/** The store of a member of one group. */
export interface MemberStore extends GroupStore {
  /** What is there; undefined: nothing. @throws Error for a store that is damaged */
  load(): Recovered | undefined;
  /** Forgets what is there: from now on it is another member's. */
  begin(self: MemberId): void;
}

export interface JoinOptions
  extends Omit<
    GroupReplicaOptions,
    | "self"
    | "carrier"
    | "random"
    | "founding"
    | "isGathering"
    | "recovered"
    | "heard"
    | "failed"
    | "store"
  > {
  /** Name of the group: the same at all members, unlike any other's on the same network. */
  readonly group: string;
  readonly entry: Entry;
  /** See {@link MemberCard}; `Group.tell` has it follow later. */
  readonly profiles?: readonly MemberProfile[];
  /** Where settings say `isDurable`: the member comes back from it under its former id, at its former address. */
  readonly store?: MemberStore;
  /** Address of a witness, in force while the members are even in number; told by who founds. */
  readonly witness?: string;
}

/** A replica's place in its group: goes on over views, and over the ids this member has in turn. */
export interface Group extends AsyncDisposable {
  readonly name: string;
  /** Of the present id. */
  readonly self: MemberId;
  /** For `create_POA`: the same while the group is joined, whatever becomes of the replica behind it. */
  readonly gate: DispatchGate;
  readonly standing: Standing;
  /** The last one known; undefined until one is. */
  readonly view: GroupView | undefined;
  /** Tells the others where this member's objects are. */
  tell(profiles: readonly MemberProfile[]): void;
  /** @returns ends it */
  watch(heard: (news: GroupNews) => void): () => void;
  /**
   * Settled when this member is in a view and has its history.
   * @throws what made it impossible; TIMEOUT saying what it waits for when the signal ends it
   */
  ready(signal: AbortSignal): Promise<void>;
  /** The primary gives its place to that member. Nothing where this one is not the primary. */
  handOver(to: MemberId): void;
  /** What two replicas were found to have done differently, while this one was the primary. */
  readonly divergence: Divergence | undefined;
  /**
   * The group is to be run in another way: a view with that style follows. Nothing where this one is not the primary.
   * @param style undefined: it stays as it is after all
   */
  restyle(style: Style | undefined): void;
  /**
   * Leaves in good order: clients that wait are refused, and this member votes until the others have a view without it, for
   * five times `patienceMs` at most. Settled when it has ended.
   */
  leave(): Promise<void>;
}

/** Where groups live in a process: one endpoint for the messages of all of them. */
export interface GroupHost extends AsyncDisposable {
  /** Where other hosts reach this one. */
  readonly address: string;
  /** The groups that are joined here. */
  readonly groups: ReadonlyMap<string, Group>;
  /** @throws RangeError for options that are wrong, or a group that is joined already */
  join(options: JoinOptions): Group;
  /** Leaves all groups, and gives everything back. */
  close(): Promise<void>;
}
