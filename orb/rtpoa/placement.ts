import { Deadline } from "../base/index.ts";
import {
  BAD_INV_ORDER,
  BAD_PARAM,
  Completion,
  MINOR,
  toSystemException,
  TRANSIENT,
  UNKNOWN,
} from "../exception/index.ts";
import { findServiceContext, SERVICE_ID, type ServiceContext } from "../giop/index.ts";
import { ENTRANCE, type ServerRequest } from "../iiop/index.ts";
import {
  COMPONENT_TAG,
  type PriorityEndpoint,
  type TaggedComponent,
  taoEndpointsComponent,
} from "../ior/index.ts";
import { clientGone } from "../manager/index.ts";
import { policyComponents } from "../messaging/index.ts";
import type { ObjectReference } from "../object/index.ts";
import type { AdapterHost, ObjectId, Placement, POA } from "../poa/index.ts";
import { type Policy, POLICY_KIND_BY_TYPE, RT_POLICY } from "../policy/index.ts";
import type { Lane, PriorityMappingManager, PriorityTransform, RTCurrent } from "../rt/index.ts";
import { answerBand } from "./band-answer.ts";
import { lanePriorities, lanesIn, type RtPolicies, wrongPriority } from "./combinations.ts";
import { BIND_BAND, priorityIn } from "./contexts.ts";
import { type LaneChoice, laneFor } from "./lane-choice.ts";
import type { ServerTcp } from "./tcp-properties.ts";
import type { PoolLane } from "./threadpool.ts";

/** What is the same for all POAs of an ORB. */
export interface RealTimeHost {
  readonly current: RTCurrent;
  readonly mappings: PriorityMappingManager;
  readonly transform: PriorityTransform | undefined;
}

/** No priority, where one is written. */
const NO_PRIORITY = -1;

/** The place of a POA with policies of RT-CORBA: in which lane a request runs, at which priority, and what references say. */
export class RtPlacement implements Placement {
  readonly policies: RtPolicies;
  readonly #rt: RealTimeHost;
  readonly #host: AdapterHost<POA>;
  readonly #others: ReadonlyMap<number, Policy>;
  readonly #path: readonly string[];
  readonly #name: string;
  readonly #entrance: number;
  readonly #left: (threads: readonly Lane[]) => void;
  readonly #tcp: ServerTcp;
  /** Priorities of objects that have one of their own, by the octets of their ids. */
  readonly #priorities = new Map<string, number>();
  /** Made when it is first asked for. */
  #choice: LaneChoice | undefined;
  /** In the thread of a lane, its place in the pool; found when it is first asked for. */
  #ownLane: number | undefined;
  #gone: Promise<void> = Promise.resolve();

