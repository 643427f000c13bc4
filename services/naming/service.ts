import { randomUUID } from "node:crypto";

import { CosNaming } from "../../idl/index.ts";
import {
  BAD_PARAM,
  type Clock,
  type ObjectReference,
  ObjectId_to_string,
  type ORB,
  type POA,
  type ServantLocator,
  string_to_ObjectId,
  type Timer,
  TRANSIENT,
  WrongAdapter,
} from "../../orb/index.ts";
import { BootstrapServant } from "./bootstrap-servant.ts";
import { ContextServant } from "./context-servant.ts";
import { ContextTree } from "./context-tree.ts";
import { faultToException } from "./fault-exception.ts";
import { IteratorServant } from "./iterator-servant.ts";
import { Listings } from "./listings.ts";
import { type Binding, MemoryStore, type NamingStore, SwappedStore } from "../bindings/index.ts";
import { nodeClock } from "./node-clock.ts";
import type { Realm } from "./realm.ts";
import { type NamingAddress, objectKeyOf, withAlternates } from "./reference-parts.ts";

/** The id of the context that `NameService` denotes. */
const ROOT = "root";
/** The object key of `corbaloc::HOST:PORT/NameService`, and the id of the initial reference. */
const NAME_SERVICE = "NameService";
/** The object key that ORBs of Java ask for initial references. */
const INIT = "INIT";
const REALM = /^[A-Za-z0-9._-]{1,64}$/;
const ROOT_RETRY_MS = 1_000;
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
  /**
   * The name of the names, where several servers serve the same store: a context has the same object key in each, and
   * a reference got from one is known to the others. Letters, digits, `-`, `_` and `.`. Absent: this server alone.
   */
  readonly realm?: string;
  /** Where the other servers of the realm are reached now: references of contexts name them, too. */
  readonly others?: () => readonly NamingAddress[];
}

/** A naming service at work. */
export interface NamingService extends AsyncDisposable {
  /** The context that clients start from; the reference names this server alone. */
  readonly root: CosNaming.NamingContextExt;
  /** The same, with the addresses of the realm's other servers: for a file that clients read. */
  lastingRoot(): Promise<CosNaming.NamingContextExt>;
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
  readonly #clock: Clock;
  readonly #hasRealm: boolean;
  readonly #others: () => readonly NamingAddress[];
  #keyPrefix: Buffer | undefined;
  #rootTimer: Timer | undefined;
  #isClosed = false;

