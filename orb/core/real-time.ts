import { type Logger, type Metrics, noLogger, noMetrics } from "../base/index.ts";
import { BAD_PARAM, Completion, INITIALIZE, MINOR } from "../exception/index.ts";
import {
  DEFAULT_NATIVE_RANGE,
  type LaneHost,
  mappingByName,
  type MappingName,
  MAX_PRIORITY,
  MIN_PRIORITY,
  type NativeRange,
  type PriorityMapping,
  PriorityMappingManager,
  type PriorityMutexes,
  type Scheduler,
} from "../rt/index.ts";
import type { RtHost } from "../rtpoa/index.ts";
import type { SocketOptions } from "../transport/index.ts";

/** What a configuration says of real-time priorities. */
export interface RealTimeConfig {
  /** CORBA priorities that lanes may have, as `-ORBRTpriorityrange` has them; 0 to 32767 by default. */
  readonly rtPriorityRange?: readonly [min: number, max: number];
  /** Native priorities that CORBA priorities are mapped to; 1 to 48 by default. */
  readonly rtNativeRange?: readonly [min: number, max: number];
  /** How they are mapped: `linear` by default, `direct` or `continuous`. */
  readonly rtMapping?: MappingName;
}

/** What `ORB_init` is given of the machine. */
export interface RealTimeOptions {
  /** Makes the lanes of thread pools: threads. Without it they are queues of this thread. */
  readonly lanes?: LaneHost;
  /** What `loadNative()` of `orbweaver/native` gives; without it mutexes inherit no priority, and `resetOnCrash` does nothing. */
  readonly native?:
    | {
        readonly scheduler?: Scheduler;
        readonly mutexes?: PriorityMutexes;
        readonly sockets?: SocketOptions;
      }
    | undefined;
  /** For named mutexes that several ORBs of one process share, as the threads of lanes do: `newMutexMemory()`. */
  readonly mutexMemory?: SharedArrayBuffer;
}

/** Everything decided. */
export interface RealTimeSettings {
  readonly priorityRange: NativeRange;
  readonly mapping: PriorityMapping;
}

const MAPPINGS: readonly MappingName[] = ["linear", "direct", "continuous"];
export const REAL_TIME_KEYS: readonly (keyof RealTimeConfig)[] = [
  "rtPriorityRange",
  "rtNativeRange",
  "rtMapping",
];

/** `MIN,MAX` of `-ORBRTpriorityrange`. @throws BAD_PARAM */
export function parsePriorityRange(text: string): readonly [number, number] {
  const match = /^(-?\d+),(-?\d+)$/.exec(text);
  if (match !== null) return [Number(match[1]), Number(match[2])];
  throw new BAD_PARAM(
    `-ORBRTpriorityrange "${text}" is not understood; allowed: MIN,MAX, e.g. 0,32767`,
    MINOR.none,
    Completion.no,
  );
}

function rangeOf(
  given: readonly [number, number] | undefined,
  usual: NativeRange,
  what: string,
): NativeRange {
  if (given === undefined) return usual;
  const [min, max] = given;
  if (Number.isInteger(min) && Number.isInteger(max)) return { min, max };
  throw new INITIALIZE(`${what} is ${JSON.stringify(given)}; two whole numbers are needed`);
}

/**
 * @throws INITIALIZE for what cannot be, minor OMG 1 for a range; DATA_CONVERSION minor OMG 2 for a range whose
 *   priorities have no native ones
 */
export function realTimeSettings(config: RealTimeConfig): RealTimeSettings {
  const { rtMapping: mapping = "linear" } = config;
  if (!MAPPINGS.includes(mapping)) {
    throw new INITIALIZE(`orb.rtMapping is ${String(mapping)}; allowed: ${MAPPINGS.join(", ")}`);
  }
  const nativeRange = rangeOf(config.rtNativeRange, DEFAULT_NATIVE_RANGE, "orb.rtNativeRange");
  const all = { min: MIN_PRIORITY, max: MAX_PRIORITY };
  const priorityRange = rangeOf(config.rtPriorityRange, all, "orb.rtPriorityRange");
  const { min, max } = priorityRange;
  if (min < MIN_PRIORITY || max > MAX_PRIORITY || min > max) {
    throw new INITIALIZE(
      `priorities ${min} to ${max} (-ORBRTpriorityrange, orb.rtPriorityRange); allowed: within ${MIN_PRIORITY} to ${MAX_PRIORITY}, the lower first`,
      MINOR.priorityRangeTooNarrow,
      Completion.no,
    );
  }
  const map = mappingByName(mapping, nativeRange);
  if (config.rtPriorityRange !== undefined) {
    const mappings = new PriorityMappingManager(map);
    for (const each of [min, max]) mappings._native(each);
  }
  return { priorityRange, mapping: map };
}

/** What the RTORB of an ORB is made with. */
export function rtHostOf(
  { priorityRange, mapping }: RealTimeSettings,
  options: RealTimeOptions & { readonly logger?: Logger; readonly metrics?: Metrics },
  own: Pick<RtHost, "entrances" | "deadlineMs" | "policy" | "given">,
): RtHost {
  const { lanes, native, mutexMemory, logger = noLogger, metrics = noMetrics } = options;
  return {
    ...own,
    metrics,
    log: logger,
    mapping,
    priorityRange,
    scheduler: native?.scheduler,
    mutexes: native?.mutexes,
    mutexMemory,
    lanes,
  };
}
