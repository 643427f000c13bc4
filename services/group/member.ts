import type { Random } from "../../orb/base/index.ts";
import { type DetectorSettings, PhiDetector } from "../overlay/index.ts";
import { Replica, type ReplicaEvent, type ReplicaOptions } from "./replica.ts";
import type { Effect, Standing, State } from "./state.ts";
import { isCutOff, reachesMajority } from "./streaming.ts";
import { goers, readyLearners } from "./succession.ts";
import { acceptorsOf, type Ballot, compareBallots, type MemberId } from "./view.ts";

/** When a member does by itself what others have to do with; times in milliseconds. */
export interface MemberTimes {
  /** The primary shows life this often, and its followers answer; also the grain of all other times. */
  readonly heartbeatMs: number;
  readonly detector: DetectorSettings;
  /** So long before a silent member is suspected its process is asked whether it lives. */
  readonly doubtMs: number;
  /** A main thread may stand still for so long; silence after that counts. */
  readonly busyMs: number;
  /** What was not answered is said again after this. */
  readonly resendMs: number;
  /** Each next member of the view waits this much longer before it stands. */
  readonly staggerMs: number;
  /**
   * The first attempt at the next view is given up after this, and another member's is no longer waited for; each further one
   * is left about twice as long, up to ten times this: where messages take long, or members stand against each other.
   */
  readonly patienceMs: number;
  /** Warm passive, deferred: changes travel this often. */
  readonly periodMs: number;
}

export const MEMBER_TIMES: MemberTimes = {
  heartbeatMs: 25,
  // A process that ended is known by its connections. Silence is for those that froze or are cut off, and where a machine
  // has ten things to do for each core, one that lives is silent for a quarter of a second, too.
  detector: { threshold: 8, expectedMs: 25, leastDeviationMs: 50, leastIntervalMs: 25 },
  doubtMs: 50,
  busyMs: 1_000,
  resendMs: 100,
  staggerMs: 50,
  patienceMs: 200,
  periodMs: 1_000,
};

/** Attempts at the next view that a member that lives answers one of. */
const SILENT_ATTEMPTS = 2;
/** A member that retires waits so many times its patience for the others, who may need several attempts. */
const RETIRING_PATIENCES = 5;
/** How often the patience with attempts at one view is doubled at most. */
const MOST_DOUBLINGS = 3;
/** A main thread that said nothing for so many heartbeats stands still. */
const STILL_BEATS = 2;

/** What happens to a member that keeps its own time. */
export type MemberEvent =
  /** One {@link MemberTimes.heartbeatMs} is over. */
  | { readonly kind: "tick" }
  /** The connection to a member broke: its process is gone. */
  | { readonly kind: "reset"; readonly member: MemberId }
  /** A member in doubt: its process lives, and its main thread has said nothing for so many milliseconds. */
  | { readonly kind: "alive"; readonly member: MemberId; readonly quietMs: number }
  | Exclude<
      ReplicaEvent,
      { kind: "suspect" | "trust" | "giveUp" | "stand" | "beat" | "resend" | "flush" }
    >;

/**
 * A replica with its times: it suspects who is silent, stands when the primary is gone, drops members that are gone
 * and takes in those that have caught up. The protocol is safe whatever is done here, and only live by it.
 */
export class GroupMember {
  readonly #replica: Replica;
  readonly #times: MemberTimes;
  readonly #detectors: Map<MemberId, PhiDetector> = new Map();
  /** Those that have not answered this member's attempts, since when. */
  readonly #askedAtMs: Map<MemberId, number> = new Map();
  /** Those whose processes are asked with each tick, until they are heard. */
  readonly #doubts: Set<MemberId> = new Set();
  /** When each member was last sent operations, or shown life. */
  readonly #appendedAtMs: Map<MemberId, number> = new Map();
  #effects: Effect[] = [];
  #resentAtMs: number;
  #flushedAtMs: number;
  #tickedAtMs: number;
  readonly #random: Random;
  /** The latest attempt at the next view that is known here, of whomever, and until when it is waited for. */
  #awaited: { readonly ballot: Ballot; readonly untilMs: number } | undefined;
  /** Since when the primary is suspected. */
  #lostAtMs: number | undefined;
  /** Since when too many are. */
  #cutOffAtMs: number | undefined;
  /** Retiring: until when it is there to vote. */
  #retiresAtMs = Infinity;

  /** @param random keeps members that stand against each other from doing so for ever */
  constructor(options: ReplicaOptions, times: MemberTimes, nowMs: number, random: Random) {
    this.#random = random;
    this.#replica = new Replica(options, nowMs);
    this.#times = times;
    this.#resentAtMs = nowMs;
    this.#flushedAtMs = nowMs;
    this.#tickedAtMs = nowMs;
  }

