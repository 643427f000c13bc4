import type { Channel, Clock, Endpoint, Logger, Transport } from "../../orb/index.ts";
import type { HostConnection } from "./connection.ts";

/** Milliseconds without a connection after one could not be had: the first time, and the most. */
const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 400;
const CONNECT_TIMEOUT_MS = 1_000;
/** Letters that wait for a connection; the window of operations is smaller. */
const MOST_WAITING = 4_096;
const MOST_WAITING_OCTETS = 32 << 20;

export interface ReachOptions {
  /** Where the other host is reached, and this one. */
  readonly address: string;
  readonly own: string;
  readonly at: Endpoint;
  readonly transport: Transport;
  readonly clock: Clock;
  readonly log: Logger;
  /** A connection that was opened: what goes over it from now on. */
  readonly begin: (channel: Channel) => HostConnection;
  /** The machine that the address leads to says that nobody is there. */
  readonly refusedThere: () => void;
}

/**
 * Another host of groups as it is reached: over a connection that either side opened. Sends what there is room for, and
 * waits for nothing; where nobody is reached it drops everything for a while, longer each time.
 */
export class Reach {
  readonly #options: ReachOptions;
  #opened: HostConnection | undefined;
  #accepted: HostConnection | undefined;
  /** Letters for a connection that is being opened. */
  #waiting: Uint8Array[] = [];
  #waitingOctets = 0;
  #attempt: AbortController | undefined;
  #isDoubtful = false;
  #downUntilMs = -Infinity;
  #pauseMs = FIRST_PAUSE_MS;

  constructor(options: ReachOptions) {
    this.#options = options;
  }

  /** Nothing is lost when it is forgotten. */
  get isIdle(): boolean {
    return (
      this.#opened === undefined &&
      this.#accepted === undefined &&
      this.#attempt === undefined &&
      !this.#isDoubtful
    );
  }

  /** @param letter may be changed as soon as this has returned @returns whether it was taken; it may still be lost */
  send(letter: Uint8Array): boolean {
    const connection = this.#best();
    return connection === undefined ? this.#keep(letter) : connection.send(letter);
  }

  /** The other side opened this connection. */
  accept(connection: HostConnection): void {
    this.#accepted = connection;
  }

  closed(connection: HostConnection): void {
    if (this.#opened === connection) this.#opened = undefined;
    if (this.#accepted === connection) this.#accepted = undefined;
  }

  /** A connection broke, and somebody finds out whether anybody is there: letters wait for what is found. */
  doubt(): void {
    this.#isDoubtful = true;
  }

  /** What was found. */
  settle(isGone: boolean): void {
    this.#isDoubtful = false;
    if (!isGone) return this.#openIfWanted();
    this.#drop();
    this.#downUntilMs = this.#options.clock.nowMs() + this.#pauseMs;
  }

  close(): void {
    this.#attempt?.abort(new Error("the host of groups is closed"));
    this.#waiting = [];
  }

  /** Where there are two, both sides take the same: a connection that is used both ways costs less than two. */
  #best(): HostConnection | undefined {
    const { own, address } = this.#options;
    const [first, second] =
      own < address ? [this.#opened, this.#accepted] : [this.#accepted, this.#opened];
    return first === undefined || first.isEnding ? second : first;
  }

  #keep(letter: Uint8Array): boolean {
    const isFull =
      this.#waiting.length >= MOST_WAITING ||
      this.#waitingOctets + letter.length > MOST_WAITING_OCTETS;
    if (isFull || this.#options.clock.nowMs() < this.#downUntilMs) return false;
    this.#waiting.push(Buffer.from(letter));
    this.#waitingOctets += letter.length;
    this.#openIfWanted();
    return true;
  }

  #openIfWanted(): void {
    if (this.#waiting.length === 0 || this.#attempt !== undefined || this.#isDoubtful) return;
    void this.#open();
  }

  #drop(): void {
    this.#waiting = [];
    this.#waitingOctets = 0;
  }

  async #open(): Promise<void> {
    const { at, transport, clock, begin } = this.#options;
    const attempt = new AbortController();
    this.#attempt = attempt;
    const late = clock.timer(CONNECT_TIMEOUT_MS, () =>
      attempt.abort(new Error(`no connection within ${CONNECT_TIMEOUT_MS} ms`)),
    );
    try {
      const channel = await transport.connect(at, attempt.signal);
      this.#pauseMs = FIRST_PAUSE_MS;
      this.#opened = begin(channel);
      for (const letter of this.#waiting) this.send(letter);
    } catch (error) {
      this.#failed(error);
    } finally {
      late.cancel();
      this.#attempt = undefined;
      this.#drop();
    }
  }

  #failed(error: unknown): void {
    const { clock, log, address, refusedThere } = this.#options;
    this.#downUntilMs = clock.nowMs() + this.#pauseMs;
    log.debug("a host of groups cannot be reached", { address, pauseMs: this.#pauseMs, error });
    this.#pauseMs = Math.min(LONGEST_PAUSE_MS, this.#pauseMs * 2);
    if (error instanceof Error && "code" in error && error.code === "ECONNREFUSED") refusedThere();
  }
}
