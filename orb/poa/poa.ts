import {
  BAD_PARAM,
  Completion,
  MINOR,
  NO_RESOURCES,
  OBJ_ADAPTER,
  OBJECT_NOT_EXIST,
  TRANSIENT,
} from "../exception/index.ts";
import type { ServerRequest } from "../iiop/index.ts";
import type { ObjectReference } from "../object/index.ts";
import type { PoaPolicies, Policy } from "../policy/index.ts";
import type { AdapterHost } from "./adapter-host.ts";
import {
  AdapterAlreadyExists,
  AdapterNonExistent,
  NoServant,
  ObjectAlreadyActive,
  ObjectNotActive,
  ServantAlreadyActive,
  ServantNotActive,
  WrongAdapter,
  WrongPolicy,
} from "./exceptions.ts";
import { POAManager } from "./manager.ts";
import { idName, type ObjectId, string_to_ObjectId } from "./object-id.ts";
import { keyPrefix, prefixName, readKey } from "./object-key.ts";
import { ObjectMap } from "./object-map.ts";
import { policiesFromList, policiesFromOptions, type PoaOptions } from "./policies.ts";
import { Serial } from "./serial.ts";
import type { Servant, ServantHome } from "./servant.ts";

/** Requests that may wait for their turn in a SINGLE_THREAD_MODEL POA. */
const MAX_SERIAL_WAITING = 10_000;

/** What `createPoa` takes beside the policies. */
export interface CreatePoaOptions extends PoaOptions {
  /** The manager that governs the new POA; its parent's where absent. */
  readonly manager?: POAManager;
}

/** A portable object adapter (CORBA 3.3 Part 1, 15.3.9). Made by its parent; the first one is the ORB's. */
export class POA implements ServantHome {
  readonly #host: AdapterHost<POA>;
  readonly #name: string;
  readonly #parent: POA | null;
  readonly #manager: POAManager;
  readonly #policies: PoaPolicies;
  readonly #prefix: Uint8Array;
  readonly #children = new Map<string, POA>();
  readonly #map = new ObjectMap();
  readonly #serial: Serial | undefined;
  #defaultServant: Servant | undefined;
  #nextId = 1;
  #step: "open" | "destroyed" = "open";
  #running = 0;
  #whenIdle: (() => void)[] = [];

