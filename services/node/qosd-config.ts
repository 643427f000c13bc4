import toml from "@iarna/toml";
import { readCoreList, writeCoreList } from "../../native/index.ts";
import {
  defaultConfig,
  laneDemand,
  type PartitionConfig,
  type Qos,
  type QosdConfig,
  type RuntimeConfig,
  runtimeDemand,
} from "../qos/index.ts";
import {
  type Check,
  type Checks,
  describe,
  integer,
  isTable,
  oneOf,
  truth,
  whole,
} from "../settings/index.ts";
import { parseToml, readTable, readText } from "./config.ts";
import { ConfigError } from "./config-error.ts";

const MOST_PERCENT = 100;
const MOST_PRIORITY = 99;
const MOST_US = 4_000_000;
const MOST_CORES = 1_024;
const MOST_IO_WEIGHT = 1_000;
const MOST_OCTETS = Number.MAX_SAFE_INTEGER;
const NANOS_PER_MICRO = 1_000;

const text: Check<string> = (value, fail) =>
  typeof value === "string" && value !== ""
    ? value
    : fail(`a text is needed, not ${describe(value)}`);

const user: Check<string | number> = (value, fail) =>
  typeof value === "number" ? integer(0, 0xffff_fffe)(value, fail) : text(value, fail);

/** `"1-3,6"`, as the kernel writes it, or `[1, 2, 3, 6]`. */
const cores: Check<readonly number[]> = (value, fail) => {
  if (Array.isArray(value))
    return value.map((each: unknown) => integer(0, MOST_CORES - 1)(each, fail));
  if (typeof value !== "string")
    return fail(`cores are to be like "1-3" or [1, 2, 3], not ${describe(value)}`);
  try {
    return readCoreList(value);
  } catch {
    return fail(`cores are to be like "1-3" or [1, 2, 3], not ${describe(value)}`);
  }
};

/** `{ runtimeUs = 900000, periodUs = 1000000 }`. */
interface TimeTable {
  readonly runtimeUs: number;
  readonly periodUs: number;
}

const us: Check<number> = integer(1, MOST_US);
const time: Check<TimeTable> = whole<TimeTable>({ runtimeUs: us, periodUs: us });

interface DaemonTable {
  readonly socket: string;
  readonly user: string | number;
  readonly group: string;
  readonly at: "root" | "own";
  readonly exclusive: boolean;
  readonly confine: boolean;
  readonly fairServerPercent: number;
}

const DAEMON: Checks<DaemonTable> = {
  socket: text,
  user,
  group: text,
  at: oneOf(["root", "own"]),
  exclusive: truth,
  confine: truth,
  fairServerPercent: integer(0, MOST_PERCENT),
};

interface PartitionTable {
  readonly use: "system" | "runtimes";
  readonly cores: readonly number[];
  readonly realtime: TimeTable;
  readonly memoryOctets: number;
  readonly awake: boolean;
}

const PARTITION: Checks<PartitionTable> = {
  use: oneOf(["system", "runtimes"]),
  cores,
  realtime: time,
  memoryOctets: integer(1, MOST_OCTETS),
  awake: truth,
};

interface RuntimeTable {
  readonly partition: string;
  readonly cpuPercent: number;
  readonly realtime: TimeTable;
  readonly ownCores: number;
  readonly memoryOctets: number;
  readonly ioWeight: number;
  readonly lanes: unknown;
}

const RUNTIME: Checks<RuntimeTable> = {
  partition: text,
  cpuPercent: integer(0, MOST_PERCENT),
  realtime: time,
  ownCores: integer(0, MOST_CORES),
  memoryOctets: integer(1, MOST_OCTETS),
  ioWeight: integer(1, MOST_IO_WEIGHT),
  lanes: (value) => value,
};

interface DeadlineTable extends TimeTable {
  readonly deadlineUs: number;
}

/** What a lane does. */
interface WorkTable {
  readonly periodUs: number;
  readonly executionUs: number;
  readonly deadlineUs: number;
}

