import {
  type Clock,
  Deadline,
  type Logger,
  noLogger,
  systemClock,
  systemRandom,
  TaskScope,
  TimerQueue,
} from "../base/index.ts";
import { Bidirectional } from "../bidirectional/index.ts";
import { DynAnyFactory } from "../dynany/index.ts";
import { BAD_INV_ORDER, Completion, MINOR, OBJECT_NOT_EXIST } from "../exception/index.ts";
import { ENTRANCE, type IiopEnvironment, IiopServer, OutputPool } from "../iiop/index.ts";
import { ConnectionCache } from "../outgoing/index.ts";
import {
  chainChoices,
  type DirectReceiver,
  type EndpointChoice,
  type Hooks,
  type Initializers,
  type SlotCurrent,
  type ValueCodecFactory,
} from "../hook/index.ts";
import { type Ior, iorToString, NIL_IOR, withComponents } from "../ior/index.ts";
import { Cancellations, Heartbeats, newGroupClient, ReferenceCore } from "../call/index.ts";
import { Invocations, ObjectContext, ObjectReference, type ValueFactory } from "../object/index.ts";
import { POAManagerFactory, Serial } from "../manager/index.ts";
import { defaultTerms, ExceptionHolder } from "../messaging/index.ts";
import {
  Adapters,
  type AdapterHost,
  Current,
  POA,
  RUN_OCTETS,
  UnknownAdapters,
  Upcalls,
} from "../poa/index.ts";
import {
  type CallPolicies,
  type Policy,
  PolicyCurrent,
  PolicyManager,
  ROOT_POA_POLICIES,
} from "../policy/index.ts";
import type { PriorityMappingManager, RTCurrent } from "../rt/index.ts";
import { type EntranceHost, isRealTimePolicy, RTORB, RTPOA } from "../rtpoa/index.ts";
import type { Endpoint } from "../transport/index.ts";
import type { TypeCode } from "../typecode/index.ts";
import type { ValueDescriptor } from "../value/index.ts";
import { observed, tcpOf, traceOf } from "./observed.ts";
import { OrbMetrics } from "../trace/index.ts";
import { Addresses } from "./addresses.ts";
import { DynamicFactory } from "./dynamic-factory.ts";
import { InitialReferences, OWN_REFERENCES } from "./initial-references.ts";
import { InterfaceRepository } from "./interface-repository.ts";
import { OrbPolicies } from "./orb-policies.ts";
import { streamsOf } from "./in-progress.ts";
import { checkOutside, type OrbState, settledBy, step } from "./lifecycle.ts";
import { parseEndpoint, parsePublish, type PublishTemplate } from "./endpoints.ts";
import {
  instanceOf,
  type OrbInitOptions,
  type OrbSettings,
  readSettings,
  givenOrb,
} from "./options.ts";
import { rtHostOf } from "./real-time.ts";
import { Registry } from "./registry.ts";
import { stringToObject } from "./string-to-object.ts";

/** Milliseconds requests in work are given when the ORB shuts down. */
export const SHUTDOWN_TIMEOUT_MS: number = 5_000;

/** Requests that may wait for their turn in the MAIN_THREAD_MODEL POAs of one ORB. */
const MAX_MAIN_THREAD_WAITING = 10_000;

const NAMED: Registry<ORB> = new Registry();

/**
 * Starts an ORB: reads the `-ORB…` arguments, then opens its endpoints. With `-ORBid NAME` the ORB of that
 * name is given as long as there is one, and the other arguments and options mean nothing then; without a name
 * each call starts another one.
 * @throws BAD_PARAM for an argument, INITIALIZE for a configuration value or an endpoint that cannot be had
 */
export async function ORB_init(
  args: readonly string[] = [],
  options: OrbInitOptions = {},
): Promise<ORB> {
  const settings = readSettings(args, options.config?.orb ?? {});
  return await NAMED.get(settings.id, async () => {
    const orb = new ORB(settings, options, args);
    await orb._open();
    return orb;
  });
}

