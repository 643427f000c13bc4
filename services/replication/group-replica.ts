import {
  atTurnEnd,
  type Clock,
  type Deadline,
  Deferred,
  type Random,
  systemClock,
  systemRandom,
  type Timer,
} from "../../orb/base/index.ts";
import { MINOR, TIMEOUT } from "../../orb/index.ts";
import type { Arrival, DispatchGate, Outcome, Upcall } from "../../orb/index.ts";
import {
  type Effect,
  GROUP_DEFAULTS,
  GroupMember,
  type GroupSettings,
  MEMBER_TIMES,
  type MemberEvent,
  type MemberId,
  type MemberTimes,
  type Message,
  type Standing,
  type Stored,
  type Style,
  type View,
} from "../group/index.ts";
import type { Request } from "../history/index.ts";
import { AdmittedRequest, unpackOutcome } from "./encoding.ts";
import { Executor } from "./executor.ts";
import { type GroupStore, Outbox } from "./outbox.ts";
import type { StateSource } from "./state-source.ts";
import { exceptionFor } from "./refusals.ts";

/** How the replicas of a group reach each other; what cannot be sent is lost, and said again. */
export interface Carrier {
  send(to: MemberId, message: Message): void;
  /** Asks whether the process of a silent member lives; `alive` is told if it does. Absent where that cannot be asked. */
  ask?(member: MemberId): void;
  /** The thread of this replica runs: said with each heartbeat. */
  beat?(): void;
}

export interface GroupReplicaOptions {
  /** Unlike any other member's, and unlike that of an earlier start of this one. */
  readonly self: MemberId;
  readonly carrier: Carrier;
  readonly state: StateSource;
  readonly settings?: Partial<GroupSettings>;
  readonly times?: Partial<MemberTimes>;
  /**
   * Has a follower's servants do what was ordered at once, after what it acknowledged has left: here a thread can be given
   * a lower priority for it. Else they do what came within some milliseconds in one go.
   */
  readonly aside?: (work: () => void) => void;
  readonly clock?: Clock;
  readonly random?: Random;
  /** Of a member that founds the group. */
  readonly founding?: View;
  /** Likewise, where the other founders join it: they have yet to come for its state. */
  readonly isGathering?: boolean;
  readonly store?: GroupStore;
  readonly recovered?: Stored;
  /** Operations that change nothing; attributes read and the tests every object has are known. */
  readonly isRead?: (operation: string) => boolean;
  readonly heard?: (standing: Standing) => void;
  /** After each so many operations the states of all replicas are compared; 0, the default: never. */
  readonly digestEvery?: number;
  /** Told at the primary: a member's servants did something else with the same operations. */
  readonly diverged?: (fault: Divergence) => void;
  /** What a servant may take for one operation, milliseconds; 60,000 when left out. */
  readonly mostMs?: number;
  /** A servant's state could not be had or set, or an operation did not end: the replica has left the group. */
  readonly failed?: (error: unknown) => void;
}

/** Two replicas differ after the same operations: one of their servants drew on something of its own. */
export interface Divergence {
  readonly member: MemberId;
  /** Last operation before the states were compared. */
  readonly op: number;
  /** SHA-256 of the primary's state, and of the member's. */
  readonly own: string;
  readonly other: string;
}

interface Waiting {
  readonly resolve: (outcome: Outcome) => void;
  readonly reject: (error: unknown) => void;
  /** When it is given up, by the clock. */
  readonly untilMs: number;
}

/** A request without a deadline of its own is given up after this, and so is a servant that does not end. */
const LONGEST_MS = 60_000;
/** Operations of CORBA::Object and attributes that are read change nothing. */
const READS =
  /^_(?:get_.*|is_a|non_existent|not_existent|interface|component|repository_id|domain_managers)$/;
const START_OCTETS = 9;
/** Of so many requests that have ended here the group is told with the next one: it keeps no replies to them any more. */
const TOLD_TOGETHER = 16;
/**
 * A follower's operations wait so long for others that its servants do with them, and no more of them than so many. Not
 * less: each sleep up to a timer that is due before the kernel's next tick has it set the clock's interrupt anew, twice.
 */
