import { type Clock, compareRanks, NO_RANK, type Rank, type Timer } from "../base/index.ts";
import type { ClientConnection, Route } from "../iiop/index.ts";

/** Somebody who wants a connection; exactly one of the methods is called, unless it stops waiting. */
export interface ConnectWaiter {
  /** Where it stands among those who want the same connection; by age where absent. */
  readonly rank?: Rank | undefined;
  connected(connection: ClientConnection): void;
  /** `timedOut`: the connect limit passed; else the system said no. */
  failed(cause: unknown, timedOut: boolean): void;
}

/** One connect in progress, shared by all who want that route; given up when nobody does any more. */
export class ConnectAttempt {
  readonly route: Route;
  readonly #clock: Clock;
  /** With the timer of each one's own limit. */
  readonly #waiters = new Map<ConnectWaiter, Timer>();
  readonly #abort = new AbortController();
  readonly #over: (attempt: ConnectAttempt) => void;

  /** @param over nobody waits any more */
  constructor(route: Route, clock: Clock, over: (attempt: ConnectAttempt) => void) {
    this.route = route;
    this.#clock = clock;
    this.#over = over;
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** @returns stops waiting */
  join(waiter: ConnectWaiter, limitMs: number): () => void {
    const stop = (): void => {
      const timer = this.#waiters.get(waiter);
      timer?.cancel();
      this.#waiters.delete(waiter);
      if (timer === undefined || this.#waiters.size > 0) return;
      this.abort("nobody waits for this connection any more");
      this.#over(this);
    };
    const timer = this.#clock.timer(limitMs, () => {
      stop();
      waiter.failed(new Error("the connect limit passed"), true);
    });
    this.#waiters.set(waiter, timer);
    return stop;
  }

  abort(why: string): void {
    this.#abort.abort(new Error(why));
  }

  /** Tells all who wait, the first to send first. */
  finish(settle: (waiter: ConnectWaiter) => void): void {
    const waiting = [...this.#waiters].toSorted(([a], [b]) =>
      compareRanks(a.rank ?? NO_RANK, b.rank ?? NO_RANK),
    );
    this.#waiters.clear();
    for (const [waiter, timer] of waiting) {
      timer.cancel();
      settle(waiter);
    }
  }
}
