import { readFile } from "node:fs/promises";

import toml from "@iarna/toml";

import type { LaneConfig } from "../lanes/index.ts";
import { type Checks, checksOf, describe, isTable, table, unknownKey } from "../settings/index.ts";
import { ConfigError } from "./config-error.ts";
import { LANE_OPTIONS } from "./lane-options.ts";
import { ORB_OPTIONS, type OrbConfig } from "./orb-options.ts";

/** A configuration file, checked; tables that are not there are empty. */
export interface NodeConfig {
  /** For messages. */
  readonly file: string;
  readonly orb: OrbConfig;
  /** By name. */
  readonly lanes: Readonly<Record<string, LaneConfig>>;
}

/** Reads a table by its checks; a key without one is refused. */
export function readTable<T>(
  file: string,
  path: string,
  value: unknown,
  checks: Checks<T>,
): Partial<T> {
  return table(checks)(value, (what, at) => {
    throw new ConfigError(file, at === undefined ? path : `${path}.${at}`, what);
  });
}

/** Keys by which one may look for flags of V8. */
const FLAG_KEY = /flag|argv|args|gc|garbage/iu;
/** What Linux takes for SCHED_DEADLINE where nobody changed it. */
const DEADLINE_PERIOD_US = { least: 100, most: 4_194_304 } as const;
/** Of 1,024 ns, rounded up. */
const LEAST_RUNTIME_US = 2;

/** Reads `[lanes.NAME]` and what its keys demand of each other. */
function readLane(file: string, path: string, table: unknown): LaneConfig {
  const flags = Object.keys(isTable(table) ? table : {}).find((key) => FLAG_KEY.test(key));
  if (flags !== undefined) {
    const what =
      "flags of V8 are the whole process's, from its start on: run `node --single-threaded-gc …`; a lane has youngGenerationMb and oldGenerationMb";
    throw new ConfigError(file, `${path}.${flags}`, what);
  }
  const lane = readTable(file, path, table, checksOf(LANE_OPTIONS));
  const { scheduling = "fifo", runtimeUs, periodUs, deadlineUs = periodUs, reserve } = lane;
  const fail = (key: keyof LaneConfig, what: string): never => {
    throw new ConfigError(file, `${path}.${key}`, what);
  };
  if (lane.priority === undefined) return fail("priority", "a lane has a priority, 0 to 32767");
  if (scheduling !== "deadline") {
    for (const key of ["runtimeUs", "periodUs", "deadlineUs"] as const)
      if (lane[key] !== undefined) fail(key, `is for scheduling = "deadline", not "${scheduling}"`);
    return lane;
  }
  if (runtimeUs === undefined) return fail("runtimeUs", 'scheduling = "deadline" needs it');
  if (periodUs === undefined || deadlineUs === undefined)
    return fail("periodUs", 'scheduling = "deadline" needs it');
  if (runtimeUs > deadlineUs)
    fail("runtimeUs", `${runtimeUs} is more than the deadline, ${deadlineUs}`);
  if (deadlineUs > periodUs)
    fail("deadlineUs", `${deadlineUs} is more than the period, ${periodUs}`);
  const { least, most } = DEADLINE_PERIOD_US;
  if (periodUs < least || periodUs > most)
    fail(
      "periodUs",
      `the kernel takes ${least} to ${most} µs (sched_deadline_period_*_us), not ${periodUs}`,
    );
  if (runtimeUs < LEAST_RUNTIME_US)
    fail("runtimeUs", `the kernel takes ${LEAST_RUNTIME_US} µs and more, not ${runtimeUs}`);
  // The kernel refuses the affinity of a thread whose deadlines it guarantees (EBUSY, EPERM).
  if (reserve !== undefined) {
    const what = 'scheduling = "deadline" is for threads that may use all cores';
    fail("reserve", `${what}; leave it out, and have the QoS daemon give the lane its cores`);
  }
  return lane;
}

/** Reads all of `[lanes.NAME]`. */
export function readLanes(file: string, lanes: unknown): Readonly<Record<string, LaneConfig>> {
  if (!isTable(lanes))
    throw new ConfigError(file, "lanes", `tables [lanes.NAME] are needed, not ${describe(lanes)}`);
  const read = Object.entries(lanes).map(
    ([name, table]) => [name, readLane(file, `lanes.${name}`, table)] as const,
  );
  return Object.fromEntries(read);
}

const TABLES = ["lanes", "orb"] as const;

/**
 * Reads the tables of a TOML text.
 * @param allowed their names
 * @throws ConfigError for broken TOML, with line and column, and for other tables
 */
export function parseToml(
  text: string,
  file: string,
  allowed: readonly string[],
): Readonly<Record<string, unknown>> {
  let root: Readonly<Record<string, unknown>>;
  try {
    root = toml.parse(text);
  } catch (cause) {
    const [what = "not TOML"] = cause instanceof Error ? cause.message.split("\n") : [];
    throw new ConfigError(file, undefined, what, { cause });
  }
  for (const key of Object.keys(root))
    if (!allowed.includes(key)) throw new ConfigError(file, key, unknownKey(key, allowed));
  return root;
}

/** A value as a file has it behind `=`; what is no TOML is a text. */
export function parseValue(text: string): unknown {
  try {
    return toml.parse(`value = ${text}`)["value"];
  } catch {
    return text;
  }
}

/** The text of a configuration file. @throws ConfigError when it cannot be read */
export async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (cause) {
    const what = cause instanceof Error ? cause.message : String(cause);
    throw new ConfigError(file, undefined, `cannot be read: ${what}`, { cause });
  }
}

/**
 * Reads a configuration from its text.
 * @param file its name, for messages
 * @throws ConfigError for broken TOML (with line and column), unknown keys and values out of range
 */
export function parseConfig(text: string, file: string): NodeConfig {
  const root = parseToml(text, file, TABLES);
  return {
    file,
    orb: readTable(file, "orb", root["orb"] ?? {}, checksOf(ORB_OPTIONS)),
    lanes: readLanes(file, root["lanes"] ?? {}),
  };
}

/**
 * Reads a TOML configuration file.
 * @throws ConfigError as {@link parseConfig}, and when the file cannot be read
 */
export async function loadConfig(file: string): Promise<NodeConfig> {
  return parseConfig(await readText(file), file);
}
