import {
  type Channel,
  type Endpoint,
  type Listener,
  type ListenEndpoint,
  PassedOnChannel,
  type Transport,
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

class ObservedChannel extends PassedOnChannel {
  readonly #observer: ChannelObserver;

  constructor(channel: Channel, observer: ChannelObserver) {
    super(channel, {
      received: (chunk) => observer.received(chunk),
      drained: () => observer.queued(channel.queuedOctets),
      closed: () => observer.closed(),
    });
    this.#observer = observer;
  }

  override send(octets: Uint8Array, free?: () => void): void {
    this.#observer.sent(octets);
    super.send(octets, free);
    this.#observer.queued(this.queuedOctets);
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
