import { laneFault, runtimeFault } from "./demand.ts";
import {
  type HeldLane,
  type HeldRuntime,
  type Holdings,
  lanesInPool,
  type Partition,
  partitionOf,
  poolOf,
  runtimesOf,
  sharedCores,
  withLane,
  withoutLane,
  withoutRuntime,
  withRuntime,
} from "./holdings.ts";
import type { Qos } from "./qos.ts";
import { findLate, type Work } from "./response-time.ts";
import {
  deadlineShare,
  isWithin,
  least,
  minus,
  ppmAsked,
  ppmOf,
  realtimeShare,
  type Share,
  sumOf,
  times,
} from "./shares.ts";

/** What becomes of a demand. Nothing changes where it is not admitted. */
export type Verdict =
  | { readonly kind: "admitted"; readonly holdings: Holdings }
  | { readonly kind: "refused"; readonly lacking: readonly Qos.Shortage[] }
  | { readonly kind: "bad"; readonly reason: string };

type Sharing = readonly { readonly runtime: HeldRuntime; readonly lane: HeldLane }[];

/** Names of resources in refusals. */
const REALTIME = "FIFO and RR";
const DEADLINE = "DEADLINE";

const WHOLE_PERCENT = 100;
/** DEADLINE threads run before all others. */
const BEFORE_ALL = 1_000;

function sum<T>(of: Iterable<T>, by: (each: T) => number): number {
  let total = 0;
  for (const each of of) total += by(each);
  return total;
}

function shortage(
  resource: string,
  unit: string,
  asked: number,
  free: number,
  reason: string,
): readonly Qos.Shortage[] {
  return asked <= free ? [] : [{ resource, asked, free, unit, reason }];
}

function percentShort(asked: number, free: number, whose: string): readonly Qos.Shortage[] {
  const reason = `${free} % of ${whose} processor time is free, ${asked} % was asked for`;
  return shortage("cpu percent", "%", asked, free, reason);
}

function shareShort(
  resource: string,
  asked: Share,
  free: Share,
  whose: string,
): readonly Qos.Shortage[] {
  if (isWithin(asked, free)) return [];
  const [askedPpm, freePpm] = [ppmAsked(asked), ppmOf(free)];
  const reason = `${freePpm} ppm of a core are free for ${resource} on ${whose}, ${askedPpm} ppm were asked for`;
  return [{ resource, asked: askedPpm, free: freePpm, unit: "ppm", reason }];
}

/** Cores that may be taken away from those who share them: one is left while anyone does. */
function spareCores(shared: readonly number[], sharing: number): number {
  return sharing > 0 ? Math.max(shared.length - 1, 0) : shared.length;
}

function coresShort(
  own: number,
  shared: readonly number[],
  sharing: number,
  whose: string,
): readonly Qos.Shortage[] {
  if (own > 0) {
    const free = spareCores(shared, sharing);
    const reason = `${free} of the shared cores ${shared.join(", ")} of ${whose} can be given away, ${own} were asked for`;
    return shortage("cores", "cores", own, free, reason);
  }
  return shortage(
    "cores",
    "cores",
    1,
    shared.length,
    `all cores of ${whose} are taken by others for themselves`,
  );
}

/** The first of those that are free, and of those what it had before. */
function chooseCores(
  shared: readonly number[],
  count: number,
  before: readonly number[],
): readonly number[] {
  const kept = before.filter((core) => shared.includes(core)).slice(0, count);
  const others = shared.filter((core) => !kept.includes(core));
  return [...kept, ...others.slice(0, count - kept.length)].toSorted((a, b) => a - b);
}

/** Percent that a partition can still give to runtimes. */
export function freePercent(holdings: Holdings, { name }: Partition): number {
  return WHOLE_PERCENT - sum(runtimesOf(holdings, name), ({ demand }) => demand.cpu_percent);
}

/** Share of each core that a partition can still give to runtimes for FIFO and RR. */
export function freeRealtime(holdings: Holdings, { name, realtime }: Partition): Share {
  const taken = sumOf(runtimesOf(holdings, name), ({ demand }) => realtimeShare(demand.realtime));
  return minus(realtimeShare(realtime), taken);
}

