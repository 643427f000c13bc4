import type { Clock } from "../base/index.ts";
import type { CdrContext } from "../cdr/index.ts";
import type { Endpoint, Listener, Transport } from "../transport/index.ts";
import { OutputPool } from "./output-pool.ts";
import { ServerConnection } from "./server-connection.ts";
import type { RequestHandler } from "./server-request.ts";
import type { ConnectionSettings } from "./settings.ts";

/** The listening side of an ORB: its endpoints and the connections clients opened to them. */
export class IiopServer {
  readonly #transport: Transport;
  readonly #settings: ConnectionSettings;
  readonly #context: CdrContext;
  readonly #clock: Clock;
  readonly #handler: RequestHandler;
  readonly #outputs: OutputPool;
  readonly #listeners: Listener[] = [];
  readonly #connections = new Set<ServerConnection>();

  constructor(
    transport: Transport,
    settings: ConnectionSettings,
    context: CdrContext,
    clock: Clock,
    handler: RequestHandler,
  ) {
    this.#transport = transport;
    this.#settings = settings;
    this.#outputs = new OutputPool(settings.fragmentOctets);
    this.#context = context;
    this.#clock = clock;
    this.#handler = handler;
  }

  get endpoints(): readonly Endpoint[] {
    return this.#listeners.map((listener) => listener.endpoint);
  }

  get connectionCount(): number {
    return this.#connections.size;
  }

  /** @throws the system's error when the endpoint cannot be had */
  async listen(at: Endpoint): Promise<void> {
    const listener = await this.#transport.listen(at, (channel) => {
      this.#connections.add(
        new ServerConnection(
          channel,
          this.#settings,
          this.#context,
          this.#clock,
          this.#handler,
          this.#outputs,
          (ended) => {
            void ended.gone.then(() => this.#connections.delete(ended));
          },
        ),
      );
    });
    listener.unref();
    this.#listeners.push(listener);
  }

  /** The process stays alive while the endpoints listen. */
  ref(): void {
    for (const listener of this.#listeners) listener.ref();
  }

  /**
   * Stops listening; connections end when their requests are answered, or after `drainTimeoutMs`.
   * Settled when all are gone.
   */
  async close(drainTimeoutMs: number): Promise<void> {
    const stopped = this.#listeners.map((listener) => listener.close());
    const connections = [...this.#connections];
    for (const connection of connections) connection.close(drainTimeoutMs);
    await Promise.all([...stopped, ...connections.map((connection) => connection.gone)]);
  }
}
