import type { CdrInput } from "../cdr/index.ts";
import type { GiopVersion } from "./dispatch-gate.ts";

/** A oneway request as it came: no adapter has been asked for its object. */
export interface DirectRequest {
  /** The operation as it stands on the wire. */
  readonly operation: string;
  /** Tells the connection that it came by from every other of this ORB. */
  readonly connectionId: string;
  readonly giopMinor: GiopVersion;
  /** Positioned at the first argument; a view of the message, which is not kept. */
  readonly input: CdrInput;
}

/**
 * Hears the oneway requests for a plain key as they are read: for messages that are many and short, where the way to a
 * servant costs more than what it does. No POA, lane, gate or interceptor sees what it takes. Does not throw.
 * @returns false for what it leaves to the object bound to the key, without having read of it
 */
export type DirectReceiver = (request: DirectRequest) => boolean;
