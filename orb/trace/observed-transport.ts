import type {
  Channel,
  ChannelEvents,
  Endpoint,
  Listener,
  ListenEndpoint,
  Transport,
} from "../transport/index.ts";

/** Told of the octets of one connection. They must not be kept: they change afterwards. */
export interface ChannelObserver {
  sent(octets: Uint8Array): void;
  received(octets: Uint8Array): void;
  /** Octets that wait to be taken by the system, told whenever that may have changed. */
  queued(octets: number): void;
  closed(): void;
}

/** Who observes a connection that was just made; `side` says whether this ORB opened or accepted it. */
export type Observe = (side: "client" | "server", peer: string) => ChannelObserver;

class ObservedChannel implements Channel {
  readonly #channel: Channel;
  readonly #observer: ChannelObserver;

  constructor(channel: Channel, observer: ChannelObserver) {
    this.#channel = channel;
    this.#observer = observer;
  }

  get peer(): string {
    return this.#channel.peer;
  }

  get queuedOctets(): number {
    return this.#channel.queuedOctets;
  }

  start(events: ChannelEvents): void {
    const observer = this.#observer;
    this.#channel.start({
      data: (chunk) => {
        observer.received(chunk);
        events.data(chunk);
      },
      room: () => events.room?.(),
      drained: () => {
        observer.queued(this.#channel.queuedOctets);
        events.drained();
      },
      closed: (cause) => {
        observer.closed();
        events.closed(cause);
      },
    });
  }

  send(octets: Uint8Array, free?: () => void): void {
    this.#observer.sent(octets);
    this.#channel.send(octets, free);
    this.#observer.queued(this.#channel.queuedOctets);
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

/** The same transport, with somebody who sees all octets of its connections. */
export class ObservedTransport implements Transport {
  readonly #transport: Transport;
  readonly #observe: Observe;

  constructor(transport: Transport, observe: Observe) {
    this.#transport = transport;
    this.#observe = observe;
  }

  async connect(to: Endpoint, signal: AbortSignal): Promise<Channel> {
    const channel = await this.#transport.connect(to, signal);
    return new ObservedChannel(channel, this.#observe("client", channel.peer));
  }

  listen(at: ListenEndpoint, accept: (channel: Channel) => void): Promise<Listener> {
    return this.#transport.listen(at, (channel) =>
      accept(new ObservedChannel(channel, this.#observe("server", channel.peer))),
    );
  }
}
