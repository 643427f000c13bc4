import {
  type Channel,
  type ChannelEvents,
  type Endpoint,
  type Listener,
  placeOf,
  type Transport,
} from "./port.ts";

/** One direction's end of a pair of channels in this process; delivery is by microtask, in order. */
class MemoryChannel implements Channel {
  readonly peer: string;
  queuedOctets = 0;
  #other: MemoryChannel | undefined;
  #events: ChannelEvents | undefined;
  #waiting: Uint8Array[] = [];
  #step: "open" | "paused" | "closed" = "open";

  constructor(peer: string) {
    this.peer = peer;
  }

  static pair(clientName: string, serverName: string): readonly [MemoryChannel, MemoryChannel] {
    const client = new MemoryChannel(serverName);
    const server = new MemoryChannel(clientName);
    client.#other = server;
    server.#other = client;
    return [client, server];
  }

  start(events: ChannelEvents): void {
    this.#events = events;
    queueMicrotask(() => this.#deliver());
  }

  send(octets: Uint8Array): void {
    const other = this.#other;
    if (this.#step === "closed" || other === undefined) return;
    this.queuedOctets += octets.length;
    queueMicrotask(() => {
      this.queuedOctets -= octets.length;
      other.#waiting.push(octets);
      other.#deliver();
      if (this.queuedOctets === 0) this.#events?.drained();
    });
  }

  #deliver(): void {
    while (this.#step === "open" && this.#events !== undefined) {
      const chunk = this.#waiting.shift();
      if (chunk === undefined) return;
      this.#events.data(chunk);
    }
  }

  pause(): void {
    if (this.#step === "open") this.#step = "paused";
  }

  resume(): void {
    if (this.#step !== "paused") return;
    this.#step = "open";
    queueMicrotask(() => this.#deliver());
  }

  end(): void {
    queueMicrotask(() => this.destroy());
  }

  reset(): void {
    this.end();
  }

  destroy(): void {
    const other = this.#other;
    this.#close();
    if (other !== undefined) queueMicrotask(() => other.#close());
  }

  #close(): void {
    if (this.#step === "closed") return;
    this.#deliver();
    this.#step = "closed";
    this.#events?.closed(undefined);
  }

  ref(): void {
    return undefined;
  }

  unref(): void {
    return undefined;
  }
}

/** A transport inside one process, for tests and for measuring the ORB without a network. */
export class MemoryTransport implements Transport {
  readonly #listeners = new Map<string, (channel: Channel) => void>();
  #nextPort = 40_000;
  #nextClient = 1;

  connect(to: Endpoint, signal: AbortSignal): Promise<Channel> {
    if (signal.aborted) return Promise.reject(signal.reason as Error);
    const place = placeOf(to);
    const accept = this.#listeners.get(place);
    if (accept === undefined) {
      const refused = Object.assign(new Error(`connect ECONNREFUSED ${place}`), {
        code: "ECONNREFUSED",
      });
      return Promise.reject(refused);
    }
    const [client, server] = MemoryChannel.pair(`client:${this.#nextClient++}`, place);
    accept(server);
    return Promise.resolve(client);
  }

  listen(at: Endpoint, accept: (channel: Channel) => void): Promise<Listener> {
    const isAny = at.port === 0 && at.path === undefined;
    const endpoint = { ...at, port: isAny ? this.#nextPort++ : at.port };
    const name = placeOf(endpoint);
    if (this.#listeners.has(name)) {
      const inUse = Object.assign(new Error(`listen EADDRINUSE ${name}`), { code: "EADDRINUSE" });
      return Promise.reject(inUse);
    }
    this.#listeners.set(name, accept);
    return Promise.resolve({
      endpoint,
      close: () => {
        this.#listeners.delete(name);
        return Promise.resolve();
      },
      ref: () => undefined,
      unref: () => undefined,
    });
  }
}
