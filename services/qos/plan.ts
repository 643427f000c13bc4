import type { Controller, CpuTime, GroupSettings } from "../../native/index.ts";
import {
  type HeldLane,
  type HeldRuntime,
  type Holdings,
  kernelTime,
  NO_SHARE,
  type Partition,
  poolOf,
  type Qos,
  realtimeShare,
  runtimesOf,
  type Share,
  sumOf,
} from "../admission/index.ts";

/** One group as it is to be. */
export interface PlannedGroup {
  readonly path: string;
  readonly kind: Qos.Kind | "root";
  /** Of whom: the runtime's name; undefined for partitions. */
  readonly runtime: string | undefined;
  /** The lane's name. */
  readonly lane: string | undefined;
  readonly controllers: readonly Controller[];
  readonly holds: "processes" | "threads";
  readonly settings: GroupSettings;
}

/** How the tree is laid out. */
export interface Layout {
  /** The name of the topmost group. */
  readonly root: string;
  /** Of the cpuset controller: version 2 keeps the threads of a process beneath its own group. */
  readonly version: 1 | 2;
  /** Nobody else's group may have the partitions' cores (version 1). */
  readonly isExclusive: boolean;
}

const ALL: readonly Controller[] = ["cpu", "cpuset", "memory", "io"];
const PER_THREAD: readonly Controller[] = ["cpu", "cpuset"];
/** Weights are percent; a share of 0 is the least there is. */
const LEAST_WEIGHT = 1;

function weight(percent: number): number {
  return Math.max(percent, LEAST_WEIGHT);
}

function budget({ runtime_us, period_us }: Qos.CpuTime): CpuTime {
  return period_us === 0
    ? { runtimeUs: 0, periodUs: 1_000_000 }
    : { runtimeUs: runtime_us, periodUs: period_us };
}

/**
 * A group with others beneath it: all such have one period, which never changes. The kernel takes runtime and period
 * one after the other and looks at the share in between, which must be neither above the group's above nor below
 * those beneath: there is no such way from every pair to every other.
 * @param taken what groups beside were given of it, as the kernel counts both
 */
function shared(whole: Share, taken: Share = NO_SHARE): CpuTime {
  const { runtimeUs, periodUs } = kernelTime(whole);
  return { runtimeUs: runtimeUs - kernelTime(taken).runtimeUs, periodUs };
}

export function partitionPath({ root }: Layout, partition: string): string {
  return `${root}/${partition}`;
}

export function runtimePath(layout: Layout, { demand }: HeldRuntime): string {
  return `${partitionPath(layout, demand.partition)}/${demand.name}`;
}

export function lanePath(layout: Layout, runtime: HeldRuntime, { demand }: HeldLane): string {
  const path = runtimePath(layout, runtime);
  return demand.where === "PART_OVERLAY" ? `${path}/overlay` : `${path}/services/${demand.name}`;
}

/**
 * Where threads of a runtime's process go that are in no lane: the partition of the system, whose cores no
 * lane runs on. Version 2 cannot take threads out of their process's group: they stay beneath it.
 */
export function housekeepingPath(holdings: Holdings, layout: Layout, runtime: HeldRuntime): string {
  const system = holdings.host.partitions.find(({ use }) => use === "system");
  return system === undefined || layout.version === 2
    ? `${runtimePath(layout, runtime)}/housekeeping`
    : `${partitionPath(layout, system.name)}/${runtime.demand.name}`;
}

function laneGroup(
  holdings: Holdings,
  layout: Layout,
  runtime: HeldRuntime,
  lane: HeldLane,
): PlannedGroup {
  const { demand, cores } = lane;
  return {
    path: lanePath(layout, runtime, lane),
    kind: "KIND_LANE",
    runtime: runtime.demand.name,
    lane: demand.name,
    controllers: PER_THREAD,
    holds: "threads",
    settings: {
      cores: cores.length > 0 ? cores : poolOf(holdings, runtime),
      cpuWeight: weight(demand.cpu_percent),
      realtime: budget(demand.realtime),
    },
  };
}

