import type { Random } from "../../orb/base/index.ts";
import type { PeerId, PeerRef } from "../overlay/index.ts";
import { type Acceptor, differenceOf, wholeOf } from "./acceptor.ts";
import { type Ballot, majorityOf, Proposal, sameBallot, type VoterReply } from "./ballot.ts";
import { type VoterConfig, voterIds, voterOf } from "./config.ts";
import {
  applyDelta,
  type ChangeResult,
  compareVersions,
  type ContextState,
  type Delta,
  deltaSince,
  evaluate,
  type Room,
  type Version,
} from "./context-state.ts";
import {
  type Asking,
  isConfig,
  type NamesMessage,
  type Told,
  type Value,
  type ValueDelta,
} from "./message.ts";
import type { Outbox } from "./outbox.ts";
import type { NamesSettings } from "./settings.ts";

type Message<K extends NamesMessage["kind"]> = Extract<NamesMessage, { kind: K }>;

/** Something asked of this voter, and by whom. */
interface Job {
  readonly asking: Asking;
  readonly from: PeerRef;
  readonly lateAtMs: number;
  /** When the asker last heard of it. */
  heardAtMs: number;
  /** An earlier ballot may have brought it to a decision without this voter knowing. */
  mayBeDone: boolean;
}

/** A look at what the voters have accepted: enough for questions when they agree. */
interface Look {
  readonly turn: number;
  readonly heard: Map<
    PeerId,
    { readonly voted: Ballot | undefined; readonly value: Value | undefined }
  >;
  readonly own: { readonly ballot: Ballot; readonly value: Value } | undefined;
}

interface Attempt {
  readonly proposal: Proposal<Value>;
  readonly own: { readonly ballot: Ballot; readonly value: Value } | undefined;
  readonly results: Map<Job, ChangeResult>;
}

/** All that this voter does about one register. */
interface Desk {
  readonly register: string;
  waiting: Job[];
  batch: Job[];
  work: { readonly look: Look } | { readonly attempt: Attempt } | undefined;
  round: number;
  losses: number;
  sentAtMs: number;
  startAtMs: number;
}

/** Changes decided by one ballot. */
const BATCH = 128;
/** Answers given that are remembered, should the question come twice. */
const ANSWERS = 1_024;

export interface DeciderOptions {
  readonly settings: NamesSettings;
  readonly random: Random;
  readonly out: Outbox;
  readonly acceptor: Acceptor;
  /** Of this start of this process. */
  readonly proposer: string;
  readonly room: () => Room;
  /** A state is decided. */
  readonly decided: (contextId: string, state: ContextState) => void;
}

/**
 * The part of a voter that brings changes to a decision: one ballot at a time for each context, with everything that
 * was asked meanwhile. All peers ask the same voter as long as it answers, so that ballots seldom meet; when they do,
 * the one outbid waits a random time.
 */
export class Decider {
  readonly #options: DeciderOptions;
  readonly #desks: Map<string, Desk> = new Map();
  readonly #answers: Map<string, Told> = new Map();
  #turn = 0;
  #waiting = 0;
  #progressAtMs = -Infinity;

  constructor(options: DeciderOptions) {
    this.#options = options;
  }

  get isBusy(): boolean {
    return this.#desks.size > 0;
  }

