import type { Style } from "./settings.ts";

/** Unique to one start of a replica: who comes back after a crash without its store comes as another member. */
export type MemberId = string;

/** Number of an attempt to have the next view decided; of two of one round the proposer's id decides. */
export interface Ballot {
  readonly round: number;
  readonly proposer: MemberId;
}

/** Below 0 when `a` is the earlier one. */
export function compareBallots(a: Ballot, b: Ballot): number {
  if (a.round !== b.round) return a.round - b.round;
  if (a.proposer === b.proposer) return 0;
  return a.proposer < b.proposer ? -1 : 1;
}

/**
 * Who makes up the group for a while: fixed from its start to its end. Views are numbered without gaps, and each is
 * decided by a majority of the one before.
 */
export interface View {
  /** Epoch: from 1. */
  readonly number: number;
  /** The ballot it was first proposed by: of two proposals for one number this tells them apart. */
  readonly by: Ballot;
  /** Sequencer of this view; one of `members`. */
  readonly primary: MemberId;
  /** In the order they came; the first that lives stands first when the primary is gone. */
  readonly members: readonly MemberId[];
  /** Number of the last operation of earlier views that belongs to the group's history. */
  readonly start: number;
  /** Votes on the next view while the number of members is even; holds no log. */
  readonly witness: MemberId | undefined;
  /** How the group is run from operation `start + 1` on, where that was changed; absent: as it was founded. */
  readonly style?: Style;
}

/** The first view of a group: these members begin with equal servants and empty logs. */
export function foundingView(members: readonly MemberId[], witness?: MemberId): View {
  const primary = members[0];
  if (primary === undefined) throw new RangeError("a group is founded by at least one member");
  return { number: 1, by: { round: 0, proposer: primary }, primary, members, start: 0, witness };
}

export function isSameView(a: View, b: View): boolean {
  return a.number === b.number && a.by.round === b.by.round && a.by.proposer === b.by.proposer;
}

/** The least number that any two of such numbers of `count` overlap. */
export function majority(count: number): number {
  return Math.floor(count / 2) + 1;
}

/**
 * Who decides on the view after this one. The witness counts only among an even number of members: there it breaks
 * ties, and each majority of these and each majority of the members alone still have a member in common.
 */
export function acceptorsOf(view: View): readonly MemberId[] {
  const isEven = view.members.length % 2 === 0;
  return isEven && view.witness !== undefined ? [...view.members, view.witness] : view.members;
}
