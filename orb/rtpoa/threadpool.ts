import type { Counter, Deadline, Gauge, Metrics } from "../base/index.ts";
import { UserException } from "../exception/index.ts";
import type { Lane, LaneCounts, LaneEndpoint, Work, WorkQueue } from "../rt/index.ts";

/** There is no thread pool of this id (RTCORBA::RTORB::InvalidThreadpool). */
export class InvalidThreadpool extends UserException {
  static readonly repositoryId: string = "IDL:omg.org/RTCORBA/RTORB/InvalidThreadpool:1.0";
  override readonly name: string = "InvalidThreadpool";
  override readonly repositoryId: string = InvalidThreadpool.repositoryId;
}

/** A lane of a pool, as POAs see it. */
export interface PoolLane {
  /** For people, and for metrics. */
  readonly name: string;
  readonly priority: number;
  /** Where clients reach it; undefined: at the ORB's own endpoints. */
  readonly endpoint: LaneEndpoint | undefined;
  /** The entrance of this ORB that leads to it; undefined for one in threads of its own. */
  readonly entrance: number | undefined;
}

/** What pools of this thread measure; those of other threads measure themselves, by the same names. */
export class PoolMetrics {
  readonly handovers: Counter;
  readonly refusals: Counter;
  readonly waiting: Gauge;

  constructor(metrics: Metrics) {
    const help = "Requests that a lane's thread handed to another one";
    this.handovers = metrics.counter("orbweaver_lane_handovers_total", help, ["from", "to"]);
    const refused = "Requests that found no room in a lane";
    this.refusals = metrics.counter("orbweaver_lane_refusals_total", refused, ["lane"]);
    const waiting = "Requests that wait for a thread of a lane";
    this.waiting = metrics.gauge("orbweaver_lane_waiting_requests", waiting, ["lane"]);
  }
}

/** What a pool is made of. */
export interface PoolParts {
  readonly id: number;
  /** Whether it was made with lanes; one without has one of its default priority. */
  readonly hasLanes: boolean;
  readonly lanes: readonly PoolLane[];
  /** Runs the requests of lanes that are queues of this thread. */
  readonly queue: WorkQueue | undefined;
  /** Lanes in threads of their own. */
  readonly threads: readonly Lane[];
  /** Ends the lanes that are queues of this thread. */
  readonly closeEndpoints: () => Promise<void>;
  readonly metrics: PoolMetrics;
}

/** A thread pool (RT-CORBA 1.2, 5.12): lanes that are queues of this thread, or that have threads of their own. */
export class Threadpool {
  readonly id: number;
  readonly hasLanes: boolean;
  readonly lanes: readonly PoolLane[];
  readonly threads: readonly Lane[];
  /** Names of the POAs that are in it. */
  readonly users: Set<string> = new Set();
  readonly #queue: WorkQueue | undefined;
  readonly #closeEndpoints: () => Promise<void>;
  readonly #metrics: PoolMetrics;
  #strayCount = 0;

  constructor(parts: PoolParts) {
    this.id = parts.id;
    this.hasLanes = parts.hasLanes;
    this.lanes = parts.lanes;
    this.threads = parts.threads;
    this.#queue = parts.queue;
    this.#closeEndpoints = parts.closeEndpoints;
    this.#metrics = parts.metrics;
  }

  /** Whether its lanes are queues of this thread: only those take servant objects. */
  get isInline(): boolean {
    return this.#queue !== undefined;
  }

  /** Requests that came to the endpoint of another lane than theirs. */
  get strayCount(): number {
    return this.threads.reduce((sum, lane) => sum + lane.strayCount, this.#strayCount);
  }

  /** A request for a lane came to another endpoint, of another lane or of none. */
  strayed(entrance: number, to: PoolLane): void {
    this.#strayCount++;
    const from = this.lanes.find((lane) => lane.entrance === entrance)?.name ?? "none";
    this.#metrics.handovers.add(1, { from, to: to.name });
  }

  /** @returns for work that waits: takes it back */
  submit(at: number, work: Work): (() => void) | undefined {
    const lane = this.lanes[at]?.name ?? "";
    let isWaiting = false;
    const leave = (): void => {
      if (isWaiting) this.#metrics.waiting.add(-1, { lane });
      isWaiting = false;
    };
    const withdraw = this.#queue?.submit(at, {
      priority: work.priority,
      octets: work.octets,
      run: (done) => {
        leave();
        work.run(done);
      },
      refuse: (why) => {
        this.#metrics.refusals.add(1, { lane });
        work.refuse(why);
      },
    });
    if (withdraw === undefined) return undefined;
    isWaiting = true;
    this.#metrics.waiting.add(1, { lane });
    return () => {
      leave();
      withdraw();
    };
  }

  /** What a lane does now. */
  countsOf(lane: number): LaneCounts {
    return this.#queue?.countsOf(lane) ?? this.threads[lane]?.counts ?? { running: 0, waiting: 0 };
  }

  async close(deadline: Deadline): Promise<void> {
    await Promise.all([
      this.#closeEndpoints(),
      ...this.threads.map((lane) => lane.close(deadline)),
    ]);
  }
}
