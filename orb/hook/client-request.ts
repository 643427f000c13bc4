import type { ServiceContext } from "../giop/index.ts";
import type { Ior } from "../ior/index.ts";
import type { Policy } from "../policy/index.ts";
import type { OperationTypes } from "./operation-types.ts";

/** A call as its hook sees it, the same for all attempts. */
export interface HookedCall {
  readonly operation: string;
  /** Absent where nobody knows them. */
  readonly types: (() => OperationTypes) | undefined;
  /** in and inout arguments in the order of the IDL, then the context where there is one. */
  readonly args: readonly unknown[];
  readonly isOneway: boolean;
  /** The answer is asked for later, with `poll`. */
  readonly isPolled: boolean;
  /** Messaging::SyncScope, 0 to 3; of meaning for a oneway call. */
  readonly syncScope: number;
  /** The reference that is called: an `ObjectReference`, which is unknown on this floor. */
  target(): unknown;
  /** The policy in force for the call; undefined where none of the type is set. */
  policy(type: number): Policy | undefined;
}

/** Where one attempt of a call goes. */
export interface CallPlace {
  readonly ior: Ior;
  readonly profileIndex: number;
}

/** How an attempt ended, and so what becomes of the call. */
export type ClientEnd =
  /** The results as the stub gives them; undefined for a oneway call that has left. */
  | { readonly kind: "result"; readonly value: unknown }
  /** `userId`: the id of a user exception as it stands in the reply. */
  | { readonly kind: "exception"; readonly error: unknown; readonly userId?: string }
  /** The call is made again, there; later ones, too, and for good where it is permanent. */
  | { readonly kind: "forward"; readonly to: Ior; readonly permanent: boolean }
  /** The call is made again, at the same address or the next. */
  | { readonly kind: "retry" };

/** What a hook does in one call. Nothing in it throws. */
export interface ClientFlow {
  /**
   * An attempt begins: nothing was sent, perhaps there is no connection yet. What it returns is the attempt's end.
   * @param isLocal the object is in this process
   */
  start(place: CallPlace, isLocal: boolean): ClientEnd | undefined;
  /** To be sent with the request. */
  readonly contexts: readonly ServiceContext[];
  /** The request is about to leave; of meaning where the answer is asked for later. */
  sent?(): void;
  /** Somebody asks for the answer. What it returns is told instead of it; else what is known goes to `answered`. */
  poll?(): ClientEnd | undefined;
  /** The question is answered; what it returns is told instead. */
  answered?(end: ClientEnd): ClientEnd;
  /** A reply is there; the contexts are views of the message. */
  replied(contexts: readonly ServiceContext[]): void;
  /** The attempt ended; what it returns holds instead. The same when it ended already, or never began. */
  end(end: ClientEnd): ClientEnd;
}

/** Stands in the way of all calls of an ORB. */
export interface ClientHook {
  /** undefined leaves the call alone. */
  begin(call: HookedCall): ClientFlow | undefined;
}