  /** A change or a question for a context, to a peer that has a vote. */
  ask(from: PeerRef, asking: Asking): void {
    const { settings, out } = this.#options;
    const answer = this.#answers.get(asking.id);
    if (answer !== undefined && (answer.isFinal || !asking.isAgain))
      return out.send(from, { kind: "told", ...answer });
    const desk = this.#deskOf(asking.contextId);
    const open = [...desk.waiting, ...desk.batch];
    const isOpen = open.some(
      (job) => job.asking.id === asking.id && job.asking.isAgain === asking.isAgain,
    );
    if (isOpen || this.#waiting >= settings.mostWaiting) return;
    desk.waiting.push({
      asking,
      from,
      lateAtMs: out.nowMs + asking.leftMs,
      heardAtMs: out.nowMs,
      mayBeDone: false,
    });
    this.#waiting++;
    this.#proceed(desk);
  }

  tick(): void {
    const { nowMs } = this.#options.out;
    for (const desk of this.#desks.values()) {
      desk.waiting = this.#inTime(desk.waiting);
      this.#reassure(desk);
      // What a majority may have accepted goes on for as long as anybody waits for it.
      if (desk.work !== undefined && this.#inTime(desk.batch, false).length === 0)
        this.#giveUp(desk);
      if (desk.work === undefined) this.#proceed(desk);
      else if (nowMs - desk.sentAtMs >= this.#options.settings.resendMs) this.#send(desk);
    }
  }

  /**
   * Who waits because there is much to do hears so, and does not ask other voters, too. Without progress, as when no
   * majority answers, it hears nothing.
   */
  #reassure({ waiting, batch }: Desk): void {
    const { out, settings } = this.#options;
    if (out.nowMs - this.#progressAtMs > settings.hedgeMs) return;
    for (const job of [...batch, ...waiting]) {
      if (out.nowMs - job.heardAtMs < settings.hedgeMs / 2) continue;
      job.heardAtMs = out.nowMs;
      out.send(job.from, { kind: "waiting", id: job.asking.id });
    }
  }

  /** Another configuration: nothing that was begun can be finished here. */
  clear(): void {
    for (const desk of this.#desks.values())
      this.#waiting -= desk.waiting.length + desk.batch.length;
    this.#desks.clear();
  }

  receive(
    from: PeerRef,
    message: Message<"promised" | "accepted" | "outbid" | "behind" | "peeked">,
  ): void {
    const desk = this.#desks.get(message.register);
    if (desk?.work === undefined) return;
    if (message.kind === "peeked") {
      if ("look" in desk.work) this.#peeked(desk, desk.work.look, from, message);
    } else if ("attempt" in desk.work) this.#heard(desk, desk.work.attempt, from, message);
  }

  #deskOf(register: string): Desk {
    let desk = this.#desks.get(register);
    if (desk === undefined) {
      const round = this.#options.acceptor.roundOf(register);
      desk = {
        register,
        waiting: [],
        batch: [],
        work: undefined,
        round,
        losses: 0,
        sentAtMs: 0,
        startAtMs: 0,
      };
      this.#desks.set(register, desk);
    }
    return desk;
  }

  #inTime(jobs: readonly Job[], isCounted: boolean = true): Job[] {
    const left = jobs.filter(({ lateAtMs }) => lateAtMs > this.#options.out.nowMs);
    if (isCounted) this.#waiting -= jobs.length - left.length;
    return left;
  }

  #proceed(desk: Desk): void {
    const { acceptor, out } = this.#options;
    if (desk.work !== undefined || out.nowMs < desk.startAtMs) return;
    if (desk.waiting.length === 0) {
      this.#desks.delete(desk.register);
      return;
    }
    desk.batch = desk.waiting.splice(0, BATCH);
    const own = acceptor.voted(desk.register);
    const isQuestion =
      desk.losses === 0 && desk.batch.every(({ asking }) => asking.change === undefined);
    desk.work = isQuestion
      ? { look: { turn: ++this.#turn, heard: new Map(), own } }
      : { attempt: this.#attempt(desk, own) };
    this.#send(desk);
  }

  #attempt(desk: Desk, own: Attempt["own"]): Attempt {
    const { acceptor, proposer } = this.#options;
    const config = this.#config();
    desk.round = Math.max(desk.round, acceptor.roundOf(desk.register)) + 1;
    const attempt: Attempt = {
      proposal: new Proposal<Value>(
        { epoch: config.epoch, round: desk.round, proposer },
        voterIds(config),
        (latest) => this.#decide(desk, attempt, latest),
      ),
      own,
      results: new Map(),
    };
    return attempt;
  }

  #config(): VoterConfig {
    const { active, known } = this.#options.acceptor.head;
    return active ?? known;
  }

  /** What the register becomes: every change of the batch, one after the other. */
  #decide(desk: Desk, attempt: Attempt, latest: Value | undefined): Value {
    let state = stateIn(latest);
    const { era } = this.#config();
    let room = this.#options.room();
    for (const job of desk.batch) {
      const { id, change, since, isAgain } = job.asking;
      if (change === undefined) continue;
      const before = state;
      const { state: after, result } = evaluate(state, { id, change, since, isAgain }, era, room);
      state = after;
      attempt.results.set(job, result);
      room = {
        ...room,
        bindings: room.bindings - ((after?.bindings?.size ?? 0) - (before?.bindings?.size ?? 0)),
        octets: room.octets - ((after?.octets ?? 0) - (before?.octets ?? 0)),
      };
    }
    // A register that holds nothing, and is left so: it has to be written all the same.
    return state ?? { version: { era, count: 0 }, bindings: undefined, recent: [], octets: 0 };
  }

  #send(desk: Desk): void {
    desk.sentAtMs = this.#options.out.nowMs;
    const { work } = desk;
    for (const { peer } of this.#config().voters)
      if (work !== undefined && !this.#hasHeard(work, peer.id)) this.#sendTo(desk, peer);
  }

  #hasHeard(work: NonNullable<Desk["work"]>, voter: PeerId): boolean {
    return "look" in work ? work.look.heard.has(voter) : work.attempt.proposal.hasHeard(voter);
  }

  #sendTo(desk: Desk, to: PeerRef, isWhole: boolean = false): void {
    const { out } = this.#options;
    const { register, work } = desk;
    if (work === undefined) return;
    if ("look" in work) {
      const { turn, own } = work.look;
      const { epoch } = this.#config();
      return out.send(to, { kind: "peek", register, epoch, turn, have: own?.ballot });
    }
    const { proposal, own } = work.attempt;
    const { request, ballot, base } = proposal;
    if (request.kind === "prepare")
      return out.send(to, { kind: "prepare", register, ballot, have: own?.ballot });
    const value = isWhole ? wholeOf(request.value) : differenceOf(base?.value, request.value);
    out.send(to, { kind: "accept", register, ballot, base: base?.ballot, value });
  }

  #heard(
    desk: Desk,
    attempt: Attempt,
    from: PeerRef,
    message: Message<"promised" | "accepted" | "outbid" | "behind">,
  ): void {
    const { proposal } = attempt;
    if (message.kind === "behind") {
      const isMine = sameBallot(message.ballot, proposal.ballot);
      if (isMine && proposal.request.kind === "accept") this.#sendTo(desk, from, true);
      return;
    }
    const reply = this.#replyOf(attempt, message);
    if (reply === undefined) return;
    if (proposal.heard(from.id, reply)) this.#send(desk);
    const { outcome } = proposal;
    if (outcome.at === "done") this.#answer(desk, attempt.results, stateIn(outcome.value));
    else if (outcome.at === "outbid") this.#outbid(desk, outcome.round);
  }

