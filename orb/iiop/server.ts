import type { Endpoint, Listener } from "../transport/index.ts";
import type { IiopEnvironment } from "./environment.ts";
import { ServerConnection } from "./server-connection.ts";
import type { RequestHandler } from "./server-request.ts";

/** The listening side of an ORB: its endpoints and the connections clients opened to them. */
export class IiopServer {
  readonly #env: IiopEnvironment;
  readonly #handler: RequestHandler;
  readonly #listeners: Listener[] = [];
  readonly #connections = new Set<ServerConnection>();

  constructor(env: IiopEnvironment, handler: RequestHandler) {
    this.#env = env;
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
    const listener = await this.#env.transport.listen(at, (channel) => {
      this.#env.log.debug("accepted a connection", { peer: channel.peer });
      this.#connections.add(
        new ServerConnection(channel, this.#env, this.#handler, (ended) => {
          void ended.gone.then(() => this.#connections.delete(ended));
        }),
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
