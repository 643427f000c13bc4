import { Deadline } from "../base/index.ts";
import { BAD_OPERATION, Completion, MINOR } from "../exception/index.ts";
import type { ServiceContext } from "../giop/index.ts";
import type { POAManager } from "../manager/index.ts";
import type { ObjectReference } from "../object/index.ts";
import {
  type AdapterHost,
  type AdapterPlan,
  type CreatePoaOptions,
  InvalidPolicy,
  type ObjectId,
  POA,
  type Servant,
  string_to_ObjectId,
  type UnknownAdapters,
  WrongPolicy,
} from "../poa/index.ts";
import { type Policy, RT_POLICY } from "../policy/index.ts";
import type { Lane, LaneAdapter, ModuleServant } from "../rt/index.ts";
import { rtPoliciesIn } from "./combinations.ts";
import { laneManagerOf } from "./far-managers.ts";
import { makeServant } from "./module-servant.ts";
import { RtPlacement } from "./placement.ts";
import { iiopWith } from "./tcp-properties.ts";
import type { RTORB } from "./rtorb.ts";

/** A real-time object adapter (RTPortableServer::POA, RT-CORBA 1.2, 5.16): every POA of an ORB is one. */
export class RTPOA extends POA {
  readonly #rt: RTORB;
  readonly #placement: RtPlacement | undefined;
  readonly #deadlineMs: number;

  /** Internal: use `createPoa` or `create_POA` of the parent. */
  constructor(
    host: AdapterHost<POA>,
    unknown: UnknownAdapters<POA>,
    plan: AdapterPlan<POA>,
    rt: RTORB,
  ) {
    const placement = placementOf(host, plan, rt);
    super(host, unknown, plan, placement);
    this.#rt = rt;
    this.#placement = placement;
    this.#deadlineMs = host.deadlineMs;
  }

  /** As a real-time POA, which every one is. */
  static narrow(poa: POA | null): RTPOA | null {
    return poa instanceof RTPOA ? poa : null;
  }

  override createPoa(name: string, options: CreatePoaOptions = {}): Promise<RTPOA> {
    return super.createPoa(name, options) as Promise<RTPOA>;
  }

  override create_POA(
    name: string,
    manager: POAManager | null = null,
    policies: readonly Policy[] = [],
  ): Promise<RTPOA> {
    return super.create_POA(name, manager, policies) as Promise<RTPOA>;
  }

  override find_POA(name: string, activateIt?: false): RTPOA;
  override find_POA(name: string, activateIt: boolean): Promise<RTPOA>;
  override find_POA(name: string, activateIt: boolean = false): RTPOA | Promise<RTPOA> {
    return activateIt
      ? (super.find_POA(name, activateIt) as Promise<RTPOA>)
      : (super.find_POA(name) as RTPOA);
  }

