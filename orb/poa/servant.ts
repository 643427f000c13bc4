import { BAD_INV_ORDER, Completion, MINOR } from "../exception/index.ts";
import {
  type AnyServantOperation,
  type InterfaceDescriptor,
  repositoryIdsOf,
} from "../call/index.ts";
import type { ObjectReference } from "../object/index.ts";
import type { ObjectId } from "./object-id.ts";

/** The POA side of a servant's `_this()`. */
export interface ServantHome {
  servant_to_reference(servant: Servant): ObjectReference;
  /** The object being called, inside an upcall on the servant; else as `servant_to_reference`. */
  _thisOf?(servant: Servant): ObjectReference;
}

/** What implements CORBA objects: the base of generated skeletons. */
export abstract class Servant {
  #home: ServantHome | undefined;

  /** The interface it implements; given by the skeleton. */
  abstract readonly _descriptor: InterfaceDescriptor;

  /** What the operations are called on: the servant itself, unless it delegates. */
  get _implementation(): unknown {
    return this;
  }

  /** Whether the object still exists; a servant may override it. */
  _non_existent(): boolean | Promise<boolean> {
    return false;
  }

  /**
   * The repository id of the most derived interface of one of the objects it serves: the type in references,
   * and the answer to `_repository_id`.
   */
  _primary_interface(_objectId: ObjectId, _poa: ServantHome): string {
    return this._descriptor.repositoryId;
  }

  /** Whether the object is of an interface; follows from the skeleton's unless overridden. */
  _is_a(repositoryId: string, _objectId: ObjectId, _poa: ServantHome): boolean | Promise<boolean> {
    return repositoryIdsOf(this._descriptor).includes(repositoryId);
  }

  /** The object's InterfaceDef; null, unless overridden, leaves it to the interface repository of the ORB. */
  _get_interface(
    _objectId: ObjectId,
    _poa: ServantHome,
  ): ObjectReference | null | Promise<ObjectReference | null> {
    return null;
  }

  /** The component whose facet the object is; null, unless overridden, for none. */
  _get_component(
    _objectId: ObjectId,
    _poa: ServantHome,
  ): ObjectReference | null | Promise<ObjectReference | null> {
    return null;
  }

  /** Internal: an operation that its descriptor does not list; servants that know no interface make it from the name. */
  _dynamicOperation(
    _name: string,
    _objectId: ObjectId,
    _poa: ServantHome,
  ): AnyServantOperation | undefined {
    return undefined;
  }

  /**
   * The POA for `_this()` before the servant was activated: the one that activated it last, unless overridden.
   * @throws BAD_INV_ORDER when there is none
   */
  _default_POA(): ServantHome {
    if (this.#home === undefined) {
      throw new BAD_INV_ORDER(
        `this servant of ${this._descriptor.name} belongs to no POA yet: activate it with poa.activate(id, servant), or override _default_POA()`,
        MINOR.none,
        Completion.no,
      );
    }
    return this.#home;
  }

  /** Internal: called by a POA when it activates the servant. */
  _activatedBy(home: ServantHome): void {
    this.#home = home;
  }

  /** Internal: what a skeleton's `_this()` narrows. */
  protected _reference(): ObjectReference {
    const home = this._default_POA();
    return home._thisOf?.(this) ?? home.servant_to_reference(this);
  }
}

class Tie extends Servant {
  override readonly _descriptor: InterfaceDescriptor;
  readonly #implementation: object;

  constructor(descriptor: InterfaceDescriptor, implementation: object) {
    super();
    this._descriptor = descriptor;
    this.#implementation = implementation;
  }

  override get _implementation(): unknown {
    return this.#implementation;
  }
}

/** A servant that delegates to any object with the interface's operations. */
export function tieServant(implementation: object, descriptor: InterfaceDescriptor): Servant {
  return new Tie(descriptor, implementation);
}