const FOLLOWER_PAUSE_MS = 5;
const MOST_PUT_OFF = 64;
/** TimeBase::TimeT counts from 15 October 1582, in tenths of a microsecond. */
const TIME_T_BEFORE_1970_MS = 12_219_292_800_000;

/**
 * One replica of a POA's objects: a dispatch gate whose requests go through the group's history before they reach the
 * servants, or after. Time is the wall's, made monotonic, for the members compare it.
 */
export class GroupReplica implements DispatchGate {
  readonly #options: GroupReplicaOptions;
  readonly #clock: Clock;
  readonly #member: GroupMember;
  /**
   * By their tickets, which are numbers one after the other: the first one's is `#firstTicket`, and those that have ended
   * at the head are gone. A map would take a new table for each that comes and goes alone.
   */
  readonly #waiting: (Waiting | undefined)[] = [];
  #firstTicket = 0;
  /** What `#firstTicket` was when the group was told of it. */
  #toldTicket = 0;
  readonly #inbox: MemberEvent[] = [];
  readonly #wallOffsetMs: number;
  readonly #heartbeatMs: number;
  /** A durable member has its id again after a restart, and must not give its requests the names of earlier ones. */
  readonly #start: string = Buffer.from(systemRandom.octets(START_OCTETS)).toString("base64url");
  readonly #outbox: Outbox;
  #executor: Executor | undefined;
  #timer: Timer | undefined;
  /** One timer for all that wait: set for the first of them, and left alone when that is answered. */
  #expiry: Timer | undefined;
  #expiryMs = Infinity;
  #isStepping = false;
  /** A follower's servants are to work when this is over. */
  #pause: Timer | undefined;
  readonly #working = (): void => {
    this.#pause = undefined;
    this.#executor?.work();
  };
  /** Or at the end of this turn, aside. */
  #isAside = false;
  readonly #workAside = (): void => {
    this.#isAside = false;
    this.#options.aside?.(this.#working);
  };
  /** It serves no more, and votes until the others have gone on without it. */
  #isRetiring = false;
  readonly #left = new Deferred<void>();
  /** It says goodbye: what fails meanwhile changes nothing. */
  #isClosing = false;
  #isClosed = false;
  #divergence: Divergence | undefined;
  #ended: Promise<void> | undefined;

  constructor(options: GroupReplicaOptions) {
    const { self, founding, isGathering = false, recovered, clock, random, times } = options;
    this.#options = options;
    this.#clock = clock ?? systemClock;
    this.#wallOffsetMs = this.#clock.wallMs() - this.#clock.nowMs();
    const allTimes = { ...MEMBER_TIMES, ...times };
    this.#heartbeatMs = allTimes.heartbeatMs;
    const how = {
      self,
      settings: { ...GROUP_DEFAULTS, ...options.settings },
      ...(founding === undefined ? {} : { founding, isGathering }),
      ...(recovered === undefined ? {} : { recovered }),
    };
    this.#member = new GroupMember(how, allTimes, this.#nowMs(), random ?? systemRandom);
    this.#outbox = new Outbox({
      store: options.store,
      act: (effect) => this.#do(effect),
      acted: () => this.#executor?.work(),
      failed: (error) => this.#fail(error),
    });
  }

  get standing(): Standing {
    return this.#member.standing;
  }

  /** What was noticed last, as the primary. */
  get divergence(): Divergence | undefined {
    return this.#divergence;
  }

  /** @throws TypeError when it was attached before: a group is behind one POA */
  attach(upcall: Upcall): void {
    if (this.#executor !== undefined) throw new TypeError("the replica has its POA already");
    this.#executor = new Executor({
      settings: () => this.#member.state.settings,
      state: this.#options.state,
      upcall,
      clock: this.#clock,
      mostMs: this.#options.mostMs ?? LONGEST_MS,
      digestEvery: this.#options.digestEvery ?? 0,
      done: (event) => this.#step(event as MemberEvent),
      failed: (error) => this.#fail(error),
    });
    this.#arm();
  }

  /** Becomes a member of the group that `contact` is in. */
  join(contact: MemberId): void {
    this.#step({ kind: "join", contact });
  }

  receive(from: MemberId, message: Message): void {
    this.#step({ kind: "message", from, message });
  }

  /** The connection to a member broke. */
  reset(member: MemberId): void {
    this.#step({ kind: "reset", member });
  }

  /** The process of a member that was asked for lives, and its main thread has said nothing for so many milliseconds. */
  alive(member: MemberId, quietMs: number): void {
    this.#step({ kind: "alive", member, quietMs });
  }

  /** The primary gives its place to another member, without losing or repeating anything. */
  handOver(to: MemberId): void {
    this.#step({ kind: "handOver", to });
  }

  /** The primary has the group run in another way, from one operation on at all members; undefined: as it is. */
  restyle(style: Style | undefined): void {
    this.#step({ kind: "restyle", style });
  }

  admit(arrival: Arrival, deadline: Deadline): Promise<Outcome> {
    if (this.#isClosed) throw exceptionFor("left", false, this.#options.self);
    const ticket = this.#firstTicket + this.#waiting.length;
    const request = this.#requestOf(arrival, deadline, ticket);
    return new Promise((resolve, reject) => {
      const untilMs = deadline.atMs;
      this.#waiting.push({ resolve, reject, untilMs });
      if (untilMs < this.#expiryMs) this.#expectExpiry(untilMs);
      this.#step({ kind: "submit", ticket, request });
    });
  }

  /**
   * Leaves the group in good order: who still waits is refused, and the others have a view without this member decided, on
   * which it votes; five times `patienceMs` at most. Settled when it has left, and its servants do nothing for it any more.
   */
  retire(): Promise<void> {
    if (!this.#isClosing && !this.#isRetiring) {
      this.#isRetiring = true;
      this.#step({ kind: "retire" });
      this.#pause?.cancel();
      void this.#executor?.stop();
      // Unlike a member that serves, it keeps its process from ending.
      this.#timer?.cancel();
      if (!this.#isClosed) this.#arm();
    }
    return this.#left.promise.then(() => this.ended);
  }

  /** Leaves the group at once; who still waits is refused. */
  close(): void {
    if (this.#isClosing) return;
    this.#isClosing = true;
    this.#step({ kind: "leave" });
    this.#isClosed = true;
    this.#timer?.cancel();
    this.#pause?.cancel();
    this.#expiry?.cancel();
    this.#ended = this.#executor?.stop() ?? Promise.resolve();
    this.#left.resolve();
  }

  /** Settled when the servants do nothing for this replica any more; it must be closed. */
  get ended(): Promise<void> {
    return this.#ended ?? Promise.reject(new TypeError("the replica is not closed"));
  }

  /** Who cannot have the group's state must not be taken for one that has. */
  #fail(error: unknown): void {
    if (this.#isClosing) return;
    this.close();
    this.#options.failed?.(error);
  }

  #nowMs(): number {
    return this.#clock.nowMs() + this.#wallOffsetMs;
  }

  #requestOf(arrival: Arrival, deadline: Deadline, ticket: number): Request {
    const { ftRequest } = arrival.caller;
    const isRead =
      READS.test(arrival.operation) || this.#options.isRead?.(arrival.operation) === true;
    if (ftRequest !== undefined) {
      const expiresMs = Number(ftRequest.expirationTime / 10_000n) - TIME_T_BEFORE_1970_MS;
      const id = `ft ${ftRequest.clientId} ${ftRequest.retentionId}`;
      const { answered } = ftRequest;
      return new AdmittedRequest({ id, expiresMs, answered }, isRead, arrival);
    }
    const leftMs = Math.min(LONGEST_MS, deadline.remainingMs(this.#clock));
    const id = `${this.#start} ${ticket}`;
    const answered = isRead ? undefined : this.#endedBefore();
    const expiresMs = this.#nowMs() + leftMs;
    return new AdmittedRequest({ id, expiresMs, answered }, isRead, arrival);
  }

  /** The ticket before which all have ended, when it is time to tell: nobody here waits for them or repeats them. */
  #endedBefore(): number | undefined {
    if (this.#firstTicket - this.#toldTicket < TOLD_TOGETHER) return undefined;
    this.#toldTicket = this.#firstTicket;
    return this.#toldTicket;
  }

  #expectExpiry(atMs: number): void {
    this.#expiry?.cancel();
    this.#expiryMs = atMs;
    const leftMs = Math.max(0, atMs - this.#clock.nowMs());
    this.#expiry = this.#clock.timer(leftMs, () => this.#expire());
    this.#expiry.unref();
  }

  #expire(): void {
    this.#expiryMs = Infinity;
    const nowMs = this.#clock.nowMs();
    let nextMs = Infinity;
    const late: number[] = [];
    for (const [at, waiting] of this.#waiting.entries()) {
      if (waiting === undefined) continue;
      if (waiting.untilMs <= nowMs) late.push(this.#firstTicket + at);
      else nextMs = Math.min(nextMs, waiting.untilMs);
    }
    for (const ticket of late) this.#late(ticket);
    if (nextMs < this.#expiryMs) this.#expectExpiry(nextMs);
  }

  #late(ticket: number): void {
    this.#step({ kind: "forget", ticket });
    const message = `no answer of the group before the deadline, at ${this.#options.self}`;
    this.#end(ticket)?.reject(new TIMEOUT(message, MINOR.gateExpired, "COMPLETED_MAYBE"));
  }

  #end(ticket: number): Waiting | undefined {
    const all = this.#waiting;
    const at = ticket - this.#firstTicket;
    const waiting = all[at];
    if (waiting !== undefined) all[at] = undefined;
    while (all.length > 0 && all[0] === undefined) {
      all.shift();
      this.#firstTicket++;
    }
    return waiting;
  }

  #arm(): void {
    this.#timer = this.#clock.timer(this.#heartbeatMs, () => {
      if (this.#isClosed) return;
      this.#arm();
      this.#options.carrier.beat?.();
      this.#step({ kind: "tick" });
    });
    if (!this.#isRetiring) this.#timer.unref();
  }

  /** Steps follow one another: what a servant answers at once comes after the step that asked it. */
  #step(event: MemberEvent): void {
    if (this.#isClosed) return;
    this.#inbox.push(event);
    if (this.#isStepping) return;
    this.#isStepping = true;
    try {
      for (let next = this.#inbox.shift(); next !== undefined; next = this.#inbox.shift()) {
        for (const effect of this.#member.step(next, this.#nowMs())) this.#outbox.add(effect);
        this.#member.tidy();
        this.#work();
      }
    } catch (error) {
      this.#inbox.length = 0;
      this.#isStepping = false;
      this.#fail(error);
    } finally {
      this.#isStepping = false;
    }
    if (this.#isRetiring && this.#member.state.role.at === "left") this.close();
  }

  /**
   * A primary's client waits for what its servants do, and for what a follower acknowledges; nobody waits for what a
   * follower's servants do, which in one go costs less than one by one.
   */
  #work(): void {
    const executor = this.#executor;
    if (executor === undefined) return;
    if (this.#member.state.role.at === "primary" || executor.waitingCount >= MOST_PUT_OFF)
      executor.work();
    else if (this.#pause === undefined && !this.#isAside && executor.waitingCount > 0) {
      this.#isAside = this.#options.aside !== undefined;
      if (this.#isAside) return atTurnEnd(this.#workAside);
      this.#pause = this.#clock.timer(FOLLOWER_PAUSE_MS, this.#working);
      this.#pause.unref();
    }
  }

  #do(effect: Exclude<Effect, { kind: "store" }>): void {
    switch (effect.kind) {
      case "send":
        return this.#options.carrier.send(effect.to, effect.message);
      case "release":
        return this.#end(effect.ticket)?.resolve(unpackOutcome(effect.outcome));
      case "refuse":
        return this.#end(effect.ticket)?.reject(
          exceptionFor(effect.why, effect.maybe, this.#options.self),
        );
      case "diverged":
        this.#divergence = effect;
        return this.#options.diverged?.(effect);
      case "doubt":
        return this.#options.carrier.ask?.(effect.member);
      case "standing":
        return this.#options.heard?.(effect.standing);
      case "execute":
      case "capture":
      case "update":
      case "restore":
        return this.#executor?.add(effect);
    }
  }
}
