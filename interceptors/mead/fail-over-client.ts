import type {
  ConnectionEnd,
  ConnectionWatch,
  Logger,
  OpenConnections,
  WatchedConnection,
} from "../../orb/index.ts";
import { failOverIn } from "./fail-over-message.ts";
import { FAIL_OVER, type FailOver, type Replica } from "./gen/Mead.ts";

export interface FailOverClientOptions {
  /** Milliseconds for one replica: to connect, and for the replies that are still outstanding. 1,000 by default. */
  readonly timeoutMs?: number;
  /** Told of moves, and of messages that cannot be read; nobody by default. */
  readonly logger?: Pick<Logger, "info" | "warn">;
}

const TIMEOUT_MS = 1_000;

/**
 * Follows the fail-over messages of servers: `ORB_init(args, { connectionWatch: new FailOverClient() })`. Calls to a
 * server go on at its replica when the server says so, and when it is gone after it named replicas; no request is sent
 * twice, and none that is outstanding is given up for it. One of each ORB.
 */
export class FailOverClient implements ConnectionWatch {
  readonly #timeoutMs: number;
  readonly #logger: Pick<Logger, "info" | "warn"> | undefined;
  /** By the place that references name. */
  readonly #known: Map<string, readonly Replica[]> = new Map();
  readonly #moving: Set<string> = new Set();
  #connections: OpenConnections | undefined;

  constructor({ timeoutMs = TIMEOUT_MS, logger }: FailOverClientOptions = {}) {
    this.#timeoutMs = timeoutMs;
    this.#logger = logger;
  }

  /** To be called by `ORB_init`. */
  attach(connections: OpenConnections): void {
    this.#connections = connections;
  }

  replied(
    connection: WatchedConnection,
    contexts: readonly { readonly id: number; readonly data: Uint8Array }[],
  ): void {
    const context = contexts.find(({ id }) => id === FAIL_OVER);
    if (context === undefined) return;
    const message = this.#read(connection, context.data);
    if (message === undefined) return;
    this.#known.set(connection.route.place, message.replicas);
    if (message.moves) void this.#move(connection, message.replicas);
  }

  broken(connection: WatchedConnection, { kind }: ConnectionEnd): void {
    if (kind === "left" || this.#moving.has(connection.route.place)) return;
    const replicas = this.#known.get(connection.route.place) ?? [];
    void this.#move(connection, replicas);
  }

  #read(connection: WatchedConnection, data: Uint8Array): FailOver | undefined {
    try {
      return failOverIn(data);
    } catch (error) {
      this.#logger?.warn("a fail-over message cannot be read", { peer: connection.peer, error });
      return undefined;
    }
  }

  /** The first that can be had; where there is none, all stays as it was. */
  async #move(connection: WatchedConnection, replicas: readonly Replica[]): Promise<void> {
    const { route, at } = connection;
    if (this.#moving.has(route.place)) return;
    this.#moving.add(route.place);
    try {
      for (const { host, port_number: port } of replicas) {
        if (host === at.host && port === at.port) continue;
        if (await this.#redirect(connection, { host, port })) return;
      }
    } finally {
      this.#moving.delete(route.place);
    }
  }

  async #redirect(
    { route, peer }: WatchedConnection,
    to: { readonly host: string; readonly port: number },
  ): Promise<boolean> {
    try {
      await this.#connections?.redirect(route, to, { timeoutMs: this.#timeoutMs });
      this.#logger?.info("calls go to a replica", { from: peer, to: `${to.host}:${to.port}` });
      return true;
    } catch (error) {
      this.#logger?.warn("a replica is not reached", {
        from: peer,
        to: `${to.host}:${to.port}`,
        error,
      });
      return false;
    }
  }
}
