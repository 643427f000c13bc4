import { IIOP, PortableInterceptor } from "../../idl/index.ts";
import {
  FAILED_PLACES,
  type ORBInitInfo,
  type ORBInitializer,
  type ServerRequestInfo,
  type ServerRequestInterceptor,
} from "../../interceptors/index.ts";
import { decapsulate } from "../../orb/generated.ts";
import {
  BAD_PARAM,
  Completion,
  describeReference,
  MARSHAL,
  MINOR,
  type ObjectReference,
  TRANSIENT,
} from "../../orb/index.ts";

/** Octets of places that one request may tell of. */
const MOST_OCTETS = 65_536;
const MOST_PLACES = 32;

/** A place by what a profile says of it: `HOST:PORT/KEY`. */
function placeOf(host: string, port: number, key: Uint8Array): string {
  return `${host}:${port}/${Buffer.from(key).toString("hex")}`;
}

/** Where a reference leads, by its IIOP profiles. */
export function placesOf(reference: string): readonly string[] {
  return describeReference(reference).profiles.flatMap(({ iiop }) =>
    iiop === undefined ? [] : [placeOf(iiop.host, iiop.port, iiop.objectKey)],
  );
}

function failedPlaces(data: Uint8Array): readonly string[] {
  if (data.length > MOST_OCTETS)
    throw new MARSHAL(`failed places: ${MOST_OCTETS} octets are allowed, not ${data.length}`);
  return decapsulate(data, (input) => {
    const count = input.ulong();
    if (count > MOST_PLACES)
      throw new MARSHAL(`failed places: ${MOST_PLACES} are allowed, not ${count}`);
    return Array.from({ length: count }, () => {
      const { host, port, object_key } = decapsulate(
        input.octetSequence(),
        IIOP.readProfileBody_1_0,
      );
      return placeOf(host, port, object_key);
    });
  });
}

/** Knows where else an object is. */
export type Locate = (failed: readonly string[]) => ObjectReference | undefined;

/**
 * The manager's side of the reactive strategy: a request that tells where it was in vain is forwarded to the best other
 * place of its object. For the ORB that the manager is in: `portable([locator])`.
 */
export class FailoverLocator implements ORBInitializer, ServerRequestInterceptor {
  readonly name = "orbweaver.failover-locator";
  #locate: Locate | undefined;

  /** To be called by `ORB_init`. */
  pre_init(info: ORBInitInfo): void {
    info.add_server_request_interceptor(this);
  }

  /** Internal: the manager is there. */
  attach(locate: Locate | undefined): void {
    this.#locate = locate;
  }

  receive_request_service_contexts(ri: ServerRequestInfo): void {
    const locate = this.#locate;
    const data = locate === undefined ? undefined : contextOf(ri);
    if (locate === undefined || data === undefined) return;
    const forward = locate(failedPlaces(data));
    if (forward !== undefined) throw new PortableInterceptor.ForwardRequest({ forward });
    const text = "the replication manager knows no other place of the object";
    throw new TRANSIENT(text, MINOR.none, Completion.no);
  }
}

function contextOf(ri: ServerRequestInfo): Uint8Array | undefined {
  try {
    return ri.get_request_service_context(FAILED_PLACES).context_data;
  } catch (thrown) {
    if (thrown instanceof BAD_PARAM) return undefined;
    throw thrown;
  }
}