  #replyOf(
    { own }: Attempt,
    message: Message<"promised" | "accepted" | "outbid">,
  ): VoterReply<Value> | undefined {
    if (message.kind !== "promised") return message;
    const { ballot, voted } = message;
    if (voted === undefined) return { kind: "promised", ballot, vote: undefined };
    const value = valueIn(message, own);
    return value === undefined
      ? undefined
      : { kind: "promised", ballot, vote: { ballot: voted, value } };
  }

  #peeked(desk: Desk, look: Look, from: PeerRef, message: Message<"peeked">): void {
    const config = this.#config();
    if (message.turn !== look.turn || voterOf(config, from.id) === undefined) return;
    const value = valueIn(message, look.own);
    if (message.voted !== undefined && value === undefined) return;
    look.heard.set(from.id, { voted: message.voted, value });
    const majority = majorityOf(config.voters.length);
    if (look.heard.size < majority) return;
    const [first, ...others] = look.heard.values();
    // Of different votes none may be decided: a ballot settles it.
    if (others.some(({ voted }) => !sameBallot(voted, first?.voted))) return this.#settle(desk);
    this.#answer(desk, new Map(), stateIn(first?.value));
  }

  #settle(desk: Desk): void {
    desk.work = { attempt: this.#attempt(desk, this.#options.acceptor.voted(desk.register)) };
    this.#send(desk);
  }

  #answer(
    desk: Desk,
    results: ReadonlyMap<Job, ChangeResult>,
    state: ContextState | undefined,
  ): void {
    const { batch, register } = desk;
    desk.batch = [];
    desk.work = undefined;
    desk.losses = 0;
    this.#waiting -= batch.length;
    this.#progressAtMs = this.#options.out.nowMs;
    if (state !== undefined) this.#options.decided(register, state);
    // The news once for each peer: what is told after it is told to a copy that has them.
    const informed = new Set<PeerId>();
    for (const job of batch) {
      const news = informed.has(job.from.id) ? undefined : newsFor(job.from.id, batch, state);
      informed.add(job.from.id);
      this.#tell(job, results.get(job), state, news);
    }
    this.#proceed(desk);
  }

  #tell(
    { asking, from, mayBeDone }: Job,
    result: ChangeResult | undefined,
    state: ContextState | undefined,
    news: Delta | undefined,
  ): void {
    const { id, contextId } = asking;
    const told: Told = {
      id,
      contextId,
      result: result?.kind ?? "done",
      refusal: result?.kind === "refused" ? result.refusal : undefined,
      isFinal: isFinal(result, mayBeDone),
      count: state?.version.count ?? 0,
      news,
    };
    this.#options.out.send(from, { kind: "told", ...told });
    if (asking.change === undefined) return;
    // Without the news, which may be large: who asks again gets them by other ways.
    this.#answers.set(id, { ...told, news: undefined });
    for (const oldest of this.#answers.keys()) {
      if (this.#answers.size <= ANSWERS) break;
      this.#answers.delete(oldest);
    }
  }

  #outbid(desk: Desk, round: number): void {
    const { out, random, settings } = this.#options;
    desk.round = Math.max(desk.round, round);
    const widerMs = settings.backoffMs * 2 ** Math.min(5, desk.losses);
    desk.losses++;
    this.#giveUp(desk);
    desk.startAtMs = out.nowMs + widerMs * (0.5 + random.number());
  }

  #giveUp(desk: Desk): void {
    const { work } = desk;
    if (work !== undefined && "attempt" in work && work.attempt.proposal.request.kind === "accept")
      for (const job of desk.batch) job.mayBeDone = true;
    desk.waiting = this.#inTime([...desk.batch, ...desk.waiting]);
    desk.batch = [];
    desk.work = undefined;
  }
}

