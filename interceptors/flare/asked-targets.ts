import type { IOP } from "../../idl/index.ts";
import { Any, type ObjectReference, tc } from "../../orb/index.ts";
import type { ClientRequestInfo, Codec, ORBInitInfo } from "../portable/index.ts";
import type { FailedPlace, FailoverTargets } from "./redirection.ts";

/** Service context of a request to the replication manager that is meant for an object elsewhere: the profiles where it was in vain. */
export const FAILED_PLACES = 0x4f57_0002;

/** The initial reference that the manager has, as in FT-CORBA. */
const MANAGER = "ReplicationManager";
const CDR = { format: 0, major_version: 1, minor_version: 2 } as const;
const PLACES = tc.sequence(tc.sequence(tc.octet));
/** More a call does not tell of: ten forwards end it. */
const MOST_PLACES = 32;

/**
 * The reactive strategy: who asks goes to the replication manager (`-ORBInitRef ReplicationManager=…`) when a place has
 * failed. The request itself goes there, with the failed places as a service context, and the manager forwards it: so
 * interception points, which must not wait, need not.
 */
export class AskedTargets implements FailoverTargets {
  readonly knowsGone = false;
  #manager: ObjectReference | undefined;
  #codec: Codec | undefined;

  /** To be called by `ORB_init`. */
  async begin(info: ORBInitInfo): Promise<void> {
    this.#codec = info.codec_factory.create_codec(CDR);
    this.#manager = await info.resolve_initial_references(MANAGER);
  }

  isGone(): boolean {
    return false;
  }

  next(failed: readonly ObjectReference[]): ObjectReference | undefined {
    const manager = this.#manager;
    const hasAsked = failed.some((place) => manager?._is_equivalent(place) === true);
    return hasAsked ? undefined : manager;
  }

  announce(ri: ClientRequestInfo, failed: readonly FailedPlace[]): void {
    if (this.#manager?._is_equivalent(ri.effective_target) !== true) return;
    const profiles = failed.slice(-MOST_PLACES).map(({ profile }) => profile);
    const context_data = this.#codec?.encode_value(new Any(PLACES, profiles));
    if (context_data === undefined) return;
    const context: IOP.ServiceContext = { context_id: FAILED_PLACES, context_data };
    ri.add_request_service_context(context, true);
  }
}
