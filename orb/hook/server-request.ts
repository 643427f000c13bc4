import type { SystemException, UserException } from "../exception/index.ts";
import type { ServiceContext, Target } from "../giop/index.ts";
import type { Ior } from "../ior/index.ts";
import type { Policy } from "../policy/index.ts";
import type { ClientOrb } from "./client-habits.ts";
import type { OperationTypes } from "./operation-types.ts";

/** The POA of a request, as hooks see it. */
export interface HookedAdapter {
  /** Names from below the RootPOA on; empty for the RootPOA. */
  readonly path: readonly string[];
  /** Octets that all object keys of the POA begin with. */
  readonly id: Uint8Array;
  /** A policy the POA was made with; undefined where none of the type was given. */
  policy(type: number): Policy | undefined;
}

/** A request that found its POA. */
export interface HookedRequest {
  readonly operation: string;
  readonly requestId: number;
  /** Tells the caller's connection from every other of this process. */
  readonly connectionId: string;
  /** Whose client sent it, as far as its habits tell. */
  readonly client: ClientOrb;
  /** Minor version of GIOP that it came with. */
  readonly giopMinor: 0 | 1 | 2;
  /** Views of the message. */
  readonly contexts: readonly ServiceContext[];
  readonly isReplyExpected: boolean;
  /** The caller is in this process. */
  readonly isLocal: boolean;
  /** Messaging::SyncScope, 0 to 3, as far as the request tells it. */
  readonly syncScope: number;
  readonly adapter: HookedAdapter;
  /** A view of the message. */
  readonly objectId: Uint8Array;
  /** How the client names the object. */
  readonly target: Target;
  /** As the client has it. A view of the message. */
  readonly objectKey: Uint8Array;
}

/** A request that found its servant, with its arguments read. */
export interface HookedUpcall {
  /** in and inout arguments in the order of the IDL, then the context where there is one. */
  readonly args: readonly unknown[];
  /** Absent where nobody knows them. */
  readonly types: (() => OperationTypes) | undefined;
  /** The repository id of the most derived interface. */
  mostDerivedInterface(): string;
  isA(repositoryId: string): boolean | Promise<boolean>;
}

/** What a request is answered with. */
export type ServerEnd =
  /** The results as the servant gave them; no `results` where they were written elsewhere. */
  | { readonly kind: "result"; readonly results?: { readonly value: unknown } }
  | { readonly kind: "systemException"; readonly exception: SystemException }
  /** No `exception` where it was written elsewhere. */
  | {
      readonly kind: "userException";
      readonly id: string;
      readonly exception: UserException | undefined;
    }
  | { readonly kind: "forward"; readonly to: Ior; readonly permanent: boolean }
  /** The client is to name the object in another way, and to send the request again. */
  | { readonly kind: "readdress"; readonly by: Target["by"] }
  /** Nobody waits for an answer. */
  | { readonly kind: "none" };

/** What a hook does in one request. Nothing in it throws, except what `call` of `run` throws. */
export interface ServerFlow {
  /** The POA is found. What it returns is the request's end. */
  arrived(): ServerEnd | undefined;
  /** The servant is about to be called. What it returns is the request's end. */
  calling(upcall: HookedUpcall): ServerEnd | undefined;
  /** Calls the servant. */
  run<T>(call: () => T): T;
  /** The request is about to be answered; what it returns is the answer. The same when it ended already. */
  end(end: ServerEnd): ServerEnd;
  /** To be sent with the answer. */
  readonly contexts: readonly ServiceContext[];
}

/** Stands in the way of all requests to the POAs of an ORB. */
export interface ServerHook {
  /** Asked first, where it is there: true leaves a request of the connection alone, and nothing more is made for it. */
  passes?(connectionId: string): boolean;
  /** What the answer of a request that it left alone carries for it, asked when that leaves; undefined: nothing. */
  tells?(connectionId: string): (() => readonly ServiceContext[]) | undefined;
  begin(request: HookedRequest): ServerFlow;
}
