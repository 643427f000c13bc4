import type { PeerId } from "../overlay/index.ts";

/** Number of an attempt to change a register; of two of one epoch and round the proposer's id decides. */
export interface Ballot {
  /** Of the voters' configuration: every ballot of a later one is later. */
  readonly epoch: number;
  readonly round: number;
  /** Of one start of one process: who starts again must not use a ballot again. */
  readonly proposer: string;
}

/** A value that a voter accepted, and by which ballot. */
export interface Vote<V> {
  readonly ballot: Ballot;
  readonly value: V;
}

/** To a voter. */
export type VoterRequest<V> =
  | { readonly kind: "prepare"; readonly ballot: Ballot }
  | { readonly kind: "accept"; readonly ballot: Ballot; readonly value: V };

/** From a voter; `ballot` is that of the request answered. */
export type VoterReply<V> =
  | { readonly kind: "promised"; readonly ballot: Ballot; readonly vote: Vote<V> | undefined }
  | { readonly kind: "accepted"; readonly ballot: Ballot }
  /** A later ballot was promised: `round` has to be exceeded. */
  | { readonly kind: "outbid"; readonly ballot: Ballot; readonly round: number };

/** What one voter knows of a register; it must be on disk before the reply is sent. */
export interface VoterState<V> {
  readonly promised: Ballot;
  readonly vote: Vote<V> | undefined;
}

/** Below 0 when `a` is the earlier one. */
export function compareBallots(a: Ballot, b: Ballot): number {
  if (a.epoch !== b.epoch) return a.epoch - b.epoch;
  if (a.round !== b.round) return a.round - b.round;
  if (a.proposer === b.proposer) return 0;
  return a.proposer < b.proposer ? -1 : 1;
}

export function sameBallot(a: Ballot | undefined, b: Ballot | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return compareBallots(a, b) === 0;
}

/**
 * One voter's answer to a request about one register (CASPaxos, Rystsov 2018: a register by itself, without a leader
 * and without a log).
 * @returns what it knows afterwards, the same object when nothing changed
 */
export function vote<V>(
  state: VoterState<V> | undefined,
  request: VoterRequest<V>,
): { readonly state: VoterState<V>; readonly reply: VoterReply<V> } {
  const { ballot } = request;
  if (state !== undefined && compareBallots(ballot, state.promised) < 0)
    return { state, reply: { kind: "outbid", ballot, round: state.promised.round } };
  if (request.kind === "prepare") {
    const isKnown = state !== undefined && sameBallot(state.promised, ballot);
    return {
      state: isKnown ? state : { promised: ballot, vote: state?.vote },
      reply: { kind: "promised", ballot, vote: state?.vote },
    };
  }
  const isKnown = state !== undefined && sameBallot(state.vote?.ballot, ballot);
  return {
    state: isKnown ? state : { promised: ballot, vote: { ballot, value: request.value } },
    reply: { kind: "accepted", ballot },
  };
}

/**
 * "done": a majority accepted `value`, which is decided. "outbid": to be tried again with a later round, for another
 * proposer came between; until then the outcome is open.
 */
export type ProposalOutcome<V> =
  | { readonly at: "open" }
  | { readonly at: "done"; readonly value: V }
  | { readonly at: "outbid"; readonly round: number };

/**
 * One attempt to change a register by a majority of the voters; an attempt without a majority stays open, and its
 * owner gives it up at a deadline. A value is always written, also when `decide` leaves it as it was: only what a
 * majority accepted may be told.
 */
export class Proposal<V> {
  readonly ballot: Ballot;
  readonly #voters: ReadonlySet<PeerId>;
  readonly #majority: number;
  readonly #decide: (latest: V | undefined) => V;
  readonly #promised: Map<PeerId, Vote<V> | undefined> = new Map();
  readonly #accepted: Set<PeerId> = new Set();
  #latest: Vote<V> | undefined;
  #writing: { readonly value: V } | undefined;
  #outcome: ProposalOutcome<V> = { at: "open" };

  /**
   * @param ballot later than any that this proposer used for the register
   * @param decide what the register becomes; called once, with what it was
   */
  constructor(ballot: Ballot, voters: readonly PeerId[], decide: (latest: V | undefined) => V) {
    this.ballot = ballot;
    this.#voters = new Set(voters);
    this.#majority = majorityOf(this.#voters.size);
    this.#decide = decide;
  }

  /** What to send to every voter now; again to those of whom nothing is heard. */
  get request(): VoterRequest<V> {
    const { ballot } = this;
    if (this.#writing === undefined) return { kind: "prepare", ballot };
    return { kind: "accept", ballot, value: this.#writing.value };
  }

  /** What the value to be accepted was made from: a voter that accepted it last needs only the difference. */
  get base(): Vote<V> | undefined {
    return this.#latest;
  }

  get outcome(): ProposalOutcome<V> {
    return this.#outcome;
  }

  /** Whether the voter has answered the present request. */
  hasHeard(voter: PeerId): boolean {
    return this.#writing === undefined ? this.#promised.has(voter) : this.#accepted.has(voter);
  }

  /** @returns whether {@link request} has become another one, to be sent to every voter */
  heard(from: PeerId, reply: VoterReply<V>): boolean {
    const isMine = sameBallot(reply.ballot, this.ballot) && this.#voters.has(from);
    if (this.#outcome.at !== "open" || !isMine) return false;
    switch (reply.kind) {
      case "outbid":
        this.#outcome = { at: "outbid", round: reply.round };
        return false;
      case "promised":
        this.#promised.set(from, reply.vote);
        if (this.#writing !== undefined || this.#promised.size < this.#majority) return false;
        this.#latest = latestOf(this.#promised.values());
        this.#writing = { value: this.#decide(this.#latest?.value) };
        return true;
      case "accepted":
        this.#accepted.add(from);
        if (this.#writing === undefined || this.#accepted.size < this.#majority) return false;
        this.#outcome = { at: "done", value: this.#writing.value };
        return false;
    }
  }
}

export function majorityOf(count: number): number {
  return Math.floor(count / 2) + 1;
}

function latestOf<V>(votes: Iterable<Vote<V> | undefined>): Vote<V> | undefined {
  let latest: Vote<V> | undefined;
  for (const one of votes)
    if (
      one !== undefined &&
      (latest === undefined || compareBallots(one.ballot, latest.ballot) > 0)
    )
      latest = one;
  return latest;
}
