import { randomUUID } from "node:crypto";

import { CosNaming } from "../../idl/index.ts";
import {
  type Clock,
  type ObjectReference,
  ObjectId_to_string,
  type ORB,
  type POA,
  string_to_ObjectId,
  WrongAdapter,
} from "../../orb/index.ts";
import { BootstrapServant } from "./bootstrap-servant.ts";
import { ContextServant } from "./context-servant.ts";
import { ContextTree } from "./context-tree.ts";
import { IteratorServant } from "./iterator-servant.ts";
import { Listings } from "./listings.ts";
import { type Binding, MemoryStore, type NamingStore, SwappedStore } from "../bindings/index.ts";
import { nodeClock } from "./node-clock.ts";
import type { Realm } from "./realm.ts";

/** The id of the context that `NameService` denotes. */
const ROOT = "root";
/** The object key of `corbaloc::HOST:PORT/NameService`, and the id of the initial reference. */
const NAME_SERVICE = "NameService";
/** The object key that ORBs of Java ask for initial references. */
const INIT = "INIT";
/** A context in another server gets a third of the default deadline: its caller is waiting too. */
const FORWARD_TIMEOUT_MS = 10_000;

export interface NamingOptions {
  readonly orb: ORB;
  /** Where contexts are kept; in memory when absent. */
  readonly store?: NamingStore;
  readonly clock?: Clock;
  /** A fresh id for a context, never given out before by any server of the store; random by default. */
  readonly newId?: () => string;
  /** Milliseconds after which an iterator nobody asks is destroyed. */
  readonly idleIteratorMs?: number;
  /** Iterators at a time; one more destroys the one that was asked longest ago. */
  readonly mostIterators?: number;
  /** Milliseconds that a context in another server may take for its part of an operation. */
  readonly forwardTimeoutMs?: number;
}

/** A naming service at work. */
export interface NamingService extends AsyncDisposable {
  /** The context that clients start from. */
  readonly root: CosNaming.NamingContextExt;
  /** Takes all its objects away; names are as lasting as the store. */
  close(): Promise<void>;
}

interface Adapters {
  readonly parent: POA;
  readonly contexts: POA;
  readonly iterators: POA;
}

class Service implements Realm, NamingService {
  readonly tree: ContextTree;
  readonly rootId: string = ROOT;
  readonly forwardTimeoutMs: number;
  readonly #orb: ORB;
  readonly #adapters: Adapters;
  readonly #listings: Listings;
  readonly #references: Map<string, CosNaming.NamingContextExt> = new Map();

  constructor(options: NamingOptions, adapters: Adapters) {
    this.#orb = options.orb;
    this.#adapters = adapters;
    this.forwardTimeoutMs = options.forwardTimeoutMs ?? FORWARD_TIMEOUT_MS;
    this.tree = new ContextTree({
      store: options.store ?? new SwappedStore(new MemoryStore()),
      newId: options.newId ?? randomUUID,
    });
    this.#listings = new Listings({
      clock: options.clock ?? nodeClock,
      onClosed: (listing) => adapters.iterators.deactivate_object(string_to_ObjectId(listing)),
      ...(options.idleIteratorMs === undefined ? {} : { idleMs: options.idleIteratorMs }),
      ...(options.mostIterators === undefined ? {} : { most: options.mostIterators }),
    });
  }

  get root(): CosNaming.NamingContextExt {
    return this.contextReference(ROOT);
  }

  contextReference(contextId: string): CosNaming.NamingContextExt {
    let reference = this.#references.get(contextId);
    if (reference === undefined) {
      const { contexts } = this.#adapters;
      const objectId = string_to_ObjectId(contextId);
      const servant = new ContextServant(this, contextId);
      contexts.activate_object_with_id(objectId, servant);
      reference = CosNaming.NamingContextExt.uncheckedNarrow(contexts.id_to_reference(objectId));
      this.#references.set(contextId, reference);
    }
    return reference;
  }

  contextIdOf(reference: ObjectReference): string | undefined {
    try {
      return ObjectId_to_string(this.#adapters.contexts.reference_to_id(reference));
    } catch (thrown) {
      if (thrown instanceof WrongAdapter) return undefined;
      throw thrown;
    }
  }

  forget(contextId: string): void {
    if (this.#references.delete(contextId))
      this.#adapters.contexts.deactivate_object(string_to_ObjectId(contextId));
  }

  toText(reference: ObjectReference | null): string {
    return this.#orb.object_to_string(reference);
  }

  fromText(ior: string): Promise<ObjectReference | null> {
    return this.#orb.string_to_object(ior);
  }

  openIterator(rest: readonly Binding[]): CosNaming.BindingIterator {
    const { iterators } = this.#adapters;
    const listing = this.#listings.open(rest);
    const objectId = string_to_ObjectId(listing);
    iterators.activate_object_with_id(objectId, new IteratorServant(this.#listings, listing));
    return CosNaming.BindingIterator.uncheckedNarrow(iterators.id_to_reference(objectId));
  }

  async close(): Promise<void> {
    this.#listings.closeAll();
    await this.#adapters.parent.destroy(true, true);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

async function createAdapters(orb: ORB): Promise<Adapters> {
  // A manager of its own: names are served whatever the application does with the RootPOA's.
  const parent = await orb.rootPOA.create_POA("CosNaming", null, []);
  const contexts = await parent.createPoa("contexts", {
    lifespan: "PERSISTENT",
    idAssignment: "USER_ID",
  });
  const iterators = await parent.createPoa("iterators", { idAssignment: "USER_ID" });
  parent.the_POAManager.activate();
  return { parent, contexts, iterators };
}

/**
 * Serves CosNaming from an ORB: at the object key `NameService`, as the initial reference of that
 * name, and for ORBs of Java by the object `INIT`.
 * @throws what the store throws
 */
export async function startNaming(options: NamingOptions): Promise<NamingService> {
  const { orb } = options;
  const adapters = await createAdapters(orb);
  const service = new Service(options, adapters);
  await service.tree.ensure(ROOT);
  const services = new Map([[NAME_SERVICE, service.root]]);
  const bootstrap = await adapters.iterators.activate(INIT, new BootstrapServant(services));
  orb.bindPlainKey(NAME_SERVICE, service.root);
  orb.bindPlainKey(INIT, bootstrap);
  orb.register_initial_reference(NAME_SERVICE, service.root);
  return service;
}
