import { type ControlGroups, type Controller, writeCoreList } from "../../native/index.ts";
import {
  freeDeadline,
  freeMemory,
  freePercent,
  freeRealtime,
  ppmOf,
  Qos,
  sharedCores,
} from "../admission/index.ts";
import type { Keeper } from "./keeper.ts";
import type { PlannedGroup } from "./plan.ts";

const CONTROLLERS: readonly Controller[] = ["cpu", "cpuset", "memory", "io"];

/** `cpu (version 1)`, or what is missing. */
export function describeControllers(groups: ControlGroups): string {
  const words = CONTROLLERS.map((each) => {
    const version = groups.versionOf(each);
    return version === undefined ? `no ${each}` : `${each} (version ${version})`;
  });
  const budgets = groups.hasRealtimeBudgets
    ? "budgets of FIFO and RR are kept by the kernel"
    : "budgets of FIFO and RR are counted here and not kept by this kernel";
  return `${words.join(", ")}; ${budgets}`;
}

function milliseconds(us: number): string {
  return `${us / 1_000} ms`;
}

/** `fifo 40, 2 ms in 10 ms, request each 4 ms takes 0.3 ms within 1 ms`. */
export function describeLane(demand: Qos.LaneDemand): string {
  const { sched, priority, realtime, edf, does } = demand;
  const name = sched.slice("SCHED_".length).toLowerCase();
  const ms = (ns: bigint): string => milliseconds(Number(ns) / 1_000);
  const parts = [priority > 0 ? `${name} ${priority}` : name];
  if (realtime.runtime_us > 0)
    parts.push(`${milliseconds(realtime.runtime_us)} in ${milliseconds(realtime.period_us)}`);
  if (edf.runtime_ns > 0n)
    parts.push(`${ms(edf.runtime_ns)} within ${ms(edf.deadline_ns)} in ${ms(edf.period_ns)}`);
  if (does.period_us > 0)
    parts.push(
      `each ${milliseconds(does.period_us)} ${milliseconds(does.execution_us)} of work, done within ${milliseconds(does.deadline_us)}`,
    );
  return parts.join(", ");
}

function describeRuntime({ memory_octets, io_weight }: Qos.RuntimeDemand): string {
  const parts = [];
  if (memory_octets > 0n) parts.push(`${memory_octets} octets at most`);
  if (io_weight > 0) parts.push(`disk weight ${io_weight}`);
  return parts.join(", ");
}

/** Which of a partition's cores do not sleep. */
function awakeText({ awakeCores }: Keeper, cores: readonly number[] = []): string {
  const awake = cores.filter((core) => awakeCores.includes(core));
  if (awake.length === 0) return "";
  return awake.length === cores.length ? "kept awake" : `kept awake: ${writeCoreList(awake)}`;
}

function ownerText(keeper: Keeper, name: string): string {
  const process = keeper.holdings.runtimes.get(name)?.demand.process_id;
  if (keeper.ownerOf(name) !== undefined) return `process ${process}`;
  return keeper.isStatic(name) ? "static" : "";
}

function nodeOf(keeper: Keeper, planned: PlannedGroup): readonly Qos.Node[] {
  const { kind, path, settings, runtime: name, lane } = planned;
  if (kind === "root") return [];
  const group = keeper.tree.group(path);
  const runtime = name === undefined ? undefined : keeper.holdings.runtimes.get(name);
  const demand = lane === undefined ? runtime?.demand : runtime?.lanes.get(lane)?.demand;
  const laneDemand = lane === undefined ? undefined : runtime?.lanes.get(lane)?.demand;
  const isOwn = kind === "KIND_RUNTIME" || kind === "KIND_LANE";
  const { runtimeUs = 0, periodUs = 0 } = settings.realtime ?? {};
  return [
    {
      path,
      what: kind,
      runs_on: settings.cores ?? [],
      cpu_percent: isOwn ? (demand?.cpu_percent ?? 0) : 0,
      realtime: { runtime_us: runtimeUs, period_us: runtimeUs === 0 ? 0 : periodUs },
      threads: group?.threads() ?? [],
      owner: name === undefined ? "" : ownerText(keeper, name),
      asked:
        laneDemand !== undefined
          ? describeLane(laneDemand)
          : kind === "KIND_RUNTIME" && runtime !== undefined
            ? describeRuntime(runtime.demand)
            : kind === "KIND_PARTITION"
              ? awakeText(keeper, settings.cores)
              : "",
    },
  ];
}

/** The tree of groups with who is in them, and what is left. */
export function reportOf(keeper: Keeper): Qos.Status {
  const { holdings, tree } = keeper;
  const partitions = holdings.host.partitions.filter(({ use }) => use === "runtimes");
  return {
    controllers: describeControllers(keeper.groups),
    deadline_free_ppm: ppmOf(freeDeadline(holdings)),
    groups: tree.planned.flatMap((planned) => nodeOf(keeper, planned)),
    left: partitions.map((partition) => ({
      partition: partition.name,
      shared_cores: sharedCores(holdings, partition),
      cpu_percent: freePercent(holdings, partition),
      realtime_ppm: ppmOf(freeRealtime(holdings, partition)),
      memory_octets: BigInt(freeMemory(holdings, partition) ?? 0),
    })),
  };
}
