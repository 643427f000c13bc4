import { type Clock, Deferred, type Timer } from "../base/index.ts";
import type { Channel } from "../transport/index.ts";

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

  /** To be called when the channel says that it is closed. */
  finished(): void {
    this.#timer?.cancel();
    this.#gone.resolve();
  }
}