/** Octets that a partition can still promise; undefined: memory is not kept. */
export function freeMemory(holdings: Holdings, partition: Partition): number | undefined {
  if (partition.memoryOctets === undefined) return undefined;
  const taken = sum(runtimesOf(holdings, partition.name), ({ demand }) =>
    Number(demand.memory_octets),
  );
  return partition.memoryOctets - taken;
}

function deadlineShareOf(lanes: Iterable<HeldLane>): Share {
  return sumOf(lanes, ({ demand }) => deadlineShare(demand.edf));
}

/** Share of all cores together that DEADLINE lanes may still have. */
export function freeDeadline({ host, runtimes }: Holdings): Share {
  const cores = new Set(host.partitions.flatMap((partition) => partition.cores));
  const taken = sumOf(runtimes.values(), ({ lanes }) => deadlineShareOf(lanes.values()));
  return minus(times(host.deadlineShare, cores.size), taken);
}

/**
 * The same of the cores that lanes share. The kernel admits DEADLINE over all cores together and lets the
 * threads be confined to few of them afterwards: that these are not promised twice is seen to here.
 */
function freeDeadlineOn(holdings: Holdings, lanes: Sharing, cores: readonly number[]): Share {
  const taken = deadlineShareOf(lanes.map(({ lane }) => lane));
  const here = minus(times(holdings.host.deadlineShare, cores.length), taken);
  return least(here, freeDeadline(holdings));
}

function memoryShort(
  holdings: Holdings,
  partition: Partition,
  { memory_octets, io_weight }: Qos.RuntimeDemand,
): readonly Qos.Shortage[] {
  const { canLimitMemory, canWeighDisks } = holdings.host;
  const asked = Number(memory_octets);
  const missing = (what: string): string =>
    `this machine has no ${what} controller for control groups`;
  const lacking: Qos.Shortage[] = [];
  if (asked > 0 && !canLimitMemory)
    lacking.push(...shortage("memory", "octets", asked, 0, missing("memory")));
  else if (asked > 0) {
    const free = freeMemory(holdings, partition) ?? Number.POSITIVE_INFINITY;
    const reason = `${free} octets of partition ${partition.name} are promised to nobody, ${asked} were asked for`;
    lacking.push(...shortage("memory", "octets", asked, free, reason));
  }
  if (io_weight > 0 && !canWeighDisks)
    lacking.push(...shortage("io weight", "1", io_weight, 0, missing("io weight")));
  return lacking;
}

/** Work of a lane on the cores it shares; nothing of one that gives way to all others. */
function workOf(runtime: HeldRuntime, { demand }: HeldLane): readonly Work[] {
  const { sched, does, realtime, edf, priority } = demand;
  const name = `${runtime.demand.name}/${demand.name}`;
  if (sched === "SCHED_OTHER") return [];
  // Nanoseconds for DEADLINE, microseconds for the rest: all in nanoseconds.
  const us = (time: number): number => time * 1_000;
  if (sched === "SCHED_DEADLINE") {
    const [period, execution] = [Number(edf.period_ns), Number(edf.runtime_ns)];
    return [{ name, priority: BEFORE_ALL, period, execution, deadline: undefined }];
  }
  const { runtime_us, period_us } = realtime;
  if (does.period_us === 0)
    return [
      { name, priority, period: us(period_us), execution: us(runtime_us), deadline: undefined },
    ];
  return [
    {
      name,
      priority,
      period: us(does.period_us),
      execution: us(does.execution_us),
      deadline: us(does.deadline_us),
    },
  ];
}

/** Requests that can fall into one period of the budget may not use it up: the kernel would stop the lane. */
function budgetShort({ name, does, realtime }: Qos.LaneDemand): readonly Qos.Shortage[] {
  if (does.period_us === 0) return [];
  const requests = Math.ceil((realtime.period_us + does.deadline_us) / does.period_us);
  const needed = requests * does.execution_us;
  const reason = `${requests} requests of ${does.execution_us} µs can fall into ${realtime.period_us} µs: lane ${name} needs a budget of ${needed} µs there and asked for ${realtime.runtime_us} µs`;
  return shortage("real-time budget", "µs", needed, realtime.runtime_us, reason);
}

