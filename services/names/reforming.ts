import type { Random } from "../../orb/base/index.ts";
import type { PeerId, PeerRef } from "../overlay/index.ts";
import type { Acceptor } from "./acceptor.ts";
import { type Ballot, compareBallots, majorityOf, Proposal, type VoterReply } from "./ballot.ts";
import { type VoterConfig, voterIds, voterOf } from "./config.ts";
import { applyDelta, type ContextState, deltaSince } from "./context-state.ts";
import type { Copies } from "./copies.ts";
import {
  isConfig,
  type NamesMessage,
  type RegisterHead,
  SUCCESSOR,
  type Value,
} from "./message.ts";
import type { Outbox } from "./outbox.ts";
import type { NamesSettings } from "./settings.ts";

type Message<K extends NamesMessage["kind"]> = Extract<NamesMessage, { kind: K }>;

/** A change of the configuration that this peer drives. */
interface Reform {
  /** What an operator waits for; `undefined` for what happens by itself. */
  readonly id: number | undefined;
  readonly voters: readonly PeerRef[];
  readonly isForced: boolean;
  readonly startMs: number;
  readonly lateAtMs: number;
  readonly present: Map<PeerId, Message<"present">>;
  proposal: Proposal<Value> | undefined;
  round: number;
  nextAtMs: number;
  /** What became of it, and when. */
  config: VoterConfig | undefined;
  decidedAtMs: number;
}

/** A voter that takes over the votes of those before. */
interface Installation {
  readonly config: VoterConfig;
  readonly sealed: Map<
    PeerId,
    {
      readonly ref: PeerRef;
      readonly isWhole: boolean;
      readonly registers: readonly RegisterHead[];
    }
  >;
  readonly fetched: Map<string, { readonly ballot: Ballot; readonly value: Value }>;
  sentAtMs: number;
}

/** What a forced configuration starts from; kept where the operator's command was given. */
interface Snapshot {
  readonly config: VoterConfig;
  readonly states: Map<string, ContextState>;
}

export interface ReformerOptions {
  readonly self: PeerRef;
  readonly settings: NamesSettings;
  readonly random: Random;
  readonly out: Outbox;
  readonly acceptor: Acceptor;
  readonly copies: Copies;
  readonly proposer: string;
  /** A later configuration is known, or votes were taken over. */
  readonly changed: () => void;
}

const RESEND_MS = 300;
/** New voters that are slow to take over are waited for this long. */
const PATIENCE_MS = 2_000;
/** Registers asked for at a time. */
const FETCHED_AT_ONCE = 64;
/** A forced epoch leaves so many numbers free, lest one be decided meanwhile; and a random part, for two who force at once. */
const FORCED_GAP = 1_000;
const FORCED_RANDOM = 100_000;

/**
 * The part of a peer that changes who votes. The first configuration is decided when a majority of the configured
 * voters meet, each later one by a majority of those before; a voter that has lost its store is taken in anew. New
 * voters start from the votes of a majority of the old ones, which vote no more. By force none of that is asked.
 */
export class Reformer {
  readonly #options: ReformerOptions;
  #reform: Reform | undefined;
  #installation: Installation | undefined;
  #snapshot: Snapshot | undefined;
  #startedAtMs: number | undefined;

  constructor(options: ReformerOptions) {
    this.#options = options;
  }

  get isBusy(): boolean {
    return this.#reform !== undefined || this.#installation !== undefined;
  }