  override _newChild(
    host: AdapterHost<POA>,
    unknown: UnknownAdapters<POA>,
    plan: AdapterPlan<POA>,
  ): POA {
    const { others, added } = withDefaults(plan.others ?? new Map(), this.#rt);
    if (added.length === 0) return new RTPOA(host, unknown, plan, this.#rt);
    try {
      return new RTPOA(host, unknown, { ...plan, others }, this.#rt);
    } catch (error) {
      if (!(error instanceof InvalidPolicy)) throw error;
      const text = `${error.message} (the ORB's policy manager gives POAs that say nothing: ${added.join(", ")})`;
      throw new InvalidPolicy({ index: error.index }, text);
    }
  }

  /** The POA exists in the lanes that have threads of their own before anybody gets it. */
  override _prepared(): POA | Promise<POA> {
    return this.#threads.length === 0 ? this : this.#inLanes();
  }

  async #inLanes(): Promise<POA> {
    const deadline = this.#deadline();
    // Before the lanes are asked: a change that comes behind the question comes behind its answer.
    this.#rt._far.joined(this.the_POAManager, this.#threads);
    try {
      await Promise.all(
        this.#threads.map((lane) => lane.createAdapter(this.#adapterFor(lane), deadline)),
      );
      return this;
    } catch (error) {
      await this.destroy(false, true);
      throw error;
    }
  }

  #adapterFor(lane: Lane): LaneAdapter {
    const { model, bands = [], pool, tcp } = this.#placement?.policies ?? {};
    const { priority } = lane.spec;
    const places = (pool?.threads ?? []).map(({ spec, endpoint }) => ({
      priority: spec.priority,
      endpoint,
    }));
    // A pool without lanes runs requests at priorities of their own, where there is a model.
    const own =
      pool?.hasLanes === true ? { priority, pool: places } : { priority, pool: [] as const };
    return {
      path: this.path,
      manager: laneManagerOf(this.the_POAManager),
      policies: {
        ...this.policies,
        ...(model === undefined
          ? {}
          : { priorityModel: { model: model.priority_model, priority: model.server_priority } }),
        ...(bands.length === 0 ? {} : { priorityBands: bands }),
        ...(tcp === undefined ? {} : { serverProtocols: [iiopWith(tcp)] }),
        ...(pool?.hasLanes === true || model === undefined ? { lane: own } : {}),
      },
    };
  }

  override async destroy(
    etherealizeObjects: boolean = false,
    waitForCompletion: boolean = false,
  ): Promise<void> {
    const placements = this.#placements();
    await super.destroy(etherealizeObjects, waitForCompletion);
    if (waitForCompletion) await Promise.all(placements.map(({ gone }) => gone));
  }

  /** Its own, and those of the POAs below it. */
  #placements(): readonly RtPlacement[] {
    const below = this.the_children.flatMap((child) =>
      child instanceof RTPOA ? child.#placements() : [],
    );
    return this.#placement === undefined ? below : [this.#placement, ...below];
  }

  /** What is in other threads is here for those who ask: they are sent there. */
  override _mayHave(id: ObjectId, entrance: number): boolean {
    return (
      super._mayHave(id, entrance) ||
      this.#threads.length > 0 ||
      this.#placement?.isElsewhere(id) === true
    );
  }

  /**
   * Internal: in the thread of a lane, the place in the pool of the lane that a request is for; undefined where that is
   * all the same.
   * @throws UNKNOWN, MARSHAL
   */
  _laneOf(contexts: readonly ServiceContext[], id: ObjectId): number | undefined {
    return this.#placement?.laneOf(contexts, id);
  }

  /** Internal: in the thread of a lane, the priority of an object that has one of its own; undefined: it has none any more. */
  _assign(id: ObjectId, priority: number | undefined): void {
    if (priority === undefined) this.#placement?.forgetPriority(id);
    else this.#placement?.assign(id, priority);
  }

