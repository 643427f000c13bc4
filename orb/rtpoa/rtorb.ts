import { type Clock, Deadline, type Logger, type Metrics } from "../base/index.ts";
import { BAD_INV_ORDER, Completion, MINOR } from "../exception/index.ts";
import type { Policy } from "../policy/index.ts";
import {
  type GivenOrb,
  type LaneCounts,
  type LaneHost,
  type LaneSpec,
  type ModuleServant,
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
import { FarManagers } from "./far-managers.ts";
import { type EntranceHost, inlineLanes, inlinePool } from "./inline-lanes.ts";
import { makeTransform } from "./module-servant.ts";
import type { RealTimeHost } from "./placement.ts";
import { RtPolicyFactory } from "./policy-factory.ts";
import {
  type PoolPlan,
  specsOf,
  type ThreadpoolLane,
  type ThreadpoolOptions,
} from "./pool-plan.ts";
import { ServerTcp, TcpSetting } from "./tcp-properties.ts";
import { InvalidThreadpool, PoolMetrics, Threadpool } from "./threadpool.ts";

/** What a lane of a pool does now. */
export interface LaneState {
  readonly priority: number;
  /** Where clients reach it; undefined: at the ORB's own endpoints. */
  readonly endpoint: { readonly host: string; readonly port: number } | undefined;
  /** Of all its threads. */
  readonly counts: LaneCounts;
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
  readonly log: Logger;
  readonly deadlineMs: number;
  readonly mapping: PriorityMapping;
  /** CORBA priorities that lanes may have (`-ORBRTpriorityrange`). */
  readonly priorityRange: NativeRange;
  readonly mutexes: PriorityMutexes | undefined;
  readonly mutexMemory: SharedArrayBuffer | undefined;
  /** Of the thread that calls are made in: their priority where RTCurrent has none. */
  readonly scheduler: Scheduler | undefined;
  /** What holds for lanes with threads of their own, too. */
  readonly given: GivenOrb;
  /** What the ORB's policy manager has of a type. */
  readonly policy: (type: number) => Policy | undefined;
  /** Makes lanes with threads of their own; undefined: all are in this thread. */
  readonly lanes: LaneHost | undefined;
}

/** RTCORBA::RTORB (RT-CORBA 1.2, 5.3): thread pools, mutexes, policies; the initial reference `RTORB`. */
export class RTORB extends RtPolicyFactory {
  /** The priority of what runs now; the initial reference `RTCurrent`. */
  readonly current: RTCurrent;
  /** Holds the mapping to native priorities; the initial reference `PriorityMappingManager`. */
  readonly priorityMappings: PriorityMappingManager;
  /**
   * Changes priorities of requests on their way in and out; none by default. An object is known to this thread alone: what
   * lanes with threads of their own are to use, too, is named in `usePriorityTransform`.
   */
  priorityTransform: PriorityTransform | undefined;
  /** Internal: the ORB's. */
  readonly _clock: Clock;
  /** Internal: what placements need. */
  readonly _host: RealTimeHost;
  /** Internal: has lanes with threads of their own follow managers. */
  readonly _far: FarManagers;
  /** Internal: sets accepted connections. */
  readonly _serverTcp: ServerTcp;
  /** Internal: sets connections that are opened. */
  readonly _clientTcp: TcpSetting;
  /** Internal: the client's side. */
  readonly _client: RtClient;
  readonly #host: RtHost;
  readonly #mutexes: MutexTable;
  readonly #metrics: PoolMetrics;
  readonly #pools = new Map<number, Threadpool>();
  /** Of lanes with threads of their own. */
  #transform: ModuleServant | undefined;
  #made = 0;

  /** Internal: the ORB makes one. */
  constructor(host: RtHost) {
    super();
    const { clock } = host.entrances;
    this.#host = host;
    this._serverTcp = new ServerTcp(host.entrances.configure);
    this._clientTcp = new TcpSetting(host.log);
    this._far = new FarManagers({ clock, deadlineMs: host.deadlineMs, log: host.log });
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

  /**
   * A priority transform that is found by its module, as `activateModule` has it: here and in all lanes with threads of
   * their own, those of pools made later, too. Their threads have one each.
   * @param named an object, a class, or a function that makes one; null for none from now on
   * @throws BAD_PARAM for a module that cannot be loaded or has no transform; TIMEOUT for a lane that does not answer
   */
  async usePriorityTransform(named: ModuleServant | null): Promise<void> {
    const made = named === null ? undefined : await makeTransform(named);
    const by = named ?? undefined;
    const deadline = Deadline.after(this._clock, this.#host.deadlineMs);
    this.#transform = by;
    this.priorityTransform = made;
    const threads = [...this.#pools.values()].flatMap((pool) => pool.threads);
    await Promise.all(threads.map((lane) => lane.transform(by, deadline)));
  }

  /** Internal: what a POA that says nothing of a type has of it. */
  _default(type: number): Policy | undefined {
    return this.#host.policy(type);
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
    const { priorityRange: range } = this.#host;
    const limits = { range, mappings: this.priorityMappings };
    const specs = specsOf(plan, plan.options.name ?? `pool ${id}`, limits);
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
    const deadline = Deadline.after(this._clock, deadlineMs);
    const threads = await host.start(specs, deadline, this.#host.given);
    const transform = this.#transform;
    if (transform !== undefined)
      await Promise.all(threads.map((lane) => lane.transform(transform, deadline)));
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
}
