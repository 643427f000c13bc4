import type { Deadline } from "../base/index.ts";
import type { Lane, LaneCounts, LaneEndpoint, Work, WorkQueue } from "../rt/index.ts";

/** A lane of a pool, as POAs see it. */
export interface PoolLane {
  readonly priority: number;
  /** Where clients reach it; undefined: at the ORB's own endpoints. */
  readonly endpoint: LaneEndpoint | undefined;
  /** The entrance of this ORB that leads to it; undefined for one in threads of its own. */
  readonly entrance: number | undefined;
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
  #strayCount = 0;

  constructor(parts: PoolParts) {
    this.id = parts.id;
    this.hasLanes = parts.hasLanes;
    this.lanes = parts.lanes;
    this.threads = parts.threads;
    this.#queue = parts.queue;
    this.#closeEndpoints = parts.closeEndpoints;
  }

  /** Whether its lanes are queues of this thread: only those take servant objects. */
  get isInline(): boolean {
    return this.#queue !== undefined;
  }

  /** Requests that came to the endpoint of another lane than theirs. */
  get strayCount(): number {
    return this.#strayCount;
  }

  /** A request came to the endpoint of another lane than its own. */
  strayed(): void {
    this.#strayCount++;
  }

  /** @returns for work that waits: takes it back */
  submit(lane: number, work: Work): (() => void) | undefined {
    return this.#queue?.submit(lane, work);
  }

  /** What a lane does now; undefined for one in threads of its own. */
  countsOf(lane: number): LaneCounts | undefined {
    return this.#queue?.countsOf(lane);
  }

  async close(deadline: Deadline): Promise<void> {
    await Promise.all([
      this.#closeEndpoints(),
      ...this.threads.map((lane) => lane.close(deadline)),
    ]);
  }
}
