import type { Clock } from "../base/index.ts";
import { type LaneEndpoint, type LaneSpec, WorkQueue } from "../rt/index.ts";
import type { ChannelOptions } from "../transport/index.ts";
import type { PoolLane } from "./threadpool.ts";

/** Upcalls that one thread has under way while they await, where nobody says. */
export const DEFAULT_MAX_CONCURRENT: number = 100;

/** What lanes of this thread need of the ORB. */
export interface EntranceHost {
  readonly clock: Clock;
  /** Opens an endpoint; the ORB's choice of a port where nothing is said. @throws INITIALIZE naming the endpoint */
  open(
    listen: string | undefined,
  ): Promise<{ readonly entrance: number; readonly endpoint: LaneEndpoint }>;
  close(entrance: number): Promise<void>;
  /** What connections that are accepted there are set to from now on; undefined: to nothing. */
  readonly configure: (entrance: number, options: ChannelOptions | undefined) => void;
}

/** Lanes of a pool that are queues of this thread, each with an endpoint of its own. */
export interface InlineLanes {
  readonly lanes: readonly PoolLane[];
  readonly queue: WorkQueue;
  readonly close: () => Promise<void>;
}

/** Bounds of the queue are those of the pool: all of its lanes together. */
function queueOf(specs: readonly LaneSpec[], clock: Clock): WorkQueue {
  const [first] = specs;
  const shapes = specs.map((spec) => ({
    name: spec.name,
    priority: spec.priority,
    concurrency:
      (spec.staticThreads + spec.dynamicThreads) * (spec.maxConcurrent ?? DEFAULT_MAX_CONCURRENT),
    mayBorrow: spec.mayBorrow === true,
  }));
  const bounds = {
    maxCount: first?.maxBufferedRequests ?? 0,
    maxOctets: first?.maxBufferedOctets ?? 0,
  };
  return new WorkQueue(shapes, bounds, clock);
}

/** A pool without lanes: its requests come by the ORB's own endpoints. */
export function inlinePool(spec: LaneSpec, { clock }: EntranceHost): InlineLanes {
  return {
    lanes: [{ name: spec.name, priority: spec.priority, endpoint: undefined, entrance: undefined }],
    queue: queueOf([spec], clock),
    close: () => Promise.resolve(),
  };
}

/** Opens an endpoint for each lane: all or none. @throws INITIALIZE for one that cannot be had */
export async function inlineLanes(
  specs: readonly LaneSpec[],
  host: EntranceHost,
): Promise<InlineLanes> {
  const lanes: (PoolLane & { readonly entrance: number })[] = [];
  const close = async (): Promise<void> => {
    await Promise.all(lanes.map(({ entrance }) => host.close(entrance)));
  };
  try {
    for (const { name, priority, listen } of specs) {
      const { entrance, endpoint } = await host.open(listen);
      lanes.push({ name, priority, endpoint, entrance });
    }
  } catch (error) {
    await close();
    throw error;
  }
  return { lanes, queue: queueOf(specs, host.clock), close };
}
