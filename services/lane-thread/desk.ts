import { type Deadline, Ring } from "../../orb/base/index.ts";
import {
  type Arrival,
  Completion,
  MINOR,
  OBJECT_NOT_EXIST,
  type Outcome,
  TRANSIENT,
  type Upcall,
} from "../../orb/index.ts";
import { count, countOf } from "./counts.ts";
import type { Peer, Seat } from "./peer.ts";

/** The pool that a thread belongs to. */
export interface Team {
  readonly seat: Seat;
  /** Whether the pool was made with lanes. */
  readonly hasLanes: boolean;
  /** Priorities of the pool's lanes, in their order. */
  readonly priorities: readonly number[];
  /** Their names. */
  readonly names: readonly string[];
  /** What each thread of this lane counts; shared by them. */
  readonly counts: Int32Array;
  /** Upcalls that one thread interleaves. */
  readonly maxConcurrent: number;
  readonly maxBufferedRequests: number;
  readonly maxBufferedOctets: number;
  /** Whether threads are made when all are busy. */
  readonly mayGrow: boolean;
  /** Whether requests go to idle threads of lanes of lower priority when those of this one are busy. */
  readonly mayBorrow: boolean;
}

/** What a desk tells of itself. */
export interface DeskEvents {
  /** A request was handed to a thread of another lane, or of its own. */
  handedOver(toLane: number): void;
  /** A request found no room. */
  refused(): void;
  /** One more request waits for room, or one less. */
  waiting(by: 1 | -1): void;
  /** All threads of the lane are busy. */
  allBusy(): void;
}

interface Waiting {
  readonly octets: number;
  readonly start: () => void;
}

/** Decides for one thread which requests it serves, which go to other threads, and which wait. */
export class LaneDesk {
  readonly #team: Team;
  readonly #events: DeskEvents;
  readonly #adapters = new Map<string, Upcall>();
  /** By lane and thread. */
  readonly #peers = new Map<string, Peer>();
  readonly #waiting: Ring<Waiting> | undefined;
  #waitingOctets = 0;
  #taken = 0;
  readonly #ended = (): void => this.#end();

  constructor(team: Team, events: DeskEvents) {
    this.#team = team;
    this.#events = events;
    if (team.maxBufferedRequests > 0) this.#waiting = new Ring(team.maxBufferedRequests);
  }

  /** Whose it is. */
  get seat(): Seat {
    return this.#team.seat;
  }

  /** Of the lane; undefined for a pool without lanes, whose requests have priorities of their own. */
  get priority(): number | undefined {
    const { hasLanes, priorities, seat } = this.#team;
    return hasLanes ? priorities[seat.lane] : undefined;
  }

  /** Requests that this thread began so far. */
  get taken(): number {
    return this.#taken;
  }

  /** An adapter whose requests go through here. */
  adapterMade(path: readonly string[], upcall: Upcall): void {
    this.#adapters.set(nameOf(path), upcall);
  }

  link(peer: Peer): void {
    this.unlink(peer.seat);
    this.#peers.set(seatName(peer.seat), peer);
  }

  unlink(seat: Seat): void {
    this.#peers.get(seatName(seat))?.close();
    this.#peers.delete(seatName(seat));
  }