  /** Internal: use `createPoa` or `create_POA` of the parent. */
  constructor(
    host: AdapterHost<POA>,
    name: string,
    parent: POA | null,
    manager: POAManager,
    policies: PoaPolicies,
  ) {
    this.#host = host;
    this.#name = name;
    this.#parent = parent;
    this.#manager = manager;
    this.#policies = policies;
    this.#prefix = keyPrefix(this.path, policies.lifespan === "TRANSIENT" ? host.run : undefined);
    this.#serial =
      policies.thread === "SINGLE_THREAD_MODEL" ? new Serial(MAX_SERIAL_WAITING) : undefined;
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
      const { manager, ...policies } = options;
      return this.#create(name, manager ?? this.#manager, policiesFromOptions(policies));
    });
  }

  /** The OMG form: without a manager the POA gets a new one, HOLDING. @throws InvalidPolicy, AdapterAlreadyExists */
  create_POA(
    name: string,
    manager: POAManager | null = null,
    policies: readonly Policy[] = [],
  ): Promise<POA> {
    return promised(() =>
      this.#create(
        name,
        manager ?? new POAManager(this.#host.newManagerId()),
        policiesFromList(policies),
      ),
    );
  }

  #create(name: string, manager: POAManager, policies: PoaPolicies): POA {
    this.#checkOpen();
    if (name === "" || name.includes("\0")) {
      throw new BAD_PARAM(
        `a POA cannot be called ${JSON.stringify(name)}: one character at least, no NUL`,
      );
    }
    if (this.#children.has(name)) {
      throw new AdapterAlreadyExists(`"${this.#name}" has a child POA "${name}" already`);
    }
    const child = new POA(this.#host, name, this, manager, policies);
    this.#children.set(name, child);
    return child;
  }

  /** @throws AdapterNonExistent */
  find_POA(name: string, _activateIt: boolean = false): POA {
    const child = this.#children.get(name);
    if (child === undefined) {
      throw new AdapterNonExistent(`"${this.#name}" has no child POA "${name}"`);
    }
    return child;
  }

  /** Destroys the children, then this POA; its objects are gone. With `waitForCompletion` the promise ends when running requests have. */
  async destroy(
    etherealizeObjects: boolean = false,
    waitForCompletion: boolean = false,
  ): Promise<void> {
    if (this.#step === "destroyed") return;
    const children = this.the_children.map((child) =>
      child.destroy(etherealizeObjects, waitForCompletion),
    );
    this.#step = "destroyed";
    this.#host.adapters.delete(prefixName(this.#prefix));
    if (this.#parent !== null) this.#parent.#children.delete(this.#name);
    this.#map.clear();
    this.#defaultServant = undefined;
    await Promise.all(children);
    if (waitForCompletion && this.#running > 0) {
      await new Promise<void>((resolve) => this.#whenIdle.push(resolve));
    }
  }

  /** Activates under an id of the POA's making. @throws ServantAlreadyActive, WrongPolicy */
  activate_object(servant: Servant): ObjectId {
    this.#checkOpen();
    if (this.#policies.idAssignment !== "SYSTEM_ID") {
      throw new WrongPolicy(
        `POA "${this.#name}" has USER_ID: give the id with activate_object_with_id`,
      );
    }
    this.#checkUnique(servant);
    const id = this.#newId();
    this.#enter(id, servant);
    return id;
  }

  /** @throws ObjectAlreadyActive, ServantAlreadyActive; BAD_PARAM for an id a SYSTEM_ID POA did not make */
  activate_object_with_id(id: ObjectId, servant: Servant): void {
    this.#checkOpen();
    this.#checkId(id);
    if (this.#map.servantOf(idName(id)) !== undefined) {
      throw new ObjectAlreadyActive(
        `POA "${this.#name}" has an active object ${printable(id)} already`,
      );
    }
    this.#checkUnique(servant);
    this.#enter(id.slice(), servant);
  }

  /**
   * Activates a servant and makes its reference. In a USER_ID POA `id` is needed (text stands for its UTF-8);
   * in a SYSTEM_ID POA it is left out.
   * @throws ObjectAlreadyActive, ServantAlreadyActive, WrongPolicy
   */
  activate(id: string | ObjectId, servant: Servant): Promise<ObjectReference>;
  activate(servant: Servant): Promise<ObjectReference>;
  activate(
    ...args: readonly [string | ObjectId, Servant] | readonly [Servant]
  ): Promise<ObjectReference> {
    return promised(() => {
      if (args.length === 1) {
        const id = this.activate_object(args[0]);
        return this.id_to_reference_of(id, args[0]);
      }
      const id = typeof args[0] === "string" ? string_to_ObjectId(args[0]) : args[0];
      this.activate_object_with_id(id, args[1]);
      return this.id_to_reference_of(id, args[1]);
    });
  }

  /** Requests in work go on; new ones find no object. @throws ObjectNotActive */
  deactivate_object(id: ObjectId): void {
    if (this.#map.remove(id) === undefined) throw this.#notActive(id);
  }

  /** A reference with a new id, active or not. @throws WrongPolicy without SYSTEM_ID */
  create_reference(repositoryId: string): ObjectReference {
    this.#checkOpen();
    if (this.#policies.idAssignment !== "SYSTEM_ID") {
      throw new WrongPolicy(`POA "${this.#name}" has USER_ID: use create_reference_with_id`);
    }
    return this.#reference(this.#newId(), repositoryId);
  }

  /** A reference to an object that may become active later. */
  create_reference_with_id(id: ObjectId, repositoryId: string): ObjectReference {
    this.#checkOpen();
    this.#checkId(id);
    return this.#reference(id, repositoryId);
  }

  /** @throws WrongPolicy without USE_DEFAULT_SERVANT, NoServant when none is set */
  get_servant(): Servant {
    this.#checkDefaultServantPolicy("get_servant");
    if (this.#defaultServant === undefined) {
      throw new NoServant(`POA "${this.#name}" has no default servant yet`);
    }
    return this.#defaultServant;
  }

  /** The servant of all objects that are not in the map. @throws WrongPolicy without USE_DEFAULT_SERVANT */
  set_servant(servant: Servant): void {
    this.#checkDefaultServantPolicy("set_servant");
    this.#defaultServant = servant;
    servant._activatedBy(this);
  }

  /** The servant's id; activates it where IMPLICIT_ACTIVATION allows. @throws ServantNotActive */
  servant_to_id(servant: Servant): ObjectId {
    const isUnique = this.#policies.idUniqueness === "UNIQUE_ID";
    const isImplicit = this.#policies.implicitActivation === "IMPLICIT_ACTIVATION";
    if (isUnique || !isImplicit) {
      const id = this.#map.idOf(servant);
      if (id !== undefined) return id;
    }
    if (isImplicit) {
      this.#checkOpen();
      const id = this.#newId();
      this.#enter(id, servant);
      return id;
    }
    throw new ServantNotActive(
      `this servant of ${servant._descriptor.name} is not active in POA "${this.#name}"`,
    );
  }

  /** As `servant_to_id`, with the reference. Inside an upcall on this servant: the object being called. @throws ServantNotActive */
  servant_to_reference(servant: Servant): ObjectReference {
    if (this.#policies.idUniqueness === "MULTIPLE_ID") {
      const current = this.#host.current;
      if (current._isEnabled) {
        const context = current._peek();
        if (context?.poa === this && context.servant === servant) {
          return this.id_to_reference_of(context.objectId, servant);
        }
      }
    }
    return this.id_to_reference_of(this.servant_to_id(servant), servant);
  }

  /** @throws ObjectNotActive, WrongAdapter */
  reference_to_servant(reference: ObjectReference): Servant {
    return this.id_to_servant(this.reference_to_id(reference));
  }

  /** @throws WrongAdapter when the reference is not one of this POA's */
  reference_to_id(reference: ObjectReference): ObjectId {
    const key = this.#host.localKeyOf(reference);
    if (key !== undefined) {
      const place = readKey(key, this.#host.run);
      if (place.kind === "adapter" && place.adapter === prefixName(this.#prefix)) {
        return key.slice(place.idAt);
      }
    }
    throw new WrongAdapter(`the reference was not made by POA "${this.#name}"`);
  }

  /** @throws ObjectNotActive */
  id_to_servant(id: ObjectId): Servant {
    const servant = this.#map.servantOf(idName(id)) ?? this.#defaultServant;
    if (servant === undefined) throw this.#notActive(id);
    return servant;
  }

  /** @throws ObjectNotActive */
  id_to_reference(id: ObjectId): ObjectReference {
    const servant = this.#map.servantOf(idName(id));
    if (servant === undefined) throw this.#notActive(id);
    return this.id_to_reference_of(id, servant);
  }

  /** Internal: the reference of an object known to be served by `servant`. */
  id_to_reference_of(id: ObjectId, servant: Servant): ObjectReference {
    return this.#reference(id, servant._primary_interface(id, this));
  }

  /** Internal: whether a request for this id would find a servant. */
  _has(id: ObjectId): boolean {
    return this.#map.servantOf(idName(id)) !== undefined || this.#defaultServant !== undefined;
  }

  /** Internal: the ORB stops; held requests are refused, here and in the children. */
  _stop(): void {
    if (this.#manager.get_state() !== "INACTIVE") void this.#manager.deactivate();
    for (const child of this.#children.values()) child._stop();
  }

  /** Internal: one request whose key named this POA. */
  _serve(request: ServerRequest, id: ObjectId): void {
    this.#manager.admit(request, (admitted) => {
      const serial = this.#serial;
      this.#running++;
      if (serial === undefined) {
        this.#upcall(admitted, id, () => this.#done());
        return;
      }
      const isQueued = serial.run((finished) => {
        this.#upcall(admitted, id, () => {
          this.#done();
          finished();
        });
      });
      if (!isQueued) {
        admitted.systemException(
          new NO_RESOURCES(
            `POA "${this.#name}" is SINGLE_THREAD_MODEL and ${serial.capacity} requests wait already`,
            MINOR.queueFull,
            Completion.no,
          ),
        );
        this.#done();
      }
    });
  }

  #upcall(request: ServerRequest, id: ObjectId, done: () => void): void {
    const servant = this.#map.servantOf(idName(id)) ?? this.#defaultServant;
    if (servant === undefined) {
      request.systemException(this.#missing(id));
      done();
      return;
    }
    const { current, upcalls } = this.#host;
    if (current._isEnabled) {
      const context = { poa: this, objectId: id.slice(), servant };
      current._run(context, () => upcalls.run(servant, request, id, this, done));
    } else {
      upcalls.run(servant, request, id, this, done);
    }
  }

  #missing(id: ObjectId): TRANSIENT | OBJ_ADAPTER | OBJECT_NOT_EXIST {
    if (this.#step === "destroyed") {
      return new TRANSIENT(`POA "${this.#name}" is destroyed`, MINOR.poaDestroyed, Completion.no);
    }
    if (this.#policies.requestProcessing === "USE_DEFAULT_SERVANT") {
      return new OBJ_ADAPTER(
        `POA "${this.#name}" has no default servant yet`,
        MINOR.noDefaultServant,
        Completion.no,
      );
    }
    return new OBJECT_NOT_EXIST(
      `POA "${this.#name}" has no active object ${printable(id)}`,
      MINOR.objectNotActive,
      Completion.no,
    );
  }

  #done(): void {
    this.#running--;
    this.#manager.done();
    if (this.#running > 0 || this.#whenIdle.length === 0) return;
    const waiters = this.#whenIdle;
    this.#whenIdle = [];
    for (const wake of waiters) wake();
  }

  #reference(id: ObjectId, repositoryId: string): ObjectReference {
    return this.#host.newReference(repositoryId, Buffer.concat([this.#prefix, id]));
  }

  #enter(id: ObjectId, servant: Servant): void {
    this.#map.add(id, servant);
    servant._activatedBy(this);
  }

  // A persistent POA's ids must not meet those of its earlier runs.
  #newId(): ObjectId {
    const count = Buffer.allocUnsafe(4);
    count.writeUInt32BE(this.#nextId++);
    return this.#policies.lifespan === "PERSISTENT"
      ? Buffer.concat([this.#host.run, count])
      : count;
  }

  #checkId(id: ObjectId): void {
    if (this.#policies.idAssignment !== "SYSTEM_ID") return;
    const length = this.#policies.lifespan === "PERSISTENT" ? this.#host.run.length + 4 : 4;
    if (id.length !== length) {
      throw new BAD_PARAM(
        `${printable(id)} is no id that SYSTEM_ID POA "${this.#name}" made`,
        MINOR.invalidObjectId,
        Completion.no,
      );
    }
  }

  #checkUnique(servant: Servant): void {
    if (this.#policies.idUniqueness === "UNIQUE_ID" && this.#map.isActive(servant)) {
      throw new ServantAlreadyActive(
        `this servant of ${servant._descriptor.name} is active in POA "${this.#name}" already, which has UNIQUE_ID`,
      );
    }
  }

  #checkDefaultServantPolicy(operation: string): void {
    if (this.#policies.requestProcessing !== "USE_DEFAULT_SERVANT") {
      throw new WrongPolicy(`${operation}: POA "${this.#name}" has no USE_DEFAULT_SERVANT`);
    }
  }

  #checkOpen(): void {
    if (this.#step === "destroyed") {
      throw new OBJECT_NOT_EXIST(`POA "${this.#name}" is destroyed`, MINOR.none, Completion.no);
    }
  }

  #notActive(id: ObjectId): ObjectNotActive {
    return new ObjectNotActive(`POA "${this.#name}" has no active object ${printable(id)}`);
  }
}

function printable(id: ObjectId): string {
  const text = Buffer.from(id).toString("latin1");
  return /^[\x20-\x7e]+$/.test(text) ? `"${text}"` : `0x${Buffer.from(id).toString("hex")}`;
}

function promised<T>(make: () => T): Promise<T> {
  return new Promise((resolve) => resolve(make()));
}