/** What cannot be promised to the lanes that share cores. */
function lateOn(
  holdings: Holdings,
  lanes: Sharing,
  cores: readonly number[],
): readonly Qos.Shortage[] {
  const works = lanes.flatMap(({ runtime, lane }) => workOf(runtime, lane));
  const late = findLate(works, cores.length).map(({ name, deadline, response }) => {
    const [asked, free] = [response / 1_000, deadline / 1_000];
    const reason = `lane ${name} would take ${asked} µs or more in the worst case on cores ${cores.join(", ")}, its deadline is ${free} µs`;
    return { resource: `response time of ${name}`, asked, free, unit: "µs", reason };
  });
  const most = times(holdings.host.deadlineShare, cores.length);
  const taken = deadlineShareOf(lanes.map(({ lane }) => lane));
  return [...late, ...shareShort(DEADLINE, taken, most, `cores ${cores.join(", ")}`)];
}

/** Every deadline that was promised or is asked for, with the lane among the others. */
function lateWith(
  holdings: Holdings,
  runtime: HeldRuntime,
  lane: HeldLane,
): readonly Qos.Shortage[] {
  const shared = lateOn(holdings, lanesInPool(holdings, runtime), poolOf(holdings, runtime));
  if (lane.cores.length === 0) return shared;
  // Those who shared the cores it took have fewer.
  return [...lateOn(holdings, [{ runtime, lane }], lane.cores), ...shared];
}

/** A runtime's lanes fit into what it has: after a change as at first. */
function putLane(
  holdings: Holdings,
  runtime: HeldRuntime,
  demand: Qos.LaneDemand,
  before: readonly number[],
): Verdict {
  const fault = laneFault(demand);
  if (fault !== undefined) return { kind: "bad", reason: fault };
  const lanes = [...runtime.lanes.values()];
  if (runtime.lanes.has(demand.name))
    return { kind: "bad", reason: `runtime ${runtime.demand.name} has a lane ${demand.name}` };
  if (demand.where === "PART_OVERLAY" && lanes.some((lane) => lane.demand.where === "PART_OVERLAY"))
    return { kind: "bad", reason: `runtime ${runtime.demand.name} has an overlay leaf` };
  const whose = `runtime ${runtime.demand.name}`;
  const pool = poolOf(holdings, runtime);
  const lacking = [
    ...coresShort(demand.own_cores, pool, lanesInPool(holdings, runtime).length, whose),
    ...percentShort(
      demand.cpu_percent,
      WHOLE_PERCENT - sum(lanes, (lane) => lane.demand.cpu_percent),
      `${whose}'s`,
    ),
    ...shareShort(
      REALTIME,
      realtimeShare(demand.realtime),
      minus(
        realtimeShare(runtime.demand.realtime),
        sumOf(lanes, (lane) => realtimeShare(lane.demand.realtime)),
      ),
      whose,
    ),
    ...shareShort(
      DEADLINE,
      deadlineShare(demand.edf),
      demand.own_cores > 0
        ? freeDeadline(holdings)
        : freeDeadlineOn(holdings, lanesInPool(holdings, runtime), pool),
      demand.own_cores > 0 ? "this host" : `cores ${pool.join(", ")}`,
    ),
    ...budgetShort(demand),
  ];
  if (lacking.length > 0) return { kind: "refused", lacking };
  const lane = { demand, cores: chooseCores(pool, demand.own_cores, before) };
  const next = withLane(holdings, runtime, lane);
  const held = next.runtimes.get(runtime.demand.name) ?? runtime;
  const late = lateWith(next, held, lane);
  return late.length > 0
    ? { kind: "refused", lacking: late }
    : { kind: "admitted", holdings: next };
}

/** Whether a lane of a runtime can be given what it asks for. */
export function admitLane(
  holdings: Holdings,
  runtimeName: string,
  demand: Qos.LaneDemand,
): Verdict {
  const runtime = holdings.runtimes.get(runtimeName);
  if (runtime === undefined) return { kind: "bad", reason: `there is no runtime ${runtimeName}` };
  return putLane(holdings, runtime, demand, []);
}

