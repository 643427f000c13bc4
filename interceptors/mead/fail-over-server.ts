import type { IOP } from "../../idl/index.ts";
import type {
  ORBInitInfo,
  ORBInitializer,
  ServerRequestInfo,
  ServerRequestInterceptor,
} from "../portable/index.ts";
import { failOverContext } from "./fail-over-message.ts";
import type { Replica } from "./gen/Mead.ts";

/** Connections that are remembered as told; beyond, the one longest silent is told again. */
const TOLD_CONNECTIONS = 16_384;

/**
 * Tells clients, by service contexts of replies, where else the objects of an ORB are: `portable([server])`. Each
 * connection hears it once, with its next reply, and once more when it changes. Other ORBs pass over it; the clients of
 * `FailOverClient` and those above the library of native/shim go there, without an exception, when they are told to or
 * when this server is gone. After Pertet and Narasimhan, "Proactive Recovery in Distributed CORBA Applications" (DSN 2004).
 */
export class FailOverServer implements ORBInitializer, ServerRequestInterceptor {
  readonly name = "orbweaver.fail-over";
  /** By connection: which message it heard last. */
  readonly #told: Map<string, number> = new Map();
  #message: IOP.ServiceContext | undefined;
  #number = 0;

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

  /** From now on each client goes to the first of these that answers, after its next reply. @throws MARSHAL for more than 8 */
  move(replicas: readonly Replica[]): void {
    this.#tell(replicas, true);
  }

  /** Connections that have heard the latest message. */
  get toldCount(): number {
    let count = 0;
    for (const number of this.#told.values()) if (number === this.#number) count++;
    return count;
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
    this.#message = replicas.length === 0 ? undefined : failOverContext({ moves, replicas });
    this.#number++;
  }

  #add(ri: ServerRequestInfo): void {
    if (this.#message === undefined || !ri.response_expected) return;
    const connection = ri._connectionId;
    if (this.#told.get(connection) === this.#number) return;
    ri.add_reply_service_context(this.#message, true);
    this.#told.delete(connection);
    this.#told.set(connection, this.#number);
    if (this.#told.size <= TOLD_CONNECTIONS) return;
    const [oldest] = this.#told.keys();
    if (oldest !== undefined) this.#told.delete(oldest);
  }
}
