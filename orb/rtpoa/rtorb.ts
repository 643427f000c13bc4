import { type Clock, Deadline, type Metrics } from "../base/index.ts";
import { BAD_INV_ORDER, BAD_PARAM, Completion, MINOR } from "../exception/index.ts";
import {
  type Policy,
  POLICY_KIND_BY_TYPE,
  PolicyError,
  type PriorityBand,
  type PriorityModel,
  type Protocol,
  RT_POLICY,
  type TcpProtocolProperties,
} from "../policy/index.ts";
import {
  checkPriority,
  type LaneCounts,
  type LaneHost,
  type LaneSpec,
  type Mutex,
  MutexTable,
  mutexesOf,
  type NativeRange,
  type PriorityMapping,
  PriorityMappingManager,
  type PriorityMutexes,
  type PriorityTransform,
  RTCurrent,
  type Scheduler,
} from "../rt/index.ts";
import { RtClient } from "./client.ts";
import { InvalidThreadpool } from "./exceptions.ts";
import { type EntranceHost, inlineLanes, inlinePool } from "./inline-lanes.ts";
import type { RealTimeHost } from "./placement.ts";
import { PoolMetrics, Threadpool } from "./threadpool.ts";

/** RTCORBA::ThreadpoolLane. */
export interface ThreadpoolLane {
  readonly lane_priority: number;
  readonly static_threads: number;
  readonly dynamic_threads: number;
}

/** What a thread pool may be given beside what the standard has. */
export interface ThreadpoolOptions {
  /** For people; `pool 1` where absent. */
  readonly name?: string;
  /** Upcalls that one thread has under way while they await; 100 where absent. */
  readonly maxConcurrent?: number;
  /** Endpoints of the lanes, `iiop://HOST:PORT`, in their order. */
  readonly listen?: readonly string[];
  /** Lanes in this thread, which take servant objects, where the ORB makes threads otherwise. */
  readonly inline?: boolean;
}

/** What a lane of a pool does now. */
export interface LaneState {
  readonly priority: number;
  /** Where clients reach it; undefined: at the ORB's own endpoints. */
  readonly endpoint: { readonly host: string; readonly port: number } | undefined;
  /** undefined for a lane with threads of its own. */
  readonly counts: LaneCounts | undefined;
}

/** What a pool does now. */
export interface ThreadpoolState {
  readonly lanes: readonly LaneState[];
  /** Requests that came to the endpoint of another lane than their own. */
  readonly strayCount: number;
}

/** What real-time needs of the ORB. */
export interface RtHost {
  readonly entrances: EntranceHost;
  readonly metrics: Metrics;
  readonly deadlineMs: number;
  readonly mapping: PriorityMapping;
  /** CORBA priorities that lanes may have (`-ORBRTpriorityrange`). */
  readonly priorityRange: NativeRange;
  readonly mutexes: PriorityMutexes | undefined;
  readonly mutexMemory: SharedArrayBuffer | undefined;
  /** Of the thread that calls are made in: their priority where RTCurrent has none. */
  readonly scheduler: Scheduler | undefined;
  /** Makes lanes with threads of their own; undefined: all are in this thread. */
  readonly lanes: LaneHost | undefined;
}

/** The bounds of a buffer that has none by the standard. */
const MAX_BUFFERED_REQUESTS = 100_000;
const MAX_BUFFERED_OCTETS = 256 * 1024 * 1024;
const MAX_ULONG = 0xffff_ffff;

/** What both ways to make a pool have in common. */
interface PoolPlan {
  readonly hasLanes: boolean;
  readonly lanes: readonly ThreadpoolLane[];
  readonly stackOctets: number;
  readonly mayBorrow: boolean;
  readonly mayBuffer: boolean;
  readonly maxBufferedRequests: number;
  readonly maxBufferedOctets: number;
  readonly options: ThreadpoolOptions;
}

