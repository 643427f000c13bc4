import type { ServiceContext } from "../giop/index.ts";
import { type ConnectionTrace, TRACE, traceConnection } from "../base/index.ts";
import { BAD_INV_ORDER, Completion, MINOR, TIMEOUT, TRANSIENT } from "../exception/index.ts";
import type {
  ConnectionEnd,
  ConnectionWatch,
  NextPlace,
  OpenConnections,
  RedirectOptions,
  WatchedConnection,
} from "../hook/index.ts";
import {
  ClientConnection,
  type ConnectionOwner,
  IdleScan,
  type IiopEnvironment,
  type Route,
} from "../iiop/index.ts";
import { type Channel, type Endpoint, isSamePlace, placeOf } from "../transport/index.ts";
import { ConnectAttempt, type ConnectWaiter } from "./connect-attempt.ts";
import { greet } from "./greeting.ts";
import { Limits } from "./limits.ts";
import { movingAlready, unreached } from "./move-failures.ts";
import { Move } from "./move.ts";
import { askFor } from "./question.ts";
import { unlessAborted } from "./unless-aborted.ts";

/** A place that answers. */
interface Reached {
  readonly to: Endpoint;
  /** Just opened, or reserved before. */
  readonly by: Channel | ClientConnection;
}

/** Milliseconds from when calls changed over until who looks on is told, and the connection that they left is closed. */
const SETTLE_MS = 10;

/** The open connections of an ORB's client side, one a route; reopened on demand. */
export class ConnectionCache implements ConnectionOwner, OpenConnections {
  readonly #env: IiopEnvironment;
  readonly #open = new Map<string, ClientConnection>();
  /** Those that only wait for replies. */
  readonly #retired = new Set<ClientConnection>();
  readonly #attempts = new Map<string, ConnectAttempt>();
  readonly #ending = new Set<ClientConnection>();
  readonly #borrow: (route: Route) => ClientConnection | undefined;
  readonly #idle: IdleScan;
  /** By place, those that will carry the calls to it when they go elsewhere. */
  readonly #reserved = new Map<string, ClientConnection>();
  /** By place, where it leads in truth. */
  readonly #redirected = new Map<string, Endpoint>();
  /** By place. */
  readonly #moves = new Map<string, Move>();
  readonly #limits: Limits;
  /** Places of which a redirection has begun. */
  readonly #moving = new Set<string>();
  /** By place, what gives up a redirection that holds no calls yet. */
  readonly #approaches = new Map<string, (reason: Error) => void>();
  readonly #watches: ConnectionWatch[] = [];
  /** Calls go over them, and who looks on has not heard of it yet. */
  readonly #unannounced = new Set<ClientConnection>();

  /** @param borrow a connection of the other direction that leads to a place, if there is one */
  constructor(env: IiopEnvironment, borrow: (route: Route) => ClientConnection | undefined) {
    this.#env = env;
    this.#borrow = borrow;
    this.#limits = new Limits(env.clock, env.settings.connectTimeoutMs);
    this.#idle = new IdleScan(env.clock, env.settings.openedIdleMs, () => this.#open.values());
  }

  /** Adds one who looks on. */
  watchedBy(watch: ConnectionWatch): void {
    watch.attach?.(this);
    this.#watches.push(watch);
  }

