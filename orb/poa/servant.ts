import { BAD_INV_ORDER, Completion, MINOR } from "../exception/index.ts";
import type { InterfaceDescriptor, ObjectReference } from "../object/index.ts";

/** The POA side of a servant's `_this()`. */
export interface ServantHome {
  servant_to_reference(servant: Servant): ObjectReference;
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
  _non_existent(): boolean {
    return false;
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
    return this._default_POA().servant_to_reference(this);
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
