import { type Clock, Deferred, type Timer } from "../base/index.ts";
import type { Channel } from "../transport/index.ts";

/** Milliseconds without sending after which nothing of it can be on its way any more, but in a network that is broken. */
const QUIET_MS = 500;

/** Ends a channel in good order, and hard when the peer does not end its side in time. */
export class Ending {
  readonly #channel: Channel;
  readonly #clock: Clock;
  readonly #timeoutMs: number;
  readonly #gone = new Deferred<void>();
  #timer: Timer | undefined;

  constructor(channel: Channel, clock: Clock, timeoutMs: number) {
    this.#channel = channel;
    this.#clock = clock;
    this.#timeoutMs = timeoutMs;
  }

  /** Settled when the channel is gone. */
  get gone(): Promise<void> {
    return this.#gone.promise;
  }

  /** Sends what is queued and closes. */
  begin(): void {
    if (this.#timer !== undefined) return;
    this.#timer = this.#clock.timer(this.#timeoutMs, () => this.#channel.destroy());
    this.#channel.end();
  }

  /**
   * Closes behind a CloseConnection. Clients that do not read while they are idle, which TAO's and omniORB's do not,
   * take the end of a stream for a lost request, and a reset for what it is: they connect anew. A reset may
   * overtake what was sent, so it waits until that must have arrived, and until the peer had time to close.
   * @param quietMs milliseconds since anything else was sent; 0 while something waits to be sent
   */
  reset(quietMs: number): void {
    if (this.#timer !== undefined) return;
    if (quietMs >= QUIET_MS) {
      this.#channel.reset();
      return;
    }
    this.#timer = this.#clock.timer(Math.min(QUIET_MS, this.#timeoutMs), () => {
      if (this.#channel.queuedOctets === 0) {
        this.#channel.reset();
        return;
      }
      const restMs = Math.max(0, this.#timeoutMs - QUIET_MS);
      this.#timer = this.#clock.timer(restMs, () => this.#channel.reset());
    });
  }

  /** To be called when the channel says that it is closed. */
  finished(): void {
    this.#timer?.cancel();
    this.#gone.resolve();
  }
}