  /** An operator's command. With force the voters are put in place whoever votes now. */
  reform(id: number, voters: readonly PeerRef[], leftMs: number, force: boolean): void {
    const { out } = this.#options;
    if (this.#reform?.id !== undefined || voters.length === 0)
      return out.outcome(id, { kind: "late", elapsedMs: 0, isOpen: false });
    this.#begin(id, voters, leftMs, force);
  }

  tick(): void {
    const { out } = this.#options;
    this.#startedAtMs ??= out.nowMs;
    this.#look();
    if (this.#installation !== undefined) this.#install(this.#installation);
    const reform = this.#reform;
    if (reform === undefined) return;
    if (out.nowMs >= reform.lateAtMs) return this.#end(reform, false);
    if (out.nowMs >= reform.nextAtMs) this.#drive(reform);
  }

  receive(
    from: PeerRef,
    message: Message<
      | "who"
      | "present"
      | "promised"
      | "accepted"
      | "outbid"
      | "seal"
      | "sealed"
      | "fetch"
      | "fetched"
    >,
  ): void {
    const { acceptor, out } = this.#options;
    switch (message.kind) {
      case "who": {
        const { store, known, active } = acceptor.head;
        const { isVoting } = acceptor;
        const epoch = active?.epoch ?? 0;
        return out.reply(from, { kind: "present", store, epoch, isVoting, config: known });
      }
      case "present":
        return this.#onPresent(from, message);
      case "seal":
        return this.#onSeal(from, message.config);
      case "sealed":
        return this.#onSealed(from, message);
      case "fetch":
        return this.#onFetch(from, message);
      case "fetched":
        return this.#onFetched(from, message);
      case "promised":
      case "accepted":
      case "outbid":
        return this.#onVote(from, message);
    }
  }

  #begin(id: number | undefined, voters: readonly PeerRef[], leftMs: number, force: boolean): void {
    const { nowMs } = this.#options.out;
    this.#reform = {
      id,
      voters,
      isForced: force,
      startMs: nowMs,
      lateAtMs: nowMs + leftMs,
      present: new Map(),
      proposal: undefined,
      round: 0,
      nextAtMs: nowMs,
      config: undefined,
      decidedAtMs: 0,
    };
  }

  /** What has to be done without being told: found, be taken in again, take over. */
  #look(): void {
    const { acceptor, self, out, settings, random } = this.#options;
    const { known, active, store } = acceptor.head;
    const mine = voterOf(known, self.id);
    if (mine === undefined) return;
    const isMine = known.epoch > 0 && mine.store === store;
    const hasBegun = (active?.epoch ?? -1) === known.epoch && !acceptor.head.isSealed;
    if (isMine && !hasBegun && this.#installation?.config.epoch !== known.epoch)
      this.#installation = { config: known, sealed: new Map(), fetched: new Map(), sentAtMs: -1e9 };
    // Founded, or taken in, by another one meanwhile.
    if (isMine && this.#reform?.id === undefined) this.#reform = undefined;
    if (this.#reform !== undefined || isMine) return;
    // Those that start together do not all drive at once.
    const place = known.voters.findIndex(({ peer }) => peer.id === self.id);
    const waitMs = settings.gatherMs * (place + random.number());
    if (out.nowMs - (this.#startedAtMs ?? 0) < waitMs) return;
    if (mine.store !== "") out.event({ kind: "forgotten", config: known });
    const voters = known.voters.map(({ peer }) => peer);
    this.#startedAtMs = out.nowMs;
    this.#begin(undefined, voters, settings.gatherMs * (6 + 2 * voters.length), false);
  }

  #drive(reform: Reform): void {
    const { out, settings, acceptor } = this.#options;
    reform.nextAtMs = out.nowMs + RESEND_MS / 3;
    const { known } = acceptor.head;
    if (reform.config !== undefined) return this.#follow(reform, reform.config);
    for (const peer of this.#concerned(reform)) {
      if (!reform.present.has(peer.id)) out.send(peer, { kind: "who" });
      else if (reform.isForced) this.#collect(peer);
    }
    if (out.nowMs - reform.startMs < settings.gatherMs) return;
    if (reform.isForced) return this.#force(reform);
    const majority = majorityOf(reform.voters.length);
    const present = reform.voters.filter(({ id }) => reform.present.has(id));
    if (present.length < majority) return;
    const { proposal } = reform;
    if (proposal !== undefined && proposal.ballot.epoch === known.epoch)
      return this.#sendProposal(proposal, known);
    this.#propose(reform, known);
  }

  #concerned(reform: Reform): readonly PeerRef[] {
    const { known } = this.#options.acceptor.head;
    const all = new Map([...voterRefs(known), ...reform.voters].map((ref) => [ref.id, ref]));
    return [...all.values()];
  }

  #next(reform: Reform, known: VoterConfig): VoterConfig {
    const voters = reform.voters.map((peer) => {
      const store = reform.present.get(peer.id)?.store ?? voterOf(known, peer.id)?.store ?? "";
      return { peer, store };
    });
    return { epoch: known.epoch + 1, era: known.era, voters, base: voterRefs(known) };
  }

  #propose(reform: Reform, known: VoterConfig): void {
    const { acceptor, proposer } = this.#options;
    reform.round = Math.max(reform.round, acceptor.roundOf(SUCCESSOR)) + 1;
    reform.proposal = new Proposal<Value>(
      { epoch: known.epoch, round: reform.round, proposer },
      voterIds(known),
      // Decided once: who comes later is told what was decided.
      (latest) => latest ?? this.#next(reform, known),
    );
    this.#sendProposal(reform.proposal, known);
  }

