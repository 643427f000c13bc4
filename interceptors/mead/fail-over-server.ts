import type { IOP } from "../../idl/index.ts";
import { type Clock, systemClock } from "../../orb/base/index.ts";
import { forwardForm } from "../../orb/hook/index.ts";
import { BAD_PARAM, NeedsAddressingMode } from "../../orb/index.ts";
import {
  ForwardForGood,
  type ORBInitInfo,
  type ORBInitializer,
  type ServerRequestInfo,
  type ServerRequestInterceptor,
} from "../portable/index.ts";
import { PortableInterceptor } from "../../idl/index.ts";
import { failOverContext } from "./fail-over-message.ts";
import type { Replica } from "./gen/Mead.ts";

/**
 * How a server moves its clients before it is gone: by a message with a reply, by forwarding each request, or by having
 * the client ask where its object is now.
 */
export type ServerScheme = "message" | "forward" | "addressing";

export interface FailOverServerOptions {
  /** In the order in which they are tried on a connection; message, then forward by default. */
  readonly schemes?: readonly ServerScheme[];
  /**
   * Milliseconds a connection is given to leave after a message; one on which calls still come then is taken to pass over
   * messages, and the next scheme is tried on it. 100 by default.
   */
  readonly patienceMs?: number;
  readonly clock?: Pick<Clock, "nowMs">;
}

/** Connections that are remembered as told; beyond, the one longest silent is told again. */
const TOLD_CONNECTIONS = 16_384;
const PATIENCE_MS = 100;

/** The messages about one list of replicas. */
interface Written {
  readonly replicas: readonly Replica[];
  readonly stay: IOP.ServiceContext;
  readonly leave: IOP.ServiceContext;
}

/** What a connection has heard. */
interface Told {
  /** Which message was the last. */
  readonly number: number;
  readonly atMs: number;
}

/**
 * Moves the clients of an ORB to where else its objects are, under the same keys: `portable([server])`. Other ORBs pass over
 * the message, and are forwarded; the clients of `FailOverClient` and those above the library of native/shim follow it,
 * without an exception, when they are told to or when this server is gone. After Pertet and Narasimhan, "Proactive
 * Recovery in Distributed CORBA Applications" (DSN 2004).
 */
export class FailOverServer implements ORBInitializer, ServerRequestInterceptor {
  readonly name = "orbweaver.fail-over";
  readonly #schemes: readonly ServerScheme[];
  readonly #patienceMs: number;
  readonly #clock: Pick<Clock, "nowMs">;
  /** By connection. */
  readonly #told: Map<string, Told> = new Map();
  #message: IOP.ServiceContext | undefined;
  #written: Written | undefined;
  readonly #ask: IOP.ServiceContext = failOverContext({ moves: true, replicas: [] });
  /** Where clients are to go; undefined while they may stay. */
  #places: readonly { readonly host: string; readonly port: number }[] | undefined;
  #number = 0;
  #lastCallMs: number;
  #forwardedCount = 0;

  /** @throws BAD_PARAM for no scheme, or one that is given twice */
  constructor(options: FailOverServerOptions = {}) {
    const {
      schemes = ["message", "forward"],
      patienceMs = PATIENCE_MS,
      clock = systemClock,
    } = options;
    if (schemes.length === 0 || new Set(schemes).size < schemes.length) {
      throw new BAD_PARAM(
        `schemes are some of message, forward and addressing, each once, not [${schemes.join(", ")}]`,
      );
    }
    this.#schemes = schemes;
    this.#patienceMs = patienceMs;
    this.#clock = clock;
    this.#lastCallMs = clock.nowMs();
  }

  /** To be called by `ORB_init`. */
  pre_init(info: ORBInitInfo): void {
    info.add_server_request_interceptor(this);
  }

  /**
   * From now on clients know these places, and stay.
   * @param replicas numbers, not names, in the order in which they are to be tried; none: nothing is told any more
   * @throws MARSHAL for more than 8
   */
  know(replicas: readonly Replica[]): void {
    this.#tell(replicas, false);
  }

  /** From now on each client goes to the first of these that answers. @throws MARSHAL for more than 8 */
  move(replicas: readonly Replica[]): void {
    this.#tell(replicas, true);
  }

