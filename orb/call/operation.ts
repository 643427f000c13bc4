import type { CdrInput, CdrOutput } from "../cdr/index.ts";
import type { UserException } from "../exception/index.ts";
import type { OperationTypes } from "../hook/index.ts";
import type { CallPolicies } from "../policy/index.ts";

/** How one user exception travels; `write` and `read` take the members, without the repository id. */
export interface Raises {
  readonly type: { readonly repositoryId: string };
  // Method shorthand, so that a codec of one exception fits the list of all.
  write(out: CdrOutput, exception: UserException): void;
  read(input: CdrInput): UserException;
}

/** What both sides of a call know of an operation. */
interface OperationName {
  /** The name on the wire: `announce`, `_get_name`. */
  readonly name: string;
  readonly oneway?: true;
  /** A thunk, so that generated modules that import each other need no order of evaluation. */
  readonly raises?: () => readonly Raises[];
  /** For those who look at calls without knowing the interface, such as interceptors. */
  readonly types?: () => OperationTypes;
}

/** One operation, as stubs use it. `A` is the in and inout arguments in IDL order, `R` the result as the mapping has it. */
export interface ClientOperation<A extends readonly unknown[], R> extends OperationName {
  writeArguments(out: CdrOutput, args: A): void;
  readResult(input: CdrInput): R;
}

/** One operation, as servants are called by. `S` is the servant's type. */
export interface ServantOperation<S, A extends readonly unknown[], R> extends OperationName {
  readArguments(input: CdrInput): A;
  writeResult(out: CdrOutput, result: R): void;
  upcall(servant: S, args: A): R | Promise<R>;
}

/** Both sides of one operation. */
export interface Operation<S, A extends readonly unknown[], R>
  extends ClientOperation<A, R>,
    ServantOperation<S, A, R> {}

/** Any operation a client calls, its types forgotten; the variance of methods makes each fit. */
export type AnyOperation = ClientOperation<readonly unknown[], unknown>;

/** Any operation of a servant, its types forgotten. */
export type AnyServantOperation = ServantOperation<unknown, readonly unknown[], unknown>;

/** What an interface is at run time. */
export interface InterfaceDescriptor {
  readonly repositoryId: string;
  /** The IDL name, `Metro::Station`. */
  readonly name: string;
  readonly bases: () => readonly InterfaceDescriptor[];
  /** Its own operations and attributes, not the inherited ones. */
  readonly operations: readonly AnyServantOperation[];
}

/** Options of one call. */
export interface InvokeOptions {
  /**
   * Milliseconds until TIMEOUT; the same as `relativeRoundtripTimeoutMs` among the policies. Where absent that of
   * the reference, of the thread or of the ORB; the ORB's `deadlineMs` (30,000) where nobody says.
   */
  readonly timeoutMs?: number;
  /** Policies of this call; they win over those of the reference, the thread and the ORB. */
  readonly policies?: CallPolicies;
  /** Cancels the call: a CancelRequest is sent and the promise is rejected. */
  readonly signal?: AbortSignal;
}

/** All repository ids of an interface, its own first, `CORBA::Object` last. */
export function repositoryIdsOf(descriptor: InterfaceDescriptor): readonly string[] {
  const ids = new Set<string>();
  const visit = (d: InterfaceDescriptor): void => {
    if (ids.has(d.repositoryId)) return;
    ids.add(d.repositoryId);
    for (const base of d.bases()) visit(base);
  };
  visit(descriptor);
  ids.add(OBJECT_REPOSITORY_ID);
  return [...ids];
}

/** The id of CORBA::Object, which every reference is. */
export const OBJECT_REPOSITORY_ID: string = "IDL:omg.org/CORBA/Object:1.0";