  /** Lanes with threads of their own. */
  get #threads(): readonly Lane[] {
    return this.#placement?.policies.pool?.threads ?? [];
  }

  #deadline(): Deadline {
    return Deadline.after(this.#rt._clock, this.#deadlineMs);
  }

  /** @throws WrongPolicy without SERVER_DECLARED, or with IMPLICIT_ACTIVATION */
  #declaring(operation: string): RtPlacement {
    const placement = this.#placement;
    const needs =
      placement?.policies.model?.priority_model === "SERVER_DECLARED"
        ? "NO_IMPLICIT_ACTIVATION"
        : "SERVER_DECLARED";
    const isWrong =
      needs === "SERVER_DECLARED" || this.policies.implicitActivation === "IMPLICIT_ACTIVATION";
    if (placement !== undefined && !isWrong) return placement;
    throw new WrongPolicy(`${operation} needs ${needs}, which POA "${this.the_name}" has not`);
  }

  /**
   * A reference with a new id, to an object with a priority of its own.
   * @throws WrongPolicy without SERVER_DECLARED and SYSTEM_ID, or with IMPLICIT_ACTIVATION; BAD_PARAM for a priority
   *   that is none, or that of no lane, or in no band
   */
  create_reference_with_priority(intf: string, priority: number): ObjectReference {
    const placement = this.#declaring("create_reference_with_priority");
    const id = this.reference_to_id(this.create_reference(intf));
    placement.assign(id, priority);
    return this.create_reference_with_id(id, intf);
  }

  /** The same with an id. @throws as that, BAD_INV_ORDER minor OMG 18 for an object that has another priority */
  create_reference_with_id_and_priority(
    oid: ObjectId,
    intf: string,
    priority: number,
  ): ObjectReference {
    const placement = this.#declaring("create_reference_with_id_and_priority");
    this.create_reference_with_id(oid, intf);
    placement.assign(oid, priority);
    return this.create_reference_with_id(oid, intf);
  }

  /**
   * `activate_object` for an object with a priority of its own.
   * @throws ServantAlreadyActive; WrongPolicy, BAD_PARAM as `create_reference_with_priority`
   */
  activate_object_with_priority(servant: Servant, priority: number): ObjectId {
    const placement = this.#declaring("activate_object_with_priority");
    const id = this.activate_object(servant);
    try {
      placement.assign(id, priority);
    } catch (error) {
      this.deactivate_object(id);
      throw error;
    }
    return id;
  }

  /**
   * `activate_object_with_id` for an object with a priority of its own.
   * @throws ObjectAlreadyActive, ServantAlreadyActive; WrongPolicy, BAD_PARAM as `create_reference_with_priority`;
   *   BAD_INV_ORDER minor OMG 18 when its reference was made with another priority
   */
  activate_object_with_id_and_priority(oid: ObjectId, servant: Servant, priority: number): void {
    const placement = this.#declaring("activate_object_with_id_and_priority");
    this.activate_object_with_id(oid, servant);
    try {
      placement.assign(oid, priority);
    } catch (error) {
      this.deactivate_object(oid);
      throw error;
    }
  }

  /**
   * Activates a servant that is named by its module: in each thread of the lanes where they have threads of their own,
   * else here. Only plain data goes to other threads.
   * @param options `priority`: of the object, in a SERVER_DECLARED POA
   * @throws as `activate`; BAD_PARAM for a module that cannot be loaded or makes no servant
   */
  async activateModule(
    id: string | ObjectId,
    servant: ModuleServant,
    options: { readonly priority?: number } = {},
  ): Promise<ObjectReference> {
    const oid = typeof id === "string" ? string_to_ObjectId(id) : id;
    if (options.priority !== undefined)
      this.#declaring("activateModule").assign(oid, options.priority);
    if (this.#threads.length === 0) return await this.activate(oid, await makeServant(servant));
    const deadline = this.#deadline();
    const lanes = this.#lanesOf(oid);
    const priority = this.#placement?.ownPriorityOf(oid);
    const undo: (() => Promise<unknown>)[] = [];
    try {
      if (priority !== undefined) {
        undo.push(() => this.#assignInLanes(oid, undefined, deadline));
        await this.#assignInLanes(oid, priority, deadline);
      }
      const made = lanes.map((lane) => lane.activate(this.path, oid, servant, deadline));
      undo.push(async () => {
        await Promise.allSettled(made);
        return await Promise.allSettled(
          lanes.map((lane) => lane.deactivate(this.path, oid, deadline)),
        );
      });
      const [repositoryId = ""] = await Promise.all(made);
      return this.create_reference_with_id(oid, repositoryId);
    } catch (error) {
      for (const each of undo.toReversed()) await each();
      throw error;
    }
  }

  /** All lanes of the pool hand the object's requests to its own one. */
  async #assignInLanes(
    id: ObjectId,
    priority: number | undefined,
    deadline: Deadline,
  ): Promise<void> {
    const told = this.#threads.map((lane) => lane.assign(this.path, id, priority, deadline));
    const failed = (await Promise.allSettled(told)).find((each) => each.status === "rejected");
    if (failed !== undefined && priority !== undefined) throw failed.reason;
  }

  /** Takes back what `activateModule` did. @throws ObjectNotActive, WrongPolicy */
  async deactivateModule(id: string | ObjectId): Promise<void> {
    const oid = typeof id === "string" ? string_to_ObjectId(id) : id;
    if (this.#threads.length === 0) this.deactivate_object(oid);
    const deadline = this.#deadline();
    await Promise.all(this.#lanesOf(oid).map((lane) => lane.deactivate(this.path, oid, deadline)));
    if (this.#placement?.ownPriorityOf(oid) !== undefined)
      await this.#assignInLanes(oid, undefined, deadline);
  }

  /** Those that serve the object: its own in a SERVER_DECLARED POA. */
  #lanesOf(id: ObjectId): readonly Lane[] {
    const placement = this.#placement;
    if (placement?.policies.model?.priority_model !== "SERVER_DECLARED") return this.#threads;
    const priority = placement.priorityOf(id);
    const own = this.#threads.filter(({ spec }) => spec.priority === priority);
    return own.length > 0 ? own : this.#threads;
  }

  /** Servant objects cannot go to other threads. @throws BAD_OPERATION, saying what can */
  #checkTakesServants(operation: string): void {
    if (this.#threads.length === 0) return;
    throw new BAD_OPERATION(
      `${operation}: POA "${this.the_name}" is in lanes with threads of their own, which take no servant objects: name the servant's module in activateModule()`,
      MINOR.none,
      Completion.no,
    );
  }

  override activate_object(servant: Servant): ObjectId {
    this.#checkTakesServants("activate_object");
    return super.activate_object(servant);
  }

  override activate_object_with_id(id: ObjectId, servant: Servant): void {
    this.#checkTakesServants("activate_object_with_id");
    super.activate_object_with_id(id, servant);
  }

  override set_servant(servant: Servant): void {
    this.#checkTakesServants("set_servant");
    super.set_servant(servant);
  }

  override set_servant_manager(manager: Parameters<POA["set_servant_manager"]>[0]): void {
    this.#checkTakesServants("set_servant_manager");
    super.set_servant_manager(manager);
  }
}

/** What POAs take of the ORB's policies. */
const DEFAULTS: readonly (readonly [type: number, name: string])[] = [
  [RT_POLICY.priorityModel, "priorityModel"],
  [RT_POLICY.threadpool, "threadpool"],
  [RT_POLICY.serverProtocol, "serverProtocols"],
];

/** A POA's policies, behind them what the ORB has of types that they say nothing of. */
function withDefaults(
  given: ReadonlyMap<number, Policy>,
  rt: RTORB,
): { readonly others: ReadonlyMap<number, Policy>; readonly added: readonly string[] } {
  const added = DEFAULTS.flatMap(([type, name]) => {
    const policy = given.has(type) ? undefined : rt._default(type);
    return policy === undefined ? [] : [{ type, name, policy }];
  });
  const others = new Map([...given, ...added.map(({ type, policy }) => [type, policy] as const)]);
  return { others, added: added.map(({ name }) => name) };
}

/** undefined for a POA without policies of RT-CORBA. @throws InvalidPolicy */
function placementOf(
  host: AdapterHost<POA>,
  { name, parent, manager, others = new Map() }: AdapterPlan<POA>,
  rt: RTORB,
): RtPlacement | undefined {
  const policies = rtPoliciesIn(others, (id) => rt._pool(id));
  if (policies === undefined) return undefined;
  const path = [...(parent?.path ?? []), name];
  return new RtPlacement(policies, rt._host, host, {
    path,
    entrance: manager._entrance,
    others,
    left: (threads) => rt._far.left(manager, threads),
    tcp: rt._serverTcp,
  });
}