function putRuntime(
  holdings: Holdings,
  asked: Qos.RuntimeDemand,
  before: readonly number[],
): Verdict {
  const fault = runtimeFault(asked);
  if (fault !== undefined) return { kind: "bad", reason: fault };
  const partition = partitionOf(holdings.host, asked.partition);
  if (partition === undefined || partition.use !== "runtimes") {
    const names = holdings.host.partitions.filter(({ use }) => use === "runtimes");
    const allowed = names.map(({ name }) => name).join(", ");
    return {
      kind: "bad",
      reason: `no partition "${asked.partition}" takes runtimes; allowed: ${allowed}`,
    };
  }
  const demand = { ...asked, partition: partition.name };
  if (holdings.runtimes.has(demand.name))
    return { kind: "bad", reason: `there is a runtime ${demand.name} on this host` };
  const shared = sharedCores(holdings, partition);
  const sharing = runtimesOf(holdings, partition.name).filter(({ cores }) => cores.length === 0);
  const whose = `partition ${partition.name}`;
  const lacking = [
    ...coresShort(demand.own_cores, shared, sharing.length, whose),
    ...percentShort(demand.cpu_percent, freePercent(holdings, partition), `${whose}'s`),
    ...shareShort(
      REALTIME,
      realtimeShare(demand.realtime),
      freeRealtime(holdings, partition),
      whose,
    ),
    ...memoryShort(holdings, partition, demand),
  ];
  if (lacking.length > 0) return { kind: "refused", lacking };
  const cores = chooseCores(shared, demand.own_cores, before);
  const next = withRuntime(holdings, { demand, cores, lanes: new Map() });
  // Those who shared the cores it took have fewer.
  const [neighbour] = sharing;
  const late =
    neighbour === undefined || cores.length === 0
      ? []
      : lateOn(next, lanesInPool(next, neighbour), poolOf(next, neighbour));
  return late.length > 0
    ? { kind: "refused", lacking: late }
    : { kind: "admitted", holdings: next };
}

/** Whether a runtime can be given what it asks for. */
export function admitRuntime(holdings: Holdings, demand: Qos.RuntimeDemand): Verdict {
  return putRuntime(holdings, demand, []);
}

/** Whether a lane can have more, or less; its name and part stay. */
export function changeLane(
  holdings: Holdings,
  runtimeName: string,
  laneName: string,
  demand: Qos.LaneDemand,
): Verdict {
  const lane = holdings.runtimes.get(runtimeName)?.lanes.get(laneName);
  if (lane === undefined)
    return { kind: "bad", reason: `there is no lane ${runtimeName}/${laneName}` };
  if (demand.name !== laneName || demand.where !== lane.demand.where)
    return { kind: "bad", reason: `lane ${laneName} keeps its name and its part` };
  const less = releaseLane(holdings, runtimeName, laneName);
  const runtime = less.runtimes.get(runtimeName);
  if (runtime === undefined) return { kind: "bad", reason: `there is no runtime ${runtimeName}` };
  return putLane(less, runtime, demand, lane.cores);
}

/** Whether a runtime can have more, or less, with all its lanes; its name, partition and process stay. */
export function changeRuntime(
  holdings: Holdings,
  name: string,
  demand: Qos.RuntimeDemand,
): Verdict {
  const runtime = holdings.runtimes.get(name);
  if (runtime === undefined) return { kind: "bad", reason: `there is no runtime ${name}` };
  const { partition, process_id } = runtime.demand;
  const isSame =
    demand.name === name &&
    demand.process_id === process_id &&
    (demand.partition === "" || demand.partition === partition);
  if (!isSame)
    return { kind: "bad", reason: `runtime ${name} keeps its name, partition and process` };
  let verdict = putRuntime(withoutRuntime(holdings, name), { ...demand, partition }, runtime.cores);
  for (const lane of runtime.lanes.values()) {
    if (verdict.kind !== "admitted") return verdict;
    const held = verdict.holdings.runtimes.get(name);
    if (held !== undefined) verdict = putLane(verdict.holdings, held, lane.demand, lane.cores);
  }
  return verdict;
}

/** Takes a lane out: what it had is free. */
export function releaseLane(holdings: Holdings, runtimeName: string, laneName: string): Holdings {
  const runtime = holdings.runtimes.get(runtimeName);
  return runtime === undefined ? holdings : withoutLane(holdings, runtime, laneName);
}

/** Takes a runtime out with all its lanes. */
export function releaseRuntime(holdings: Holdings, name: string): Holdings {
  return withoutRuntime(holdings, name);
}