  get standing(): Standing {
    return this.#replica.standing;
  }

  get state(): Readonly<State> {
    return this.#replica.state;
  }

  /** @param nowMs of all members' clocks the same but for what they are off; never before that of the last step */
  step(event: MemberEvent, nowMs: number): readonly Effect[] {
    if (event.kind === "tick") this.#tick(nowMs);
    else if (event.kind === "reset") {
      this.#doubts.delete(event.member);
      this.#do({ kind: "suspect", member: event.member }, nowMs);
      this.#succeed(nowMs);
    } else if (event.kind === "alive") this.#lives(event.member, event.quietMs, nowMs);
    else {
      if (event.kind === "message") this.#heard(event.from, nowMs);
      this.#do(event, nowMs);
      if (event.kind === "retire")
        this.#retiresAtMs = nowMs + RETIRING_PATIENCES * this.#times.patienceMs;
      // It acknowledges nothing any more, and of two everything waits for it.
      else if (event.kind === "message" && event.message.kind === "retire") this.#succeed(nowMs);
    }
    const effects = this.#effects;
    this.#effects = [];
    return effects;
  }

  /** Does what a step has left until its effects were acted upon; else the next step does it first. */
  tidy(): void {
    this.#replica.tidy();
  }

  #do(event: ReplicaEvent, nowMs: number): void {
    for (const effect of this.#replica.step(event, nowMs)) {
      this.#effects.push(effect);
      if (effect.kind === "send" && effect.message.kind === "append")
        this.#appendedAtMs.set(effect.to, nowMs);
    }
  }

  #heard(from: MemberId, nowMs: number): void {
    this.#detectors.get(from)?.heard(nowMs);
    this.#askedAtMs.delete(from);
    this.#doubts.delete(from);
    if (this.state.suspects.has(from)) this.#do({ kind: "trust", member: from }, nowMs);
  }

  #tick(nowMs: number): void {
    if (nowMs >= this.#retiresAtMs) return this.#do({ kind: "leave" }, nowMs);
    this.#excuse(nowMs);
    this.#watch(nowMs);
    const isTelling = this.#isTelling(nowMs);
    if (!isTelling) this.#do({ kind: "beat" }, nowMs);
    if (!isTelling && nowMs - this.#resentAtMs >= this.#times.resendMs) {
      this.#resentAtMs = nowMs;
      this.#do({ kind: "resend" }, nowMs);
    }
    if (nowMs - this.#flushedAtMs >= this.#times.periodMs) {
      this.#flushedAtMs = nowMs;
      this.#do({ kind: "flush" }, nowMs);
    }
    this.#giveUp(nowMs);
    this.#succeed(nowMs);
  }

  /**
   * Whether this is a primary that has just sent all others operations: they show life as well as heartbeats, and who
   * missed any asks for them when the next come. What an attempt at the next view says nobody asks for.
   */
  #isTelling(nowMs: number): boolean {
    const { role, attempt } = this.state;
    if (role.at !== "primary" || role.peers.size === 0 || attempt !== undefined) {
      this.#appendedAtMs.clear();
      return false;
    }
    const sinceMs = nowMs - this.#times.heartbeatMs / 2;
    for (const id of this.#appendedAtMs.keys())
      if (!role.peers.has(id)) this.#appendedAtMs.delete(id);
    return [...role.peers.keys()].every((id) => (this.#appendedAtMs.get(id) ?? -1) >= sinceMs);
  }

  /** Who waits here may be answered by those elsewhere who have the majority. */
  #giveUp(nowMs: number): void {
    this.#cutOffAtMs = isCutOff(this.state) ? (this.#cutOffAtMs ?? nowMs) : undefined;
    if (this.#cutOffAtMs !== undefined && nowMs - this.#cutOffAtMs >= this.#times.patienceMs)
      this.#do({ kind: "giveUp" }, nowMs);
  }

  /** A tick that is late: this member did not run, and what came meanwhile is still to be read. */
  #excuse(nowMs: number): void {
    const lateMs = nowMs - this.#tickedAtMs - this.#times.heartbeatMs;
    this.#tickedAtMs = nowMs;
    if (lateMs < this.#times.heartbeatMs) return;
    for (const detector of this.#detectors.values()) detector.excuse(lateMs);
    for (const [id, askedAtMs] of this.#askedAtMs) this.#askedAtMs.set(id, askedAtMs + lateMs);
  }

  /** The primary watches everybody it sends to; the others watch the primary. */
  #watch(nowMs: number): void {
    const { role, view, self } = this.state;
    const watched = new Set<MemberId>();
    if (role.at === "primary") for (const id of role.peers.keys()) watched.add(id);
    else if (view !== undefined && view.primary !== self && role.at !== "retiring")
      watched.add(view.primary);
    for (const id of this.#detectors.keys()) if (!watched.has(id)) this.#detectors.delete(id);
    for (const id of watched) {
      const detector = this.#detectors.get(id);
      if (detector === undefined)
        this.#detectors.set(id, new PhiDetector(this.#times.detector, nowMs));
      else this.#judge(id, detector.suspectAtMs, nowMs);
    }
    this.#watchAsked(nowMs);
    for (const member of this.#doubts)
      if (watched.has(member) || this.#askedAtMs.has(member))
        this.#effects.push({ kind: "doubt", member });
      else this.#doubts.delete(member);
  }

  /** Who stands asks all others, again and again: those that never answer are gone, or on the other side of a partition. */
  #watchAsked(nowMs: number): void {
    const { view, self, attempt } = this.state;
    const silent = (attempt === undefined || view === undefined ? [] : acceptorsOf(view)).filter(
      (id) => id !== self && attempt?.promises.has(id) !== true,
    );
    for (const id of this.#askedAtMs.keys()) if (!silent.includes(id)) this.#askedAtMs.delete(id);
    for (const id of silent) {
      const askedAtMs = this.#askedAtMs.get(id) ?? nowMs;
      this.#askedAtMs.set(id, askedAtMs);
      this.#judge(id, askedAtMs + SILENT_ATTEMPTS * this.#times.patienceMs, nowMs);
    }
  }

  /** @param suspectAtMs from when on the silence of this member is too long */
  #judge(member: MemberId, suspectAtMs: number, nowMs: number): void {
    if (this.state.suspects.has(member)) return;
    if (nowMs >= suspectAtMs) {
      this.#doubts.delete(member);
      this.#do({ kind: "suspect", member }, nowMs);
    } else if (nowMs >= suspectAtMs - this.#times.doubtMs) this.#doubts.add(member);
  }

  /** Whose main thread stands still cannot speak. If it runs, what it says does not come: that is silence as any other. */
  #lives(member: MemberId, quietMs: number, nowMs: number): void {
    const { heartbeatMs, busyMs } = this.#times;
    if (quietMs < STILL_BEATS * heartbeatMs || quietMs >= busyMs) return;
    if (!this.#doubts.has(member)) return;
    const detector = this.#detectors.get(member);
    detector?.excuse(nowMs - detector.heardAtMs);
    if (this.#askedAtMs.has(member)) this.#askedAtMs.set(member, nowMs);
  }

  /** Stands for the next view when there is a reason to, and it is this member's turn. */
  #succeed(nowMs: number): void {
    const { state } = this;
    const { view, role, self } = state;
    this.#await(nowMs);
    const going = goers(state);
    // A primary that came back from its store is the view's only by name: it has to be elected anew.
    const isNominal = view?.primary === self && role.at === "follower";
    const isLost = isNominal || (view !== undefined && going.includes(view.primary));
    this.#lostAtMs = isLost ? (this.#lostAtMs ?? nowMs) : undefined;
    const isIn = view?.members.includes(self) === true;
    if (!isIn || (role.at !== "primary" && role.at !== "follower")) return;
    if (!this.#isTurn(going, nowMs)) return;
    this.#do({ kind: "stand", without: going }, nowMs);
    this.#await(nowMs);
  }

  /** Who was outbid leaves the other one its time. */
  #await(nowMs: number): void {
    const ballot = this.state.promised;
    const known = this.#awaited?.ballot;
    if (ballot === undefined) this.#awaited = undefined;
    else if (known === undefined || compareBallots(known, ballot) !== 0)
      this.#awaited = { ballot, untilMs: nowMs + this.#patienceWith(ballot) };
  }

  #patienceWith({ round }: Ballot): number {
    const { patienceMs } = this.#times;
    if (round <= 1) return patienceMs;
    const times = 2 ** Math.min(round - 1, MOST_DOUBLINGS);
    return patienceMs * times * (0.75 + this.#random.number() / 2);
  }

  #isTurn(going: readonly MemberId[], nowMs: number): boolean {
    const { state } = this;
    const { view, role, self } = state;
    const { staggerMs } = this.#times;
    const living = (view?.members ?? []).filter((id) => !going.includes(id));
    const turnMs = living.indexOf(self) * staggerMs;
    if (this.#awaited !== undefined) return nowMs >= this.#awaited.untilMs + turnMs;
    if (!reachesMajority(state)) return false;
    if (role.at !== "primary")
      return this.#lostAtMs !== undefined && nowMs - this.#lostAtMs >= turnMs;
    return living.length < (view?.members.length ?? 0) || readyLearners(state).length > 0;
  }
}