/** An object request broker (CORBA 3.3 Part 1, 8). Obtained from {@link ORB_init}; closed by `destroy` or `await using`. */
export class ORB extends DynamicFactory implements AsyncDisposable {
  readonly #settings: OrbSettings;
  readonly #clock: Clock;
  readonly #deadlines: TimerQueue;
  readonly #log: Logger;
  readonly #policies: OrbPolicies;
  readonly #context: ObjectContext;
  readonly #metrics: OrbMetrics | undefined;
  readonly #invocations: Invocations;
  readonly #connections: ConnectionCache;
  readonly #server: IiopServer;
  readonly #addresses: Addresses;
  readonly #adapters: Adapters;
  readonly #current: Current<POA>;
  readonly #managers: POAManagerFactory;
  readonly #rootPoa: RTPOA;
  readonly #rt: RTORB;
  #isRealTime = false;
  #entrances: number = ENTRANCE.main;
  readonly #initial: InitialReferences;
  /** Filled before there is a POA, and not touched again. */
  readonly #hooks: Hooks = {
    client: undefined,
    server: undefined,
    ior: undefined,
    endpoints: undefined,
    connections: undefined,
  };
  #state: OrbState = "running";
  #stopping: Promise<void> | undefined;
  /** Entrances of managers that are gone. */
  readonly #closing = new TaskScope((task, error) =>
    this.#log.warn(`${task} did not close`, { error }),
  );
  #whenStopped: (() => void)[] = [];

  /** Internal: use `ORB_init`. */
  constructor(settings: OrbSettings, options: OrbInitOptions, args: readonly string[] = []) {
    super();
    this.#settings = settings;
    this.#clock = options.clock ?? systemClock;
    this.#deadlines = new TimerQueue(this.#clock, settings.deadlineMs);
    this.#log = options.logger ?? noLogger;
    this.#context = new ObjectContext(settings.maxValues);
    this.#metrics =
      options.metrics === undefined ? undefined : new OrbMetrics(options.metrics, this.#context);
    const transport = observed(
      options.transport ?? tcpOf(settings, options, this.#log),
      this.#metrics,
      traceOf(settings, options, this.#clock),
    );
    const own = (options.random ?? systemRandom).octets(RUN_OCTETS);
    const run = instanceOf(options) ?? own;
    const ownPolicies = {
      relativeRoundtripTimeoutMs: settings.deadlineMs,
      connectionTimeoutMs: settings.connections.connectTimeoutMs,
    };
    this.#policies = new OrbPolicies(ownPolicies, settings.policies, (type, value) =>
      this.#hooks.policy?.(type, value),
    );
    const bidirectional = new Bidirectional(settings.bidirectional, () => this.#adapters);
    const env: IiopEnvironment = {
      transport,
      settings: settings.connections,
      context: this.#context,
      clock: this.#clock,
      log: this.#log,
      outputs: new OutputPool(settings.connections.fragmentOctets),
      bidirectional,
    };
    this.#connections = new ConnectionCache(env, (route) => bidirectional.borrow(route, env));
    const isShared = instanceOf(options) !== undefined;
    this.#addresses = new Addresses(run, isShared, this.#log, bidirectional);
    this.#current = new Current(Buffer.from(run).toString("hex"), this.#clock, settings.deadlineMs);
    this.#managers = this.#newManagers();
    this.#initial = new InitialReferences(settings, (url) => this.string_to_object(url));
    const host: AdapterHost<POA> = {
      run,
      adapters: new Map(),
      managers: this.#managers,
      hooks: this.#hooks,
      replicator: options.replicator,
      upcalls: new Upcalls(
        this.#log,
        new InterfaceRepository(() => this.#initial),
        this.#current._inside,
      ),
      current: this.#current,
      clock: this.#clock,
      log: this.#log,
      context: this.#context,
      deadlineMs: settings.deadlineMs,
      mainThread: new Serial(MAX_MAIN_THREAD_WAITING),
      serving: () => this.#server.ref(),
      allowBothWays: () => bidirectional.allow(),
      checkRunning: () => this._checkRunning(),
      newReference: (repositoryId, key, entrance, more) =>
        this._reference(withComponents(this.#addresses.newIor(repositoryId, key, entrance), more)),
      newReferenceAt: (repositoryId, key, address, more) =>
        this._reference(withComponents(this.#addresses.newIorAt(repositoryId, key, address), more)),
      referenceTo: (ior) => this._reference(ior),
      addressOf: (entrance) => this.#addresses.publishedAt(entrance)[0],
      localKeyOf: (reference) =>
        reference._core.ownTargets.find((target) => this.#addresses.isLocal(target))?.objectKey,
      ownKeyOf: (reference) =>
        reference._core.ownTargets.find((target) => this.#addresses.isOwn(target))?.objectKey,
    };
    const unknown = new UnknownAdapters(this.#current);
    this.#adapters = new Adapters(host, unknown, () => this.#rootPoa);
    this.#server = new IiopServer(env, this.#adapters);
    this.#invocations = new Invocations({
      owner: this,
      clock: this.#clock,
      log: this.#log,
      policies: this.#policies,
      defaultTerms: defaultTerms(settings.deadlineMs),
      context: this.#context,
      connections: this.#connections,
      cancellations: new Cancellations(),
      heartbeats: new Heartbeats(this.#clock),
      // Replies are kept by this name: ORBs that share their keys must not share it.
      groupClient: newGroupClient(own, this.#clock),
      handler: this.#adapters,
      hooks: this.#hooks,
      deadlineMs: settings.deadlineMs,
      deadlines: this.#deadlines,
      isLocal: (target) => this.#addresses.isLocal(target),
      checkRunning: () => this._checkRunning(),
    });
    this.#context.bind(this.#invocations);
    this.registerValue(ExceptionHolder.descriptor);
    if (options.initializers !== undefined) this.#begin(options.initializers, args, run);
    this.#chooseEndpoints(options.endpointChoices ?? []);
    for (const watch of [this.#hooks.connections, options.connectionWatch])
      if (watch !== undefined) this.#connections.watchedBy(watch);
    const { realTime, deadlineMs } = settings;
    const ofOrb = {
      entrances: this.#laneEntrances(),
      deadlineMs,
      policy: (type: number): Policy | undefined => this.#policies.orb._overrides.get(type),
      given: givenOrb(args),
    };
    this.#rt = new RTORB(rtHostOf(realTime, options, ofOrb));
    const plan = {
      name: "RootPOA",
      parent: null,
      manager: this.#managers._newManager("RootPOAManager"),
      policies: ROOT_POA_POLICIES,
    };
    this.#rootPoa = new RTPOA(host, unknown, plan, this.#rt);
  }

  #begin(initializers: Initializers, args: readonly string[], run: Uint8Array): void {
    const hooks = initializers.begin({
      arguments: args,
      id: this.id,
      serverId: Buffer.from(run).toString("hex"),
      reference: (ior) => this._reference(ior),
      ...streamsOf(this.#context),
      register: (id, object) => this.#initial.register(id, object as ObjectReference | null),
      resolve: (id) => this.resolve_initial_references(id),
      warn: (text, error) => this.#log.warn(text, { error }),
    });
    Object.assign(this.#hooks, hooks);
  }

  /** Behind those who choose already. */
  #chooseEndpoints(choices: readonly EndpointChoice[]): void {
    const { endpoints } = this.#hooks;
    const all = endpoints === undefined ? choices : [endpoints, ...choices];
    Object.assign(this.#hooks, { endpoints: chainChoices(all) });
  }

  /** From the first use of anything real-time on, calls keep to priorities: the others pay nothing for it. */
  #useRealTime(): RTORB {
    if (this.#isRealTime) return this.#rt;
    this.#isRealTime = true;
    this.#chooseEndpoints([this.#rt._client]);
    this.#connections.watchedBy(this.#rt._client.binding);
    this.#connections.watchedBy(this.#rt._clientTcp);
    return this.#rt;
  }

  #newManagers(): POAManagerFactory {
    return new POAManagerFactory({
      maxHeld: this.#settings.maxHeldRequests,
      isInsideUpcall: () => this.#current._isInsideUpcall(),
      changed: (manager) => this.#hooks.ior?.managerChanged(manager.get_id(), manager.get_state()),
      held: (by) => this.#metrics?.held.add(by),
      openEntrance: async ({ listen = [], publish = [] }) =>
        await this.#openEntrance(
          listen.map((text) => parseEndpoint(text, "endpoint")),
          publish.map(parsePublish),
        ),
      closeEntrance: (entrance) => {
        // An ORB that stops has closed all.
        if (entrance === ENTRANCE.main || this.#state !== "running") return;
        this.#closing.run("entrance", () => this.#server.closeEntrance(entrance));
      },
    });
  }

  async #openEntrance(
    listen: readonly Endpoint[],
    publish: readonly PublishTemplate[],
  ): Promise<number> {
    this._checkRunning();
    const entrance = ++this.#entrances;
    await this.#addresses.open(this.#server, { listen, publish }, entrance);
    return entrance;
  }

  /** Lanes listen where the ORB does, each on a port of its own. */
  #laneEntrances(): EntranceHost {
    const { listen: own, publish } = this.#settings;
    const host = own.find(({ path }) => path === undefined)?.host ?? "127.0.0.1";
    // An address of one port cannot be that of several lanes.
    const templates = publish.filter(({ port }) => port === undefined);
    return {
      clock: this.#clock,
      open: async (listen) => {
        const at = listen === undefined ? { host, port: 0 } : parseEndpoint(listen, "endpoint");
        const entrance = await this.#openEntrance([at], templates);
        const [endpoint = at] = this.#addresses.publishedAt(entrance);
        return { entrance, endpoint };
      },
      close: (entrance) => this.#server.closeEntrance(entrance),
      configure: (entrance, options) => this.#server.configure(entrance, options),
    };
  }

  /** The name given with `-ORBid`; empty by default. */
  get id(): string {
    return this.#settings.id;
  }

  /** The endpoints in force, with the ports the system chose. */
  get endpoints(): readonly Endpoint[] {
    return this.#server.endpoints;
  }

  /** What references of this ORB say of it, see `orb.publish`. */
  get publishedAddresses(): readonly Endpoint[] {
    return this.#addresses.publishedAt(ENTRANCE.main);
  }

  get rootPOA(): RTPOA {
    this._checkRunning();
    return this.#rootPoa;
  }

  /** Thread pools, priorities and mutexes of RT-CORBA. */
  get rt(): RTORB {
    this._checkRunning();
    return this.#useRealTime();
  }

  /** Tells servants which object they are called for. Following calls through their awaits starts with its first use. */
  get poaCurrent(): Current<POA> {
    this.#current._enable();
    return this.#current;
  }

  /** The policies of all calls, where neither thread nor object has others; `ORBPolicyManager` in the OMG form. */
  get policyManager(): PolicyManager {
    return this.#policies.orb;
  }

  /**
   * Runs `call` with policies for every call that it makes, in its awaits, too, beside those that hold already.
   * @throws BAD_PARAM for policies that are wrong
   */
  withPolicies<T>(policies: CallPolicies, call: () => T): T {
    return this.#policies.run(policies, call);
  }

  /**
   * Makes a value type known, so that values of it can be received where a base, ValueBase, an abstract
   * interface or an any is declared.
   * @param type the `descriptor` of a generated class; or a TypeCode, for value boxes and for types that
   *   have no class here
   * @param create makes an instance to be filled; needed where the type has operations
   * @throws BAD_PARAM where neither is there to make instances
   */
  registerValue(type: ValueDescriptor | TypeCode, create?: () => object): void {
    this.#context.values.add(type, create);
  }

  /** @throws BAD_PARAM where no such value type was registered */
  unregisterValue(repositoryId: string): void {
    this.#context.values.remove(repositoryId);
  }

  /**
   * `registerValue` by its OMG name. The factory makes an empty instance, once at registration and once for
   * each value received.
   * @returns the factory registered before for this type
   * @throws BAD_PARAM minor OMG 1 for a factory that does not make values of this type
   */
  register_value_factory(repositoryId: string, factory: ValueFactory): (() => object) | undefined {
    return this.#context.values.register(repositoryId, factory);
  }

  /** @throws BAD_PARAM minor OMG 1 where no such value type was registered */
  unregister_value_factory(repositoryId: string): void {
    this.#context.values.remove(repositoryId);
  }

  /** @throws BAD_PARAM minor OMG 1 where no such value type was registered */
  lookup_value_factory(repositoryId: string): () => object {
    return this.#context.values.lookup(repositoryId);
  }

  /** Internal: opens the endpoints. */
  async _open(): Promise<void> {
    try {
      await this.#addresses.open(this.#server, this.#settings);
      await this.#hooks.complete?.();
    } catch (error) {
      await this.destroy();
      throw error;
    }
  }

  /** Internal: a reference that calls through this ORB. */
  _reference(ior: Ior): ObjectReference {
    return new ObjectReference(new ReferenceCore(ior, this.#invocations));
  }

  /** Internal: connections now open, for tests and for people who wonder. */
  get _connectionCounts(): { readonly opened: number; readonly accepted: number } {
    return {
      opened: this.#connections.openCount + this.#connections.connectingCount,
      accepted: this.#server.connectionCount,
    };
  }

  /**
   * A well-known object by name: registered ones first, then `-ORBInitRef`, then `-ORBDefaultInitRef`.
   * `RootPOA`, `POACurrent`, `POAManagerFactory`, `DynAnyFactory`, `ORBPolicyManager` and `PolicyCurrent` are objects
   * of this process.
   * @throws InvalidName for a name nobody gave
   */
  resolve_initial_references(id: "RootPOA"): Promise<RTPOA>;
  resolve_initial_references(id: "RTORB"): Promise<RTORB>;
  resolve_initial_references(id: "RTCurrent"): Promise<RTCurrent>;
  resolve_initial_references(id: "PriorityMappingManager"): Promise<PriorityMappingManager>;
  resolve_initial_references(id: "POACurrent"): Promise<Current<POA>>;
  resolve_initial_references(id: "POAManagerFactory"): Promise<POAManagerFactory>;
  resolve_initial_references(id: "DynAnyFactory"): Promise<DynAnyFactory>;
  resolve_initial_references(id: "ORBPolicyManager"): Promise<PolicyManager>;
  resolve_initial_references(id: "PolicyCurrent"): Promise<PolicyCurrent>;
  resolve_initial_references(id: "PICurrent"): Promise<SlotCurrent>;
  resolve_initial_references(id: "CodecFactory"): Promise<ValueCodecFactory>;
  resolve_initial_references(id: string): Promise<ObjectReference>;
  async resolve_initial_references(
    id: string,
  ): Promise<
    | ObjectReference
    | RTPOA
    | RTORB
    | RTCurrent
    | PriorityMappingManager
    | Current<POA>
    | POAManagerFactory
    | DynAnyFactory
    | PolicyManager
    | SlotCurrent
    | ValueCodecFactory
  > {
    this._checkRunning();
    if (id === "RootPOA") return this.#rootPoa;
    if (id === "POACurrent") return this.poaCurrent;
    if (id === "POAManagerFactory") return this.#managers;
    if (id === "DynAnyFactory") return new DynAnyFactory();
    if (id === "ORBPolicyManager") return this.#policies.orb;
    if (id === "PolicyCurrent") return this.#policies.thread;
    if (id === "RTORB") return this.rt;
    if (id === "RTCurrent") {
      this.rt.current._enable();
      return this.rt.current;
    }
    if (id === "PriorityMappingManager") return this.rt.priorityMappings;
    return await this.#initial.resolve(id);
  }

  /** Names `resolve_initial_references` knows. */
  list_initial_services(): readonly string[] {
    this._checkRunning();
    return [...OWN_REFERENCES, ...this.#initial.names()];
  }

  /** @throws InvalidName when the name is taken, BAD_PARAM for nil */
  register_initial_reference(id: string, reference: ObjectReference): void {
    this._checkRunning();
    this.#initial.register(id, reference);
  }

  /** Internal: a service of this ORB ended, and with it its initial reference and its plain key; also after `shutdown`. */
  _withdraw(name: string): void {
    this.#initial.forget(name);
    this.#adapters.bindPlainKey(name, null, false);
  }

  /**
   * Lets clients reach an object as `corbaloc::HOST:PORT/key`: an object of this ORB is called directly, another
   * one is forwarded to. null takes the key away. Given as octets it may be any key, such as that of a reference
   * which another ORB's server at this address once handed out; text stands for its UTF-8.
   * @param options `permanent`: an object elsewhere is there for good, so GIOP 1.2 clients are told by
   *   LOCATION_FORWARD_PERM and never come back. omniORB's do as told; TAO's raise INTERNAL.
   */
  bindPlainKey(
    key: string | Uint8Array,
    reference: ObjectReference | null,
    options: { readonly permanent?: boolean } = {},
  ): void {
    this._checkRunning();
    this.#adapters.bindPlainKey(key, reference, options.permanent === true);
  }

  /**
   * Has the oneway requests for a plain key heard as they are read, by `receiver`; what it leaves, and all else, goes to
   * the object that the key is bound to. Holds until the key is bound anew or taken away.
   */
  receiveDirectly(key: string, receiver: DirectReceiver): void {
    this._checkRunning();
    this.#adapters.receive(key, receiver);
  }

  /**
   * Reads `IOR:…`, `corbaloc:…` or `corbaname:…` (which asks the naming service); nil is null.
   * @throws BAD_PARAM with the place and what is allowed; for `corbaname:` also what the naming service raises
   */
  async string_to_object(text: string): Promise<ObjectReference | null> {
    this._checkRunning();
    return await stringToObject(text, {
      reference: (ior) => this._reference(ior),
      initial: (id) => this.#initial.resolve(id),
    });
  }

  /** `IOR:…` of a reference; of nil, too. */
  object_to_string(reference: ObjectReference | null): string {
    return iorToString(reference === null ? NIL_IOR : reference._core.ior);
  }

  /**
   * A policy of calls or of POAs by its type, or one of a type that an initializer brought.
   * @param value in an any, or alone
   * @throws PolicyError with the reason
   */
  create_policy(type: number, value: unknown): Policy {
    this._checkRunning();
    if (isRealTimePolicy(type)) this.#useRealTime();
    return this.#policies.factories.create(type, value);
  }

  /** Settled after `shutdown`. The process stays alive from the first active POAManager on; this waits with it. */
  run(): Promise<void> {
    this._checkRunning();
    this.#server.ref();
    return new Promise((resolve) => this.#whenStopped.push(resolve));
  }

  /**
   * Whether requests are being served, or wait for it. Node calls servants by itself: nobody need ask.
   */
  work_pending(): boolean {
    this._checkRunning();
    return this.#managers.list().some((m) => m.runningCount + m.heldCount > 0);
  }

  /** Lets the event loop turn once, in which what arrived is dispatched. Node does so by itself: nobody need call this. */
  perform_work(): Promise<void> {
    this._checkRunning();
    return new Promise((resolve) => setImmediate(resolve));
  }

  /**
   * Takes no more requests and lets those in work end; connections are closed in good order, and servant
   * activators get their servants back. The promise is for the end of it; with `false`, as OMG has it, for now.
   * @param waitOrTimeoutMs milliseconds for requests in work, 5,000 where absent; true, as OMG has it, is refused
   *   inside an upcall, which would wait for itself
   * @throws BAD_INV_ORDER for `true` inside an upcall
   */
  async shutdown(waitOrTimeoutMs: boolean | number = SHUTDOWN_TIMEOUT_MS): Promise<void> {
    if (waitOrTimeoutMs === true) checkOutside(this.#current, "shutdown(wait_for_completion)");
    const timeoutMs = typeof waitOrTimeoutMs === "number" ? waitOrTimeoutMs : SHUTDOWN_TIMEOUT_MS;
    this.#stopping ??= this.#stop(timeoutMs);
    if (waitOrTimeoutMs !== false) await this.#stopping;
  }

  /**
   * Shuts down and gives back everything: sockets, timers, the name. Calls through its references fail from now
   * on. A second call does nothing.
   * @throws BAD_INV_ORDER inside an upcall, which would wait for itself
   */
  async destroy(): Promise<void> {
    if (this.#state !== "destroyed") checkOutside(this.#current, "destroy");
    await this.shutdown();
    if (this.#state === "destroyed") return;
    this.#state = step(this.#state, "destroy");
    NAMED.forget(this.id);
    await this.#connections.close("the ORB was destroyed");
    this.#deadlines.close();
    this.#metrics?.close();
    this.#hooks.destroy?.();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.destroy();
  }

  async #stop(timeoutMs: number): Promise<void> {
    const deadline = Deadline.after(this.#clock, timeoutMs);
    this.#state = step(this.#state, "shutdown");
    for (const manager of this.#managers.list()) {
      if (manager.get_state() === "INACTIVE") continue;
      // Lanes hear of it, and are closed within the time that is left whether they answer or not.
      void manager.deactivate().catch((error: unknown) => {
        this.#log.debug("a lane did not hear of the shutdown", { error });
      });
    }
    await this.#server.close(timeoutMs);
    await this.#closing[Symbol.asyncDispose]();
    // A servant that never answers, or an activator that does not, must not keep the ORB.
    await settledBy(deadline, this.#clock, this.#rootPoa._stop());
    await this.#rt._close(deadline);
    this.#state = step(this.#state, "drained");
    for (const wake of this.#whenStopped) wake();
    this.#whenStopped = [];
  }

  /** Internal: throws when nothing can be asked of the ORB any more. */
  override _checkRunning(): void {
    if (this.#state === "destroyed") {
      throw new OBJECT_NOT_EXIST("this ORB was destroyed", MINOR.none, Completion.no);
    }
    if (this.#state === "shutDown") {
      throw new BAD_INV_ORDER("this ORB was shut down", MINOR.orbShutDown, Completion.no);
    }
  }
}