function coresOf(holdings: Holdings, runtime: HeldRuntime): readonly number[] {
  if (runtime.cores.length > 0) return runtime.cores;
  const { partitions } = holdings.host;
  return partitions.find(({ name }) => name === runtime.demand.partition)?.cores ?? [];
}

function runtimeGroups(
  holdings: Holdings,
  layout: Layout,
  runtime: HeldRuntime,
): readonly PlannedGroup[] {
  const { demand, lanes } = runtime;
  const cores = coresOf(holdings, runtime);
  const held = [...lanes.values()];
  const overlay = held.filter((lane) => lane.demand.where === "PART_OVERLAY");
  const services = held.filter((lane) => lane.demand.where === "PART_SERVICE");
  const overlayShare = sumOf(overlay, (lane) => realtimeShare(lane.demand.realtime));
  const common = { runtime: demand.name, lane: undefined };
  const path = runtimePath(layout, runtime);
  const housekeeping = housekeepingPath(holdings, layout, runtime);
  const system = holdings.host.partitions.find(({ use }) => use === "system");
  const isInside = housekeeping.startsWith(`${path}/`);
  const pool = poolOf(holdings, runtime);
  return [
    {
      ...common,
      path,
      kind: "KIND_RUNTIME",
      controllers: ALL,
      holds: "processes",
      settings: {
        cores,
        cpuWeight: weight(demand.cpu_percent),
        realtime: shared(realtimeShare(demand.realtime)),
        ...(demand.memory_octets === 0n ? {} : { memoryOctets: Number(demand.memory_octets) }),
        ...(demand.io_weight === 0 ? {} : { ioWeight: demand.io_weight }),
      },
    },
    {
      ...common,
      path: `${path}/services`,
      kind: "KIND_SERVICES",
      controllers: PER_THREAD,
      holds: "threads",
      settings: {
        cores,
        cpuWeight: weight(services.reduce((sum, lane) => sum + lane.demand.cpu_percent, 0)),
        realtime: shared(realtimeShare(demand.realtime), overlayShare),
      },
    },
    ...held.map((lane) => laneGroup(holdings, layout, runtime, lane)),
    {
      ...common,
      path: housekeeping,
      kind: "KIND_HOUSEKEEPING",
      controllers: ["cpuset"],
      holds: "threads",
      settings: { cores: isInside ? (pool.length > 0 ? pool : cores) : (system?.cores ?? cores) },
    },
  ];
}

function partitionGroup(layout: Layout, partition: Partition): PlannedGroup {
  const { name, cores, use, realtime } = partition;
  return {
    path: partitionPath(layout, name),
    kind: "KIND_PARTITION",
    runtime: undefined,
    lane: undefined,
    // What runs in the system's partition keeps its share and its budget: only its cores are told.
    controllers: use === "runtimes" ? ALL : ["cpuset"],
    holds: "processes",
    settings: {
      cores,
      ...(layout.isExclusive ? { coreUse: "exclusive" as const } : {}),
      ...(use === "runtimes" ? { realtime: shared(realtimeShare(realtime)) } : {}),
    },
  };
}

/** Every group that there is to be, those above before those beneath them. */
export function planOf(holdings: Holdings, layout: Layout): readonly PlannedGroup[] {
  const { partitions } = holdings.host;
  const all = [...new Set(partitions.flatMap(({ cores }) => cores))].toSorted((a, b) => a - b);
  const total = sumOf(partitions, ({ realtime }) => realtimeShare(realtime));
  const root: PlannedGroup = {
    path: layout.root,
    kind: "root",
    runtime: undefined,
    lane: undefined,
    controllers: ALL,
    holds: "processes",
    settings: {
      cores: all,
      ...(layout.isExclusive ? { coreUse: "exclusive" as const } : {}),
      realtime: shared(total),
    },
  };
  return [
    root,
    ...partitions.map((partition) => partitionGroup(layout, partition)),
    ...partitions.flatMap(({ name }) =>
      runtimesOf(holdings, name).flatMap((runtime) => runtimeGroups(holdings, layout, runtime)),
    ),
  ];
}
