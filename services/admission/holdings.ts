import type { Qos } from "./qos.ts";
import type { Share } from "./shares.ts";

/** A part of the host's cores. */
export interface Partition {
  readonly name: string;
  readonly cores: readonly number[];
  /** `runtimes` are admitted to it; `system`: what else runs on the host, and the runtimes' housekeeping. */
  readonly use: "system" | "runtimes";
  /** Of each core's time for FIFO and RR. */
  readonly realtime: Qos.CpuTime;
  /** Octets that may be promised to runtimes; undefined: memory is not kept. */
  readonly memoryOctets: number | undefined;
}

/** What there is to give. */
export interface Host {
  readonly partitions: readonly Partition[];
  /** Of each core's time for DEADLINE threads. */
  readonly deadlineShare: Share;
  /** Whether limits of memory and weights of disks can be set here. */
  readonly canLimitMemory: boolean;
  readonly canWeighDisks: boolean;
}

/** A lane that was admitted. */
export interface HeldLane {
  readonly demand: Qos.LaneDemand;
  /** Cores of its own. */
  readonly cores: readonly number[];
}

/** A runtime that was admitted. */
export interface HeldRuntime {
  /** With the partition's name filled in. */
  readonly demand: Qos.RuntimeDemand;
  /** Cores of its own. */
  readonly cores: readonly number[];
  readonly lanes: ReadonlyMap<string, HeldLane>;
}

/** Everything that was given: admission is arithmetic over it, and giving back is taking out of it. */
export interface Holdings {
  readonly host: Host;
  readonly runtimes: ReadonlyMap<string, HeldRuntime>;
}

function without(cores: readonly number[], taken: readonly number[]): readonly number[] {
  return cores.filter((core) => !taken.includes(core));
}

/** The partition of that name; the first for runtimes where it is empty. */
export function partitionOf({ partitions }: Host, name: string): Partition | undefined {
  return partitions.find((each) => (name === "" ? each.use === "runtimes" : each.name === name));
}

/** The runtimes of a partition. */
export function runtimesOf({ runtimes }: Holdings, partition: string): readonly HeldRuntime[] {
  return [...runtimes.values()].filter(({ demand }) => demand.partition === partition);
}

/** Cores that lanes of a runtime have for themselves. */
function ownOfLanes({ lanes }: HeldRuntime): readonly number[] {
  return [...lanes.values()].flatMap(({ cores }) => cores);
}

/** Cores of a partition that no runtime and no lane has for itself. */
export function sharedCores(holdings: Holdings, { name, cores }: Partition): readonly number[] {
  const taken = runtimesOf(holdings, name).flatMap((each) => [...each.cores, ...ownOfLanes(each)]);
  return without(cores, taken);
}

/** Cores that lanes of a runtime without cores of their own run on. */
export function poolOf(holdings: Holdings, runtime: HeldRuntime): readonly number[] {
  if (runtime.cores.length > 0) return without(runtime.cores, ownOfLanes(runtime));
  const partition = partitionOf(holdings.host, runtime.demand.partition);
  return partition === undefined ? [] : sharedCores(holdings, partition);
}

/** The lanes that share a runtime's pool: those of other runtimes, too, where it has no cores of its own. */
export function lanesInPool(
  holdings: Holdings,
  runtime: HeldRuntime,
): readonly { readonly runtime: HeldRuntime; readonly lane: HeldLane }[] {
  const sharing =
    runtime.cores.length > 0
      ? [runtime]
      : runtimesOf(holdings, runtime.demand.partition).filter(({ cores }) => cores.length === 0);
  return sharing.flatMap((each) =>
    [...each.lanes.values()]
      .filter(({ cores }) => cores.length === 0)
      .map((lane) => ({ runtime: each, lane })),
  );
}

/** The holdings with one runtime put in, or another in its place. */
export function withRuntime(holdings: Holdings, runtime: HeldRuntime): Holdings {
  const runtimes = new Map(holdings.runtimes).set(runtime.demand.name, runtime);
  return { ...holdings, runtimes };
}

export function withoutRuntime(holdings: Holdings, name: string): Holdings {
  const runtimes = new Map(holdings.runtimes);
  runtimes.delete(name);
  return { ...holdings, runtimes };
}

export function withLane(holdings: Holdings, runtime: HeldRuntime, lane: HeldLane): Holdings {
  const lanes = new Map(runtime.lanes).set(lane.demand.name, lane);
  return withRuntime(holdings, { ...runtime, lanes });
}

export function withoutLane(holdings: Holdings, runtime: HeldRuntime, name: string): Holdings {
  const lanes = new Map(runtime.lanes);
  lanes.delete(name);
  return withRuntime(holdings, { ...runtime, lanes });
}
