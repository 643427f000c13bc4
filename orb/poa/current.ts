import { AsyncLocalStorage } from "node:async_hooks";
import type { ObjectReference } from "../object/index.ts";
import { NoContext } from "./exceptions.ts";
import type { ObjectId } from "./object-id.ts";
import type { Servant } from "./servant.ts";

/** One upcall, as `POACurrent` tells it. */
export interface UpcallContext<P> {
  readonly poa: P;
  readonly objectId: ObjectId;
  readonly servant: Servant;
}

/** What Current asks of a POA. */
export interface ReferenceMaker {
  id_to_reference_of(id: ObjectId, servant: Servant): ObjectReference;
}

/**
 * PortableServer::Current: which object a servant is being called for (CORBA 3.3 Part 1, 15.3.10).
 * Following a call through its awaits costs every promise of the process a little, so it starts with the
 * first `resolve_initial_references("POACurrent")`; upcalls begun before are not known to it.
 */
export class Current<P extends ReferenceMaker> {
  #storage: AsyncLocalStorage<UpcallContext<P>> | undefined;

  /** Internal: from now on upcalls are followed. */
  _enable(): void {
    this.#storage ??= new AsyncLocalStorage();
  }

  /** Internal: runs `call` as the upcall `context` describes. */
  _run<R>(context: UpcallContext<P>, call: () => R): R {
    return this.#storage === undefined ? call() : this.#storage.run(context, call);
  }

  /** Internal: whether `_run` is worth its context. */
  get _isEnabled(): boolean {
    return this.#storage !== undefined;
  }

  /** Internal: the upcall this runs in, if any. */
  _peek(): UpcallContext<P> | undefined {
    return this.#storage?.getStore();
  }

  /** @throws NoContext outside an upcall */
  get_POA(): P {
    return this.#context().poa;
  }

  /** @throws NoContext outside an upcall */
  get_object_id(): ObjectId {
    return this.#context().objectId;
  }

  /** @throws NoContext outside an upcall */
  get_servant(): Servant {
    return this.#context().servant;
  }

  /** @throws NoContext outside an upcall */
  get_reference(): ObjectReference {
    const { poa, objectId, servant } = this.#context();
    return poa.id_to_reference_of(objectId, servant);
  }

  #context(): UpcallContext<P> {
    const context = this.#storage?.getStore();
    if (context === undefined) {
      throw new NoContext("POACurrent is only known inside an upcall");
    }
    return context;
  }
}
