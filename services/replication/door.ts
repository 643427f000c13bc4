import { createHash } from "node:crypto";
import { type Clock, type Deadline, systemClock } from "../../orb/base/index.ts";
import {
  type Arrival,
  COMM_FAILURE,
  type DispatchGate,
  type GatedAdapter,
  MINOR,
  type Outcome,
  type PublishedGroup,
  type ReplicationOptions,
  SystemException,
  type Upcall,
} from "../../orb/index.ts";
import { type ForwardForm, forwardForm } from "../../orb/hook/index.ts";
import type { View } from "../group/index.ts";
import type { Group, GroupView } from "./port.ts";
import { Recent } from "./recent.ts";
import { until } from "./until.ts";

/**
 * Milliseconds from the first request of a connection that comes back after a forward in which all are taken for
 * repetitions: threads of one client lose their requests together, and send them again at once.
 */
const FENCE_MS = 100;
/** Connections that are remembered as sent elsewhere. */
const CONNECTIONS = 10_000;
/** FT domain of all groups (CORBA 3.3 Part 2, 23.2.3). */
const DOMAIN = "orbweaver";

/** Servants as they come and go. */
export interface ServantWatch {
  activated(objectId: Uint8Array, servant: object): void;
  deactivated(objectId: Uint8Array): void;
}

export interface DoorOptions {
  readonly group: Group;
  /** What its POA asked for. */
  readonly policy?: ReplicationOptions;
  /** Hears of the POA's servants: the state of the group, mostly. */
  readonly servants?: ServantWatch;
  /** Told when its POA is gone. */
  readonly gone?: () => void;
  readonly clock?: Clock;
}

/**
 * A replicated POA's gate as its clients meet it: which requests go into the group here, and which clients are sent to
 * another member, each in the way that it understands (docs/replication.md, "Clients"). Its references name all members.
 */
export class Door implements DispatchGate {
  readonly #group: Group;
  readonly policy: ReplicationOptions;
  readonly #servants: ServantWatch | undefined;
  readonly #gone: (() => void) | undefined;
  readonly #clock: Clock;
  /** FT object group id: the same at all members. */
  readonly #id: bigint;
  #adapter: GatedAdapter | undefined;
  /** The last view that this member was in, or heard of. */
  #view: GroupView | undefined;
  /** Number of the view in which each connection was last sent to another member. */
  readonly #sent = new Recent<number>(CONNECTIONS);
  /** Connections whose requests may come back unasked; until when, once the first one has. */
  readonly #fenced = new Recent<number>(CONNECTIONS);
  #isLeaving = false;
  /** A reference is being made for a client that is to go to anybody but this member. */
  #isWithoutSelf = false;
  #sentCount = 0;
  /** Requests that went into the group here and are not answered. */
  #openCount = 0;
  readonly #watchers = new Set<() => void>();

  constructor({ group, policy = {}, servants, gone, clock = systemClock }: DoorOptions) {
    this.#group = group;
    this.policy = policy;
    this.#servants = servants;
    this.#gone = gone;
    this.#clock = clock;
    const digest = createHash("sha256").update(group.name).digest();
    this.#id = digest.readBigUInt64BE();
  }

  get group(): Group {
    return this.#group;
  }

  /** What the group is run by now: its style may have been changed since its POA asked for it. */
  get current(): ReplicationOptions {
    const { periodMs, ...policy } = this.policy;
    const style = this.#known()?.view.style ?? policy.style ?? "semi-active";
    const isDeferred = style === "warm-passive" && periodMs !== undefined;
    return { ...policy, style, ...(isDeferred ? { periodMs } : {}) };
  }

  /** Requests that were answered with another member's address. */
  get sentCount(): number {
    return this.#sentCount;
  }

  /**
   * Settled when this replica is in its group, and its references name all members.
   * @throws TIMEOUT when the signal ends it; what made it impossible
   */
  async ready(signal: AbortSignal): Promise<void> {
    const group = this.#group;
    await group.ready(signal);
    const isNamed = (): boolean =>
      group.view?.members.every(({ profiles }) => profiles.length > 0) === true;
    const what = (): string => `members of group ${group.name} have not told where they are`;
    await until(isNamed, (wake) => group.watch(wake), signal, what);
  }

  /** From now on clients are sent to the other members, and references name only those. */
  sendAway(): void {
    this.#isLeaving = true;
  }

  attach(upcall: Upcall, adapter: GatedAdapter): void {
    this.#adapter = adapter;
    this.#group.gate.attach(upcall, adapter);
    this.#group.tell(adapter.profiles());
  }

  activated(objectId: Uint8Array, servant: object): void {
    this.#servants?.activated(objectId, servant);
  }

  deactivated(objectId: Uint8Array): void {
    this.#servants?.deactivated(objectId);
  }

  /** The POA is gone, and with it this replica; who wants it to go unnoticed has it `retire` before. */
  detach(): void {
    this.#gone?.();
    void this.#group.leave();
  }

  /** Whether clients are sent to the other members: as long as the POA stays, also when the replica is one no more. */
  get sendsAway(): boolean {
    return (
      this.#isLeaving && this.published()?.members.some((profiles) => profiles.length > 0) === true
    );
  }

