import { readFileSync } from "node:fs";
import { totalmem } from "node:os";
import { type ControlGroups, readCoreList } from "../../native/index.ts";
import { type Host, minus, type Partition, type Qos, shareOf } from "../admission/index.ts";
import { DEFAULT_SOCKET } from "./daemon-reference.ts";

/** A partition as the configuration has it. */
export interface PartitionConfig {
  readonly name: string;
  readonly use: "system" | "runtimes";
  readonly cores: readonly number[];
  /** Of each core's time for FIFO and RR; for `runtimes` only. */
  readonly realtime: Qos.CpuTime;
  /** Octets that may be promised to its runtimes; undefined: they are not counted. */
  readonly memoryOctets: number | undefined;
  /** Whether its cores do not sleep while lanes are held on them; undefined: as `exclusive` of the daemon. */
  readonly awake: boolean | undefined;
}

/** A runtime that has its share from the daemon's start on. */
export interface RuntimeConfig {
  readonly demand: Qos.RuntimeDemand;
  readonly lanes: readonly Qos.LaneDemand[];
}

/** What the daemon is told; `services/node` reads it from a file. */
export interface QosdConfig {
  /** Path of the UNIX-domain socket, readable and writable by `user` only. */
  readonly socket: string;
  /** Name or number of the user whose processes may ask; undefined: the daemon's own. */
  readonly user: string | number | undefined;
  /** Name of the topmost control group. */
  readonly group: string;
  /** Where it is made: `root` of each tree, or beneath the group the daemon was started in (delegated). */
  readonly at: "root" | "own";
  /** Groups of others may not have the partitions' cores. Version 1 only. */
  readonly exclusive: boolean;
  /** Whether processes that run when the daemon starts are moved to the system's partition. */
  readonly confine: boolean;
  /** Percent of each core that the kernel keeps from DEADLINE for its fair server; 0 before Linux 6.12. */
  readonly fairServerPercent: number;
  readonly partitions: readonly PartitionConfig[];
  readonly runtimes: readonly RuntimeConfig[];
}

const NO_TIME: Qos.CpuTime = { runtime_us: 0, period_us: 0 };
/** What partitions of runtimes get where nothing is said: the kernel's 95 % less 5 % for others. */
export const DEFAULT_REALTIME: Qos.CpuTime = { runtime_us: 900_000, period_us: 1_000_000 };
export const DEFAULT_FAIR_SERVER_PERCENT = 5;

/** The cores that are there, as the kernel lists them. */
export function coresOfHost(): readonly number[] {
  try {
    return readCoreList(readFileSync("/sys/devices/system/cpu/online", "utf8"));
  } catch {
    return [0];
  }
}

/** Core 0 for the system, the others for runtimes; a machine with one core shares it. */
export function defaultPartitions(cores: readonly number[]): readonly PartitionConfig[] {
  const [first = 0, ...others] = cores;
  const common = { memoryOctets: undefined, awake: undefined };
  return [
    { ...common, name: "system", use: "system", cores: [first], realtime: NO_TIME },
    {
      ...common,
      name: "runtimes",
      use: "runtimes",
      cores: others.length > 0 ? others : [first],
      realtime: DEFAULT_REALTIME,
    },
  ];
}

/** What the daemon does without a file. */
export function defaultConfig(cores: readonly number[] = coresOfHost()): QosdConfig {
  return {
    socket: DEFAULT_SOCKET,
    user: undefined,
    group: "orbweaver",
    at: process.getuid?.() === 0 ? "root" : "own",
    exclusive: false,
    confine: false,
    fairServerPercent: DEFAULT_FAIR_SERVER_PERCENT,
    partitions: defaultPartitions(cores),
    runtimes: [],
  };
}

function readNumber(file: string, otherwise: number): number {
  try {
    return Number(readFileSync(file, "utf8"));
  } catch {
    return otherwise;
  }
}

/** The kernel's bound over all real-time threads of a core. */
function kernelRealtime(): { readonly runtimeUs: number; readonly periodUs: number } {
  const runtimeUs = readNumber("/proc/sys/kernel/sched_rt_runtime_us", 950_000);
  const periodUs = readNumber("/proc/sys/kernel/sched_rt_period_us", 1_000_000);
  return { runtimeUs: runtimeUs < 0 ? periodUs : runtimeUs, periodUs };
}

/** What there is to give: the configuration, and what the machine adds to it. */
export function hostOf(config: QosdConfig, groups: ControlGroups): Host {
  const { runtimeUs, periodUs } = kernelRealtime();
  const probe = groups.base(["io"]);
  return {
    partitions: config.partitions.map((partition): Partition => partition),
    deadlineShare: minus(shareOf(runtimeUs, periodUs), shareOf(config.fairServerPercent, 100)),
    canLimitMemory: groups.versionOf("memory") !== undefined,
    // The root has no weight: the controller alone tells.
    canWeighDisks: probe.controllers.includes("io"),
  };
}

/** Names of the partitions whose cores do not sleep while lanes are held on them. */
export function awakePartitions({ partitions, exclusive }: QosdConfig): readonly string[] {
  return partitions
    .filter(({ use, awake }) => use === "runtimes" && (awake ?? exclusive))
    .map(({ name }) => name);
}

/** What is wrong with a configuration for this machine, in words; undefined: nothing. */
export function configFault(
  { partitions, exclusive, group, socket }: QosdConfig,
  groups: ControlGroups,
  cores: readonly number[] = coresOfHost(),
): string | undefined {
  if (!/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,47}$/.test(group))
    return `group "${group}" is to be letters, digits, "_", "." and "-", 48 at most`;
  if (!/^\/[^:,%]+$/.test(socket))
    return `socket "${socket}" is to be a path from "/" on, without ":", "," and "%"`;
  if (!partitions.some(({ use }) => use === "runtimes"))
    return 'at least one partition is to have use = "runtimes"';
  if (partitions.filter(({ use }) => use === "system").length > 1)
    return 'at most one partition may have use = "system"';
  if (exclusive && groups.versionOf("cpuset") === 2)
    return "exclusive is for control groups of version 1; this machine has version 2";
  const seen = new Map<number, string>();
  const isSmall = cores.length < partitions.length;
  for (const { name, cores: own, memoryOctets } of partitions) {
    if (own.length === 0) return `partition ${name} has no cores`;
    const missing = own.filter((core) => !cores.includes(core));
    if (missing.length > 0)
      return `partition ${name} has cores ${missing.join(", ")}; this machine has ${cores.join(", ")}`;
    const shared = own.find((core) => seen.has(core));
    if (shared !== undefined && !isSmall)
      return `partitions ${seen.get(shared)} and ${name} both have core ${shared}`;
    for (const core of own) seen.set(core, name);
    if (memoryOctets !== undefined && memoryOctets > totalmem())
      return `partition ${name} has ${memoryOctets} octets of memory; this machine has ${totalmem()}`;
  }
  return undefined;
}

/** A user's number. @returns undefined when there is no such user */
export function userId(user: string | number): number | undefined {
  if (typeof user === "number") return user;
  if (/^\d+$/.test(user)) return Number(user);
  const line = readFileSync("/etc/passwd", "utf8")
    .split("\n")
    .find((each) => each.startsWith(`${user}:`));
  return line === undefined ? undefined : Number(line.split(":")[2]);
}
