import {
  COMPONENT,
  INTERFACE,
  type InvokeOptions,
  isA,
  locate,
  nonExistent,
  ReferenceCore,
  remoteRepositoryId,
} from "../call/index.ts";
import { clientPolicy, inconsistentPolicies, policyInForce } from "../messaging/index.ts";
import {
  type CallPolicies,
  policiesByName,
  type Policy,
  type SetOverrideType,
} from "../policy/index.ts";

/**
 * A reference to a CORBA object: the base of every client type. IDL names never start with `_`,
 * so these operations never meet those of an interface.
 */
export class ObjectReference {
  /** Internal: what the reference stands for. */
  readonly _core: ReferenceCore;

  constructor(core: ReferenceCore) {
    this._core = core;
  }

  /** Whether the object is of the interface `repositoryId` or of one derived from it; asks the object unless the reference says so. */
  _is_a(repositoryId: string, options?: InvokeOptions): Promise<boolean> {
    if (repositoryId !== "" && repositoryId === this._core.ior.typeId) return Promise.resolve(true);
    return isA(this._core, repositoryId, options);
  }

  /** True when the object is known to be gone. Raises where that cannot be found out. */
  _non_existent(options?: InvokeOptions): Promise<boolean> {
    return nonExistent(this._core, options);
  }

  /**
   * Connects and asks with a LocateRequest whether the object is there, following forwards; calls nothing.
   * Binds anew, whatever the RebindPolicy. False when the policies in force contradict those of the reference
   * (`_inconsistent_policies()`).
   * @throws OBJECT_NOT_EXIST when the server does not know the object, TRANSIENT when nobody can be reached
   */
  async _validate_connection(options?: InvokeOptions): Promise<boolean> {
    const isThere = await locate(this._core, options);
    return isThere && this._inconsistent_policies().length === 0;
  }

  /** Policies of the client that contradict the reference's own: calls raise INV_POLICY. */
  _inconsistent_policies(): readonly Policy[] {
    return inconsistentPolicies(this._core.invoker.policies, this._core);
  }

  /**
   * The same object through a reference with policies of its own; this one stays as it is.
   * @throws NO_PERMISSION for a policy that clients cannot override, InvalidPolicies for one that is wrong,
   *   BAD_PARAM minor OMG 30 for two of one type
   */
  _set_policy_overrides(policies: readonly Policy[], set_add: SetOverrideType): this {
    const { ior, invoker, overrides } = this._core;
    const own = overrides.with(policies, set_add, invoker.policies.factories);
    const Same = this.constructor as new (core: ReferenceCore) => this;
    return new Same(new ReferenceCore(ior, invoker, own));
  }

  /** `_set_policy_overrides` by names, beside the policies that the reference has. @throws as that, and BAD_PARAM */
  _withPolicies(policies: CallPolicies): this {
    return this._set_policy_overrides(policiesByName(policies), "ADD_OVERRIDE");
  }

  /** The reference's own policies of the types asked for; all for an empty list. */
  _get_policy_overrides(types: readonly number[]): readonly Policy[] {
    return this._core.overrides.list(types);
  }

  /**
   * The policy of a type as the client has it: of the reference, the thread, the ORB, or the default; null for none.
   * @throws INV_POLICY minor OMG 2 for a type that is none of calls
   */
  _get_client_policy(type: number): Policy | null {
    return clientPolicy(this._core.invoker.policies, this._core.overrides, type) ?? null;
  }

  /**
   * The policy of a type that a call would have, the reference's own joined with the client's; null for none.
   * @throws INV_POLICY minor OMG 1 when they have nothing in common, 2 for a type that is none of calls
   */
  _get_policy(type: number): Policy | null {
    return policyInForce(this._core.invoker.policies, this._core, type) ?? null;
  }

  /** Whether both name the same object at the same place, as far as the references alone tell. */
  _is_equivalent(other: ObjectReference | null): boolean {
    if (other === null) return false;
    if (other._core === this._core) return true;
    const mine = this._core.ownTargets;
    return other._core.ownTargets.some((theirs) =>
      mine.some((own) => own.identity === theirs.identity),
    );
  }

  /**
   * A number from 0 to `maximum`, equal for references that are equivalent: it is one of the object's key, which
   * all profiles of a reference share.
   */
  _hash(maximum: number): number {
    let hash = 0;
    for (const octet of this._core.ownTargets[0]?.objectKey ?? []) {
      hash = (Math.imul(hash, 31) + octet) >>> 0;
    }
    return maximum >= 0xffff_ffff ? hash : hash % (maximum + 1);
  }

  /** The most derived interface, as the object itself says it. */
  _repository_id(options?: InvokeOptions): Promise<string> {
    return remoteRepositoryId(this._core, options);
  }

  /**
   * The object's InterfaceDef in the interface repository its server knows, to be narrowed to `CORBA.InterfaceDef`.
   * @throws INTF_REPOS where the server has no repository (minor 1), or the repository no such interface (minor 2)
   */
  _get_interface(options?: InvokeOptions): Promise<ObjectReference | null> {
    return this.#ask(INTERFACE, options);
  }

  /** The component that the object is a facet of; null for an object that belongs to none. */
  _get_component(options?: InvokeOptions): Promise<ObjectReference | null> {
    return this.#ask(COMPONENT, options);
  }

  async #ask(
    operation: typeof INTERFACE,
    options: InvokeOptions | undefined,
  ): Promise<ObjectReference | null> {
    const found = await this._core.invoker.invoke(this._core, operation, [], options);
    return found as ObjectReference | null;
  }
}
