import type { Channel, ChannelEvents } from "../../orb/index.ts";

/** A channel whose end is told to its owner, too. */
export class OwnedChannel implements Channel {
  readonly #channel: Channel;
  readonly #closed: () => void;

  constructor(channel: Channel, closed: () => void) {
    this.#channel = channel;
    this.#closed = closed;
  }

  get peer(): string {
    return this.#channel.peer;
  }

  get queuedOctets(): number {
    return this.#channel.queuedOctets;
  }

  start(events: ChannelEvents): void {
    this.#channel.start({
      data: (chunk) => events.data(chunk),
      drained: () => events.drained(),
      closed: (cause) => {
        this.#closed();
        events.closed(cause);
      },
      ...(events.room === undefined ? {} : { room: () => events.room?.() }),
    });
  }

  send(octets: Uint8Array, free?: () => void): void {
    this.#channel.send(octets, free);
  }

  pause(): void {
    this.#channel.pause();
  }

  resume(): void {
    this.#channel.resume();
  }

  end(): void {
    this.#channel.end();
  }

  reset(): void {
    this.#channel.reset();
  }

  destroy(): void {
    this.#channel.destroy();
  }

  ref(): void {
    this.#channel.ref();
  }

  unref(): void {
    this.#channel.unref();
  }
}