  /** @param plan `path` of the POA, `entrance` of its manager, `left` told when it goes from lanes with threads of their own */
  constructor(
    policies: RtPolicies,
    rt: RealTimeHost,
    host: AdapterHost<POA>,
    plan: {
      readonly path: readonly string[];
      readonly entrance: number;
      readonly others: ReadonlyMap<number, Policy>;
      readonly left: (threads: readonly Lane[]) => void;
      readonly tcp: ServerTcp;
    },
  ) {
    this.policies = policies;
    this.#rt = rt;
    this.#host = host;
    this.#path = plan.path;
    this.#name = plan.path.join("/");
    this.#entrance = plan.entrance;
    this.#left = plan.left;
    this.#tcp = plan.tcp;
    this.#others = plan.others;
    const { pool, tcp } = policies;
    if (tcp !== undefined) plan.tcp.claim(this.#name, this.#entrances, tcp);
    pool?.users.add(this.#name);
  }

  /** By which requests of connections come to this thread. */
  get #entrances(): readonly number[] {
    const { pool } = this.policies;
    if (pool !== undefined && pool.threads.length > 0) return [];
    const own = pool?.lanes.flatMap(({ entrance }) => (entrance === undefined ? [] : [entrance]));
    return own === undefined || own.length === 0 ? [this.#entrance] : own;
  }

  /** The POA went from the lanes with threads of their own, too; what they say to that is logged. */
  get gone(): Promise<void> {
    return this.#gone;
  }

  forget(): void {
    const { pool } = this.policies;
    pool?.users.delete(this.#name);
    this.#tcp.release(this.#name, this.#entrances);
    const threads = pool?.threads ?? [];
    if (threads.length === 0) return;
    this.#left(threads);
    this.#gone = this.#leave(threads);
  }

  async #leave(threads: readonly Lane[]): Promise<void> {
    const { clock, deadlineMs, log } = this.#host;
    const deadline = Deadline.after(clock, deadlineMs);
    const left = threads.map((lane) => lane.destroyAdapter(this.#path, deadline));
    for (const outcome of await Promise.allSettled(left)) {
      if (outcome.status === "fulfilled") continue;
      log.debug("a lane did not destroy a POA", { poa: this.#name, error: outcome.reason });
    }
  }

  isReachedBy(entrance: number): boolean {
    return this.policies.pool?.lanes.some((lane) => lane.entrance === entrance) === true;
  }

  /** A pool with lanes answers without the priority, as TAO's do. */
  arrived(request: ServerRequest): ServerRequest {
    const { model, pool, lane } = this.policies;
    if (model?.priority_model !== "CLIENT_PROPAGATED") return request;
    if (pool?.hasLanes === true || lane !== undefined) return request;
    const context = findServiceContext(request.contexts, SERVICE_ID.rtCorbaPriority);
    if (context === undefined) return request;
    const echo = [{ id: context.id, data: context.data.slice() }];
    request.adds(() => echo);
    return request;
  }

  schedule(
    request: ServerRequest,
    id: ObjectId,
    run: (done: () => void) => void,
    done: () => void,
  ): void {
    if (request.operation === BIND_BAND) {
      answerBand(request, this.policies);
      done();
      return;
    }
    const { pool } = this.policies;
    let running: { readonly lane: number; readonly priority: number | undefined };
    try {
      running = this.#placeOf(request, id);
    } catch (error) {
      request.systemException(toSystemException(error, Completion.no));
      done();
      return;
    }
    const { lane, priority } = running;
    if (pool !== undefined && !pool.isInline) {
      this.#forward(request, lane, done);
      return;
    }
    const objectId = this.#rt.current._isEnabled ? id.slice() : id;
    const call = (ended: () => void): void => {
      if (priority === undefined) run(ended);
      else this.#rt.current._run({ priority, objectId }, () => run(ended));
    };
    if (pool === undefined) call(done);
    else this.#queue(request, lane, priority ?? 0, call, done);
  }

  /** What those do who come to this thread for an object of another one: they are sent there. */
  #forward(request: ServerRequest, lane: number, done: () => void): void {
    const address = this.policies.pool?.lanes[lane]?.endpoint;
    if (address === undefined) {
      const text = `POA "${this.#name}" has no lane for the request`;
      request.systemException(new TRANSIENT(text, MINOR.requestDiscarded, Completion.no));
    } else {
      const key = request.objectKey.slice();
      request.forward(this.#at(address, "", key, [])._core.ior, false);
    }
    done();
  }

  #queue(
    request: ServerRequest,
    lane: number,
    priority: number,
    call: (done: () => void) => void,
    done: () => void,
  ): void {
    const gone = (): void => {
      withdraw?.();
      request.systemException(clientGone());
      done();
    };
    const withdraw = this.policies.pool?.submit(lane, {
      priority,
      octets: request.input.remaining,
      run: (free) => {
        if (withdraw !== undefined) request.signal.removeEventListener("abort", gone);
        call(() => {
          free();
          done();
        });
      },
      refuse: (why) => {
        request.systemException(new TRANSIENT(why, MINOR.requestDiscarded, Completion.no));
        done();
      },
    });
    if (withdraw !== undefined) request.signal.addEventListener("abort", gone, { once: true });
  }

  /** @throws DATA_CONVERSION, UNKNOWN, MARSHAL */
  #placeOf(
    { contexts, entrance }: ServerRequest,
    id: ObjectId,
  ): { readonly lane: number; readonly priority: number | undefined } {
    const { model, pool, lane: own } = this.policies;
    // It was this lane's when it came, or was handed to it.
    if (own !== undefined) return { lane: 0, priority: own.priority };
    const priority = this.#priorityFor(contexts, id);
    if (pool?.hasLanes === true) {
      const lane = this.#laneFor(
        priority,
        pool.lanes.findIndex((each) => each.entrance === entrance),
      );
      const chosen = pool.lanes[lane] as PoolLane;
      const isFar = entrance !== ENTRANCE.inside && chosen.entrance !== entrance;
      if (isFar) pool.strayed(entrance, chosen);
      return { lane, priority: chosen.priority };
    }
    if (model !== undefined && priority !== undefined) this.#rt.mappings._native(priority);
    return { lane: 0, priority: priority ?? pool?.lanes[0]?.priority };
  }

  /**
   * In the thread of a lane: which lane of its pool a request is for.
   * @returns its place; undefined for a pool without lanes
   * @throws UNKNOWN, MARSHAL
   */
  laneOf(contexts: readonly ServiceContext[], id: ObjectId): number | undefined {
    const { lane } = this.policies;
    if (lane === undefined || lane.pool.length === 0) return undefined;
    this.#ownLane ??= lane.pool.findIndex(({ priority }) => priority === lane.priority);
    return this.#laneFor(this.#priorityFor(contexts, id), this.#ownLane);
  }

  /** In the thread of a lane: whether an object is another lane's. */
  isElsewhere(id: ObjectId): boolean {
    const { lane, model } = this.policies;
    if (lane === undefined || model?.priority_model !== "SERVER_DECLARED") return false;
    const priority = this.priorityOf(id);
    return priority !== lane.priority && lane.pool.some((each) => each.priority === priority);
  }

  /** What a request wants, as the ORB's transform has it. */
  #priorityFor(contexts: readonly ServiceContext[], id: ObjectId): number | undefined {
    const { model } = this.policies;
    if (model === undefined) return undefined;
    const wanted =
      model.priority_model === "SERVER_DECLARED"
        ? this.priorityOf(id)
        : (priorityIn(contexts) ?? model.server_priority);
    return this.#transformed(wanted, id);
  }

  #transformed(priority: number, id: ObjectId): number {
    const { transform } = this.#rt;
    if (transform === undefined) return priority;
    const inside = transform.inbound(priority, id.slice());
    if (inside !== undefined) return inside;
    const text = `the priority transform of the ORB takes no request at ${priority}`;
    throw new UNKNOWN(text, MINOR.none, Completion.no);
  }

  #laneFor(priority: number | undefined, came: number): number {
    const { bands, model } = this.policies;
    this.#choice ??= {
      priorities: lanePriorities(this.policies),
      bands,
      usual: model?.server_priority,
    };
    return laneFor(this.#choice, priority, came);
  }