  constructor(options: NamingOptions, adapters: Adapters) {
    this.#orb = options.orb;
    this.#adapters = adapters;
    this.#clock = options.clock ?? nodeClock;
    this.#hasRealm = options.realm !== undefined;
    this.#others = options.others ?? (() => []);
    this.forwardTimeoutMs = options.forwardTimeoutMs ?? FORWARD_TIMEOUT_MS;
    this.tree = new ContextTree({
      store: options.store ?? new SwappedStore(new MemoryStore()),
      newId: options.newId ?? randomUUID,
    });
    this.#listings = new Listings({
      clock: this.#clock,
      onClosed: (listing) => adapters.iterators.deactivate_object(string_to_ObjectId(listing)),
      ...(options.idleIteratorMs === undefined ? {} : { idleMs: options.idleIteratorMs }),
      ...(options.mostIterators === undefined ? {} : { most: options.mostIterators }),
    });
  }

  get root(): CosNaming.NamingContextExt {
    return this.contextReference(ROOT);
  }

  lastingRoot(): Promise<CosNaming.NamingContextExt> {
    return this.lastingReference(ROOT);
  }

  contextReference(contextId: string): CosNaming.NamingContextExt {
    const reference = this.#adapters.contexts.create_reference_with_id(
      string_to_ObjectId(contextId),
      CosNaming.NamingContextExt.repositoryId,
    );
    return CosNaming.NamingContextExt.uncheckedNarrow(reference);
  }

  async lastingReference(contextId: string): Promise<CosNaming.NamingContextExt> {
    const own = this.contextReference(contextId);
    const others = this.#others();
    if (others.length === 0) return own;
    const reference = await this.fromText(withAlternates(this.toText(own), others));
    return reference === null ? own : CosNaming.NamingContextExt.uncheckedNarrow(reference);
  }

  contextIdOf(reference: ObjectReference): string | undefined {
    try {
      return ObjectId_to_string(this.#adapters.contexts.reference_to_id(reference));
    } catch (thrown) {
      if (thrown instanceof WrongAdapter) return this.#realmIdOf(reference);
      throw thrown;
    }
  }

  /** The context that another server of the realm made the reference of: the keys are the same. */
  #realmIdOf(reference: ObjectReference): string | undefined {
    if (!this.#hasRealm) return undefined;
    const prefix = (this.#keyPrefix ??= this.#newKeyPrefix());
    const key = objectKeyOf(this.toText(reference));
    if (key === undefined || !prefix.equals(key.subarray(0, prefix.length))) return undefined;
    return ObjectId_to_string(key.subarray(prefix.length));
  }

  #newKeyPrefix(): Buffer {
    const key = objectKeyOf(this.toText(this.root)) ?? new Uint8Array();
    return Buffer.from(key.subarray(0, key.length - string_to_ObjectId(ROOT).length));
  }

  /** Finds the servant of each request: any context's, whichever server of the realm made it. */
  readonly locator: ServantLocator = {
    preinvoke: async (objectId) => {
      const contextId = ObjectId_to_string(objectId);
      try {
        await this.tree.check(contextId);
      } catch (thrown) {
        throw faultToException(thrown, (id) => this.contextReference(id));
      }
      return new ContextServant(this, contextId);
    },
    postinvoke: () => undefined,
  };

  /** The root is there from the start on; a store that cannot make it now is asked again until it can. */
  async ensureRoot(): Promise<void> {
    try {
      await this.tree.ensure(ROOT);
    } catch (thrown) {
      if (!(thrown instanceof TRANSIENT)) throw thrown;
      if (this.#isClosed) return;
      this.#rootTimer = this.#clock.timer(ROOT_RETRY_MS, () => {
        // Anything but TRANSIENT is what every request is told, too.
        this.ensureRoot().catch(() => undefined);
      });
      this.#rootTimer.unref();
    }
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
    this.#isClosed = true;
    this.#rootTimer?.cancel();
    this.#listings.closeAll();
    await this.#adapters.parent.destroy(true, true);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

/** @throws BAD_PARAM for a realm that is no name */
async function createAdapters({ orb, realm }: NamingOptions): Promise<Adapters> {
  if (realm !== undefined && !REALM.test(realm))
    throw new BAD_PARAM(`realm "${realm}": letters, digits, "-", "_" and "." are allowed`);
  // A manager of its own: names are served whatever the application does with the RootPOA's.
  const name = realm === undefined ? "CosNaming" : `CosNaming ${realm}`;
  const parent = await orb.rootPOA.create_POA(name, null, []);
  const contexts = await parent.createPoa("contexts", {
    lifespan: "PERSISTENT",
    idAssignment: "USER_ID",
    servantRetention: "NON_RETAIN",
    requestProcessing: "USE_SERVANT_MANAGER",
  });
  const iterators = await parent.createPoa("iterators", { idAssignment: "USER_ID" });
  return { parent, contexts, iterators };
}

/**
 * Serves CosNaming from an ORB: at the object key `NameService`, as the initial reference of that
 * name, and for ORBs of Java by the object `INIT`.
 * @throws what the store throws
 */
export async function startNaming(options: NamingOptions): Promise<NamingService> {
  const { orb } = options;
  const adapters = await createAdapters(options);
  const service = new Service(options, adapters);
  adapters.contexts.set_servant_manager(service.locator);
  adapters.parent.the_POAManager.activate();
  await service.ensureRoot();
  const services = new Map([[NAME_SERVICE, service.root]]);
  const bootstrap = await adapters.iterators.activate(INIT, new BootstrapServant(services));
  orb.bindPlainKey(NAME_SERVICE, service.root);
  orb.bindPlainKey(INIT, bootstrap);
  orb.register_initial_reference(NAME_SERVICE, service.root);
  return service;
}
