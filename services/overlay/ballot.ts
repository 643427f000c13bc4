import type { PeerId } from "./peer.ts";

/** Number of an attempt to change a name; of two of one round the proposer's id decides. */
export interface Ballot {
  readonly round: number;
  readonly proposer: PeerId;
}

/** What a name stands for: a stringified reference; undefined: it is free. */
export type Bound = string | undefined;

/** A value that a voter accepted, and by which ballot. */
export interface Vote {
  readonly ballot: Ballot;
  readonly value: Bound;
}

/** To a voter. */
export type VoterRequest =
  | { readonly kind: "prepare"; readonly name: string; readonly ballot: Ballot }
  | {
      readonly kind: "accept";
      readonly name: string;
      readonly ballot: Ballot;
      readonly value: Bound;
    };

/** From a voter; `ballot` is that of the request answered. */
export type VoterReply =
  | { readonly kind: "promised"; readonly ballot: Ballot; readonly vote: Vote | undefined }
  | { readonly kind: "accepted"; readonly ballot: Ballot }
  /** A later ballot was promised: `round` has to be exceeded. */
  | { readonly kind: "outbid"; readonly ballot: Ballot; readonly round: number };

/** What one voter knows of a name; it must be on disk before the reply is sent. */
export interface VoterState {
  readonly promised: Ballot;
  readonly vote: Vote | undefined;
}

/** Below 0 when `a` is the earlier one. */
export function compareBallots(a: Ballot, b: Ballot): number {
  if (a.round !== b.round) return a.round - b.round;
  if (a.proposer === b.proposer) return 0;
  return a.proposer < b.proposer ? -1 : 1;
}

/**
 * One voter's answer to a request about one name (CASPaxos, Rystsov 2018: a register for each name, without a leader
 * and without a log).
 * @returns what it knows afterwards, the same object when nothing changed
 */
export function vote(
  state: VoterState | undefined,
  request: VoterRequest,
): { readonly state: VoterState; readonly reply: VoterReply } {
  const { ballot } = request;
  if (state !== undefined && compareBallots(ballot, state.promised) < 0)
    return { state, reply: { kind: "outbid", ballot, round: state.promised.round } };
  if (request.kind === "prepare")
    return {
      state: { promised: ballot, vote: state?.vote },
      reply: { kind: "promised", ballot, vote: state?.vote },
    };
  return {
    state: { promised: ballot, vote: { ballot, value: request.value } },
    reply: { kind: "accepted", ballot },
  };
}

/** A change of a name: takes effect only when the name stands for `from`. */
export interface NameChange {
  readonly name: string;
  readonly from: Bound;
  /** Of a bind: unlike what anybody else binds, so that an attempt made twice is known again. */
  readonly to: Bound;
}

/**
 * "done": the name stands for `to`. "lost": a majority has it otherwise, and `value` is what it stands for. "outbid":
 * to be tried again with a later round, for another proposer came between; until then the outcome is open.
 */
export type ProposalOutcome =
  | { readonly at: "open" }
  | { readonly at: "done" }
  | { readonly at: "lost"; readonly value: Bound }
  | { readonly at: "outbid"; readonly round: number };

/**
 * One attempt to change a name by a majority of the voters; an attempt without a majority stays open, and its owner
 * gives it up at a deadline (a bind then gets TRANSIENT). The value found is always written again, also when the change
 * is refused: only what a majority accepted may be told.
 */
export class Proposal {
  readonly #change: NameChange;
  readonly #ballot: Ballot;
  readonly #majority: number;
  readonly #voters: ReadonlySet<PeerId>;
  readonly #promised: Map<PeerId, Vote | undefined> = new Map();
  readonly #accepted: Set<PeerId> = new Set();
  #writing: { readonly value: Bound; readonly isChanged: boolean } | undefined;
  #outcome: ProposalOutcome = { at: "open" };

  /** @param ballot later than any that this proposer used for the name */
  constructor(change: NameChange, ballot: Ballot, voters: readonly PeerId[]) {
    this.#change = change;
    this.#ballot = ballot;
    this.#voters = new Set(voters);
    this.#majority = Math.floor(this.#voters.size / 2) + 1;
  }

  /** What to send to every voter now; again when replies stay out. */
  get request(): VoterRequest {
    const { name } = this.#change;
    if (this.#writing === undefined) return { kind: "prepare", name, ballot: this.#ballot };
    return { kind: "accept", name, ballot: this.#ballot, value: this.#writing.value };
  }

  get outcome(): ProposalOutcome {
    return this.#outcome;
  }

  /** @returns whether {@link request} has become another one, to be sent to every voter */
  heard(from: PeerId, reply: VoterReply): boolean {
    const isMine = compareBallots(reply.ballot, this.#ballot) === 0 && this.#voters.has(from);
    if (this.#outcome.at !== "open" || !isMine) return false;
    switch (reply.kind) {
      case "outbid":
        this.#outcome = { at: "outbid", round: reply.round };
        return false;
      case "promised":
        this.#promised.set(from, reply.vote);
        if (this.#writing !== undefined || this.#promised.size < this.#majority) return false;
        this.#writing = this.#decide();
        return true;
      case "accepted":
        this.#accepted.add(from);
        if (this.#writing === undefined || this.#accepted.size < this.#majority) return false;
        this.#outcome = this.#writing.isChanged
          ? { at: "done" }
          : { at: "lost", value: this.#writing.value };
        return false;
    }
  }

  #decide(): { readonly value: Bound; readonly isChanged: boolean } {
    let latest: Vote | undefined;
    for (const one of this.#promised.values())
      if (
        one !== undefined &&
        (latest === undefined || compareBallots(one.ballot, latest.ballot) > 0)
      )
        latest = one;
    const { from, to } = this.#change;
    // `to` already there: an earlier attempt of the same change came through unnoticed.
    const isChanged = latest?.value === from || latest?.value === to;
    return { value: isChanged ? to : latest?.value, isChanged };
  }
}
