import type { PeerRef } from "../overlay/index.ts";
import { type Ballot, sameBallot, vote, type VoterState } from "./ballot.ts";
import { isForced, type VoterConfig, voterOf } from "./config.ts";
import { deltaSince } from "./context-state.ts";
import { valueAfter } from "./memory-voter-store.ts";
import {
  isConfig,
  type NamesMessage,
  type RegisterHead,
  SUCCESSOR,
  type Value,
  type ValueDelta,
} from "./message.ts";
import type { Outbox } from "./outbox.ts";
import type { StoredVoter, VoterHead } from "./voter-store.ts";

type Message<K extends NamesMessage["kind"]> = Extract<NamesMessage, { kind: K }>;

/** The whole of a value. */
export function wholeOf(value: Value): ValueDelta {
  return isConfig(value)
    ? { is: "config", config: value }
    : { is: "context", delta: deltaSince(undefined, value) };
}

/** What leads `before` to `value`. */
export function differenceOf(before: Value | undefined, value: Value): ValueDelta {
  if (isConfig(value) || before === undefined || isConfig(before)) return wholeOf(value);
  return { is: "context", delta: deltaSince(before.version, value) };
}

/**
 * The part of a peer that votes: a promise and a vote for each register. Everything it says is said after what it
 * knows was written.
 */
export class Acceptor {
  readonly #self: PeerRef;
  readonly #out: Outbox;
  readonly #registers: Map<string, VoterState<Value>>;
  /** When contexts were found destroyed. */
  readonly #goneAtMs: Map<string, number> = new Map();
  #head: VoterHead;

  constructor(self: PeerRef, out: Outbox, stored: StoredVoter) {
    this.#self = self;
    this.#out = out;
    this.#head = stored.head;
    this.#registers = new Map(stored.registers);
  }

  get head(): VoterHead {
    return this.#head;
  }