  #sendProposal(proposal: Proposal<Value>, config: VoterConfig): void {
    const { out } = this.#options;
    const { request, ballot, base } = proposal;
    for (const { peer } of config.voters) {
      if (proposal.hasHeard(peer.id)) continue;
      if (request.kind === "prepare")
        out.send(peer, { kind: "prepare", register: SUCCESSOR, ballot, have: undefined });
      else if (isConfig(request.value)) {
        const value = { is: "config", config: request.value } as const;
        out.send(peer, { kind: "accept", register: SUCCESSOR, ballot, base: base?.ballot, value });
      }
    }
  }

  #onPresent(from: PeerRef, message: Message<"present">): void {
    const { acceptor, changed } = this.#options;
    this.#reform?.present.set(from.id, message);
    if (acceptor.learn(message.config)) changed();
  }

  #onVote(from: PeerRef, message: Message<"promised" | "accepted" | "outbid">): void {
    const reform = this.#reform;
    const proposal = reform?.proposal;
    if (reform === undefined || proposal === undefined) return;
    const { known } = this.#options.acceptor.head;
    if (known.epoch !== proposal.ballot.epoch) return;
    if (proposal.heard(from.id, successorReply(message))) this.#sendProposal(proposal, known);
    const { outcome } = proposal;
    if (outcome.at === "outbid") {
      const { random, settings, out } = this.#options;
      reform.round = Math.max(reform.round, outcome.round);
      reform.proposal = undefined;
      reform.nextAtMs = out.nowMs + settings.backoffMs * (1 + 9 * random.number());
    } else if (outcome.at === "done" && isConfig(outcome.value))
      this.#decided(reform, outcome.value);
  }

  #decided(reform: Reform, config: VoterConfig): void {
    const { acceptor, changed, out } = this.#options;
    const peers = [...this.#concerned(reform), ...voterRefs(config)];
    for (const peer of new Map(peers.map((ref) => [ref.id, ref])).values())
      out.send(peer, { kind: "config", config });
    if (acceptor.learn(config)) changed();
    reform.proposal = undefined;
    reform.present.clear();
    // Someone else's: what was wanted has to be tried once more, on top of it.
    if (reform.id === undefined || !isWanted(reform, config, this.#options)) return;
    reform.config = config;
    reform.decidedAtMs = out.nowMs;
  }

  /** Waits until the new voters have taken over. */
  #follow(reform: Reform, config: VoterConfig): void {
    const { out, acceptor } = this.#options;
    if (acceptor.head.known.epoch > config.epoch) return this.#end(reform, false);
    let ready = 0;
    for (const { peer } of config.voters) {
      const present = reform.present.get(peer.id);
      if (present?.isVoting === true && present.epoch === config.epoch) ready++;
      else out.send(peer, { kind: "config", config });
      out.send(peer, { kind: "who" });
    }
    // The others may take their time, but while they do, those before are still needed.
    const isPatient = out.nowMs - reform.decidedAtMs < PATIENCE_MS;
    if (ready === config.voters.length || (ready >= majorityOf(config.voters.length) && !isPatient))
      this.#end(reform, true);
  }

  #end(reform: Reform, isDone: boolean): void {
    const { out } = this.#options;
    this.#reform = undefined;
    if (reform.id === undefined) return;
    const elapsedMs = out.nowMs - reform.startMs;
    out.outcome(
      reform.id,
      isDone ? { kind: "done", context: undefined } : { kind: "late", elapsedMs, isOpen: true },
    );
  }

  // By force.

  /** Asks a voter of before for what it has; who does not answer is not waited for. */
  #collect(peer: PeerRef): void {
    const snapshot = this.#forcing();
    this.#options.out.send(peer, { kind: "seal", config: snapshot.config });
  }

  #forcing(): Snapshot {
    const { acceptor, self, random } = this.#options;
    const { known } = acceptor.head;
    if (this.#snapshot !== undefined && this.#snapshot.config.epoch > known.epoch)
      return this.#snapshot;
    const epoch = known.epoch + FORCED_GAP + Math.floor(random.number() * FORCED_RANDOM);
    this.#snapshot = {
      config: { epoch, era: epoch, voters: [], base: [self] },
      states: new Map(),
    };
    return this.#snapshot;
  }

  #force(reform: Reform): void {
    const { acceptor, copies, changed, out, settings } = this.#options;
    // Time for those that are there to hand over what this peer's copy lacks.
    if (out.nowMs - reform.startMs < 3 * settings.gatherMs) return;
    const { config: draft, states } = this.#forcing();
    for (const [contextId, state] of copies.entries()) later(states, contextId, state);
    for (const { register } of acceptor.registers()) {
      const value = acceptor.voted(register)?.value;
      if (value !== undefined && !isConfig(value)) later(states, register, value);
    }
    const era = draft.epoch;
    const restamped = new Map<string, ContextState>();
    for (const [contextId, state] of states)
      restamped.set(contextId, { ...state, version: { era, count: state.version.count } });
    const { known } = acceptor.head;
    const voters = this.#next(reform, known).voters;
    const config = { ...draft, voters };
    this.#snapshot = { config, states: restamped };
    reform.present.clear();
    reform.config = config;
    reform.decidedAtMs = out.nowMs;
    for (const peer of this.#concerned(reform)) out.send(peer, { kind: "config", config });
    if (acceptor.learn(config)) changed();
    for (const [contextId, state] of restamped) copies.put(contextId, state, out.nowMs);
  }

  // Taking over.

  #onSeal(from: PeerRef, config: VoterConfig): void {
    const { acceptor, changed, self } = this.#options;
    const { known } = acceptor.head;
    const snapshot = this.#snapshot;
    if (snapshot !== undefined && snapshot.config.voters.length > 0)
      if (snapshot.config.epoch === config.epoch) return this.#offer(from, snapshot);
    // A draft of a forced one: told what is here, and nothing is sealed before it is in force.
    if (config.voters.length === 0) {
      if (from.id !== self.id && config.epoch > known.epoch) {
        const registers = acceptor.registers();
        const { epoch } = config;
        this.#options.out.reply(from, { kind: "sealed", epoch, isWhole: false, registers });
      }
      return;
    }
    acceptor.onSeal(from, config);
    if (acceptor.head.known.epoch > known.epoch) changed();
  }

  #offer(to: PeerRef, { config: { epoch }, states }: Snapshot): void {
    const ballot = { epoch, round: 0, proposer: "" };
    const registers = [...states].map(([register, { version }]) => ({ register, ballot, version }));
    this.#options.out.send(to, { kind: "sealed", epoch, isWhole: true, registers });
  }

  #onSealed(from: PeerRef, { epoch, isWhole, registers }: Message<"sealed">): void {
    const { out } = this.#options;
    const snapshot = this.#snapshot;
    if (snapshot?.config.epoch === epoch && snapshot.config.voters.length === 0) {
      const newer = registers.filter(({ register, version }) => {
        const mine = snapshot.states.get(register) ?? this.#options.copies.get(register);
        return (
          mine === undefined || mine.version.era < version.era || mine.version.count < version.count
        );
      });
      if (newer.length > 0)
        out.send(from, { kind: "fetch", epoch, registers: newer.map(({ register }) => register) });
      return;
    }
    const installation = this.#installation;
    if (installation?.config.epoch !== epoch) return;
    if (!isWhole && !installation.config.base.some(({ id }) => id === from.id)) return;
    installation.sealed.set(from.id, { ref: from, isWhole, registers });
    this.#install(installation);
  }

  #onFetch(from: PeerRef, message: Message<"fetch">): void {
    const snapshot = this.#snapshot;
    if (snapshot?.config.epoch !== message.epoch || snapshot.config.voters.length === 0)
      return this.#options.acceptor.onFetch(from, message);
    const ballot = { epoch: message.epoch, round: 0, proposer: "" };
    for (const register of message.registers) {
      const state = snapshot.states.get(register);
      if (state === undefined) continue;
      const value = { is: "context", delta: deltaSince(undefined, state) } as const;
      const { epoch } = message;
      this.#options.out.send(from, { kind: "fetched", epoch, register, ballot, value });
    }
  }

  #onFetched(from: PeerRef, message: Message<"fetched">): void {
    const { epoch, register, ballot, value } = message;
    if (value.is === "config") return;
    const state = applyDelta(undefined, value.delta);
    if (state === undefined) return;
    const snapshot = this.#snapshot;
    if (snapshot?.config.epoch === epoch && snapshot.config.voters.length === 0)
      return later(snapshot.states, register, state);
    const installation = this.#installation;
    if (installation?.config.epoch !== epoch || !installation.sealed.has(from.id)) return;
    const before = installation.fetched.get(register);
    if (before === undefined || compareBallots(before.ballot, ballot) < 0)
      installation.fetched.set(register, { ballot, value: state });
    if (installation.fetched.size % FETCHED_AT_ONCE === 0) installation.sentAtMs = -1e9;
    this.#install(installation);
  }

  /** Takes the votes of a majority of those before: of each register the latest. */
  #install(installation: Installation): void {
    const { acceptor, out, changed } = this.#options;
    const { config, sealed } = installation;
    if (acceptor.head.known.epoch > config.epoch) return void (this.#installation = undefined);
    const isDue = out.nowMs - installation.sentAtMs >= RESEND_MS;
    // One that votes already has the votes of such a majority.
    const isKnown = [...sealed.values()].some(({ isWhole }) => isWhole);
    if (!isKnown && sealed.size < majorityOf(config.base.length)) {
      if (!isDue) return;
      installation.sentAtMs = out.nowMs;
      const asked = [...config.base, ...voterRefs(config)];
      for (const peer of new Map(asked.map((ref) => [ref.id, ref])).values())
        if (!sealed.has(peer.id)) out.send(peer, { kind: "seal", config });
      return;
    }
    const votes = new Map<string, { ballot: Ballot; value: Value }>();
    const missing = new Map<PeerId, string[]>();
    for (const [register, { ballot, ref }] of latestOf(sealed.values())) {
      const known = [acceptor.voted(register), installation.fetched.get(register)].find(
        (one) => one !== undefined && compareBallots(one.ballot, ballot) >= 0,
      );
      if (known !== undefined) votes.set(register, known);
      else missing.set(ref.id, [...(missing.get(ref.id) ?? []), register]);
    }
    if (missing.size > 0) {
      if (!isDue) return;
      installation.sentAtMs = out.nowMs;
      const { epoch } = config;
      for (const [id, registers] of missing) {
        const ref = sealed.get(id)?.ref;
        if (ref === undefined) continue;
        out.send(ref, { kind: "fetch", epoch, registers: registers.slice(0, FETCHED_AT_ONCE) });
      }
      return;
    }
    this.#installation = undefined;
    acceptor.install(config, votes);
    changed();
  }
}