interface LaneTable {
  readonly where: "overlay" | "service";
  readonly scheduling: "other" | "fifo" | "rr" | "deadline";
  readonly priority: number;
  readonly cpuPercent: number;
  readonly realtime: TimeTable;
  readonly deadline: DeadlineTable;
  readonly ownCores: number;
  readonly does: WorkTable;
}

const LANE: Checks<LaneTable> = {
  where: oneOf(["overlay", "service"]),
  scheduling: oneOf(["other", "fifo", "rr", "deadline"]),
  priority: integer(1, MOST_PRIORITY),
  cpuPercent: integer(0, MOST_PERCENT),
  realtime: time,
  deadline: whole<DeadlineTable>({ runtimeUs: us, deadlineUs: us, periodUs: us }),
  ownCores: integer(0, MOST_CORES),
  does: whole<WorkTable>({ periodUs: us, executionUs: us, deadlineUs: us }),
};

const SCHEDULING = {
  other: "SCHED_OTHER",
  fifo: "SCHED_FIFO",
  rr: "SCHED_RR",
  deadline: "SCHED_DEADLINE",
} as const;

function cpuTime(read: TimeTable | undefined): Qos.CpuTime {
  return { runtime_us: read?.runtimeUs ?? 0, period_us: read?.periodUs ?? 0 };
}

function nanos(us: number): bigint {
  return BigInt(us) * BigInt(NANOS_PER_MICRO);
}

/** Tables of a table, each by its name. */
function entries(
  file: string,
  path: string,
  value: unknown,
): readonly (readonly [string, unknown])[] {
  if (value === undefined) return [];
  if (isTable(value)) return Object.entries(value);
  throw new ConfigError(file, path, `tables [${path}.NAME] are needed, not ${describe(value)}`);
}

function readLane(file: string, path: string, name: string, table: unknown): Qos.LaneDemand {
  const lane = readTable(file, path, table, LANE);
  const { deadline, does } = lane;
  return laneDemand({
    name,
    where: lane.where === "overlay" ? "PART_OVERLAY" : "PART_SERVICE",
    sched: SCHEDULING[lane.scheduling ?? "other"],
    priority: lane.priority ?? 0,
    cpu_percent: lane.cpuPercent ?? 0,
    realtime: cpuTime(lane.realtime),
    edf: {
      runtime_ns: nanos(deadline?.runtimeUs ?? 0),
      deadline_ns: nanos(deadline?.deadlineUs ?? 0),
      period_ns: nanos(deadline?.periodUs ?? 0),
    },
    own_cores: lane.ownCores ?? 0,
    does: {
      period_us: does?.periodUs ?? 0,
      execution_us: does?.executionUs ?? 0,
      deadline_us: does?.deadlineUs ?? 0,
    },
  });
}

function readRuntime(file: string, name: string, table: unknown): RuntimeConfig {
  const path = `runtimes.${name}`;
  const { lanes, ...runtime } = readTable(file, path, table, RUNTIME);
  return {
    demand: runtimeDemand({
      name,
      partition: runtime.partition ?? "",
      cpu_percent: runtime.cpuPercent ?? 0,
      realtime: cpuTime(runtime.realtime),
      own_cores: runtime.ownCores ?? 0,
      memory_octets: BigInt(runtime.memoryOctets ?? 0),
      io_weight: runtime.ioWeight ?? 0,
    }),
    lanes: entries(file, `${path}.lanes`, lanes).map(([lane, each]) =>
      readLane(file, `${path}.lanes.${lane}`, lane, each),
    ),
  };
}

function readPartition(file: string, name: string, table: unknown): PartitionConfig {
  const path = `partitions.${name}`;
  const read = readTable(file, path, table, PARTITION);
  const { use, realtime, memoryOctets, awake } = read;
  if (use === undefined) throw new ConfigError(file, `${path}.use`, "system or runtimes is needed");
  if (read.cores === undefined)
    throw new ConfigError(file, `${path}.cores`, 'cores are needed, like "1-3"');
  if (use === "system" && (realtime ?? memoryOctets ?? awake) !== undefined)
    throw new ConfigError(file, path, 'realtime, memoryOctets and awake are for use = "runtimes"');
  return { name, use, cores: read.cores, realtime: cpuTime(realtime), memoryOctets, awake };
}

