import type { Clock } from "../base/index.ts";
import type { LaneCounts } from "./lane.ts";
import { ReadyQueue } from "./ready-queue.ts";

/** Work for a lane: a request. Exactly one of the methods is called, once, unless it is withdrawn. */
export interface Work {
  /** The more urgent first. */
  readonly priority: number;
  /** What it keeps in memory while it waits. */
  readonly octets: number;
  /** Must lead to one call of `done`. */
  run(done: () => void): void;
  /** There is no thread for it, and no room to wait. @param why for people */
  refuse(why: string): void;
}

/** One lane of a work queue. */
export interface LaneShape {
  readonly name: string;
  readonly priority: number;
  /** Pieces of work that may be under way at once. */
  readonly concurrency: number;
  /** Whether it may use what is free in lanes of lower priority. */
  readonly mayBorrow: boolean;
}

/** Bounds of what waits, all lanes together. */
export interface BufferBounds {
  /** 0: nothing waits. */
  readonly maxCount: number;
  readonly maxOctets: number;
}

interface LaneState {
  readonly shape: LaneShape;
  free: number;
  readonly waiting: ReadyQueue<Work>;
}

/** Milliseconds of work after which the event loop is given a turn, and with it what has arrived meanwhile. */
const SLICE_MS = 1;

/**
 * The lanes of a pool that share one thread. What is ready in any of them goes by priority, and by age among equals;
 * between two pieces of work the event loop may read what is more urgent.
 */
export class WorkQueue {
  readonly #lanes: readonly LaneState[];
  /** By descending priority. */
  readonly #byUrgency: readonly LaneState[];
  readonly #bounds: BufferBounds;
  readonly #clock: Clock;
  readonly #ready = new ReadyQueue<() => void>();
  #waitingCount = 0;
  #waitingOctets = 0;
  #isScheduled = false;

  constructor(lanes: readonly LaneShape[], bounds: BufferBounds, clock: Clock) {
    this.#lanes = lanes.map((shape) => ({
      shape,
      free: shape.concurrency,
      waiting: new ReadyQueue(),
    }));
    this.#byUrgency = this.#lanes.toSorted((a, b) => b.shape.priority - a.shape.priority);
    this.#bounds = bounds;
    this.#clock = clock;
  }

  /** Of the lane at a place in the list that the queue was made with. */
  countsOf(lane: number): LaneCounts {
    const { shape, free, waiting } = this.#at(lane);
    return { running: shape.concurrency - free, waiting: waiting.length };
  }

  /**
   * Runs work in a lane, or keeps it, or refuses it.
   * @returns for work that waits: takes it back; does nothing when it waits no more
   */
  submit(lane: number, work: Work): (() => void) | undefined {
    const home = this.#at(lane);
    const place = home.free > 0 ? home : this.#lender(home);
    if (place !== undefined) {
      this.#start(place, work);
      return undefined;
    }
    const { maxCount, maxOctets } = this.#bounds;
    const isRoom = this.#waitingCount < maxCount && this.#waitingOctets + work.octets <= maxOctets;
    if (!isRoom) {
      const { name, concurrency } = home.shape;
      work.refuse(
        maxCount === 0
          ? `all ${concurrency} threads of ${name} are busy, and it buffers no requests`
          : `all ${concurrency} threads of ${name} are busy, and ${this.#waitingCount} requests with ${this.#waitingOctets} octets wait already (${maxCount} and ${maxOctets} may)`,
      );
      return undefined;
    }
    this.#count(work, 1);
    const withdraw = home.waiting.push(work.priority, work);
    return () => {
      if (withdraw()) this.#count(work, -1);
    };
  }

  #at(lane: number): LaneState {
    const state = this.#lanes[lane];
    if (state === undefined) throw new RangeError(`there is no lane ${lane}`);
    return state;
  }

  #count({ octets }: Work, by: 1 | -1): void {
    this.#waitingCount += by;
    this.#waitingOctets += by * octets;
  }

  /** The nearest lane of lower priority with room. */
  #lender({ shape }: LaneState): LaneState | undefined {
    if (!shape.mayBorrow) return undefined;
    return this.#byUrgency.find((other) => other.shape.priority < shape.priority && other.free > 0);
  }

  #start(place: LaneState, work: Work): void {
    place.free--;
    this.#ready.push(work.priority, () =>
      work.run(() => {
        place.free++;
        this.#refill(place);
      }),
    );
    this.#schedule();
  }

  /** A thread is free: the most urgent that waits for it, its own lane's or that of one which may borrow it. */
  #refill(place: LaneState): void {
    if (this.#waitingCount === 0 || place.free === 0) return;
    for (const lane of this.#byUrgency) {
      const isHome = lane === place;
      if (!isHome && !(lane.shape.mayBorrow && lane.shape.priority > place.shape.priority))
        continue;
      const work = lane.waiting.shift();
      if (work === undefined) continue;
      this.#count(work, -1);
      this.#start(place, work);
      return;
    }
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    // Behind the reading of all sockets that have something to say.
    setImmediate(() => this.#drain());
  }

  #drain(): void {
    this.#isScheduled = false;
    const endMs = this.#clock.nowMs() + SLICE_MS;
    do {
      const next = this.#ready.shift();
      if (next === undefined) return;
      next();
    } while (this.#clock.nowMs() < endMs);
    if (this.#ready.length > 0) this.#schedule();
  }
}