  published(): PublishedGroup | undefined {
    const known = this.#known();
    if (known === undefined) return undefined;
    const { view, members } = known;
    const isOut = this.#isWithoutSelf || this.#isOut(view);
    const open = isOut ? members.filter(({ id }) => id !== this.#group.self) : members;
    return {
      group: { domain: DOMAIN, id: this.#id, version: view.number },
      members: open.map(({ profiles }) => profiles),
    };
  }

  admit(arrival: Arrival, deadline: Deadline): Outcome | Promise<Outcome> {
    if (this.#isRepetition(arrival.caller.connectionId)) throw fenced(arrival);
    const { gate } = this.#group;
    const view = this.#known()?.view;
    if (view === undefined) return gate.admit(arrival, deadline);
    if (this.#isSent(arrival, view)) {
      const outcome = this.#forward(arrival, view);
      if (outcome !== undefined) return outcome;
    }
    const outcome = gate.admit(arrival, deadline);
    if (!(outcome instanceof Promise)) return outcome;
    return this.#counted(outcome, arrival, view);
  }

  /** Settled when every request that went into the group here is answered. @throws TIMEOUT when the signal ends it */
  settled(signal: AbortSignal): Promise<void> {
    return until(
      () => this.#openCount === 0,
      (wake) => {
        this.#watchers.add(wake);
        return () => this.#watchers.delete(wake);
      },
      signal,
      () => `${this.#openCount} requests to group ${this.#group.name} are not answered`,
    );
  }

  #counted(outcome: Promise<Outcome>, arrival: Arrival, view: View): Promise<Outcome> {
    this.#openCount++;
    return outcome.then(
      (value) => {
        this.#answered();
        return value;
      },
      (error: unknown) => {
        this.#answered();
        return this.#refused(error, arrival, view);
      },
    );
  }

  #answered(): void {
    this.#openCount--;
    if (this.#openCount === 0) for (const wake of this.#watchers) wake();
  }

  #known(): GroupView | undefined {
    const { view } = this.#group;
    if (view !== undefined) this.#view = view;
    return this.#view;
  }

  /** Whether this member serves no clients, now or soon. */
  #isOut(view: View): boolean {
    return this.#isLeaving || !view.members.includes(this.#group.self);
  }

  #isSent(arrival: Arrival, view: View): boolean {
    if (this.#isOut(view)) return formFor(arrival) !== "none";
    // A newer version than the one known here: this member will hear of it, and serves meanwhile.
    const { groupVersion } = arrival.caller;
    if (groupVersion !== undefined) return groupVersion < view.number;
    // What it asks of a follower goes to the primary anyway: the client may as well ask there.
    const isFollower = view.primary !== this.#group.self;
    return (
      isFollower &&
      isPlain(arrival) &&
      this.#group.standing.at === "follower" &&
      this.#isFirst(arrival, view)
    );
  }

  /** One forward in each view: a client that comes back did not get there. */
  #isFirst({ caller }: Arrival, { number }: View): boolean {
    return this.#sent.get(caller.connectionId) !== number;
  }

  /** undefined when nobody is known to send it to. */
  #forward(arrival: Arrival, view: View): Outcome | undefined {
    const { caller, objectId } = arrival;
    const isSomewhere = this.published()?.members.some((profiles) => profiles.length > 0) === true;
    // Without an address of another member the reference would be this one's own.
    if (!isSomewhere || this.#adapter === undefined) return undefined;
    this.#sent.set(caller.connectionId, view.number);
    const permanent = formFor(arrival) === "permanent";
    // TAO's never send a request again; of others nobody knows.
    if (!permanent && caller.client !== "TAO") this.#fenced.set(caller.connectionId, Infinity);
    this.#sentCount++;
    return { kind: "forward", to: this.#adapter.reference(objectId), permanent, contexts: [] };
  }

  /** Who has no majority sends clients that understand it to those who may have it, once. */
  #refused(error: unknown, arrival: Arrival, view: View): Outcome {
    const isCutOff =
      error instanceof SystemException &&
      error.minor === MINOR.groupNoMajority &&
      error.completed === "COMPLETED_NO";
    if (!isCutOff || !isPlain(arrival) || !this.#isFirst(arrival, view)) throw error;
    this.#isWithoutSelf = true;
    try {
      const outcome = this.#forward(arrival, view);
      if (outcome === undefined) throw error;
      return outcome;
    } finally {
      this.#isWithoutSelf = false;
    }
  }

  /**
   * A client that was sent elsewhere for now comes back, with a request that may have been executed there: it is not
   * executed again.
   */
  #isRepetition(connectionId: string): boolean {
    const until = this.#fenced.get(connectionId);
    if (until === undefined) return false;
    const now = this.#clock.nowMs();
    if (until === Infinity) this.#fenced.set(connectionId, now + FENCE_MS);
    else if (now >= until) {
      this.#fenced.delete(connectionId);
      return false;
    }
    return true;
  }
}

/** Who knows of groups takes a newer reference for good, whatever ORB it is (CORBA 3.3 Part 2, 23.2.7). */
function formFor({ caller, encoding }: Arrival): ForwardForm {
  const { groupVersion, client = "doubtful" } = caller;
  return groupVersion === undefined ? forwardForm(client, encoding.version) : "permanent";
}

/** Told apart by its habits, and safe to be sent elsewhere while this member serves. */
function isPlain(arrival: Arrival): boolean {
  const { client, groupVersion } = arrival.caller;
  if (groupVersion !== undefined) return false;
  return (client === "omniORB" || client === "TAO") && formFor(arrival) !== "none";
}

function fenced({ operation }: Arrival): COMM_FAILURE {
  const text = `${operation}: the client was sent to another replica, and comes back: it may have been executed there`;
  return new COMM_FAILURE(text, MINOR.groupSentElsewhere, "COMPLETED_MAYBE");
}
