import { BAD_PARAM, Completion, MINOR } from "../exception/index.ts";
import {
  checkPriority,
  type LaneSpec,
  type NativeRange,
  type PriorityMappingManager,
} from "../rt/index.ts";

/** RTCORBA::ThreadpoolLane. */
export interface ThreadpoolLane {
  readonly lane_priority: number;
  readonly static_threads: number;
  readonly dynamic_threads: number;
  /** For people, and what `[lanes.NAME]` it is; `pool 1, lane 0` where absent. */
  readonly name?: string;
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

/** What both ways to make a pool have in common. */
export interface PoolPlan {
  readonly hasLanes: boolean;
  readonly lanes: readonly ThreadpoolLane[];
  readonly stackOctets: number;
  readonly mayBorrow: boolean;
  readonly mayBuffer: boolean;
  readonly maxBufferedRequests: number;
  readonly maxBufferedOctets: number;
  readonly options: ThreadpoolOptions;
}

/** What an ORB says of the priorities of lanes. */
export interface PriorityLimits {
  readonly range: NativeRange;
  readonly mappings: PriorityMappingManager;
}

/** The bounds of a buffer that has none by the standard. */
const MAX_BUFFERED_REQUESTS = 100_000;
const MAX_BUFFERED_OCTETS = 256 * 1024 * 1024;
const MAX_ULONG = 0xffff_ffff;

function wrong(text: string): BAD_PARAM {
  return new BAD_PARAM(text, MINOR.none, Completion.no);
}

function checkUlong(what: string, value: number): void {
  if (Number.isInteger(value) && value >= 0 && value <= MAX_ULONG) return;
  throw wrong(`${what} is ${String(value)}; allowed: 0 to ${MAX_ULONG}`);
}

/** What the priority is to the kernel. @throws BAD_PARAM, DATA_CONVERSION */
function nativeOf(priority: number, { range, mappings }: PriorityLimits): number {
  const { min, max } = range;
  checkPriority(priority, "the priority of a lane");
  if (priority < min || priority > max) {
    throw wrong(
      `the priority of a lane is ${priority}; -ORBRTpriorityrange allows ${min} to ${max}`,
    );
  }
  return mappings._native(priority);
}

/**
 * The lanes of a pool.
 * @param name of the pool
 * @throws BAD_PARAM; DATA_CONVERSION minor OMG 2 for a priority that is not mapped
 */
export function specsOf(plan: PoolPlan, name: string, limits: PriorityLimits): readonly LaneSpec[] {
  const { lanes, options, mayBuffer, maxBufferedRequests, maxBufferedOctets } = plan;
  if (lanes.length === 0) throw wrong("a thread pool with lanes needs one at least");
  const sizes = { stacksize: plan.stackOctets, maxBufferedRequests, maxBufferedOctets };
  for (const [what, value] of Object.entries(sizes)) checkUlong(what, value);
  const native = lanes.map(({ lane_priority: priority }) => nativeOf(priority, limits));
  const priorities = lanes.map(({ lane_priority: priority }) => priority);
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
      name: lane.name ?? (plan.hasLanes ? `${name}, lane ${at}` : name),
      priority: lane.lane_priority,
      nativePriority: native[at] ?? 0,
      staticThreads: lane.static_threads,
      dynamicThreads: lane.dynamic_threads,
      stackOctets: plan.stackOctets,
      maxBufferedRequests: mayBuffer ? maxBufferedRequests || MAX_BUFFERED_REQUESTS : 0,
      maxBufferedOctets: mayBuffer ? maxBufferedOctets || MAX_BUFFERED_OCTETS : 0,
      ...(options.maxConcurrent === undefined ? {} : { maxConcurrent }),
      ...(plan.mayBorrow ? { mayBorrow: true } : {}),
      ...(plan.hasLanes ? {} : { isAlone: true }),
      ...(endpoint === undefined ? {} : { listen: endpoint }),
    };
  });
}
