import { PortableInterceptor } from "../../idl/index.ts";
import { decapsulate } from "../../orb/generated.ts";
import {
  COMM_FAILURE,
  Completion,
  type Endpoint,
  MINOR,
  type SystemException,
  TRANSIENT,
} from "../../orb/index.ts";
import type { ClientRequestInfo } from "../portable/index.ts";
import type { FailOverScheme } from "./schemes.ts";

/** Tag of a profile of IIOP. */
const INTERNET_IOP = 0;
/** Times that one call is made again: a server may be lost again while its clients are on their way to the next. */
const MAX_REPETITIONS = 3;

/** A server that was not reached. */
interface Unreached {
  readonly route: Endpoint & { readonly place: string };
  readonly at: Endpoint;
  readonly peer: string;
}

/** Calls that are made again where the loss of a server would end them, by the standard's interceptors alone. */
export class Repetitions {
  readonly #repeats: ((operation: string) => boolean) | undefined;
  readonly #search: (lost: Unreached) => boolean;
  /** How often, by request id, for calls that were repeated and have not ended. */
  readonly #repeated: Map<number, number> = new Map();

  /** @param search has calls to a server wait until another is found; whether they do */
  constructor(schemes: readonly FailOverScheme[], search: (lost: Unreached) => boolean) {
    const some = schemes.flatMap(({ repeats }) => repeats ?? []);
    this.#repeats = some.length === 0 ? undefined : (name) => some.some((one) => one(name));
    this.#search = search;
  }

  /** The call is answered. */
  ended(ri: ClientRequestInfo): void {
    if (this.#repeated.size > 0) this.#repeated.delete(ri.request_id);
  }

  /** @throws ForwardRequest where the call is to be made again */
  failed(ri: ClientRequestInfo): void {
    const error = ri._raised;
    const isUnreached = error instanceof TRANSIENT && isConnectFailure(error);
    const isLost = error instanceof COMM_FAILURE && error.completed === Completion.maybe;
    if (isUnreached) this.#searchFor(ri);
    const may = isLost ? this.#repeats?.(ri.operation) === true : isUnreached;
    const times = this.#repeated.get(ri.request_id) ?? 0;
    if (this.#repeats !== undefined && may && times < MAX_REPETITIONS && ri.response_expected) {
      this.#repeated.set(ri.request_id, times + 1);
      throw new PortableInterceptor.ForwardRequest({ forward: ri.target });
    }
    this.ended(ri);
  }

  #searchFor(ri: ClientRequestInfo): void {
    const { tag, profile_data } = ri.effective_profile;
    if (tag !== INTERNET_IOP) return;
    const at = decapsulate(profile_data, (input) => {
      input.octet();
      input.octet();
      return { host: input.string(), port: input.ushort() };
    });
    const place = `${at.host}:${at.port}`;
    this.#search({ route: { ...at, place }, at, peer: place });
  }
}

function isConnectFailure({ minor }: SystemException): boolean {
  return minor === MINOR.connectFailed || minor === MINOR.connectTimedOut;
}
