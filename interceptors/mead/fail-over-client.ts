import { atTurnEnd, systemClock } from "../../orb/base/index.ts";
import {
  BAD_INV_ORDER,
  type Clock,
  type ConnectionEnd,
  type ConnectionWatch,
  type Endpoint,
  type Logger,
  type NextPlace,
  type OpenConnections,
  type RedirectOptions,
  type WatchedConnection,
} from "../../orb/index.ts";
import { isSamePlace } from "../../orb/hook/index.ts";
import { failOverContext, failOverIn } from "./fail-over-message.ts";
import { FAIL_OVER, type FailOver, type Replica } from "./gen/Mead.ts";
import type {
  ClientRequestInfo,
  ClientRequestInterceptor,
  ORBInitializer,
  ORBInitInfo,
} from "../portable/index.ts";
import { Repetitions } from "./repetitions.ts";
import { addressesIn, type FailOverScheme, type LostServer, Messages } from "./schemes.ts";

export interface FailOverClientOptions {
  /** The strongest first; `[new Messages()]` by default. */
  readonly schemes?: readonly FailOverScheme[];
  /** Milliseconds for one replica: to connect and to answer, and for the replies that are still outstanding. 1,000 by default. */
  readonly timeoutMs?: number;
  /**
   * Whether a connection to the replica that would be next is opened in advance, and lies idle until then: going there takes
   * no longer than a call. Schemes that ask do so then, and again only where that replica is gone, too. It costs each replica
   * a connection for each client of another. Not by default.
   */
  readonly isPrepared?: boolean;
  readonly clock?: Clock;
  /** Told of moves, and of messages that cannot be read; nobody by default. */
  readonly logger?: Pick<Logger, "info" | "warn">;
}

const TIMEOUT_MS = 1_000;
/** Milliseconds from when a client has come to a server, or has heard of others, until it prepares to go to one of these. */
const PREPARE_AFTER_MS = 10;

type Places = readonly Endpoint[];

/** A server, as references name it, and where its connection led. */
interface Lost {
  readonly route: Endpoint & { readonly place: string };
  readonly at: Endpoint;
  readonly peer: string;
}

/** Where the calls of a connection would go. */
interface Prepared {
  readonly to: Endpoint;
  /** The octets of the message that would send them there; undefined where nobody said that one may come. */
  readonly away: Uint8Array | undefined;
}

/**
 * Goes on elsewhere when its server says so, or is gone: `ORB_init(args, { connectionWatch: client, initializers:
 * portable([client]) })`, of which schemes that never repeat a call need the first alone. No request is sent twice that no
 * scheme allows to be repeated, and none that is outstanding is given up for a move. One of each ORB.
 */
export class FailOverClient implements ConnectionWatch, ORBInitializer, ClientRequestInterceptor {
  readonly name = "orbweaver.fail-over";
  readonly #schemes: readonly FailOverScheme[];
  readonly #timeoutMs: number;
  readonly #isPrepared: boolean;
  readonly #clock: Clock;
  readonly #logger: Pick<Logger, "info" | "warn"> | undefined;
  readonly #messages: Messages | undefined;
  /** Whether a scheme tells where others are without having been told by a server. */
  readonly #asks: boolean;
  readonly #repetitions: Repetitions;
  /** Places whose servers said that calls are to leave, and from which they will when another one has answered. */
  readonly #leaving: Set<string> = new Set();
  /** Places from which calls wait for another one. */
  readonly #seeking: Set<string> = new Set();
  /** By connection that is reserved. */
  readonly #ahead: WeakMap<WatchedConnection, FailOver> = new WeakMap();
  readonly #prepared: WeakMap<Lost, Prepared> = new WeakMap();
  #connections: OpenConnections | undefined;

  constructor(options: FailOverClientOptions = {}) {
    const { schemes = [new Messages()], timeoutMs = TIMEOUT_MS, isPrepared = false } = options;
    this.#schemes = schemes;
    this.#timeoutMs = timeoutMs;
    this.#isPrepared = isPrepared;
    this.#clock = options.clock ?? systemClock;
    this.#logger = options.logger;
    this.#messages = schemes.find((scheme) => scheme instanceof Messages);
    this.#asks = schemes.some((scheme) => scheme !== this.#messages);
    this.#repetitions = new Repetitions(schemes, (lost) => this.#search(lost, []));
  }

  /** To be called by `ORB_init`. */
  attach(connections: OpenConnections): void {
    this.#connections = connections;
  }

  /** To be called by `ORB_init`. */
  pre_init(info: ORBInitInfo): void {
    info.add_client_request_interceptor(this);
  }

