import type { Channel, ChannelEvents } from "../transport/index.ts";

/**
 * The channel of a connection's other half: what it sends goes out over the connection, what comes in is
 * handed to it message by message by the half that owns the connection.
 */
export class SharedChannel implements Channel {
  readonly #real: Channel;
  #events: ChannelEvents | undefined;

  constructor(real: Channel) {
    this.#real = real;
  }

  get peer(): string {
    return this.#real.peer;
  }

  get queuedOctets(): number {
    return this.#real.queuedOctets;
  }

  get joinedOctets(): number | undefined {
    return this.#real.joinedOctets;
  }

  start(events: ChannelEvents): void {
    this.#events = events;
  }

  send(octets: Uint8Array, free?: () => void): void {
    this.#real.send(octets, free);
  }

  /** To be called when the real channel says so. */
  drained(): void {
    this.#events?.drained();
  }

  /** To be called when the connection is gone. */
  closed(): void {
    const events = this.#events;
    this.#events = undefined;
    events?.closed(undefined);
  }

  pause(): void {
    this.#real.pause();
  }

  resume(): void {
    this.#real.resume();
  }

  end(): void {
    this.#real.end();
  }

  reset(): void {
    this.#real.reset();
  }

  destroy(): void {
    this.#real.destroy();
  }

  /** The half that owns the connection knows whether the process waits for it. */
  ref(): void {
    return undefined;
  }

  unref(): void {
    return undefined;
  }
}
