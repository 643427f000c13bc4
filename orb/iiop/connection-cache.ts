import type { Timer } from "../base/index.ts";
import { type ConnectionTrace, TRACE, traceConnection } from "../base/index.ts";
import { ClientConnection } from "./client-connection.ts";
import type { IiopEnvironment } from "./environment.ts";
import { IdleScan } from "./idle-scan.ts";
import type { Route } from "./route.ts";

/** Somebody who wants a connection; exactly one of the methods is called, unless it stops waiting. */
export interface ConnectWaiter {
  connected(connection: ClientConnection): void;
  /** `timedOut`: the connect limit passed; else the system said no. */
  failed(cause: unknown, timedOut: boolean): void;
}

/** One connect in progress, shared by all who want that route; given up when nobody does any more. */
class Attempt {
  /** With the timer of each one's own limit. */
  readonly waiters = new Map<ConnectWaiter, Timer>();
  readonly abort = new AbortController();
}

/** The open connections of an ORB's client side, one a route; reopened on demand. */
export class ConnectionCache {
  readonly #env: IiopEnvironment;
  readonly #open = new Map<string, ClientConnection>();
  /** Those that only wait for replies. */
  readonly #retired = new Set<ClientConnection>();
  readonly #attempts = new Map<string, Attempt>();
  readonly #ending = new Set<ClientConnection>();
  readonly #borrow: (route: Route) => ClientConnection | undefined;
  readonly #idle: IdleScan;

  /** @param borrow a connection of the other direction that leads to a place, if there is one */
  constructor(env: IiopEnvironment, borrow: (route: Route) => ClientConnection | undefined) {
    this.#env = env;
    this.#borrow = borrow;
    this.#idle = new IdleScan(env.clock, env.settings.openedIdleMs, () => this.#open.values());
  }

  get openCount(): number {
    return this.#open.size + this.#retired.size;
  }

  get connectingCount(): number {
    return this.#attempts.size;
  }

  /** The connection to use now, if there is one. */
  opened(route: Route): ClientConnection | undefined {
    return this.#open.get(route.routeKey) ?? this.#borrow(route);
  }

  /**
   * Connects, or joins a connect in progress.
   * @param limitMs milliseconds this one waits
   * @returns stops waiting
   */
  connect(
    route: Route,
    waiter: ConnectWaiter,
    limitMs: number = this.#env.settings.connectTimeoutMs,
  ): () => void {
    let attempt = this.#attempts.get(route.routeKey);
    if (attempt === undefined) {
      attempt = new Attempt();
      this.#attempts.set(route.routeKey, attempt);
      this.#dial(route, attempt);
    }
    const joined = attempt;
    const stop = (): void => {
      joined.waiters.get(waiter)?.cancel();
      joined.waiters.delete(waiter);
      if (joined.waiters.size === 0 && this.#attempts.get(route.routeKey) === joined) {
        this.#attempts.delete(route.routeKey);
        joined.abort.abort(new Error("nobody waits for this connection any more"));
      }
    };
    const timer = this.#env.clock.timer(limitMs, () => {
      stop();
      waiter.failed(new Error("the connect limit passed"), true);
    });
    joined.waiters.set(waiter, timer);
    return stop;
  }

  /** Closes every connection; settled when all are gone. */
  async close(why: string): Promise<void> {
    this.#idle.stop();
    for (const attempt of this.#attempts.values()) attempt.abort.abort(new Error(why));
    for (const connection of [...this.#open.values(), ...this.#retired]) connection.close(why);
    await Promise.all([...this.#ending].map((connection) => connection.gone));
  }

  #dial(route: Route, attempt: Attempt): void {
    const finish = (settle: (waiter: ConnectWaiter) => void): void => {
      if (this.#attempts.get(route.routeKey) === attempt) this.#attempts.delete(route.routeKey);
      for (const [waiter, timer] of attempt.waiters) {
        timer.cancel();
        settle(waiter);
      }
      attempt.waiters.clear();
    };
    this.#env.transport.connect(route, attempt.abort.signal).then(
      (channel) => {
        if (attempt.abort.signal.aborted) {
          channel.destroy();
          finish((waiter) => waiter.failed(attempt.abort.signal.reason, false));
          return;
        }
        const connection = new ClientConnection(
          channel,
          route,
          this.#env,
          (retired) => this.#retire(retired),
          (ended) => this.#ended(ended),
        );
        this.#open.set(route.routeKey, connection);
        this.#idle.start();
        this.#env.log.debug("connected", { peer: connection.peer });
        traceConnection(TRACE.connectionOpen, this.#traceOf(connection));
        finish((waiter) => waiter.connected(connection));
      },
      (cause: unknown) => finish((waiter) => waiter.failed(cause, false)),
    );
  }

  #traceOf({ peer }: ClientConnection): ConnectionTrace {
    return { origin: this.#env.context, side: "client", peer };
  }

  #retire(connection: ClientConnection): void {
    const { routeKey } = connection.route;
    if (this.#open.get(routeKey) === connection) this.#open.delete(routeKey);
    this.#retired.add(connection);
  }

  #ended(connection: ClientConnection): void {
    const { routeKey } = connection.route;
    if (this.#open.get(routeKey) === connection) this.#open.delete(routeKey);
    this.#retired.delete(connection);
    this.#ending.add(connection);
    traceConnection(TRACE.connectionClose, this.#traceOf(connection));
    void connection.gone.then(() => this.#ending.delete(connection));
  }
}