  replied(
    connection: WatchedConnection,
    contexts: readonly { readonly id: number; readonly data: Uint8Array }[],
    objectKey: Uint8Array | undefined,
  ): void {
    const context = contexts.find(({ id }) => id === FAIL_OVER);
    if (context === undefined) return;
    const prepared = this.#prepared.get(connection);
    if (prepared?.away !== undefined && isSame(prepared.away, context.data)) {
      atTurnEnd(() => this.#leave(connection, prepared.to, objectKey));
      return;
    }
    const message = this.#read(connection, context.data);
    if (message === undefined) return;
    // What a server says on a connection that is reserved holds from when calls go there.
    if (this.#connections?.isReserved(connection) === true) this.#ahead.set(connection, message);
    else this.#heard(connection, message, objectKey);
  }

  opened(connection: WatchedConnection): void {
    const message = this.#ahead.get(connection);
    if (message !== undefined) this.#heard(connection, message);
    if (this.#isPrepared && this.#asks) this.#prepareLater(connection);
  }

  #heard(connection: WatchedConnection, message: FailOver, objectKey?: Uint8Array): void {
    if (message.replicas.length === 0) {
      // The server answers NEEDS_ADDRESSING_MODE with it: the call is made again when it is known where.
      this.#search(connection, [connection.at]);
      return;
    }
    if (this.#messages === undefined) return;
    this.#messages.learn(connection.route.place, message.replicas);
    // When the call that brought it has its reply, and before what it calls next.
    const first = firstBeside(connection.at, message.replicas);
    if (message.moves) atTurnEnd(() => this.#leave(connection, first, objectKey));
    else if (this.#isPrepared) this.#prepareLater(connection);
  }

  broken(connection: WatchedConnection, { kind }: ConnectionEnd): void {
    if (kind === "left" || (kind === "lost" && this.#isFollowed(connection))) return;
    // One that closed in good order may be there still: nobody else is asked before it was.
    this.#search(connection, kind === "lost" ? [connection.at] : []);
  }

  receive_reply(ri: ClientRequestInfo): void {
    this.#repetitions.ended(ri);
  }

  /** @throws ForwardRequest to the same reference, whose calls wait until it is known where it leads */
  receive_exception(ri: ClientRequestInfo): void {
    this.#repetitions.failed(ri);
  }

  #read(connection: WatchedConnection, data: Uint8Array): FailOver | undefined {
    try {
      return failOverIn(data);
    } catch (error) {
      this.#logger?.warn("a fail-over message cannot be read", { peer: connection.peer, error });
      return undefined;
    }
  }

  // Not at once: the client may have come here a moment ago, and its calls are to be made first.
  #prepareLater(connection: WatchedConnection): void {
    const prepare = (): void => void this.#prepare(connection);
    this.#clock.timer(PREPARE_AFTER_MS, prepare).unref();
  }

  /** The first that can be had of those to which a loss would lead. */
  async #prepare(connection: WatchedConnection): Promise<void> {
    const { route, at, peer } = connection;
    if (this.#connections === undefined || !connection.isOpen) return;
    if (this.#leaving.has(route.place)) return;
    try {
      const next = this.#places(connection, [at]);
      const to = await this.#connections.reserve(route, next, this.#limit);
      this.#prepared.set(connection, { to, away: this.#awayTo(to, connection) });
    } catch (error) {
      this.#logger?.warn("no replica is prepared", { from: peer, error });
    }
  }

  /** What its server would say; it is known by its octets then, which is a tenth of the time to read it. */
  #awayTo(to: Endpoint, { route, at }: Lost): Uint8Array | undefined {
    const replicas = this.#messages?.knownAt(route.place) ?? [];
    const first = firstBeside(at, replicas);
    if (first === undefined || !isSamePlace(first, to)) return undefined;
    return failOverContext({ moves: true, replicas: [...replicas] }).context_data;
  }

  /** At once where that is prepared; else when what is called next has left, for to connect takes as long as some calls. */
  #leave(
    connection: WatchedConnection,
    to: Endpoint | undefined,
    objectKey: Uint8Array | undefined,
  ): void {
    const { route, peer } = connection;
    if (to !== undefined && this.#connections?.swap(route, to) === true) this.#moved(peer, to);
    else setImmediate(() => void this.#move(connection, objectKey));
  }

  /** To the first that has the object that was called, and says so; until that, and where there is none, all stays as it was. */
  async #move(connection: WatchedConnection, objectKey: Uint8Array | undefined): Promise<void> {
    const { place } = connection.route;
    // One that was lost since is sought for already.
    if (!connection.isOpen || this.#leaving.has(place) || this.#seeking.has(place)) return;
    this.#leaving.add(place);
    try {
      for (const to of addressesIn(this.#messages?.knownAt(place) ?? [])) {
        if (isSamePlace(to, connection.at)) continue;
        const isOver =
          (await this.#redirect(connection, to, objectKey)) || this.#seeking.has(place);
        if (isOver) return;
      }
    } finally {
      this.#leaving.delete(place);
    }
  }

  #moved(from: string, { host, port }: Endpoint): void {
    this.#logger?.info("calls go to a replica", { from, to: `${host}:${port}` });
  }

  async #redirect(
    { route, peer }: Lost,
    to: Endpoint,
    objectKey: Uint8Array | undefined,
  ): Promise<boolean> {
    try {
      await this.#connections?.redirect(route, to, { timeoutMs: this.#timeoutMs, objectKey });
      this.#moved(peer, to);
      return true;
    } catch (error) {
      if (this.#seeking.has(route.place)) return false;
      const place = `${to.host}:${to.port}`;
      this.#logger?.warn("a replica is not reached", { from: peer, to: place, error });
      return false;
    }
  }

  /** For all schemes together. */
  get #limit(): RedirectOptions {
    return { timeoutMs: this.#timeoutMs * Math.max(1, this.#schemes.length) };
  }

  /** At once, where what would be tried first is prepared: the calls that were lost need not wait, nor those that come next. */
  #isFollowed(lost: Lost): boolean {
    const { route, at, peer } = lost;
    const prepared = this.#prepared.get(lost);
    if (prepared === undefined) return false;
    const to = firstBeside(at, this.#messages?.knownAt(route.place) ?? []) ?? prepared.to;
    if (this.#connections?.swap(route, to) !== true) return false;
    this.#moved(peer, to);
    return true;
  }

  /**
   * Calls to a server wait from now on, until one of the schemes has named a place that answers. When none has, the server
   * itself is called.
   * @param gone where nobody is any more
   * @returns whether calls wait
   */
  #search(lost: Lost, gone: readonly Endpoint[]): boolean {
    const { place } = lost.route;
    if (this.#seeking.has(place)) return true;
    if (this.#connections === undefined) return false;
    if (!this.#asks && (this.#messages?.knownAt(place) ?? []).length === 0) return false;
    void this.#seek(this.#connections, lost, gone);
    return true;
  }

  async #seek(connections: OpenConnections, lost: Lost, gone: readonly Endpoint[]): Promise<void> {
    const { route, peer } = lost;
    this.#seeking.add(route.place);
    try {
      const to = await connections.seek(route, this.#places(lost, gone), this.#limit);
      this.#moved(peer, to);
    } catch (error) {
      // They were about to leave, and do now that nothing is outstanding there any more.
      if (error instanceof BAD_INV_ORDER) return;
      this.#logger?.warn("no replica is reached", { from: peer, error });
    } finally {
      this.#seeking.delete(route.place);
    }
  }

  /**
   * Each place once, and none of those that are gone. What is known is given at once, and who is asked is asked at once: before
   * the calls that were lost hear of it.
   */
  #places(lost: Lost, gone: Places): NextPlace {
    const tried = [...gone];
    const candidates = this.#candidates(lost);
    let known: Places = [];
    const nextPlace: NextPlace = (signal) => {
      for (;;) {
        const place = known.find((one) => !tried.some((other) => isSamePlace(one, other)));
        if (place !== undefined) {
          tried.push(place);
          return place;
        }
        const found = candidates.shift()?.(signal);
        if (found === undefined) return undefined;
        if (found instanceof Promise) {
          return found.then((places) => {
            known = places;
            return nextPlace(signal);
          });
        }
        known = found;
      }
    };
    return nextPlace;
  }

  /**
   * What was told comes first; then where the connection led, whose server perhaps closed it and no more; then what was
   * answered in advance; then who is asked. The address of the reference is none of them when calls have left it: nobody goes back there but where no other is reached.
   */
  #candidates(lost: Lost): ((signal: AbortSignal) => Places | Promise<Places>)[] {
    const { host, port, place } = lost.route;
    const server: LostServer = { host, port, place, at: lost.at };
    const asked = this.#schemes.filter((scheme) => scheme !== this.#messages);
    return [
      () => addressesIn(this.#messages?.knownAt(place) ?? []),
      () => [lost.at],
      () => {
        const prepared = this.#prepared.get(lost);
        return prepared === undefined ? [] : [prepared.to];
      },
      ...asked.map((scheme) => (signal: AbortSignal) => this.#known(scheme, server, signal)),
    ];
  }

  #known(
    scheme: FailOverScheme,
    server: LostServer,
    signal: AbortSignal,
  ): Places | Promise<Places> {
    const nobody = (error: unknown): Places => {
      const { name } = scheme;
      const from = `${server.at.host}:${server.at.port}`;
      this.#logger?.warn("nobody says where the replicas are", { from, scheme: name, error });
      return [];
    };
    try {
      const found = scheme.replicas(server, signal);
      if (!(found instanceof Promise)) return addressesIn(found);
      return found.then(addressesIn).catch(nobody);
    } catch (error) {
      return nobody(error);
    }
  }
}

function firstBeside(at: Endpoint, replicas: readonly Replica[]): Endpoint | undefined {
  return addressesIn(replicas).find((place) => !isSamePlace(place, at));
}

function isSame(some: Uint8Array, others: Uint8Array): boolean {
  if (some.length !== others.length) return false;
  for (let i = 0; i < some.length; i++) if (some[i] !== others[i]) return false;
  return true;
}
