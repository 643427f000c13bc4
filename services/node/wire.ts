import { Deadline, type Logger, type Metrics, systemClock } from "../../orb/base/index.ts";
import { AwakeCores, loadNative, processSettings } from "../../native/index.ts";
import { newMutexMemory, type OrbInitOptions, type ThreadpoolLane } from "../../orb/index.ts";
import type { NodeConfig } from "./config.ts";
import { PrometheusMetrics } from "./prometheus.ts";
import { type LaneConfig, WorkerLanes, type WorkerLanesOptions } from "../lanes/index.ts";

/** Milliseconds a scrape waits for lanes: what one measures that is busy for longer comes with the next. */
const MEASURE_TIMEOUT_MS = 500;

/** What a process is wired of, beside its configuration. */
export interface WireOptions
  extends Omit<
    WorkerLanesOptions,
    "program" | "orb" | "lanes" | "mutexMemory" | "canSharePorts" | "threads"
  > {
  readonly logger?: Logger;
  readonly metrics?: Metrics;
}

/** Lanes as `create_threadpool_with_lanes` of `orb.rt` takes them, the least urgent first: `[lanes.NAME]` of a configuration. */
export function threadpoolLanes(
  lanes: Readonly<Record<string, LaneConfig>>,
): readonly ThreadpoolLane[] {
  return Object.entries(lanes)
    .map(([name, { priority = 0, threads = 1, dynamicThreads = 0 }]) => ({
      name,
      lane_priority: priority,
      static_threads: threads,
      dynamic_threads: dynamicThreads,
    }))
    .toSorted((a, b) => a.lane_priority - b.lane_priority);
}

/** Options of `ORB_init` for a process whose lanes are threads. */
export interface Wired extends OrbInitOptions {
  readonly lanes: WorkerLanes;
}

/** Has the threads of lanes tell what they measured ahead of each scrape: by themselves they tell it once a second. */
export function measureBeforeScrape(metrics: PrometheusMetrics, lanes: WorkerLanes): void {
  metrics.beforeScrape(() => lanes.measure(Deadline.after(systemClock, MEASURE_TIMEOUT_MS)));
}

/**
 * Wires a process: `ORB_init(args, wire(await loadConfig("metro.toml")))` has thread pools whose lanes are threads of
 * their own, placed as `[lanes.NAME]` says, with the addon's scheduler, mutexes and reactor where it is there.
 */
export function wire(
  config: Partial<Pick<NodeConfig, "orb" | "lanes">> = {},
  options: WireOptions = {},
): Wired {
  const { orb = {}, lanes: configured = {} } = config;
  const { logger, metrics } = options;
  const program = new URL("./lane-main.js", import.meta.url);
  const native = loadNative();
  const mutexMemory = newMutexMemory();
  const lanes = new WorkerLanes({
    ...options,
    program,
    orb,
    lanes: configured,
    mutexMemory,
    canSharePorts: native !== undefined,
    ...(Object.values(configured).some(({ reserve }) => reserve?.awake === true) && {
      awake: options.awake ?? new AwakeCores(processSettings()),
    }),
    ...(native === undefined ? {} : { threads: native.scheduler }),
  });
  if (metrics instanceof PrometheusMetrics) measureBeforeScrape(metrics, lanes);
  return {
    config: { orb },
    instance: lanes.instance,
    lanes,
    mutexMemory,
    native,
    ...(logger === undefined ? {} : { logger }),
    ...(metrics === undefined ? {} : { metrics }),
  };
}
