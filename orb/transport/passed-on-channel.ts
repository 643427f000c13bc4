import type { Channel, ChannelEvents, Credentials, ChannelOptions } from "./port.ts";

/** What a passed-on channel tells beside passing it on. */
export interface ChannelWatch {
  received?(chunk: Uint8Array): void;
  drained?(): void;
  closed?(cause: Error | undefined): void;
}

/** A channel as another one is seen: everything goes through, and who passes it on is told of it first. */
export class PassedOnChannel implements Channel {
  readonly #channel: Channel;
  readonly #watch: ChannelWatch;

  constructor(channel: Channel, watch: ChannelWatch) {
    this.#channel = channel;
    this.#watch = watch;
  }

  get peer(): string {
    return this.#channel.peer;
  }

  get credentials(): Credentials | undefined {
    return this.#channel.credentials;
  }

  get queuedOctets(): number {
    return this.#channel.queuedOctets;
  }

  get joinedOctets(): number | undefined {
    return this.#channel.joinedOctets;
  }

  start(events: ChannelEvents): void {
    this.#channel.start({
      data: (chunk) => {
        this.#watch.received?.(chunk);
        events.data(chunk);
      },
      drained: () => {
        this.#watch.drained?.();
        events.drained();
      },
      closed: (cause) => {
        this.#watch.closed?.(cause);
        events.closed(cause);
      },
      ...(events.room === undefined ? {} : { room: () => events.room?.() }),
    });
  }

  send(octets: Uint8Array, free?: () => void): void {
    this.#channel.send(octets, free);
  }

  flush(): void {
    this.#channel.flush?.();
  }

  configure(options: ChannelOptions): readonly (keyof ChannelOptions)[] {
    return this.#channel.configure?.(options) ?? [];
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
