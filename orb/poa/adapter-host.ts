import type { Clock, Logger } from "../base/index.ts";
import type { CdrContext } from "../cdr/index.ts";
import type { DispatchGate, Hooks, Replicator } from "../hook/index.ts";
import type { ServerRequest } from "../iiop/index.ts";
import type { Ior, TaggedComponent } from "../ior/index.ts";
import type { POAManager, POAManagerFactory, Serial } from "../manager/index.ts";
import type { ObjectReference } from "../object/index.ts";
import type { PoaPolicies, Policy } from "../policy/index.ts";
import type { Endpoint } from "../transport/index.ts";
import type { Current, ReferenceMaker } from "./current.ts";
import type { ObjectId } from "./object-id.ts";
import type { Upcalls } from "./upcall.ts";

/** Where and when the requests of a POA run, and what its references name: what a thread pool decides. */
export interface Placement {
  /** Whether requests come this way, beside that of the manager. */
  isReachedBy(entrance: number): boolean;
  /** A request found the POA; what goes on in its place. */
  arrived(request: ServerRequest): ServerRequest;
  /** Leads to one call of `run`, in the request's turn; or to an answer, and one call of `done`. */
  schedule(
    request: ServerRequest,
    id: ObjectId,
    run: (done: () => void) => void,
    done: () => void,
  ): void;
  reference(
    repositoryId: string,
    objectKey: Uint8Array,
    id: ObjectId,
    more: readonly TaggedComponent[],
  ): ObjectReference;
  /** The POA is gone. */
  forget(): void;
}

/** What a POA is made of, beside what it shares with all. */
export interface AdapterPlan<P> {
  readonly name: string;
  readonly parent: P | null;
  readonly manager: POAManager;
  readonly policies: PoaPolicies;
  readonly gate?: DispatchGate | undefined;
  /** Policies of types that are not the POA's own. */
  readonly others?: ReadonlyMap<number, Policy>;
}

/** What POAs need of the ORB they live in. */
export interface AdapterHost<P extends ReferenceMaker> {
  /** Octets that tell this run of the ORB from every other; in the keys of transient objects. */
  readonly run: Uint8Array;
  /** All POAs by `prefixName` of their keys. */
  readonly adapters: Map<string, P>;
  readonly managers: POAManagerFactory;
  readonly upcalls: Upcalls;
  /** Who looks at requests, references and POAs. */
  readonly hooks: Hooks;
  /** Who makes POAs replicated. */
  readonly replicator: Replicator | undefined;
  readonly current: Current<P>;
  readonly clock: Clock;
  readonly log: Logger;
  readonly context: CdrContext;
  /** Milliseconds a request may take where nobody says. */
  readonly deadlineMs: number;
  /** Where the requests of all POAs with MAIN_THREAD_MODEL run, one after the other. */
  readonly mainThread: Serial;
  /** Requests are served from now on: the process stays alive for them. The same function always. */
  readonly serving: () => void;
  /** A POA is there whose objects may be called over connections in both directions. */
  allowBothWays(): void;
  /** Throws when POAs cannot be used any more. */
  checkRunning(): void;
  /** @param entrance which of the ORB's endpoints the reference names */
  newReference(
    repositoryId: string,
    objectKey: Uint8Array,
    entrance: number,
    more: readonly TaggedComponent[],
  ): ObjectReference;
  /** What references name first of an entrance's endpoints; undefined where it listens nowhere. */
  addressOf(entrance: number): Endpoint | undefined;
  /** As `newReference`, with an address of its own in the profile: that of a lane. */
  newReferenceAt(
    repositoryId: string,
    objectKey: Uint8Array,
    address: Endpoint,
    more: readonly TaggedComponent[],
  ): ObjectReference;
  referenceTo(ior: Ior): ObjectReference;
  /** The object key, when the reference points into this ORB. */
  localKeyOf(reference: ObjectReference): Uint8Array | undefined;
  /** The object key, when this ORB made the reference, or a lane for the same POA: wherever it points. */
  ownKeyOf(reference: ObjectReference): Uint8Array | undefined;
}