  close(): void {
    for (const peer of this.#peers.values()) peer.close();
    this.#peers.clear();
  }

  /**
   * A request that this thread serves at once.
   * @param lane it is for
   * @returns to be called when it has ended; undefined: `admit` is to decide
   */
  pass(lane: number): (() => void) | undefined {
    if (lane !== this.#team.seat.lane) return undefined;
    if (!this.#isRoom || this.#idlePeer() !== undefined) return undefined;
    this.#begin();
    return this.#ended;
  }

  /** A request that `pass` did not take. @throws TRANSIENT, also when the lane it is for has no thread now */
  admit(arrival: Arrival, deadline: Deadline, lane: number): Outcome | Promise<Outcome> {
    const { seat, counts, priorities } = this.#team;
    const isOwn = lane === seat.lane;
    if (!isOwn) count(counts, seat.thread, "strayed", 1);
    const peer = isOwn ? (this.#idlePeer() ?? this.#lender()) : this.#leastBusy(lane);
    if (peer !== undefined) {
      this.#events.handedOver(peer.seat.lane);
      return peer.handOver(arrival, deadline);
    }
    if (isOwn) return this.execute(arrival, deadline);
    const text = `the lane of priority ${priorities[lane] ?? "?"}, which ${arrival.operation} is for, is being made again`;
    throw new TRANSIENT(text, MINOR.requestDiscarded, Completion.no);
  }

  /** A request that is this thread's, also one that another thread handed over. @throws TRANSIENT */
  execute(arrival: Arrival, deadline: Deadline): Outcome | Promise<Outcome> {
    const upcall = this.#adapters.get(nameOf(arrival.adapter));
    if (upcall === undefined) {
      const text = `this lane has no POA "${arrival.adapter.join("/")}"`;
      throw new OBJECT_NOT_EXIST(text, MINOR.adapterNotFound, Completion.no);
    }
    if (this.#isRoom) {
      this.#begin();
      return this.#run(upcall, arrival, deadline);
    }
    return this.#wait(arrival.body.length, () => this.#run(upcall, arrival, deadline));
  }

  #run(upcall: Upcall, arrival: Arrival, deadline: Deadline): Outcome | Promise<Outcome> {
    const outcome = upcall(arrival, deadline);
    if (!(outcome instanceof Promise)) {
      this.#end();
      return outcome;
    }
    return outcome.finally(this.#ended);
  }

  #wait(octets: number, start: () => Outcome | Promise<Outcome>): Promise<Outcome> {
    const { maxConcurrent, maxBufferedOctets } = this.#team;
    return new Promise((resolve, reject) => {
      const isKept =
        this.#waitingOctets + octets <= maxBufferedOctets &&
        this.#waiting?.push({ octets, start: () => resolve(start()) }) === true;
      if (isKept) {
        this.#waitingOctets += octets;
        this.#countWaiting(1);
        return;
      }
      this.#events.refused();
      const length = this.#waiting?.length ?? 0;
      const text = `the lane has ${maxConcurrent} requests in work, and ${length} with ${this.#waitingOctets} octets wait already`;
      reject(new TRANSIENT(text, MINOR.requestDiscarded, Completion.no));
    });
  }

  #countWaiting(by: 1 | -1): void {
    count(this.#team.counts, this.#team.seat.thread, "waiting", by);
    this.#events.waiting(by);
  }

  get #isRoom(): boolean {
    return this.#load < this.#team.maxConcurrent;
  }

  get #load(): number {
    return countOf(this.#team.counts, this.#team.seat.thread, "running");
  }

  #begin(): void {
    this.#taken++;
    const load = count(this.#team.counts, this.#team.seat.thread, "running", 1);
    if (load > 1 && this.#team.mayGrow) this.#events.allBusy();
  }

  #end(): void {
    const { counts, seat } = this.#team;
    count(counts, seat.thread, "running", -1);
    const next = this.#waiting?.shift();
    if (next === undefined) return;
    this.#waitingOctets -= next.octets;
    this.#countWaiting(-1);
    count(counts, seat.thread, "running", 1);
    next.start();
  }

  /**
   * A thread of this lane that does nothing: it goes first, for this one has to read what comes next, too. When it
   * has no room itself, the least busy one.
   */
  #idlePeer(): Peer | undefined {
    if (this.#peers.size === 0) return undefined;
    const { seat, counts } = this.#team;
    for (const peer of this.#peers.values()) {
      if (peer.seat.lane !== seat.lane) continue;
      if (peer.outstanding === 0 && countOf(counts, peer.seat.thread, "running") === 0) return peer;
    }
    return this.#isRoom ? undefined : this.#leastBusy(seat.lane);
  }

  /** A thread of the nearest lane of lower priority that was given nothing, when there is no room here. */
  #lender(): Peer | undefined {
    const { mayBorrow, priorities, seat } = this.#team;
    if (!mayBorrow || this.#isRoom) return undefined;
    const priorityOf = (lane: number): number => priorities[lane] ?? 0;
    let lender: Peer | undefined;
    for (const peer of this.#peers.values()) {
      const priority = priorityOf(peer.seat.lane);
      if (peer.outstanding > 0 || priority >= priorityOf(seat.lane)) continue;
      if (lender === undefined || priority > priorityOf(lender.seat.lane)) lender = peer;
    }
    return lender;
  }

  #leastBusy(lane: number): Peer | undefined {
    let least: Peer | undefined;
    for (const peer of this.#peers.values()) {
      if (peer.seat.lane !== lane) continue;
      if (least === undefined || peer.outstanding < least.outstanding) least = peer;
    }
    return least;
  }
}

function nameOf(path: readonly string[]): string {
  return path.join("\0");
}

function seatName({ lane, thread }: Seat): string {
  return `${lane}.${thread}`;
}