  get openCount(): number {
    let count = this.#open.size + this.#retired.size + this.#reserved.size;
    for (const { held } of this.#moves.values()) count += held.size;
    return count;
  }

  get connectingCount(): number {
    return this.#attempts.size;
  }

  list(): readonly ClientConnection[] {
    const held = [...this.#moves.values()].flatMap((move) => [...move.held.values()]);
    return [...this.#open.values(), ...held.filter(({ isOpen }) => isOpen), ...this.#retired];
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
      attempt = new ConnectAttempt(route, this.#env.clock, (over) => this.#forget(over));
      this.#attempts.set(route.routeKey, attempt);
      // What waits for a move to end is dialled then.
      if (!this.#moves.has(route.place)) this.#dial(attempt);
    }
    return attempt.join(waiter, limitMs);
  }

  /** Closes every connection; settled when all are gone. */
  async close(why: string): Promise<void> {
    this.#idle.stop();
    this.#limits.end(new TRANSIENT(why, MINOR.none, Completion.no));
    for (const attempt of this.#attempts.values()) attempt.abort(why);
    for (const connection of [...this.list(), ...this.#reserved.values()]) connection.close(why);
    await Promise.all([...this.#ending].map((connection) => connection.gone));
  }

  async redirect(from: Endpoint, to: Endpoint, options: RedirectOptions = {}): Promise<void> {
    const place = placeOf(from);
    if (this.#approaches.has(place) || this.#moving.has(place)) throw movingAlready(place);
    const [open] = this.#openAt(place);
    if (open === undefined) {
      this.#point(place, to);
      return;
    }
    await this.#limits.within(options, async (signal, end) => {
      this.#approaches.set(place, end);
      try {
        await this.#approach(open.route, to, options.objectKey, signal);
      } catch (cause) {
        throw unreached(
          `calls to ${place} stay there: nobody serves them at ${placeOf(to)}`,
          cause,
        );
      } finally {
        this.#approaches.delete(place);
      }
      await this.#change(place, to, signal);
    });
  }

  swap({ place }: Pick<Route, "place">, to: Endpoint): boolean {
    const by = this.#reservedAt(place, to);
    if (by === undefined || by.pendingCount > 0 || this.#moving.has(place)) return false;
    const { routeKey } = by.route;
    const left = this.#open.get(routeKey);
    if (left === undefined && this.#isAwaited(by.route)) return false;
    if ((left?.pendingCount ?? 0) > 0 || !this.#isAlone(place, left)) return false;
    this.#reserved.delete(place);
    this.#point(place, to);
    this.#open.set(routeKey, by);
    const why = `${place} was redirected`;
    left?.takeNoCalls(why);
    // A call waits for this to be through, and none of the next ones for what is left to do.
    this.#unannounced.add(by);
    const settle = (): void => {
      this.#announceNow(by);
      left?.retire(why);
      this.#env.log.debug("redirected", { from: place, to: placeOf(to) });
    };
    this.#env.clock.timer(SETTLE_MS, settle).unref();
    return true;
  }

  #announceNow(connection: ClientConnection): void {
    if (this.#unannounced.size > 0 && this.#unannounced.delete(connection))
      this.#announce(connection);
  }

  /** Whether one is about to be opened, or calls are about to go elsewhere. */
  #isAwaited({ routeKey, place }: Route): boolean {
    return this.#attempts.has(routeKey) || this.#approaches.has(place);
  }

  /** Whether no connection to the place but this one has calls, or takes them. */
  #isAlone(place: string, connection: ClientConnection | undefined): boolean {
    for (const other of this.#open.values())
      if (other !== connection && other.route.place === place) return false;
    for (const { route, pendingCount } of this.#retired)
      if (pendingCount > 0 && route.place === place) return false;
    return !this.#moves.has(place);
  }

  async seek(from: Endpoint, next: NextPlace, options: RedirectOptions = {}): Promise<Endpoint> {
    const place = placeOf(from);
    return await this.#alone(place, () =>
      this.#limits.within(options, async (signal) => {
        this.#approaches.get(place)?.(new Error(`calls to ${place} wait for another place`));
        const move = this.#hold(place);
        let reached: Reached;
        try {
          reached = await this.#first(
            `calls to ${place} stay there`,
            next,
            signal,
            (to) => this.#reservedAt(place, to) ?? this.#env.transport.connect(to, signal),
          );
        } catch (error) {
          this.#giveUp(place, move);
          throw error;
        }
        await this.#move(place, move, reached, signal);
        return reached.to;
      }),
    );
  }

  async reserve(from: Endpoint, next: NextPlace, options: RedirectOptions = {}): Promise<Endpoint> {
    const place = placeOf(from);
    const [open] = this.#openAt(place);
    if (open === undefined) {
      const text = `there is no connection to ${place} that another one could follow`;
      throw new BAD_INV_ORDER(text, MINOR.none, Completion.no);
    }
    return await this.#limits.within(options, async (signal) => {
      const what = `no connection is reserved beside that to ${place}`;
      const { to } = await this.#first(what, next, signal, (at) =>
        this.#reserve(open.route, at, signal),
      );
      return to;
    });
  }

  async #reserve(route: Route, to: Endpoint, signal: AbortSignal): Promise<ClientConnection> {
    const reserved = await this.#connectAhead(route, to, signal);
    // Also the first exchange takes much longer than all others, at both sides.
    await this.#unlessSilent(reserved, greet(reserved, signal));
    return reserved;
  }

  async #connectAhead(route: Route, to: Endpoint, signal: AbortSignal): Promise<ClientConnection> {
    const channel = await this.#env.transport.connect(to, signal);
    const reserved = new ClientConnection(channel, route, this.#env, this, { at: to });
    this.#reserved.get(route.place)?.close("another one is reserved");
    this.#reserved.set(route.place, reserved);
    return reserved;
  }

  async #unlessSilent(reserved: ClientConnection, answer: Promise<void>): Promise<void> {
    try {
      await answer;
    } catch (error) {
      if (this.isReserved(reserved)) reserved.close("it does not answer");
      throw error;
    }
  }

  /** Reserves a connection to where calls shall go, unless there is one, and has the server there answer. */
  async #approach(
    route: Route,
    to: Endpoint,
    objectKey: Uint8Array | undefined,
    signal: AbortSignal,
  ): Promise<void> {
    const by = this.#reservedAt(route.place, to) ?? (await this.#connectAhead(route, to, signal));
    const answer = objectKey === undefined ? greet(by, signal) : askFor(by, objectKey, signal);
    await this.#unlessSilent(by, answer);
  }

  /** Has calls go over the connection that was reserved, when nothing is outstanding. */
  async #change(place: string, to: Endpoint, signal: AbortSignal): Promise<void> {
    await this.#alone(place, async () => {
      const by = this.#reservedAt(place, to);
      if (by === undefined) {
        throw unreached(
          `calls to ${place} stay there`,
          new Error(`${placeOf(to)} closed the connection`),
        );
      }
      await this.#move(place, this.#hold(place), { to, by }, signal);
    });
  }

  isReserved(connection: WatchedConnection): boolean {
    return this.#reserved.size > 0 && this.#reserved.get(connection.route.place) === connection;
  }

  /** Moves the calls to one place, one move at a time. */
  async #alone<T>(place: string, move: () => Promise<T>): Promise<T> {
    if (this.#moving.has(place)) throw movingAlready(place);
    this.#moving.add(place);
    try {
      return await move();
    } finally {
      this.#moving.delete(place);
    }
  }

  /** The connection that is reserved for the calls to a place, if it leads there. */
  #reservedAt(place: string, to: Endpoint): ClientConnection | undefined {
    const reserved = this.#reserved.get(place);
    const leadsThere = reserved?.isOpen === true && isSamePlace(reserved.at, to);
    return leadsThere ? reserved : undefined;
  }

  /**
   * The first of several places that answers.
   * @param otherwise what holds where there is none
   * @param reach throws where nobody answers
   * @throws TRANSIENT when there is none, or its time is over
   */
  async #first(
    otherwise: string,
    next: NextPlace,
    signal: AbortSignal,
    reach: (to: Endpoint) => Reached["by"] | Promise<Reached["by"]>,
  ): Promise<Reached> {
    const tried: string[] = [];
    let cause: unknown;
    for (;;) {
      const asked = next(signal);
      const to = asked instanceof Promise ? await unlessAborted(signal, asked) : asked;
      if (to === undefined || signal.aborted) break;
      try {
        return { to, by: await reach(to) };
      } catch (error) {
        tried.push(placeOf(to));
        cause = error;
      }
    }
    this.#limits.throwIfEnded();
    const whom =
      tried.length === 0 ? "no other place is known" : `nobody is reached at ${tried.join(", ")}`;
    const when = signal.aborted ? `; ${String(signal.reason)}` : "";
    const text = `${otherwise}: ${whom}${when}`;
    throw new TRANSIENT(text, MINOR.connectFailed, Completion.no, { cause });
  }

  /** From now on no call goes to the place. */
  #hold(place: string): Move {
    const leaving = this.#openAt(place);
    for (const { route } of leaving) this.#open.delete(route.routeKey);
    const held = new Map(leaving.map((connection) => [connection.route.routeKey, connection]));
    const others = [...this.#retired].filter(({ route }) => route.place === place);
    const move = new Move(held, others);
    this.#moves.set(place, move);
    return move;
  }

  /** All is as it was before the calls were held. */
  #giveUp(place: string, { held }: Move): void {
    this.#moves.delete(place);
    for (const [routeKey, each] of held) if (each.isOpen) this.#open.set(routeKey, each);
    this.#resume(place);
  }

  async #move(place: string, move: Move, reached: Reached, signal: AbortSignal): Promise<void> {
    try {
      await move.quiet(signal, () => this.#arrive(place, move, reached));
    } catch (cause) {
      const count = move.pendingCount;
      discard(reached.by, "calls stay where they were");
      this.#giveUp(place, move);
      this.#limits.throwIfEnded();
      const text = `calls to ${place} stay there: ${count} replies are outstanding`;
      throw new TIMEOUT(text, MINOR.none, Completion.no, { cause });
    }
  }

  #arrive(place: string, move: Move, { to, by }: Reached): void {
    this.#moves.delete(place);
    this.#point(place, to);
    if (this.#reserved.get(place) === by) this.#reserved.delete(place);
    const route = this.#routeAt(place, move);
    if (route === undefined) discard(by, "no call wants it");
    else if (!(by instanceof ClientConnection)) this.#opened(by, route, to);
    else if (by.route.routeKey === route.routeKey) this.#installed(by);
    else by.close("calls to the place are of another kind");
    for (const connection of move.held.values()) connection.leave(`${place} was redirected`);
    this.#env.log.debug("redirected", { from: place, to: placeOf(to) });
    this.#resume(place);
  }

  /** Whose the new connection is: that of one it takes the place of, or of a call that waits for one. */
  #routeAt(place: string, { held }: Move): Route | undefined {
    const [first] = held.values();
    if (first !== undefined) return first.route;
    return [...this.#attempts.values()].find(({ route }) => route.place === place)?.route;
  }

  #point(place: string, to: Endpoint): void {
    if (placeOf(to) === place) this.#redirected.delete(place);
    else this.#redirected.set(place, to);
  }

  /** Those who wanted connections while calls to the place were held. */
  #resume(place: string): void {
    const waiting = [...this.#attempts.values()].filter(({ route }) => route.place === place);
    for (const attempt of waiting) {
      const open = this.#open.get(attempt.route.routeKey);
      if (open === undefined) {
        this.#dial(attempt);
      } else {
        this.#forget(attempt);
        attempt.finish((waiter) => waiter.connected(open));
      }
    }
  }

  #openAt(place: string): readonly ClientConnection[] {
    return [...this.#open.values()].filter(({ route }) => route.place === place);
  }

  #forget(attempt: ConnectAttempt): void {
    const { routeKey } = attempt.route;
    if (this.#attempts.get(routeKey) === attempt) this.#attempts.delete(routeKey);
  }

  #dial(attempt: ConnectAttempt): void {
    const { route, signal } = attempt;
    const to = this.#redirected.get(route.place) ?? route;
    this.#env.transport.connect(to, signal).then(
      (channel) => this.#connected(attempt, channel, to),
      (cause: unknown) => {
        if (to !== route && !signal.aborted) {
          if (this.#redirected.get(route.place) === to) this.#redirected.delete(route.place);
          this.#dial(attempt);
          return;
        }
        this.#forget(attempt);
        attempt.finish((waiter) => waiter.failed(cause, false));
      },
    );
  }

  #connected(attempt: ConnectAttempt, channel: Channel, to: Endpoint): void {
    const { route, signal } = attempt;
    if (signal.aborted) {
      channel.destroy();
      this.#forget(attempt);
      attempt.finish((waiter) => waiter.failed(signal.reason, false));
      return;
    }
    // Meanwhile the place has come to lead elsewhere, or is about to.
    const isMoving = this.#moves.has(route.place);
    if (isMoving || (this.#redirected.get(route.place) ?? route) !== to) {
      channel.destroy();
      if (!isMoving) this.#dial(attempt);
      return;
    }
    const connection = this.#opened(channel, route, to);
    this.#forget(attempt);
    attempt.finish((waiter) => waiter.connected(connection));
  }

  #opened(channel: Channel, route: Route, at: Endpoint): ClientConnection {
    return this.#installed(new ClientConnection(channel, route, this.#env, this, { at }));
  }

  #installed(connection: ClientConnection): ClientConnection {
    this.#open.set(connection.route.routeKey, connection);
    this.#announce(connection);
    return connection;
  }

  #announce(connection: ClientConnection): void {
    this.#idle.start();
    this.#env.log.debug("connected", { peer: connection.peer });
    traceConnection(TRACE.connectionOpen, this.#traceOf(connection));
    this.#tell((watch) => watch.opened?.(connection));
  }

  #traceOf({ peer }: ClientConnection): ConnectionTrace {
    return { origin: this.#env.context, side: "client", peer };
  }

  #tell(what: (watch: ConnectionWatch) => void): void {
    for (const watch of this.#watches) {
      try {
        what(watch);
      } catch (error) {
        this.#env.log.warn("a connection watch failed", { error });
      }
    }
  }

  replied(
    connection: ClientConnection,
    contexts: readonly ServiceContext[],
    objectKey: Uint8Array | undefined,
  ): void {
    if (this.#watches.length === 0) return;
    this.#announceNow(connection);
    this.#tell((watch) => watch.replied?.(connection, contexts, objectKey));
  }

  quiet(connection: ClientConnection): void {
    if (this.isReserved(connection)) return;
    if (this.#moves.size > 0) this.#moves.get(connection.route.place)?.look();
    if (this.#watches.length > 0) this.#tell((watch) => watch.quiet?.(connection));
  }

  retired(connection: ClientConnection): void {
    const { routeKey } = connection.route;
    if (this.#open.get(routeKey) === connection) this.#open.delete(routeKey);
    this.#retired.add(connection);
  }

  ended(connection: ClientConnection, end: ConnectionEnd): void {
    this.#announceNow(connection);
    const { routeKey, place } = connection.route;
    if (this.#open.get(routeKey) === connection) this.#open.delete(routeKey);
    this.#retired.delete(connection);
    this.#moves.get(place)?.gone(connection);
    this.#ending.add(connection);
    void connection.gone.then(() => this.#ending.delete(connection));
    if (this.isReserved(connection)) {
      this.#reserved.delete(place);
      return;
    }
    // One that was left for being idle needs no successor.
    if (end.kind === "left" && this.#openAt(place).length === 0 && !this.#moving.has(place)) {
      this.#reserved.get(place)?.close("nobody calls the place any more");
    }
    traceConnection(TRACE.connectionClose, this.#traceOf(connection));
    this.#tell((watch) => watch.broken?.(connection, end));
  }
}

function discard(by: Reached["by"], why: string): void {
  if (by instanceof ClientConnection) by.close(why);
  else by.destroy();
}
