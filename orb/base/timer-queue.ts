import type { Clock, Timer } from "./clock.ts";

/** What waits in a {@link TimerQueue}. */
export interface Expiring {
  /** Its time is over; called once, unless it was cancelled before. */
  expire(): void;
}

/** A place in the queue. The queue is a ring, of which the end is a place as well. */
class Place {
  previous: Place = this;
  next: Place = this;
  readonly atMs: number;
  readonly #queue: TimerQueue;
  readonly #waiting: Expiring | undefined;

  constructor(queue: TimerQueue, atMs: number, waiting: Expiring | undefined) {
    this.#queue = queue;
    this.atMs = atMs;
    this.#waiting = waiting;
  }

  cancel(): void {
    if (this.next === this) return;
    this.unlink();
    this.#queue._idle();
  }

  expire(): void {
    this.unlink();
    this.#waiting?.expire();
  }

  /** Its own neighbour afterwards: what was taken out must not keep others in memory. */
  unlink(): void {
    this.previous.next = this.next;
    this.next.previous = this.previous;
    this.previous = this;
    this.next = this;
  }
}

/**
 * Timers of one delay, of which most are cancelled: a single timer of the clock serves them all. It is
 * left running when that for which it was started is cancelled, and then started anew for the first.
 */
export class TimerQueue {
  readonly #clock: Clock;
  readonly #delayMs: number;
  readonly #end: Place;
  #timer: Timer | undefined;
  #isClosed = false;

  constructor(clock: Clock, delayMs: number) {
    this.#clock = clock;
    this.#delayMs = delayMs;
    this.#end = new Place(this, Number.POSITIVE_INFINITY, undefined);
  }

  /**
   * Waits for the delay to pass. The process stays alive meanwhile.
   * @param sinceMs when the delay began, by the clock; not before what was given last
   * @returns what cancels it; harmless when it has expired
   */
  add(waiting: Expiring, sinceMs: number): Pick<Timer, "cancel"> {
    const end = this.#end;
    const last = end.previous;
    const place = new Place(this, sinceMs + this.#delayMs, waiting);
    place.previous = last;
    place.next = end;
    last.next = place;
    end.previous = place;
    if (this.#timer === undefined) this.#start();
    else if (last === end) this.#timer.ref();
    return place;
  }

  /** Keeps no timer beyond what waits. */
  close(): void {
    this.#isClosed = true;
    this._idle();
  }

  /** Internal: looks whether nothing waits any more. */
  _idle(): void {
    if (this.#end.next !== this.#end || this.#timer === undefined) return;
    if (!this.#isClosed) this.#timer.unref();
    else {
      this.#timer.cancel();
      this.#timer = undefined;
    }
  }

  #start(): void {
    const delayMs = this.#end.next.atMs - this.#clock.nowMs();
    this.#timer = this.#clock.timer(Math.max(0, delayMs), () => this.#expire());
  }

  #expire(): void {
    this.#timer = undefined;
    const nowMs = this.#clock.nowMs();
    const end = this.#end;
    while (end.next.atMs <= nowMs) end.next.expire();
    if (end.next !== end && this.#timer === undefined) this.#start();
  }
}