  /** The priority of an object of a SERVER_DECLARED POA. */
  priorityOf(id: ObjectId): number {
    return this.ownPriorityOf(id) ?? this.policies.model?.server_priority ?? 0;
  }

  /** The priority that the object alone has; undefined where it has the POA's. */
  ownPriorityOf(id: ObjectId): number | undefined {
    return this.#priorities.size === 0 ? undefined : this.#priorities.get(nameOf(id));
  }

  /**
   * Gives an object a priority of its own.
   * @throws BAD_PARAM for one that no object of the POA can have, BAD_INV_ORDER minor OMG 18 when it has another one
   */
  assign(id: ObjectId, priority: number): void {
    const why = wrongPriority(this.policies, priority);
    if (why !== undefined) throw new BAD_PARAM(why, MINOR.none, Completion.no);
    const name = nameOf(id);
    const before = this.#priorities.get(name);
    if (before !== undefined && before !== priority) {
      throw new BAD_INV_ORDER(
        `the object has priority ${before} already, and cannot have ${priority}`,
        MINOR.priorityAlreadyAssigned,
        Completion.no,
      );
    }
    this.#priorities.set(name, priority);
  }

  /** The object is gone, and who knows its priority says it again. */
  forgetPriority(id: ObjectId): void {
    this.#priorities.delete(nameOf(id));
  }

  reference(
    repositoryId: string,
    objectKey: Uint8Array,
    id: ObjectId,
    more: readonly TaggedComponent[],
  ): ObjectReference {
    const { model, pool } = this.policies;
    const isDeclared = model?.priority_model === "SERVER_DECLARED";
    const components = isDeclared ? this.#declared(id, more) : more;
    const priority = isDeclared ? this.priorityOf(id) : undefined;
    if (model === undefined && pool === undefined && this.policies.lane === undefined)
      return this.#host.newReference(repositoryId, objectKey, this.#entrance, more);
    const lanes = pool?.lanes ?? lanesIn(this.policies);
    const lane = lanes.find((each) => each.priority === priority) ?? lanes[0];
    if (lane?.endpoint !== undefined) {
      return this.#at(lane.endpoint, repositoryId, objectKey, components);
    }
    const own = this.#host.addressOf(this.#entrance);
    const endpoints = own === undefined ? [] : [{ ...own, priority: NO_PRIORITY }];
    const all = [taoEndpointsComponent(endpoints), ...components];
    return this.#host.newReference(repositoryId, objectKey, this.#entrance, all);
  }

  #at(
    address: { readonly host: string; readonly port: number },
    repositoryId: string,
    objectKey: Uint8Array,
    components: readonly TaggedComponent[],
  ): ObjectReference {
    const isAny = this.policies.model?.priority_model === "CLIENT_PROPAGATED";
    const lanes = isAny ? lanesIn(this.policies) : [];
    const endpoints: readonly PriorityEndpoint[] =
      lanes.length > 0
        ? lanes.flatMap(({ endpoint, priority }) =>
            endpoint === undefined ? [] : [{ ...endpoint, priority }],
          )
        : [{ ...address, priority: NO_PRIORITY }];
    const all = [taoEndpointsComponent(endpoints), ...components];
    return this.#host.newReferenceAt(repositoryId, objectKey, address, all);
  }

  /** The components with the priority of the object in place of the POA's. */
  #declared(id: ObjectId, more: readonly TaggedComponent[]): readonly TaggedComponent[] {
    const { model } = this.policies;
    const priority = this.priorityOf(id);
    if (priority === model?.server_priority) return more;
    const kind = POLICY_KIND_BY_TYPE.get(RT_POLICY.priorityModel);
    const own = kind?.create({ priority_model: "SERVER_DECLARED", server_priority: priority });
    const policies = [...this.#others.values()].map((policy) =>
      policy.policy_type === RT_POLICY.priorityModel && own !== undefined ? own : policy,
    );
    const rest = more.filter(({ tag }) => tag !== COMPONENT_TAG.policies);
    return [...policyComponents(policies), ...rest];
  }
}

function nameOf(id: ObjectId): string {
  return Buffer.from(id.buffer, id.byteOffset, id.length).toString("latin1");
}