  /** Connections that have heard the latest message. */
  get toldCount(): number {
    let count = 0;
    for (const { number } of this.#told.values()) if (number === this.#number) count++;
    return count;
  }

  /** Requests that were answered with another place, and not executed. */
  get forwardedCount(): number {
    return this.#forwardedCount;
  }

  /** Milliseconds since the last request of a client that shall go, or since it shall: whether they are gone. */
  get quietMs(): number {
    return this.#clock.nowMs() - this.#lastCallMs;
  }

  /** The clients of the connection may stay, or hear that they may not with an answer. */
  passes(connectionId: string): boolean {
    if (this.#places === undefined) return true;
    const scheme = this.#schemeFor(connectionId);
    return scheme === "message" || scheme === undefined;
  }

  /** The message, once for each connection, with the first answer that leaves. */
  tells(connectionId: string): (() => IOP.ServiceContext | undefined) | undefined {
    if (this.#places !== undefined) this.#lastCallMs = this.#clock.nowMs();
    if (this.#message === undefined || this.#hasHeard(connectionId)) return undefined;
    return () => this.#tellOnce(connectionId);
  }

  receive_request_service_contexts(ri: ServerRequestInfo): void {
    if (this.#places === undefined || !ri.response_expected) return;
    this.#lastCallMs = this.#clock.nowMs();
    switch (this.#schemeFor(ri._connectionId)) {
      case "forward":
        this.#forward(ri);
        return;
      case "addressing":
        this.#readdress(ri);
        return;
      case "message":
      case undefined:
    }
  }

  send_reply(ri: ServerRequestInfo): void {
    this.#add(ri);
  }

  send_exception(ri: ServerRequestInfo): void {
    this.#add(ri);
  }

  send_other(ri: ServerRequestInfo): void {
    this.#add(ri);
  }

  #tell(replicas: readonly Replica[], moves: boolean): void {
    const isTold = replicas.length > 0 && this.#schemes.includes("message");
    this.#message = isTold ? this.#messageOf(replicas, moves) : undefined;
    this.#number++;
    const places = replicas.map(({ host, port_number: port }) => ({ host, port }));
    this.#places = moves && places.length > 0 ? places : undefined;
    this.#lastCallMs = this.#clock.nowMs();
  }

  // Those that clients know are mostly those that they are sent to, and calls wait for the latter: both are written at once.
  #messageOf(replicas: readonly Replica[], moves: boolean): IOP.ServiceContext {
    if (this.#written === undefined || !areSame(this.#written.replicas, replicas)) {
      const stay = failOverContext({ moves: false, replicas });
      const leave = failOverContext({ moves: true, replicas });
      this.#written = { replicas: replicas.map((each) => ({ ...each })), stay, leave };
    }
    return moves ? this.#written.leave : this.#written.stay;
  }

  #schemeFor(connection: string): ServerScheme | undefined {
    const told = this.#told.get(connection);
    const isHeard = told?.number === this.#number;
    const isDeaf = isHeard && this.#clock.nowMs() - told.atMs >= this.#patienceMs;
    return this.#schemes.find((scheme) => scheme !== "message" || !isDeaf);
  }

  #forward(ri: ServerRequestInfo): void {
    const form = forwardForm(ri._client, ri._giopMinor);
    // Moved by the end of its connection.
    if (form === "none") return;
    this.#forwardedCount++;
    const forward = ri._elsewhere(this.#places ?? []);
    if (form === "permanent") throw new ForwardForGood({ forward });
    throw new PortableInterceptor.ForwardRequest({ forward });
  }

  /** Once: a client that names its object by a profile has asked, and found nothing better. */
  #readdress(ri: ServerRequestInfo): void {
    if (ri._giopMinor < 2 || ri.target_named_by !== "key") return;
    this.#forwardedCount++;
    ri.add_reply_service_context(this.#ask, true);
    throw new NeedsAddressingMode("profile");
  }

  #add(ri: ServerRequestInfo): void {
    if (!ri.response_expected) return;
    const message = this.#tellOnce(ri._connectionId);
    if (message !== undefined) ri.add_reply_service_context(message, true);
  }

  #hasHeard(connection: string): boolean {
    return this.#told.get(connection)?.number === this.#number;
  }

  #tellOnce(connection: string): IOP.ServiceContext | undefined {
    const message = this.#message;
    if (message === undefined || this.#hasHeard(connection)) return undefined;
    this.#told.delete(connection);
    this.#told.set(connection, { number: this.#number, atMs: this.#clock.nowMs() });
    if (this.#told.size > TOLD_CONNECTIONS) {
      const [oldest] = this.#told.keys();
      if (oldest !== undefined) this.#told.delete(oldest);
    }
    return message;
  }
}

function areSame(some: readonly Replica[], others: readonly Replica[]): boolean {
  if (some.length !== others.length) return false;
  return some.every(({ host, port_number }, i) => {
    const other = others[i];
    return other?.port_number === port_number && other.host === host;
  });
}