/** Whether the configuration is what the driver wanted, and not what another one drove at the same time. */
function isWanted(
  reform: Reform,
  { voters }: VoterConfig,
  { self, acceptor }: ReformerOptions,
): boolean {
  const isSame =
    voters.length === reform.voters.length &&
    reform.voters.every(({ id }) => voters.some(({ peer }) => peer.id === id));
  const mine = voters.find(({ peer }) => peer.id === self.id);
  return isSame && (mine === undefined || mine.store === acceptor.head.store);
}

function voterRefs(config: VoterConfig): readonly PeerRef[] {
  return config.voters.map(({ peer }) => peer);
}

function successorReply(message: Message<"promised" | "accepted" | "outbid">): VoterReply<Value> {
  if (message.kind !== "promised") return message;
  const { ballot, voted, value } = message;
  const vote =
    voted === undefined || value?.is !== "config"
      ? undefined
      : { ballot: voted, value: value.config };
  return { kind: "promised", ballot, vote };
}

/** Of each register the latest ballot, and who has it. */
function latestOf(
  lists: Iterable<{ readonly ref: PeerRef; readonly registers: readonly RegisterHead[] }>,
): ReadonlyMap<string, { readonly ballot: Ballot; readonly ref: PeerRef }> {
  const latest = new Map<string, { ballot: Ballot; ref: PeerRef }>();
  for (const { ref, registers } of lists)
    for (const { register, ballot } of registers) {
      const before = latest.get(register);
      if (before === undefined || compareBallots(before.ballot, ballot) < 0)
        latest.set(register, { ballot, ref });
    }
  return latest;
}

function later(states: Map<string, ContextState>, contextId: string, state: ContextState): void {
  const before = states.get(contextId)?.version;
  const { era, count } = state.version;
  if (before !== undefined && (before.era > era || (before.era === era && before.count >= count)))
    return;
  states.set(contextId, state);
}
