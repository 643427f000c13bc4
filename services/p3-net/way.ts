import type { Clock, Logger } from "../../orb/index.ts";

/** Milliseconds without a connection after one could not be had: the first time, and the most. */
const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 400;

export interface WayOptions<T> {
  /** For people: which service of which peer. */
  readonly name: string;
  readonly to: Promise<T>;
  /** Messages that have not left: one more is dropped. */
  readonly mostWaiting: number;
  /** The machine that the address leads to says that nobody is there. */
  readonly refused: () => void;
  readonly clock: Clock;
  readonly log: Logger;
}

/**
 * The way to one service of one peer: sends what there is room for, and waits for nothing. Where nobody is reached it
 * drops everything for a while, longer each time.
 */
export class Way<T> {
  readonly #options: WayOptions<T>;
  /** Undefined until it is made. */
  #there: T | undefined;
  #waiting = 0;
  #downUntilMs = -Infinity;
  #pauseMs = FIRST_PAUSE_MS;
  #whenIdle: (() => void)[] = [];
  readonly #onLeft = (): void => this.#left();
  readonly #onFailed = (error: unknown): void => this.#failed(error);

  constructor(options: WayOptions<T>) {
    this.#options = options;
    options.to.then(
      (there) => {
        this.#there = there;
      },
      // What fails to be made fails each call, too.
      () => undefined,
    );
  }

  /** Something has not left yet. */
  get isBusy(): boolean {
    return this.#waiting > 0;
  }

  /** @returns whether it was taken; what is taken may still be lost */
  send(call: (to: T) => Promise<void>): boolean {
    const { clock, mostWaiting, to } = this.#options;
    if (this.#waiting >= mostWaiting || clock.nowMs() < this.#downUntilMs) return false;
    this.#waiting++;
    const left = this.#there === undefined ? to.then(call) : call(this.#there);
    left.then(this.#onLeft, this.#onFailed);
    return true;
  }

  /** Settled when nothing waits. */
  idle(): Promise<void> {
    if (!this.isBusy) return Promise.resolve();
    return new Promise((resolve) => this.#whenIdle.push(resolve));
  }

  #left(): void {
    this.#pauseMs = FIRST_PAUSE_MS;
    this.#done();
  }

  #failed(error: unknown): void {
    const { clock, log, name, refused } = this.#options;
    const nowMs = clock.nowMs();
    // Those that waited together fail together: one pause.
    if (nowMs >= this.#downUntilMs) {
      this.#downUntilMs = nowMs + this.#pauseMs;
      log.debug("a peer cannot be reached", { way: name, pauseMs: this.#pauseMs, error });
      this.#pauseMs = Math.min(LONGEST_PAUSE_MS, this.#pauseMs * 2);
      if (isRefusal(error)) refused();
    }
    this.#done();
  }

  #done(): void {
    this.#waiting--;
    if (this.#waiting > 0) return;
    for (const wake of this.#whenIdle.splice(0)) wake();
  }
}

function isRefusal(error: unknown): boolean {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof Error && "code" in cause && cause.code === "ECONNREFUSED";
}