const TABLES = ["partitions", "qosd", "runtimes"] as const;

/**
 * Reads the QoS daemon's configuration from its text; what it does not say is as `defaultConfig` has it.
 * @param file its name, for messages
 * @throws ConfigError
 */
export function parseQosdConfig(source: string, file: string): QosdConfig {
  const root = parseToml(source, file, TABLES);
  const daemon = readTable(file, "qosd", root["qosd"] ?? {}, DAEMON);
  const partitions = entries(file, "partitions", root["partitions"]).map(([name, table]) =>
    readPartition(file, name, table),
  );
  const runtimes = entries(file, "runtimes", root["runtimes"]).map(([name, table]) =>
    readRuntime(file, name, table),
  );
  return {
    ...defaultConfig(),
    ...daemon,
    ...(partitions.length > 0 ? { partitions } : {}),
    runtimes,
  };
}

/** Reads the QoS daemon's TOML file. @throws ConfigError as {@link parseQosdConfig}, and when it cannot be read */
export async function loadQosdConfig(file: string): Promise<QosdConfig> {
  return parseQosdConfig(await readText(file), file);
}

function timeTable({ runtime_us, period_us }: Qos.CpuTime): Record<string, unknown> {
  return period_us === 0 ? {} : { realtime: { runtimeUs: runtime_us, periodUs: period_us } };
}

/** A member that is left out where it says nothing. */
function unless<T>(nothing: T, name: string, value: T): Record<string, unknown> {
  return value === nothing ? {} : { [name]: value };
}

function laneTable({
  where,
  sched,
  priority,
  edf,
  does,
  ...lane
}: Qos.LaneDemand): Record<string, unknown> {
  const micros = (ns: bigint): number => Number(ns) / NANOS_PER_MICRO;
  return {
    where: where === "PART_OVERLAY" ? "overlay" : "service",
    scheduling: sched.slice("SCHED_".length).toLowerCase(),
    ...unless(0, "priority", priority),
    ...unless(0, "cpuPercent", lane.cpu_percent),
    ...timeTable(lane.realtime),
    ...unless(0, "ownCores", lane.own_cores),
    ...(edf.period_ns === 0n
      ? {}
      : {
          deadline: {
            runtimeUs: micros(edf.runtime_ns),
            deadlineUs: micros(edf.deadline_ns),
            periodUs: micros(edf.period_ns),
          },
        }),
    ...(does.period_us === 0
      ? {}
      : {
          does: {
            periodUs: does.period_us,
            executionUs: does.execution_us,
            deadlineUs: does.deadline_us,
          },
        }),
  };
}

function runtimeTable({ demand, lanes }: RuntimeConfig): Record<string, unknown> {
  return {
    ...unless("", "partition", demand.partition),
    ...unless(0, "cpuPercent", demand.cpu_percent),
    ...timeTable(demand.realtime),
    ...unless(0, "ownCores", demand.own_cores),
    ...unless(0, "memoryOctets", Number(demand.memory_octets)),
    ...unless(0, "ioWeight", demand.io_weight),
    lanes: Object.fromEntries(lanes.map((lane) => [lane.name, laneTable(lane)])),
  };
}

/** The configuration in force as a file would have it: what this prints it reads again. */
export function qosdConfigText(config: QosdConfig): string {
  const { partitions, runtimes, user: whose, ...daemon } = config;
  const tables = {
    qosd: { ...daemon, ...(whose === undefined ? {} : { user: whose }) },
    partitions: Object.fromEntries(
      partitions.map(({ name, use, cores: own, realtime, memoryOctets, awake }) => [
        name,
        {
          use,
          cores: writeCoreList(own),
          ...timeTable(realtime),
          ...unless(undefined, "memoryOctets", memoryOctets),
          ...unless(undefined, "awake", awake),
        },
      ]),
    ),
    runtimes: Object.fromEntries(runtimes.map((each) => [each.demand.name, runtimeTable(each)])),
  };
  return toml.stringify(tables as toml.JsonMap);
}
