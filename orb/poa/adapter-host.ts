import type { ObjectReference } from "../object/index.ts";
import type { Current, ReferenceMaker } from "./current.ts";
import type { Upcalls } from "./upcall.ts";

/** What POAs need of the ORB they live in. */
export interface AdapterHost<P extends ReferenceMaker> {
  /** Octets that tell this run of the ORB from every other; in the keys of transient objects. */
  readonly run: Uint8Array;
  /** All POAs by `prefixName` of their keys. */
  readonly adapters: Map<string, P>;
  readonly upcalls: Upcalls;
  readonly current: Current<P>;
  newManagerId(): string;
  /** Requests are served from now on: the process stays alive for them. The same function always. */
  readonly serving: () => void;
  newReference(repositoryId: string, objectKey: Uint8Array): ObjectReference;
  /** The object key, when the reference points into this ORB. */
  localKeyOf(reference: ObjectReference): Uint8Array | undefined;
}
