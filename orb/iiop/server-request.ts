import type { CdrInput, CdrOutput } from "../cdr/index.ts";
import type { SystemException } from "../exception/index.ts";
import type { ReplyStatus, ServiceContext, Target } from "../giop/index.ts";
import type { ClientOrb } from "../hook/index.ts";
import type { Ior } from "../ior/index.ts";

/**
 * Ways into an ORB: its own endpoints, those of single POA managers (numbers from 1 on), and calls from within,
 * which all doors are open to.
 */
export const ENTRANCE = { inside: -1, main: 0 } as const;

/** A request on its way to a servant, from a connection or from inside this process. */
export interface ServerRequest {
  readonly objectKey: Uint8Array;
  /** How the client names the object. */
  readonly target: Target;
  /** The operation as it stands on the wire, e.g. `_get_name`. */
  readonly operation: string;
  readonly contexts: readonly ServiceContext[];
  /** Minor version of the GIOP message, 0 to 2. */
  readonly giopMinor: 0 | 1 | 2;
  /** Positioned at the first argument. */
  readonly input: CdrInput;
  /** Who sent it, for messages to people. */
  readonly peer: string;
  /** With `connectionId`: tells it from every other request of this ORB that is in work. */
  readonly requestId: number;
  readonly connectionId: string;
  /** Whose client sent it, as far as its habits tell. */
  readonly client: ClientOrb;
  /** Which way it came, see {@link ENTRANCE}. */
  readonly entrance: number;
  /** `early`: the reply must leave before the servant runs (oneway SYNC_WITH_SERVER). */
  readonly answer: "none" | "early" | "full";
  /** Aborted when the client cancels or its connection ends. Made on first use. */
  readonly signal: AbortSignal;
  /** Has the answer, whatever it is, carry contexts before its own: asked for when it leaves. */
  adds(contexts: () => readonly ServiceContext[]): void;
  /**
   * Sends NO_EXCEPTION with what `write` writes. Does nothing when no reply is wanted.
   * @throws what `write` throws; nothing has been sent then and another answer may be given
   */
  result(write: (out: CdrOutput) => void, contexts?: readonly ServiceContext[]): void;
  /** Sends USER_EXCEPTION; `write` writes the members. */
  userException(
    repositoryId: string,
    write: (out: CdrOutput) => void,
    contexts?: readonly ServiceContext[],
  ): void;
  systemException(exception: SystemException, contexts?: readonly ServiceContext[]): void;
  forward(to: Ior, permanent: boolean, contexts?: readonly ServiceContext[]): void;
  /** Has the client name the object in another way, and send the request again. */
  readdress(by: Target["by"], contexts?: readonly ServiceContext[]): void;
  /** Sends a body that was written elsewhere: little-endian, beginning at an 8-aligned offset. */
  raw(status: ReplyStatus, body: Uint8Array, contexts: readonly ServiceContext[]): void;
}

/** What a LocateRequest is answered with. */
export type Whereabouts =
  | { readonly at: "unknown" }
  | { readonly at: "here" }
  | { readonly at: "forward"; readonly to: Ior; readonly permanent: boolean };

/** What may have to wait for a POA manager: a request, or the question where an object is. */
export interface Waiting {
  /** What it keeps in memory. */
  readonly input: { readonly remaining: number };
  /** Aborted when nobody waits for the answer any more. */
  readonly signal: AbortSignal;
  systemException(exception: SystemException): void;
}

/** Where an object is, asked from afar. */
export interface Question extends Waiting {
  readonly objectKey: Uint8Array;
  readonly entrance: number;
  found(place: Whereabouts): void;
}

/** Takes the requests of connections: the object adapters, seen from below. */
export interface RequestHandler {
  /** Must lead to exactly one answer; does not throw. */
  dispatch(request: ServerRequest): void;
  locate(objectKey: Uint8Array, entrance: number): Whereabouts;
  /** Leads to one answer, when the object's manager lets requests through. */
  locateInTurn(question: Question): void;
}