/** RTCORBA::RTORB (RT-CORBA 1.2, 5.3): thread pools, mutexes, policies; the initial reference `RTORB`. */
export class RTORB {
  /** The priority of what runs now; the initial reference `RTCurrent`. */
  readonly current: RTCurrent;
  /** Holds the mapping to native priorities; the initial reference `PriorityMappingManager`. */
  readonly priorityMappings: PriorityMappingManager;
  /** Changes priorities of requests on their way in and out; none by default. */
  priorityTransform: PriorityTransform | undefined;
  /** Internal: the ORB's. */
  readonly _clock: Clock;
  /** Internal: what placements need. */
  readonly _host: RealTimeHost;
  /** Internal: the client's side. */
  readonly _client: RtClient;
  readonly #host: RtHost;
  readonly #mutexes: MutexTable;
  readonly #metrics: PoolMetrics;
  readonly #pools = new Map<number, Threadpool>();
  #made = 0;

  /** Internal: the ORB makes one. */
  constructor(host: RtHost) {
    const { clock } = host.entrances;
    this.#host = host;
    this.#metrics = new PoolMetrics(host.metrics);
    this._clock = clock;
    this.priorityMappings = new PriorityMappingManager(host.mapping);
    this.current = new RTCurrent(this.priorityMappings);
    const { current, priorityMappings: mappings } = this;
    const transform = (): PriorityTransform | undefined => this.priorityTransform;
    this._host = {
      current,
      mappings,
      get transform() {
        return transform();
      },
    };
    this._client = new RtClient(this._host, host.scheduler);
    const { deadlineMs, mutexes, mutexMemory } = host;
    const priority = (): number => this.current._peek()?.priority ?? 0;
    this.#mutexes = new MutexTable(
      { clock, deadlineMs, mutexes: mutexesOf(mutexes), priority },
      mutexMemory,
    );
  }

  /**
   * Whether servers are told which priorities a banded connection is for (`_bind_priority_band`), ahead of its first
   * call; not by default. TAO's know nothing of it, and nothing comes of that.
   */
  get bindsPriorityBands(): boolean {
    return this._client.bindsBands;
  }

  set bindsPriorityBands(isBinding: boolean) {
    this._client.bindsBands = isBinding;
  }

  /** Internal: a pool by its id. */
  _pool(id: number): Threadpool | undefined {
    return this.#pools.get(id);
  }

  /** Internal: the ORB stops. */
  async _close(deadline: Deadline): Promise<void> {
    const pools = [...this.#pools.values()];
    this.#pools.clear();
    await Promise.all(pools.map((pool) => pool.close(deadline)));
  }

  create_mutex(): Mutex {
    return this.#mutexes.create();
  }

  /** Who waits for it gets OBJECT_NOT_EXIST. */
  destroy_mutex(the_mutex: Mutex): void {
    this.#mutexes.destroy(the_mutex);
  }

  /** As TAO has it: a mutex that all threads of this process find by its name. @throws IMP_LIMIT for the 256th, or a long name */
  create_named_mutex(name: string): { readonly result: Mutex; readonly created_flag: boolean } {
    const { mutex, created } = this.#mutexes.createNamed(name);
    return { result: mutex, created_flag: created };
  }

  /** @throws MutexNotFound */
  open_named_mutex(name: string): Mutex {
    return this.#mutexes.openNamed(name);
  }

  /**
   * A pool without lanes: its requests come by the ORB's own endpoints and run at their own priorities, the most urgent
   * of those that wait first.
   * @param stacksize octets for each thread; 0 for the default
   * @param max_buffered_requests 0 for 100,000; what comes beyond is TRANSIENT
   * @param max_request_buffer_size octets; 0 for 268,435,456
   * @throws BAD_PARAM; DATA_CONVERSION minor OMG 2 for a priority that is not mapped
   */
  create_threadpool(
    stacksize: number,
    static_threads: number,
    dynamic_threads: number,
    default_priority: number,
    allow_request_buffering: boolean,
    max_buffered_requests: number,
    max_request_buffer_size: number,
    options: ThreadpoolOptions = {},
  ): Promise<number> {
    return this.#create({
      hasLanes: false,
      lanes: [{ lane_priority: default_priority, static_threads, dynamic_threads }],
      stackOctets: stacksize,
      mayBorrow: false,
      mayBuffer: allow_request_buffering,
      maxBufferedRequests: max_buffered_requests,
      maxBufferedOctets: max_request_buffer_size,
      options,
    });
  }

  /**
   * A pool with lanes, each of one priority and with an endpoint of its own.
   * @throws as `create_threadpool`; INITIALIZE for an endpoint that cannot be had, NO_RESOURCES for threads that cannot
   */
  create_threadpool_with_lanes(
    stacksize: number,
    lanes: readonly ThreadpoolLane[],
    allow_borrowing: boolean,
    allow_request_buffering: boolean,
    max_buffered_requests: number,
    max_request_buffer_size: number,
    options: ThreadpoolOptions = {},
  ): Promise<number> {
    return this.#create({
      hasLanes: true,
      lanes,
      stackOctets: stacksize,
      mayBorrow: allow_borrowing,
      mayBuffer: allow_request_buffering,
      maxBufferedRequests: max_buffered_requests,
      maxBufferedOctets: max_request_buffer_size,
      options,
    });
  }

  /** @throws InvalidThreadpool; BAD_INV_ORDER while POAs are in it */
  async destroy_threadpool(threadpool: number): Promise<void> {
    const pool = this.#existing(threadpool);
    if (pool.users.size > 0) {
      throw new BAD_INV_ORDER(
        `thread pool ${threadpool} is used by POA ${[...pool.users].join(", ")}: destroy that first`,
        MINOR.none,
        Completion.no,
      );
    }
    this.#pools.delete(threadpool);
    await pool.close(Deadline.after(this._clock, this.#host.deadlineMs));
  }

  /** What a pool does now. @throws InvalidThreadpool */
  threadpoolState(threadpool: number): ThreadpoolState {
    const pool = this.#existing(threadpool);
    const lanes = pool.lanes.map(({ priority, endpoint }, lane) => ({
      priority,
      endpoint,
      counts: pool.countsOf(lane),
    }));
    return { lanes, strayCount: pool.strayCount };
  }

  #existing(id: number): Threadpool {
    const pool = this.#pools.get(id);
    if (pool !== undefined) return pool;
    throw new InvalidThreadpool(`there is no thread pool ${id}`);
  }

  async #create(plan: PoolPlan): Promise<number> {
    const id = this.#made + 1;
    const specs = this.#specsOf(plan, plan.options.name ?? `pool ${id}`);
    this.#made = id;
    const pool = await this.#started(id, plan, specs);
    this.#pools.set(id, pool);
    return id;
  }

  async #started(id: number, plan: PoolPlan, specs: readonly LaneSpec[]): Promise<Threadpool> {
    const { hasLanes, options } = plan;
    const metrics = this.#metrics;
    const { entrances, lanes: host, deadlineMs } = this.#host;
    if (host === undefined || options.inline === true) {
      const [only] = specs;
      const made =
        hasLanes || only === undefined
          ? await inlineLanes(specs, entrances)
          : inlinePool(only, entrances);
      const { lanes, queue, close } = made;
      return new Threadpool({
        id,
        hasLanes,
        lanes,
        queue,
        threads: [],
        closeEndpoints: close,
        metrics,
      });
    }
    const threads = await host.start(specs, Deadline.after(this._clock, deadlineMs));
    const lanes = threads.map(({ spec, endpoint }) => ({
      name: spec.name,
      priority: spec.priority,
      endpoint,
      entrance: undefined,
    }));
    const closeEndpoints = (): Promise<void> => Promise.resolve();
    return new Threadpool({
      id,
      hasLanes,
      lanes,
      queue: undefined,
      threads,
      closeEndpoints,
      metrics,
    });
  }

  #specsOf(plan: PoolPlan, name: string): readonly LaneSpec[] {
    const { lanes, options, mayBuffer, maxBufferedRequests, maxBufferedOctets } = plan;
    if (lanes.length === 0) throw wrong("a thread pool with lanes needs one at least");
    const sizes = { stacksize: plan.stackOctets, maxBufferedRequests, maxBufferedOctets };
    for (const [what, value] of Object.entries(sizes)) checkUlong(what, value);
    const priorities = lanes.map(({ lane_priority: priority }) => this.#checked(priority));
    const twice = priorities.find((priority, at) => priorities.indexOf(priority) !== at);
    if (twice !== undefined) throw wrong(`two lanes of priority ${twice}`);
    const { maxConcurrent = 1, listen = [] } = options;
    if (!Number.isSafeInteger(maxConcurrent) || maxConcurrent < 1) {
      throw wrong(`maxConcurrent is ${maxConcurrent}; 1 at least is needed`);
    }
    if (listen.length > 0 && (!plan.hasLanes || listen.length !== lanes.length)) {
      throw wrong(`listen names ${listen.length} endpoints; one for each lane is needed`);
    }
    return lanes.map((lane, at): LaneSpec => {
      checkUlong("static_threads", lane.static_threads);
      checkUlong("dynamic_threads", lane.dynamic_threads);
      if (lane.static_threads === 0) throw wrong("static_threads is 0; 1 at least is needed");
      const endpoint = listen[at];
      return {
        name: plan.hasLanes ? `${name}, lane ${at}` : name,
        priority: lane.lane_priority,
        nativePriority: this.priorityMappings._native(lane.lane_priority),
        staticThreads: lane.static_threads,
        dynamicThreads: lane.dynamic_threads,
        stackOctets: plan.stackOctets,
        maxBufferedRequests: mayBuffer ? maxBufferedRequests || MAX_BUFFERED_REQUESTS : 0,
        maxBufferedOctets: mayBuffer ? maxBufferedOctets || MAX_BUFFERED_OCTETS : 0,
        ...(options.maxConcurrent === undefined ? {} : { maxConcurrent }),
        ...(plan.mayBorrow ? { mayBorrow: true } : {}),
        ...(endpoint === undefined ? {} : { listen: endpoint }),
      };
    });
  }

  /** @throws BAD_PARAM, DATA_CONVERSION */
  #checked(priority: number): number {
    const { min, max } = this.#host.priorityRange;
    checkPriority(priority, "the priority of a lane");
    if (priority < min || priority > max) {
      throw wrong(
        `the priority of a lane is ${priority}; -ORBRTpriorityrange allows ${min} to ${max}`,
      );
    }
    this.priorityMappings._native(priority);
    return priority;
  }

  create_priority_model_policy(priority_model: PriorityModel, server_priority: number): Policy {
    return policy(RT_POLICY.priorityModel, { priority_model, server_priority });
  }

  create_threadpool_policy(threadpool: number): Policy {
    return policy(RT_POLICY.threadpool, threadpool);
  }

  create_priority_banded_connection_policy(priority_bands: readonly PriorityBand[]): Policy {
    return policy(RT_POLICY.priorityBands, priority_bands);
  }

  create_server_protocol_policy(protocols: readonly Protocol[]): Policy {
    return policy(RT_POLICY.serverProtocol, protocols);
  }

  create_client_protocol_policy(protocols: readonly Protocol[]): Policy {
    return policy(RT_POLICY.clientProtocol, protocols);
  }

  create_private_connection_policy(): Policy {
    return policy(RT_POLICY.privateConnection, null);
  }

  create_tcp_protocol_properties(
    send_buffer_size: number,
    recv_buffer_size: number,
    keep_alive: boolean,
    dont_route: boolean,
    no_delay: boolean,
  ): TcpProtocolProperties {
    return { send_buffer_size, recv_buffer_size, keep_alive, dont_route, no_delay };
  }
}

/** @throws BAD_PARAM */
function policy(type: number, value: unknown): Policy {
  const kind = POLICY_KIND_BY_TYPE.get(type);
  try {
    if (kind !== undefined) return kind.create(value);
  } catch (cause) {
    if (!(cause instanceof PolicyError)) throw cause;
    throw new BAD_PARAM(cause.message, MINOR.none, Completion.no, { cause });
  }
  throw new RangeError(`policy type ${type} is not known`);
}

function wrong(text: string): BAD_PARAM {
  return new BAD_PARAM(text, MINOR.none, Completion.no);
}

function checkUlong(what: string, value: number): void {
  if (Number.isInteger(value) && value >= 0 && value <= MAX_ULONG) return;
  throw wrong(`${what} is ${String(value)}; allowed: 0 to ${MAX_ULONG}`);
}