  /** Has it a vote, with this store, in this configuration? */
  get isVoting(): boolean {
    const { active, isSealed, known, store } = this.#head;
    if (active === undefined || isSealed || known.epoch > active.epoch) return false;
    const mine = voterOf(active, this.#self.id);
    return mine !== undefined && (active.epoch === 0 || mine.store === store);
  }

  /** What it voted for last. */
  voted(register: string): { readonly ballot: Ballot; readonly value: Value } | undefined {
    return this.#registers.get(register)?.vote;
  }

  /** The latest ballot's round that it knows of. */
  roundOf(register: string): number {
    const promised = this.#registers.get(register)?.promised;
    return promised?.epoch === this.#head.active?.epoch ? (promised?.round ?? 0) : 0;
  }

  registers(): readonly RegisterHead[] {
    const heads: RegisterHead[] = [];
    for (const [register, { vote: last }] of this.#registers)
      if (last !== undefined && !isConfig(last.value))
        heads.push({ register, ballot: last.ballot, version: last.value.version });
    return heads;
  }

  /** There is a later configuration. @returns whether it was news */
  learn(config: VoterConfig): boolean {
    if (config.epoch <= this.#head.known.epoch) return false;
    this.#setHead({ known: config });
    this.#out.event({ kind: "config", config });
    return true;
  }

  /** Votes no more in its configuration. */
  seal(): void {
    if (this.#head.isSealed) return;
    this.#setHead({ isSealed: true });
    this.#out.event({ kind: "sealed", config: this.#head.known });
  }

  /** Starts to vote, with these votes and no others. */
  install(config: VoterConfig, votes: ReadonlyMap<string, { ballot: Ballot; value: Value }>): void {
    for (const register of this.#registers.keys()) if (!votes.has(register)) this.drop(register);
    for (const [register, { ballot, value }] of votes) {
      if (sameBallot(this.voted(register)?.ballot, ballot)) continue;
      this.#registers.set(register, { promised: ballot, vote: { ballot, value } });
      this.#out.write({ what: "vote", register, promised: ballot, ballot, value: wholeOf(value) });
    }
    this.#setHead({ active: config, isSealed: false });
    this.#out.event({ kind: "voting", config });
  }

  drop(register: string): void {
    this.#registers.delete(register);
    this.#goneAtMs.delete(register);
    this.#out.write({ what: "drop", register });
  }

  /** Forgets contexts that were destroyed long ago. */
  forgetGone(lifeMs: number): void {
    for (const [register, atMs] of this.#goneAtMs)
      if (this.#out.nowMs - atMs > lifeMs) this.drop(register);
    for (const [register, { vote: last }] of this.#registers)
      if (last !== undefined && !isConfig(last.value) && last.value.bindings === undefined)
        if (!this.#goneAtMs.has(register)) this.#goneAtMs.set(register, this.#out.nowMs);
  }

  /** Answers a request of a proposer. */
  receive(from: PeerRef, message: Message<"prepare" | "accept" | "peek">): void {
    const epoch = message.kind === "peek" ? message.epoch : message.ballot.epoch;
    const { active, known } = this.#head;
    if (known.epoch > epoch) return this.#out.reply(from, { kind: "config", config: known });
    if (!this.isVoting || active?.epoch !== epoch) return;
    switch (message.kind) {
      case "prepare":
        return this.#prepare(from, message);
      case "accept":
        return this.#accept(from, message);
      case "peek": {
        const { register, turn, have } = message;
        const last = this.voted(register);
        this.#out.reply(from, {
          kind: "peeked",
          register,
          turn,
          voted: last?.ballot,
          value:
            last === undefined || sameBallot(last.ballot, have) ? undefined : wholeOf(last.value),
        });
      }
    }
  }

  #prepare(from: PeerRef, { register, ballot, have }: Message<"prepare">): void {
    const before = this.#registers.get(register);
    const { state, reply } = vote<Value>(before, { kind: "prepare", ballot });
    if (reply.kind !== "promised") return this.#refuse(from, register, reply);
    if (state !== before) {
      this.#registers.set(register, state);
      this.#out.write({ what: "promise", register, promised: ballot });
    }
    const last = state.vote;
    const value =
      last === undefined || sameBallot(last.ballot, have) ? undefined : wholeOf(last.value);
    this.#out.reply(from, { kind: "promised", register, ballot, voted: last?.ballot, value });
  }

  #accept(from: PeerRef, { register, ballot, base, value: change }: Message<"accept">): void {
    const before = this.#registers.get(register);
    const isWhole = change.is === "config" || change.delta.from === undefined;
    // What the same ballot was for was taken already; the difference would be from another state.
    const isTaken = sameBallot(before?.vote?.ballot, ballot);
    const fits = isWhole || isTaken || sameBallot(before?.vote?.ballot, base);
    const value = isTaken
      ? before?.vote?.value
      : fits
        ? valueAfter(before?.vote?.value, change)
        : undefined;
    if (value === undefined) return this.#out.reply(from, { kind: "behind", register, ballot });
    const { state, reply } = vote<Value>(before, { kind: "accept", ballot, value });
    if (reply.kind !== "accepted") return this.#refuse(from, register, reply);
    if (state !== before) {
      this.#registers.set(register, state);
      this.#out.write({ what: "vote", register, promised: ballot, ballot, value: change });
    }
    this.#out.reply(from, { kind: "accepted", register, ballot });
  }

  #refuse(
    from: PeerRef,
    register: string,
    reply: { readonly kind: string; readonly ballot: Ballot; readonly round?: number },
  ): void {
    const { ballot, round = 0 } = reply;
    this.#out.reply(from, { kind: "outbid", register, ballot, round });
  }

  /** Someone puts a later configuration in place: this one's votes are its base. */
  onSeal(from: PeerRef, config: VoterConfig): void {
    const { active, known } = this.#head;
    if (config.epoch < known.epoch) return this.#out.reply(from, { kind: "config", config: known });
    this.learn(config);
    const isOfBase = isForced(config) || config.base.some(({ id }) => id === this.#self.id);
    // One that has taken over already has what a majority of those before voted for.
    const isWhole = active?.epoch === config.epoch && this.isVoting;
    // Who never voted has nothing to tell, and silence is not taken for an empty answer.
    if (active === undefined || (!isOfBase && !isWhole)) return;
    if (active.epoch < config.epoch) this.seal();
    const registers = this.registers();
    this.#out.reply(from, { kind: "sealed", epoch: config.epoch, isWhole, registers });
  }

  onFetch(from: PeerRef, { epoch, registers }: Message<"fetch">): void {
    for (const register of registers) {
      const last = this.voted(register);
      if (last === undefined || register === SUCCESSOR) continue;
      const value = wholeOf(last.value);
      this.#out.reply(from, { kind: "fetched", epoch, register, ballot: last.ballot, value });
    }
  }

  #setHead(change: Partial<VoterHead>): void {
    this.#head = { ...this.#head, ...change };
    this.#out.write({ what: "head", head: this.#head });
  }
}
