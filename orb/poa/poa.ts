import type { Rank } from "../base/index.ts";
import {
  BAD_INV_ORDER,
  BAD_PARAM,
  Completion,
  MINOR,
  OBJECT_NOT_EXIST,
} from "../exception/index.ts";
import {
  DirectGate,
  type DispatchGate,
  REPLICATION_POLICY_TYPE,
  type ReplicationOptions,
} from "../hook/index.ts";
import { groupReference, type Ior, type TaggedComponent } from "../ior/index.ts";
import { ENTRANCE, type Question, type ServerRequest } from "../iiop/index.ts";
import {
  type Admitting,
  WatchedAdapter,
  type ManagedAdapter,
  type POAManager,
  type POAManagerFactory,
  Serial,
  watched,
} from "../manager/index.ts";
import type { ObjectReference } from "../object/index.ts";
import type { PoaPolicies, Policy } from "../policy/index.ts";
import type { AdapterHost, AdapterPlan, Placement } from "./adapter-host.ts";
import type { Current } from "./current.ts";
import { AdapterAlreadyExists, AdapterNonExistent, NoServant, WrongAdapter } from "./exceptions.ts";
import { Associations } from "./associations.ts";
import { Gated } from "./gated.ts";

import { type ObjectId, string_to_ObjectId } from "./object-id.ts";
import { keyPrefix, prefixName, readKey } from "./object-key.ts";
import {
  gateOf,
  type GatePlan,
  policiesFromList,
  policiesFromOptions,
  type PoaOptions,
  PoaPolicyFactory,
  replicatedPolicies,
} from "./policies.ts";
import type { Servant, ServantHome } from "./servant.ts";
import type { Activator, ChildMaker, Locator } from "./servant-managers.ts";
import { Servants } from "./servants.ts";
import { noAdapter, type UnknownAdapters } from "./unknown-adapters.ts";

/** Requests that may wait for their turn in a SINGLE_THREAD_MODEL POA. */
const MAX_SERIAL_WAITING = 10_000;

/** PortableServer::ServantActivator. */
export type ServantActivator = Activator<POA>;
/** PortableServer::ServantLocator. */
export type ServantLocator = Locator<POA>;
/** PortableServer::ServantManager. */
export type ServantManager = ServantActivator | ServantLocator;
/** PortableServer::AdapterActivator. */
export type AdapterActivator = ChildMaker<POA>;
/** PortableServer::Current, as `resolve_initial_references("POACurrent")` gives it. */
export type POACurrent = Current<POA>;

/** What `createPoa` takes beside the policies. */
export interface CreatePoaOptions extends PoaOptions {
  /** Has the objects replicated: by the option `replicator` of ORB_init. */
  readonly replication?: ReplicationOptions;
  /** The manager that governs the new POA; its parent's where absent. */
  readonly manager?: POAManager;
  /** Decides when, in which order and whether requests reach the servants; at once where absent. */
  readonly gate?: DispatchGate;
}

/** A portable object adapter (CORBA 3.3 Part 1, 15.3.9). Made by its parent; the first one is the ORB's. */
export class POA extends PoaPolicyFactory implements ServantHome, Admitting, ManagedAdapter {
  readonly #host: AdapterHost<POA>;
  readonly #unknown: UnknownAdapters<POA>;
  readonly #name: string;
  readonly #parent: POA | null;
  readonly #manager: POAManager;
  readonly #policies: PoaPolicies;
  readonly #prefix: Uint8Array;
  readonly #children = new Map<string, POA>();
  readonly #thread: Serial | undefined;
  readonly #servants: Servants<POA>;
  readonly #known: Associations<POA>;
  readonly #gated: Gated | undefined;
  readonly #placement: Placement | undefined;
  /** What those see of it who look at requests and references. */
  readonly #watchedAdapter: WatchedAdapter;
  #step: "open" | "destroying" | "destroyed" = "open";
  #destroyed: Promise<void> | undefined;
  #running = 0;
  #whenIdle: (() => void)[] = [];

  /** Makes POAs when requests or `find_POA` ask for children that are not there; null for none. */
  the_activator: AdapterActivator | null = null;

