import { type ConnectionTrace, TRACE, traceConnection } from "../base/index.ts";
import type {
  Channel,
  Endpoint,
  Listener,
  ListenEndpoint,
  ChannelOptions,
} from "../transport/index.ts";
import type { IiopEnvironment } from "./environment.ts";
import { IdleScan } from "./idle-scan.ts";
import { Refusal } from "./refusal.ts";
import { ServerConnection } from "./server-connection.ts";
import { ENTRANCE, type RequestHandler } from "./server-request.ts";

/** Milliseconds requests in work are given when an entrance is closed while the ORB goes on. */
const DRAIN_TIMEOUT_MS = 5_000;

interface Door {
  readonly listener: Listener;
  readonly entrance: number;
}

/** The listening side of an ORB: its endpoints and the connections clients opened to them. */
export class IiopServer {
  readonly #env: IiopEnvironment;
  readonly #handler: RequestHandler;
  readonly #connections = new Map<ServerConnection, number>();
  #doors: Door[] = [];
  readonly #refusal: Refusal;
  readonly #idle: IdleScan;
  #accepted = 0;
  /** Of accepted connections, by entrance. */
  readonly #options = new Map<number, ChannelOptions>();
  /** Entrances of which it was said that some cannot be had. */
  readonly #unset = new Set<number>();
  #isServing = false;

  constructor(env: IiopEnvironment, handler: RequestHandler) {
    this.#env = env;
    this.#handler = handler;
    this.#refusal = new Refusal(env);
    const connections = this.#connections;
    this.#idle = new IdleScan(env.clock, env.settings.acceptedIdleMs, () => connections.keys());
  }

  get endpoints(): readonly Endpoint[] {
    return this.endpointsOf(ENTRANCE.main);
  }

  endpointsOf(entrance: number): readonly Endpoint[] {
    return this.#doors.flatMap((door) =>
      door.entrance === entrance ? [door.listener.endpoint] : [],
    );
  }

  get connectionCount(): number {
    return this.#connections.size;
  }

  /** @returns the endpoint in force. @throws the system's error when the endpoint cannot be had */
  async listen(at: ListenEndpoint, entrance: number = ENTRANCE.main): Promise<Endpoint> {
    const listener = await this.#env.transport.listen(at, (channel) => {
      if (this.#connections.size >= this.#env.settings.maxConnections) {
        this.#refusal.take(channel);
        return;
      }
      this.#env.log.debug("accepted a connection", { peer: channel.peer });
      const options = this.#options.get(entrance);
      if (options !== undefined) this.#set(channel, options, entrance);
      const id = `${channel.peer}#${++this.#accepted}`;
      const { peer } = channel;
      const trace: ConnectionTrace = { origin: this.#env.context, side: "server", peer };
      traceConnection(TRACE.connectionOpen, trace);
      const connection = new ServerConnection(
        channel,
        this.#env,
        this.#handler,
        id,
        entrance,
        (ended) => {
          traceConnection(TRACE.connectionClose, trace);
          void ended.gone.then(() => this.#connections.delete(ended));
        },
      );
      this.#connections.set(connection, entrance);
      this.#idle.start();
    });
    if (!this.#isServing) listener.unref();
    this.#doors.push({ listener, entrance });
    return listener.endpoint;
  }

  /** What connections accepted at an entrance from now on are set to; undefined: to nothing. */
  configure(entrance: number, options: ChannelOptions | undefined): void {
    this.#unset.delete(entrance);
    if (options === undefined) this.#options.delete(entrance);
    else this.#options.set(entrance, options);
  }

  /** What cannot be had is said once for an entrance: it is the same for each connection. */
  #set(channel: Channel, options: ChannelOptions, entrance: number): void {
    const unset = channel.configure?.(options) ?? [];
    if (unset.length === 0 || this.#unset.has(entrance)) return;
    this.#unset.add(entrance);
    const text = "TCP properties of accepted connections are not set";
    this.#env.log.warn(text, { peer: channel.peer, unset: unset.join(", ") });
  }

  /** The process stays alive while the endpoints listen. */
  ref(): void {
    this.#isServing = true;
    for (const { listener } of this.#doors) listener.ref();
  }

  /** Stops listening at one entrance; its connections end as with `close`. */
  async closeEntrance(entrance: number): Promise<void> {
    const closing = this.#doors.filter((door) => door.entrance === entrance);
    this.#doors = this.#doors.filter((door) => door.entrance !== entrance);
    const connections = [...this.#connections].flatMap(([connection, of]) =>
      of === entrance ? [connection] : [],
    );
    await this.#end(closing, connections, DRAIN_TIMEOUT_MS);
  }

  /**
   * Stops listening; connections end when their requests are answered, or after `drainTimeoutMs`.
   * Settled when all are gone.
   */
  async close(drainTimeoutMs: number): Promise<void> {
    this.#idle.stop();
    const refused = this.#refusal.close();
    await this.#end(this.#doors, [...this.#connections.keys()], drainTimeoutMs);
    await refused;
  }

  async #end(
    doors: readonly Door[],
    connections: readonly ServerConnection[],
    drainTimeoutMs: number,
  ): Promise<void> {
    const stopped = doors.map(({ listener }) => listener.close());
    for (const connection of connections) connection.close(drainTimeoutMs);
    await Promise.all([...stopped, ...connections.map((connection) => connection.gone)]);
  }
}
