import type { WebSocket } from "ws";
import { EventQueue } from "./event-queue.ts";
import type { HealthEvent, HealthSource } from "./source.ts";

/** Milliseconds a client has to answer the farewell. */
const FAREWELL_MS = 500;
/** Close code of RFC 6455, 7.4.1: this end goes away. */
const GOING_AWAY = 1001;

interface EventStreamsOptions {
  readonly source: HealthSource;
  readonly mostEvents: number;
  readonly wallMs: () => number;
}

/** Clients that are told events as they happen: one line of JSON a message, the state of all parts first. */
export class EventStreams {
  readonly #options: EventStreamsOptions;
  readonly #clients: Map<WebSocket, EventQueue> = new Map();
  readonly #stop: () => void;

  constructor(options: EventStreamsOptions) {
    this.#options = options;
    this.#stop = options.source.watch((event) => this.#tell(event));
  }

  /** Clients there are. */
  get count(): number {
    return this.#clients.size;
  }

  add(socket: WebSocket): void {
    const queue = new EventQueue(
      // An error closes the socket, too.
      { send: (line, done) => socket.send(line, () => done()) },
      this.#options.mostEvents,
    );
    this.#clients.set(socket, queue);
    socket.on("error", () => undefined);
    socket.on("close", () => this.#clients.delete(socket));
    queue.add(
      this.#line({ about: "state", what: { kind: "parts", parts: this.#options.source.parts() } }),
    );
  }

  close(): void {
    this.#stop();
    for (const socket of this.#clients.keys()) {
      socket.close(GOING_AWAY, "the process ends");
      setTimeout(() => socket.terminate(), FAREWELL_MS).unref();
    }
    this.#clients.clear();
  }

  #tell(event: HealthEvent): void {
    if (this.#clients.size === 0) return;
    const line = this.#line(event);
    for (const queue of this.#clients.values()) queue.add(line);
  }

  #line({ about, what }: HealthEvent): string {
    return JSON.stringify({ at: new Date(this.#options.wallMs()).toISOString(), about, what });
  }
}