  /** Internal: use `createPoa` or `create_POA` of the parent. */
  constructor(
    host: AdapterHost<POA>,
    unknown: UnknownAdapters<POA>,
    parts: AdapterPlan<POA>,
    placement?: Placement,
  ) {
    super();
    this.#placement = placement;
    const { name, parent, manager, policies, gate } = parts;
    const isPersistent = policies.lifespan === "PERSISTENT";
    this.#host = host;
    this.#unknown = unknown;
    this.#name = name;
    this.#parent = parent;
    this.#manager = manager;
    this.#policies = policies;
    if (policies.bidirectional === "BOTH") host.allowBothWays();
    this.#prefix = keyPrefix(this.path, isPersistent ? undefined : host.run);
    const own = (typeId: string, id: ObjectId, more: readonly TaggedComponent[] = []): Ior => {
      const key = Buffer.concat([this.#prefix, id]);
      return placement === undefined
        ? host.newReference(typeId, key, manager._entrance, more)._core.ior
        : placement.reference(typeId, key, id, more)._core.ior;
    };
    this.#watchedAdapter = new WatchedAdapter({
      path: this.path,
      id: this.#prefix,
      policies,
      others: parts.others,
      manager,
      make: (typeId, id, more) => {
        const group = gate?.published?.();
        const ior = own(typeId, id, more);
        return host.referenceTo(group === undefined ? ior : groupReference(ior, group));
      },
    });
    if (host.hooks.ior !== undefined) this.#watchedAdapter.shapeBy(host.hooks.ior);
    if (policies.thread === "SINGLE_THREAD_MODEL") this.#thread = new Serial(MAX_SERIAL_WAITING);
    else if (policies.thread === "MAIN_THREAD_MODEL") this.#thread = host.mainThread;
    this.#servants = new Servants(
      {
        poa: this,
        policies,
        current: host.current,
        log: host.log,
        clock: host.clock,
        thread: this.#thread,
        isClosing: () => this.#step !== "open",
        rank: (request) => this._rank(request),
        upcall: (servant, request, id, done) => this.#upcall(servant, request, id, done),
      },
      name,
    );
    this.#known = new Associations(this, this.#servants, host.current, host.run);
    // A direct gate does what is done without one.
    if (gate !== undefined && !(gate instanceof DirectGate)) {
      this.#gated = new Gated(gate, {
        ...host,
        path: this.path,
        reference: (id) => {
          // Of an object that is not active here the type is not known.
          const servant = this.#known.activeServantOf(id);
          return this.#reference(id, servant?._primary_interface(id, this) ?? "")._core.ior;
        },
        profiles: () => own("", new Uint8Array()).profiles,
        watched: (request, id) => this.#watched(request, id),
        begin: (request, id, done) => {
          this.#running++;
          this.#begin(request, id, () => {
            done();
            this.#leave();
          });
        },
      });
    }
    host.managers._adopt(manager);
    manager._join(this);
    host.adapters.set(prefixName(this.#prefix), this);
    manager._onActive(host.serving);
  }

  get the_name(): string {
    return this.#name;
  }

  get the_parent(): POA | null {
    return this.#parent;
  }

  get the_children(): readonly POA[] {
    return [...this.#children.values()];
  }

  get the_POAManager(): POAManager {
    return this.#manager;
  }

  get the_POAManagerFactory(): POAManagerFactory {
    return this.#host.managers;
  }

  get policies(): PoaPolicies {
    return this.#policies;
  }

  /** Names from below the RootPOA to this one; empty for the RootPOA. */
  get path(): readonly string[] {
    return this.#parent === null ? [] : [...this.#parent.path, this.#name];
  }

  /** Octets that name this POA within its ORB: all of its object keys begin with them. */
  get id(): Uint8Array {
    return this.#prefix.slice();
  }

  /**
   * Makes a child POA; policies by name, the manager shared with this POA unless given.
   * @throws InvalidPolicy, AdapterAlreadyExists
   */
  createPoa(name: string, options: CreatePoaOptions = {}): Promise<POA> {
    return promised(() => {
      const { manager = this.#manager, gate, replication, ...given } = options;
      const policies = replication === undefined ? given : replicatedPolicies(given);
      return this.#create({ name, manager, gate, replication, ...policiesFromOptions(policies) });
    });
  }

  /** The OMG form: without a manager the POA gets a new one, HOLDING. @throws InvalidPolicy, AdapterAlreadyExists */
  create_POA(
    name: string,
    manager: POAManager | null = null,
    policies: readonly Policy[] = [],
  ): Promise<POA> {
    const isKnown = (type: number): boolean =>
      type === REPLICATION_POLICY_TYPE || this.#host.hooks.hasPolicy?.(type) === true;
    return promised(() => this.#create({ name, manager, ...policiesFromList(policies, isKnown) }));
  }

  #create(
    parts: GatePlan & Pick<AdapterPlan<POA>, "name"> & { readonly manager: POAManager | null },
  ): POA | Promise<POA> {
    this.#checkOpen();
    const { name } = parts;
    if (name === "" || name.includes("\0")) {
      throw new BAD_PARAM(
        `a POA cannot be called ${JSON.stringify(name)}: one character at least, no NUL`,
      );
    }
    const existing = this.#children.get(name);
    if (existing !== undefined) {
      const how = existing.#step === "open" ? "already" : "that is still being destroyed";
      throw new AdapterAlreadyExists(`"${this.#name}" has a child POA "${name}" ${how}`);
    }
    const gate = gateOf(parts, this.path, this.#host.replicator);
    const manager = parts.manager ?? this.#host.managers._newManager();
    try {
      const plan = { ...parts, parent: this, manager, gate };
      const child = this._newChild(this.#host, this.#unknown, plan);
      this.#children.set(name, child);
      return child._prepared();
    } catch (error) {
      if (parts.manager === null) this.#host.managers._abandon(manager);
      gate?.detach?.();
      throw error;
    }
  }

  /** Internal: POAs of a kind of their own have children of that kind. */
  _newChild(host: AdapterHost<POA>, unknown: UnknownAdapters<POA>, plan: AdapterPlan<POA>): POA {
    return new POA(host, unknown, plan);
  }

  /** Internal: itself, when all that it needs is there; destroyed when that cannot be had. */
  _prepared(): POA | Promise<POA> {
    return this;
  }

  /**
   * With `activateIt` the adapter activator is asked for a child that is not there.
   * @throws AdapterNonExistent; OBJ_ADAPTER when the activator threw
   */
  find_POA(name: string, activateIt?: false): POA;
  find_POA(name: string, activateIt: boolean): Promise<POA>;
  find_POA(name: string, activateIt: boolean = false): POA | Promise<POA> {
    if (activateIt) return this.#findOrMake(name);
    const child = this.#children.get(name);
    if (child !== undefined) return child;
    throw new AdapterNonExistent(`"${this.#name}" has no child POA "${name}"`);
  }

  #findOrMake(name: string): Promise<POA> {
    return new Promise((resolve, reject) => {
      const tell = (outcome: unknown): void => {
        if (typeof outcome === "object") reject(outcome);
        else resolve(promised(() => this.find_POA(name)));
      };
      const { the_activator: activator } = this;
      if (activator === null || this.#children.has(name)) tell(true);
      else this.#unknown.ask(activator, this, name, tell);
    });
  }

  /**
   * Destroys the children, then this POA. New requests get TRANSIENT while running ones end; then, with
   * `etherealizeObjects`, a servant activator gets its servants back, and the name is free again.
   * @param waitForCompletion the promise is for the end of all that
   * @throws BAD_INV_ORDER when an upcall would wait for itself
   */
  async destroy(
    etherealizeObjects: boolean = false,
    waitForCompletion: boolean = false,
  ): Promise<void> {
    if (waitForCompletion && this.#host.current._isInsideUpcall()) {
      throw new BAD_INV_ORDER(
        "destroy(wait_for_completion) inside an upcall would wait for the upcall itself",
        MINOR.wouldDeadlock,
        Completion.no,
      );
    }
    const ended = this.#tearDown(etherealizeObjects);
    if (waitForCompletion) await ended;
  }

  /** Internal: the ORB stops; only servants that an activator is to get back are waited for. */
  async _stop(): Promise<void> {
    await this.#tearDown(true, true);
  }

  #tearDown(etherealizeObjects: boolean, isStopping: boolean = false): Promise<void> | undefined {
    if (this.#step !== "open") return this.#destroyed;
    this.#step = "destroying";
    this.#manager._refuseHeldFor(this, this.#servants.beingDestroyed());
    const children = this.the_children.flatMap(
      (child) => child.#tearDown(etherealizeObjects, isStopping) ?? [],
    );
    const end = (): Promise<void> | undefined => {
      const given = this.#servants.objects?.clear(etherealizeObjects);
      if (given instanceof Promise) return given.then(() => this.#forget());
      this.#forget();
      return undefined;
    };
    const isIdle = this.#running === 0 || (isStopping && !this.#servants.willEtherealize);
    this.#destroyed =
      children.length === 0 && isIdle
        ? end()
        : Promise.all(children)
            .then(() => (isIdle ? undefined : this.#idle()))
            .then(end);
    return this.#destroyed;
  }

  #idle(): Promise<void> {
    if (this.#running === 0) return Promise.resolve();
    return new Promise((resolve) => this.#whenIdle.push(resolve));
  }

  #forget(): void {
    this.#step = "destroyed";
    this.#destroyed = undefined;
    this.#servants.defaultServant = undefined;
    this.#host.adapters.delete(prefixName(this.#prefix));
    this.#host.hooks.ior?.adaptersDestroyed([this.path]);
    this.#placement?.forget();
    this.#gated?.detach();
    if (this.#parent !== null) this.#parent.#children.delete(this.#name);
    this.#manager._leave(this);
  }

  /** @throws WrongPolicy without USE_SERVANT_MANAGER */
  get_servant_manager(): ServantManager | null {
    this.#known.needs("get_servant_manager", "requestProcessing", "USE_SERVANT_MANAGER");
    return this.#servants.manager;
  }

  /**
   * A ServantActivator with RETAIN, a ServantLocator with NON_RETAIN; once.
   * @throws WrongPolicy without USE_SERVANT_MANAGER, OBJ_ADAPTER for the wrong kind, BAD_INV_ORDER the second time
   */
  set_servant_manager(manager: ServantManager): void {
    this.#checkOpen();
    this.#known.needs("set_servant_manager", "requestProcessing", "USE_SERVANT_MANAGER");
    this.#servants.setManager(manager);
  }

  /** Activates under an id of the POA's making. @throws ServantAlreadyActive, WrongPolicy */
  activate_object(servant: Servant): ObjectId {
    this.#checkOpen();
    this.#known.needs("activate_object", "servantRetention", "RETAIN");
    this.#known.needs("activate_object", "idAssignment", "SYSTEM_ID");
    return this.#add(this.#known.newId(), servant);
  }

  /**
   * An object that was deactivated and is not yet gone counts as active: {@link activate} waits for it.
   * @throws ObjectAlreadyActive, ServantAlreadyActive, WrongPolicy; BAD_PARAM for an id a SYSTEM_ID POA did not make
   */
  activate_object_with_id(id: ObjectId, servant: Servant): void {
    this.#checkOpen();
    this.#known.needs("activate_object_with_id", "servantRetention", "RETAIN");
    this.#known.checkId(id);
    this.#known.checkFree(id);
    this.#add(id.slice(), servant);
  }

  #add(id: ObjectId, servant: Servant): ObjectId {
    this.#known.add(id, servant);
    this.#gated?.activated(id, servant);
    return id;
  }

  /**
   * Activates a servant and makes its reference. In a USER_ID POA `id` is needed (text stands for its UTF-8);
   * in a SYSTEM_ID POA it may be left out. An object of the id that is being deactivated is waited for.
   * @throws ObjectAlreadyActive, ServantAlreadyActive, WrongPolicy
   */
  activate(id: string | ObjectId, servant: Servant): Promise<ObjectReference>;
  activate(servant: Servant): Promise<ObjectReference>;
  async activate(
    ...args: readonly [string | ObjectId, Servant] | readonly [Servant]
  ): Promise<ObjectReference> {
    if (args.length === 1) {
      const id = this.activate_object(args[0]);
      return this.id_to_reference_of(id, args[0]);
    }
    const id = typeof args[0] === "string" ? string_to_ObjectId(args[0]) : args[0];
    const objects = this.#servants.objects;
    if (objects?.isBusy(id) === true) {
      await new Promise<void>((resolve) => objects.whenFree(id, resolve));
    }
    this.activate_object_with_id(id, args[1]);
    return this.id_to_reference_of(id, args[1]);
  }

  /**
   * Requests in work go on, and the association stands until they have ended. New ones wait for a servant
   * activator to take the servant back, and then for a new one; without an activator they find no object.
   * @throws ObjectNotActive, WrongPolicy
   */
  deactivate_object(id: ObjectId): void {
    this.#known.needs("deactivate_object", "servantRetention", "RETAIN");
    if (this.#servants.objects?.deactivate(id) !== true) throw this.#known.notActive(id);
    this.#gated?.deactivated(id);
  }

  /** A reference with a new id, active or not. @throws WrongPolicy without SYSTEM_ID */
  create_reference(repositoryId: string): ObjectReference {
    this.#checkOpen();
    this.#known.needs("create_reference", "idAssignment", "SYSTEM_ID");
    return this.#reference(this.#known.newId(), repositoryId);
  }

  /** A reference to an object that may become active later. @throws BAD_PARAM for an id a SYSTEM_ID POA did not make */
  create_reference_with_id(id: ObjectId, repositoryId: string): ObjectReference {
    this.#checkOpen();
    this.#known.checkId(id);
    return this.#reference(id, repositoryId);
  }

  /** @throws WrongPolicy without USE_DEFAULT_SERVANT, NoServant when none is set */
  get_servant(): Servant {
    this.#known.needs("get_servant", "requestProcessing", "USE_DEFAULT_SERVANT");
    const servant = this.#servants.defaultServant;
    if (servant !== undefined) return servant;
    throw new NoServant(`POA "${this.#name}" has no default servant yet`);
  }

  /** The servant of all objects that are not in the map. @throws WrongPolicy without USE_DEFAULT_SERVANT */
  set_servant(servant: Servant): void {
    this.#checkOpen();
    this.#known.needs("set_servant", "requestProcessing", "USE_DEFAULT_SERVANT");
    this.#servants.defaultServant = servant;
    servant._activatedBy(this);
  }

  /**
   * The servant's id; activates it where IMPLICIT_ACTIVATION allows. For a default servant, inside a request on
   * it: the id of that request; behind an `await` that is known where `POACurrent` was asked for before.
   * @throws ServantNotActive; WrongPolicy without USE_DEFAULT_SERVANT, or RETAIN with UNIQUE_ID or IMPLICIT_ACTIVATION
   */
  servant_to_id(servant: Servant): ObjectId {
    return this.#known.idOf(servant);
  }

  /**
   * As `servant_to_id`, with the reference; inside a request on the servant also with any other policies.
   * @throws ServantNotActive, WrongPolicy
   */
  servant_to_reference(servant: Servant): ObjectReference {
    return this.id_to_reference_of(this.#known.referredId(servant), servant);
  }

  /** The object being called, inside an upcall on the servant; else as `servant_to_reference`. */
  _thisOf(servant: Servant): ObjectReference {
    const context = this.#host.current._peek();
    if (context === undefined || context.servant !== servant) {
      return this.servant_to_reference(servant);
    }
    return context.poa.id_to_reference_of(context.objectId, servant);
  }

  /** @throws ObjectNotActive, WrongAdapter, WrongPolicy */
  reference_to_servant(reference: ObjectReference): Servant {
    return this.id_to_servant(this.reference_to_id(reference));
  }

  /** @throws WrongAdapter when the reference is not one of this POA's */
  reference_to_id(reference: ObjectReference): ObjectId {
    const key = this.#host.ownKeyOf(reference);
    if (key !== undefined) {
      const place = readKey(key, this.#host.run);
      if (place.kind === "adapter" && place.adapter === prefixName(this.#prefix)) {
        return key.slice(place.idAt);
      }
    }
    throw new WrongAdapter(`the reference was not made by POA "${this.#name}"`);
  }

  /** The servant in the map, else the default servant. @throws ObjectNotActive, WrongPolicy */
  id_to_servant(id: ObjectId): Servant {
    return this.#known.servantOf(id);
  }

  /** @throws ObjectNotActive, WrongPolicy */
  id_to_reference(id: ObjectId): ObjectReference {
    this.#known.needs("id_to_reference", "servantRetention", "RETAIN");
    const servant = this.#known.activeServantOf(id);
    if (servant === undefined) throw this.#known.notActive(id);
    return this.id_to_reference_of(id, servant);
  }

  /** Internal: the reference of an object known to be served by `servant`. */
  id_to_reference_of(id: ObjectId, servant: Servant): ObjectReference {
    return this.#reference(id, servant._primary_interface(id, this));
  }

  /** Internal: a child, also one that is being destroyed. */
  _child(name: string): POA | undefined {
    return this.#children.get(name);
  }

  /** Internal: whether a request for this id may find a servant. */
  _mayHave(id: ObjectId, entrance: number): boolean {
    return this.#isReachedBy(entrance) && this.#servants.mayHave(id);
  }

  /** Internal: `go` when the manager lets requests through; those it refuses are answered. */
  _ask(question: Question, go: () => void): void {
    this.#manager.ask(question, this, go);
  }

  /** Internal: the manager was deactivated, and no request runs. */
  _etherealizeAll(): void | Promise<void> {
    if (this.#step === "open") return this.#servants.objects?.clear(true);
  }

  /** Internal: one request whose key named this POA. */
  _serve(request: ServerRequest, id: ObjectId): void {
    if (!this.#isReachedBy(request.entrance)) {
      request.systemException(noAdapter());
      return;
    }
    const admitted = this.#watched(this.#placement?.arrived(request) ?? request, id);
    if (admitted !== undefined) this.#manager.admit(admitted, id, this);
  }

  /** The request as those who look at it let it through; undefined when they answered it. */
  #watched(request: ServerRequest, id: ObjectId): ServerRequest | undefined {
    const { server } = this.#host.hooks;
    return server === undefined ? request : watched(server, request, this.#watchedAdapter, id);
  }

  #isReachedBy(entrance: number): boolean {
    if (entrance === this.#manager._entrance || entrance === ENTRANCE.inside) return true;
    return this.#placement?.isReachedBy(entrance) === true;
  }

  /** Internal: the manager lets a request through. */
  _admitted(request: ServerRequest, id: ObjectId): void {
    this.#running++;
    if (this.#gated === undefined) this.#begin(request, id, this.#done);
    else this.#gated.admit(request, id, this.#done);
  }

  /** Internal: where a request stands among those that wait for this POA. */
  _rank(request: ServerRequest): Rank | undefined {
    return this.#watchedAdapter.rank(request);
  }

  #begin(request: ServerRequest, id: ObjectId, done: () => void): void {
    if (this.#placement === undefined) {
      this.#servants.serveInTurn(request, id, done);
      return;
    }
    const run = (ended: () => void): void => this.#servants.serveInTurn(request, id, ended);
    this.#placement.schedule(request, id, run, done);
  }

  #upcall(servant: Servant, request: ServerRequest, id: ObjectId, done: () => void): void {
    const { current, upcalls } = this.#host;
    const objectId = current._isEnabled ? id.slice() : id;
    const context = { poa: this, objectId, servant, hasEnded: false };
    current._run(context, () =>
      upcalls.run(servant, request, id, this, () => {
        context.hasEnded = true;
        done();
      }),
    );
  }

  /** A request that the manager let through was answered. */
  readonly #done = (): void => {
    this.#manager.done();
    this.#leave();
  };

  #leave(): void {
    this.#running--;
    if (this.#running > 0 || this.#whenIdle.length === 0) return;
    const waiters = this.#whenIdle;
    this.#whenIdle = [];
    for (const wake of waiters) wake();
  }

  #reference(id: ObjectId, repositoryId: string): ObjectReference {
    return this.#watchedAdapter.reference(repositoryId, id);
  }

  #checkOpen(): void {
    this.#host.checkRunning();
    if (this.#step === "destroyed") {
      throw new OBJECT_NOT_EXIST(`POA "${this.#name}" is destroyed`, MINOR.none, Completion.no);
    }
    if (this.#step === "destroying") {
      throw new BAD_INV_ORDER(
        `POA "${this.#name}" is being destroyed`,
        MINOR.poaBeingDestroyed,
        Completion.no,
      );
    }
  }
}

function promised<T>(make: () => T | Promise<T>): Promise<T> {
  return new Promise((resolve) => resolve(make()));
}
