import { COMPONENT, INTERFACE, isA, locate, nonExistent, remoteRepositoryId } from "./implicit.ts";
import type { InvokeOptions } from "./operation.ts";
import type { ReferenceCore } from "./reference-core.ts";

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
   * @throws OBJECT_NOT_EXIST when the server does not know the object, TRANSIENT when nobody can be reached
   */
  _validate_connection(options?: InvokeOptions): Promise<boolean> {
    return locate(this._core, options);
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