/** Whether no other voter will say anything else; of what is "stale": whether it was never done. */
function isFinal(result: ChangeResult | undefined, mayBeDone: boolean): boolean {
  if (result?.kind === "refused") return result.isRecorded;
  return result?.kind !== "stale" || !mayBeDone;
}

/** What leads a peer from the latest state that any of its questions came from. */
function newsFor(
  peer: PeerId,
  batch: readonly Job[],
  state: ContextState | undefined,
): Delta | undefined {
  if (state === undefined) return undefined;
  let latest: Version | undefined;
  for (const { from, asking } of batch) {
    if (from.id !== peer || asking.have === undefined) continue;
    if (latest === undefined || compareVersions(latest, asking.have) < 0) latest = asking.have;
  }
  return deltaSince(latest, state);
}

/** The context that a register holds; one that was written without ever holding one counts as empty. */
function stateIn(value: Value | undefined): ContextState | undefined {
  return value === undefined || isConfig(value) || value.version.count === 0 ? undefined : value;
}

/** The value that a voter's reply is about: its own words, or what the proposer has itself. */
function valueIn(
  { voted, value }: { readonly voted: Ballot | undefined; readonly value: ValueDelta | undefined },
  own: { readonly ballot: Ballot; readonly value: Value } | undefined,
): Value | undefined {
  if (value === undefined) return sameBallot(voted, own?.ballot) ? own?.value : undefined;
  return value.is === "config" ? value.config : applyDelta(undefined, value.delta);
}
