import type { ResourceLimits } from "node:worker_threads";
import type { LaneSpec, Scheduling } from "../../orb/index.ts";
import type { Opening, PlacementWish } from "../lane-thread/index.ts";

/** `[lanes.NAME]`: what the threads of a lane of a thread pool are like. */
export interface LaneConfig {
  /** CORBA priority, 0 to 32767: also tells which lane of a pool made by a program is meant. */
  readonly priority?: number;
  /** Threads made at once. */
  readonly threads?: number;
  /** Threads made when all are busy. */
  readonly dynamicThreads?: number;
  /** How the kernel schedules the threads; fifo where absent. */
  readonly scheduling?: "fifo" | "rr" | "deadline" | "other";
  /** What is the lane's alone; `awake`: the core does not sleep while the lane is there. */
  readonly reserve?: { readonly core: number; readonly awake?: boolean };
  /** For deadline: microseconds of processor in every period. */
  readonly runtimeUs?: number;
  /** For deadline. */
  readonly periodUs?: number;
  /** For deadline: within this of its start; the period where absent. */
  readonly deadlineUs?: number;
  /** Upcalls that one thread interleaves. */
  readonly maxConcurrent?: number;
  /** Requests kept while no thread is free. */
  readonly maxBufferedRequests?: number;
  /** Octets those may hold. */
  readonly maxBufferedOctets?: number;
  /** Megabytes of each thread's heap where new objects live; 3 where scheduling is real-time. */
  readonly youngGenerationMb?: number;
  /** Megabytes of each thread's heap where those live that survived. */
  readonly oldGenerationMb?: number;
  /** Where the lane listens; a free port of the ORB's first host where absent. */
  readonly listen?: string;
  /** Calls each thread makes to itself before it is ready; 2,000 where absent. */
  readonly warmUpCalls?: number;
  /**
   * And afterwards so often a second while nobody else calls; 1,000 for a real-time lane that reserves a core, else 0,
   * where absent.
   */
  readonly rehearsalsPerSecond?: number;
  /** Microseconds to look for octets before sleeping, for a lane with a core of its own; 0 where absent. */
  readonly spinUs?: number;
}

/** What one lane is like, all decided. */
export interface LaneSettings {
  readonly spec: LaneSpec;
  readonly wish: PlacementWish;
  readonly opening: Opening;
  readonly limits: ResourceLimits;
  /** Cores that are not to sleep. */
  readonly awake: readonly number[];
  /** Upcalls that one thread interleaves. */
  readonly maxConcurrent: number;
  /** Kept by each thread. */
  readonly maxBufferedRequests: number;
  readonly maxBufferedOctets: number;
  readonly spinUs: number;
}

/** The kernel keeps 15 octets of a thread's name. */
const NAME_OCTETS = 15;
/** A real-time lane's timers are to fire when they are due. */
const REAL_TIME_SLACK_NS = 1;
/** What the kernel gives everybody. */
const ORDINARY_SLACK_NS = 50_000;
/**
 * Three semi-spaces of the least size V8 has: it gives the pages of the empty one back after each collection of a
 * thread that allocates little, two system calls a page, and that is most of what such a collection takes.
 */
const REAL_TIME_YOUNG_MB = 3;
const WARM_UP_CALLS = 2_000;
/** Three of a hundred parts of a core that is reserved anyway. */
const REHEARSALS_PER_SECOND = 1_000;
const MAX_CONCURRENT = 100;
const NS_PER_US = 1_000;
const OCTETS_PER_MB = 1_048_576;
const DEFAULT_LISTEN = "iiop://127.0.0.1:0";

/** The settings of the lane: by its name, else by its priority. */
export function configOf(
  spec: LaneSpec,
  lanes: Readonly<Record<string, LaneConfig>>,
): LaneConfig | undefined {
  return (
    lanes[spec.name] ?? Object.values(lanes).find(({ priority }) => priority === spec.priority)
  );
}

function schedulingOf({ nativePriority }: LaneSpec, config: LaneConfig): Scheduling {
  const { scheduling = "fifo", runtimeUs = 0, periodUs = 0, deadlineUs = periodUs } = config;
  switch (scheduling) {
    case "other":
      return { policy: "other", nice: 0 };
    case "deadline":
      return {
        policy: "deadline",
        runtimeNs: runtimeUs * NS_PER_US,
        deadlineNs: deadlineUs * NS_PER_US,
        periodNs: periodUs * NS_PER_US,
      };
    case "fifo":
    case "rr":
      return { policy: scheduling, priority: nativePriority };
  }
}

/** Whether a lane's thread goes before ordinary ones. */
export function isRealTime({ policy }: Scheduling): boolean {
  return policy !== "other";
}

function limitsOf(spec: LaneSpec, config: LaneConfig, realTime: boolean): ResourceLimits {
  const youngMb = config.youngGenerationMb ?? (realTime ? REAL_TIME_YOUNG_MB : undefined);
  const { oldGenerationMb } = config;
  return {
    ...(youngMb === undefined ? {} : { maxYoungGenerationSizeMb: youngMb }),
    ...(oldGenerationMb === undefined ? {} : { maxOldGenerationSizeMb: oldGenerationMb }),
    ...(spec.stackOctets === 0 ? {} : { stackSizeMb: spec.stackOctets / OCTETS_PER_MB }),
  };
}

/** Where the lane listens: its own setting, else a free port beside the ORB's first endpoint. */
function listenOf(config: LaneConfig, orbListen: readonly string[]): string {
  if (config.listen !== undefined) return config.listen;
  const tcp = orbListen.find((endpoint) => endpoint.startsWith("iiop://"));
  return tcp?.replace(/:\d+$/, ":0") ?? DEFAULT_LISTEN;
}

/** The hosts the ORB publishes, at the lane's port. */
function publishOf(orbPublish: readonly string[]): readonly string[] {
  return [
    ...new Set(orbPublish.map((address) => address.replace(/:(?:\d+|\{port\})$/, ":{port}"))),
  ];
}

/** Decides everything about a lane. @param config undefined for one the configuration does not name */
export function settingsOf(
  spec: LaneSpec,
  config: LaneConfig = {},
  orb: { readonly listen?: readonly string[]; readonly publish?: readonly string[] } = {},
): LaneSettings {
  const scheduling = schedulingOf(spec, config);
  const realTime = isRealTime(scheduling);
  return {
    spec,
    maxConcurrent: spec.maxConcurrent ?? config.maxConcurrent ?? MAX_CONCURRENT,
    maxBufferedRequests: config.maxBufferedRequests ?? spec.maxBufferedRequests,
    maxBufferedOctets: config.maxBufferedOctets ?? spec.maxBufferedOctets,
    wish: {
      threadName: Buffer.from(spec.name).subarray(0, NAME_OCTETS).toString("latin1"),
      scheduling,
      cores: config.reserve === undefined ? [] : [config.reserve.core],
      timerSlackNs: realTime ? REAL_TIME_SLACK_NS : ORDINARY_SLACK_NS,
    },
    opening: {
      listen: [spec.listen ?? listenOf(config, orb.listen ?? [])],
      publish: publishOf(orb.publish ?? []),
      sharesPort: false,
      warmUpCalls: config.warmUpCalls ?? WARM_UP_CALLS,
      rehearsalsPerSecond:
        config.rehearsalsPerSecond ??
        (realTime && config.reserve !== undefined ? REHEARSALS_PER_SECOND : 0),
    },
    limits: limitsOf(spec, config, realTime),
    awake: config.reserve?.awake === true ? [config.reserve.core] : [],
    spinUs: config.spinUs ?? 0,
  };
}
