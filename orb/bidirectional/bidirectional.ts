import type { GiopMessage, ServiceContext } from "../giop/index.ts";
import {
  type BidirectionalPort,
  ClientConnection,
  ENTRANCE,
  type IiopEnvironment,
  type Lender,
  oneWay,
  type RequestHandler,
  type Route,
  ServerConnection,
} from "../iiop/index.ts";
import { type Channel, type Endpoint, placeOf } from "../transport/index.ts";
import { listenPointsContext, readListenPoints } from "./listen-points.ts";
import { SharedChannel } from "./shared-channel.ts";

/** Ids of requests by who opened the connection they go over: even, or odd for the other side. */
const FIRST_REVERSE_ID = 1;

function nothing(): void {
  return undefined;
}

/** The calling half of a connection that a client opened. */
class Reverse {
  readonly connection: ClientConnection;
  readonly #shared: SharedChannel;

  constructor(channel: Channel, route: Route, env: IiopEnvironment) {
    this.#shared = new SharedChannel(channel);
    const owner = { replied: nothing, quiet: nothing, retired: nothing, ended: nothing };
    const firstId = FIRST_REVERSE_ID;
    this.connection = new ClientConnection(this.#shared, route, env, owner, { firstId });
  }

  receive(message: GiopMessage): void {
    this.connection.receive(message);
  }

  drained(): void {
    this.#shared.drained();
  }

  closed(): void {
    this.#shared.closed();
  }
}

/** The serving half of a connection that this ORB opened. */
class Serving {
  readonly #shared: SharedChannel;
  readonly #connection: ServerConnection;

  constructor(channel: Channel, id: string, env: IiopEnvironment, handler: RequestHandler) {
    this.#shared = new SharedChannel(channel);
    this.#connection = new ServerConnection(this.#shared, env, handler, id, ENTRANCE.main, nothing);
  }

  receive(message: GiopMessage): void {
    this.#connection.receive(message);
  }

  drained(): void {
    this.#shared.drained();
  }

  closed(): void {
    this.#shared.closed();
  }
}

/** Whether peers may call over connections this ORB opened, and this ORB over those that clients opened. */
export type BidirectionalMode = "none" | "offer" | "accept" | "both";

/**
 * Bidirectional GIOP (CORBA 3.3 Part 2, 9.8): requests in both directions of one connection, from 1.2 on. The
 * side that opened it names its listen points; the other one calls objects at these points over the connection.
 */
export class Bidirectional implements BidirectionalPort {
  readonly #handler: () => RequestHandler;
  readonly #points = new Map<string, Endpoint>();
  /** By listen point; of several connections that named it, the latest. */
  readonly #lenders = new Map<string, Lender>();
  readonly #reverses = new WeakMap<Lender, Reverse>();
  #isOffering: boolean;
  #isAccepting: boolean;
  #context: ServiceContext | undefined;
  #revision = 0;
  #servingCount = 0;

  /** @param handler asked when the first request comes */
  constructor(mode: BidirectionalMode, handler: () => RequestHandler) {
    this.#isOffering = mode === "offer" || mode === "both";
    this.#isAccepting = mode === "accept" || mode === "both";
    this.#handler = handler;
  }

  get revision(): number {
    return this.#isOffering ? this.#revision : 0;
  }

  get isAccepting(): boolean {
    return this.#isAccepting;
  }

  /** The BidirectionalPolicy BOTH of a POA: its ORB offers and accepts. */
  allow(): void {
    this.#isOffering = true;
    this.#isAccepting = true;
  }

  /** Adds what references of this ORB name. */
  addPoints(points: readonly Endpoint[]): void {
    for (const point of points) this.#points.set(placeOf(point), point);
    if (this.#points.size === 0) return;
    this.#context = listenPointsContext([...this.#points.values()]);
    this.#revision++;
  }

  offer(): ServiceContext | undefined {
    return this.#isOffering ? this.#context : undefined;
  }

  serve(channel: Channel, env: IiopEnvironment): Serving {
    const id = `${channel.peer}#reverse${++this.#servingCount}`;
    // The peer has the odd ids: calls of its own direction must not be lent to anybody.
    return new Serving(channel, id, { ...env, bidirectional: oneWay(this) }, this.#handler());
  }

  accept(data: Uint8Array, lender: Lender): readonly string[] {
    const names = readListenPoints(data).map(placeOf);
    for (const name of names) this.#lenders.set(name, lender);
    return names;
  }

  forget(names: Iterable<string>, lender: Lender): void {
    for (const name of names) {
      if (this.#lenders.get(name) === lender) this.#lenders.delete(name);
    }
  }

  /** The connection that the process behind an address opened to this ORB, if there is one. */
  borrow(route: Route, env: IiopEnvironment): ClientConnection | undefined {
    if (this.#lenders.size === 0 || route.minor < 2) return undefined;
    const lender = this.#lenders.get(route.place);
    if (lender?.isOpen !== true) return undefined;
    let reverse = this.#reverses.get(lender);
    if (reverse?.connection.isOpen !== true) {
      reverse = new Reverse(lender.channel, route, env);
      lender.attach(reverse);
      this.#reverses.set(lender, reverse);
    }
    // Code sets are agreed on once a connection.
    const { charSet, wcharSet } = reverse.connection.route;
    const isAlike = charSet === route.charSet && wcharSet === route.wcharSet;
    return isAlike ? reverse.connection : undefined;
  }
}
