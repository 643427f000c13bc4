import type { Rank } from "../base/index.ts";
import { Completion, MINOR, OBJ_ADAPTER } from "../exception/index.ts";
import type { ServiceContext } from "../giop/index.ts";
import type { AdapterState, IorHook, IorShape, ShapedAdapter } from "../hook/index.ts";
import type { TaggedComponent } from "../ior/index.ts";
import { policyComponents, rankOfRequest } from "../messaging/index.ts";
import { ObjectReference } from "../object/index.ts";
import { POA_POLICY_TYPES, type PoaPolicies, type Policy } from "../policy/index.ts";
import type { POAManager } from "./manager.ts";

const NO_POLICIES: ReadonlyMap<number, Policy> = new Map();

/** What a POA is to those who look at it. */
export interface AdapterParts {
  readonly path: readonly string[];
  readonly id: Uint8Array;
  readonly policies: PoaPolicies;
  /** Policies of types that are not the POA's own. */
  readonly others: ReadonlyMap<number, Policy> | undefined;
  readonly manager: POAManager;
  /** A reference with more components in its profile than the ORB's. */
  make(
    repositoryId: string,
    objectId: Uint8Array,
    more: readonly TaggedComponent[],
  ): ObjectReference;
}

/** A POA as hooks see it, and its references as they want them. */
export class WatchedAdapter implements ShapedAdapter {
  readonly path: readonly string[];
  readonly id: Uint8Array;
  readonly #parts: AdapterParts;
  #components: readonly TaggedComponent[];
  #makeReference: IorShape["makeReference"];

  constructor(parts: AdapterParts) {
    this.#parts = parts;
    this.#components = policyComponents(parts.others?.values() ?? []);
    this.path = parts.path;
    this.id = parts.id;
  }

  /** Lets a hook say what references are like. @throws OBJ_ADAPTER 6 */
  shapeBy(hook: IorHook): void {
    const shape = hook.adapterCreated(this);
    if (shape === undefined) return;
    // References of this ORB have one profile.
    const more = shape.components.map(({ component }) => component);
    this.#components = [...this.#components, ...more];
    this.#makeReference = shape.makeReference;
  }

  get managerId(): string {
    return this.#parts.manager.get_id();
  }

  state(): AdapterState {
    return this.#parts.manager.get_state();
  }

  policy(type: number): Policy | undefined {
    const kind = POA_POLICY_TYPES.get(type);
    if (kind === undefined) return this.#parts.others?.get(type);
    return { policy_type: type, value: this.#parts.policies[kind.key] };
  }

  /** Where a request stands among those that wait. */
  rank({ contexts }: { readonly contexts: readonly ServiceContext[] }): Rank | undefined {
    return rankOfRequest(contexts, this.#parts.others ?? NO_POLICIES);
  }

  makeReference(repositoryId: string, objectId: Uint8Array): ObjectReference {
    return this.#parts.make(repositoryId, objectId, this.#components);
  }

  /** As {@link makeReference}, or what a hook makes instead. @throws OBJ_ADAPTER when that is no reference */
  reference(repositoryId: string, objectId: Uint8Array): ObjectReference {
    if (this.#makeReference === undefined) return this.makeReference(repositoryId, objectId);
    const made = this.#makeReference(repositoryId, objectId.slice());
    if (made instanceof ObjectReference) return made;
    const text = "the POA's object reference factory made no reference";
    throw new OBJ_ADAPTER(text, MINOR.none, Completion.no);
  }
}
