import type { Clock, Logger } from "../base/index.ts";
import type { CdrContext } from "../cdr/index.ts";
import type { Hooks } from "../hook/index.ts";
import type { TaggedComponent } from "../ior/index.ts";
import type { POAManagerFactory, Serial } from "../manager/index.ts";
import type { ObjectReference } from "../object/index.ts";
import type { Current, ReferenceMaker } from "./current.ts";
import type { Upcalls } from "./upcall.ts";

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
  /** The object key, when the reference points into this ORB. */
  localKeyOf(reference: ObjectReference): Uint8Array | undefined;
}
