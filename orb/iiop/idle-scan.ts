import type { Clock, Timer } from "../base/index.ts";

/** Looks at its connections take part in one idle time. */
const SCANS = 4;

/** A connection that may be closed for being idle. */
export interface Scanned {
  /** One more look without traffic since the last; it closes when there were more than `scans`. */
  scan(scans: number): void;
}

/**
 * Closes connections that nobody uses, after `idleMs` and up to a quarter more. One timer looks at all of them: a
 * message costs them no more than a flag.
 */
export class IdleScan {
  readonly #clock: Clock;
  readonly #idleMs: number;
  readonly #connections: () => Iterable<Scanned>;
  #timer: Timer | undefined;
  #isStopped = false;

  /** @param idleMs 0 never closes */
  constructor(clock: Clock, idleMs: number, connections: () => Iterable<Scanned>) {
    this.#clock = clock;
    this.#idleMs = idleMs;
    this.#connections = connections;
  }

  /** To be called when there is a connection more. */
  start(): void {
    if (this.#timer !== undefined || this.#idleMs === 0 || this.#isStopped) return;
    this.#timer = this.#clock.timer(this.#idleMs / SCANS, () => this.#look());
    this.#timer.unref();
  }

  stop(): void {
    this.#isStopped = true;
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #look(): void {
    this.#timer = undefined;
    let isAny = false;
    for (const connection of this.#connections()) {
      isAny = true;
      connection.scan(SCANS);
    }
    if (isAny) this.start();
  }
}
