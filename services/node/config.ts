import { readFile } from "node:fs/promises";

import toml from "@iarna/toml";

import {
  type Check,
  type Checks,
  describe,
  integer,
  isTable,
  oneOf,
  table,
  unknownKey,
} from "./checks.ts";
import { type PolicyConfig, policies } from "./policies.ts";
import type { LaneConfig } from "../lanes/index.ts";

/** `[orb]`: the same as the `-ORB…` arguments, which win over it. */
export interface OrbConfig {
  /** Where to listen: `iiop://HOST:PORT`; port 0 takes a free one. */
  readonly listen?: readonly string[];
  /** What references carry instead: `HOST:PORT` for each address clients reach us at; `{host}`, `{hosts}`, `{hostname}` and `{port}` are filled in. */
  readonly publish?: readonly string[];
  /** Milliseconds a call may take. */
  readonly deadlineMs?: number;
  /** Milliseconds that connecting to one address may take. */
  readonly connectTimeoutMs?: number;
  /** Requests both ways over one connection: none, offer, accept or both. */
  readonly bidirectional?: "none" | "offer" | "accept" | "both";
  /** Connections accepted at once. */
  readonly maxConnections?: number;
  /** Milliseconds without a message after which an accepted connection is closed; 0 never. */
  readonly acceptedIdleMs?: number;
  /** The same for connections opened. */
  readonly openedIdleMs?: number;
  /** Milliseconds of silence after which TCP asks whether the peer is there; 0 never. */
  readonly keepAliveMs?: number;
  /** Octets queued on one connection, or held by its requests in work. */
  readonly maxQueuedOctets?: number;
  /** Octets of the longest message that is read. */
  readonly maxMessageOctets?: number;
  /** Values of value types in one message, sent or received. */
  readonly maxValues?: number;
  /** Octets above which messages are sent in fragments; 0 never does. */
  readonly fragmentOctets?: number;
  /** Requests a POAManager keeps while it is HOLDING. */
  readonly maxHeldRequests?: number;
  /** 1 prints GIOP messages as people read them, 2 their octets, too; 0 does not. */
  readonly trace?: number;
  /** CORBA priorities that lanes may have: `[0, 32767]`. */
  readonly rtPriorityRange?: readonly [number, number];
  /** Native priorities that they are mapped to: `[1, 48]`. */
  readonly rtNativeRange?: readonly [number, number];
  readonly rtMapping?: "linear" | "direct" | "continuous";
  /** `[orb.policies]`: of all calls, where neither call, reference nor thread has others. */
  readonly policies?: PolicyConfig;
  /** Initial references: id → `IOR:`, `corbaloc:` or `corbaname:`. */
  readonly initRef?: Readonly<Record<string, string>>;
}

/** A configuration file, checked; tables that are not there are empty. */
export interface NodeConfig {
  /** For messages. */
  readonly file: string;
  readonly orb: OrbConfig;
  /** By name. */
  readonly lanes: Readonly<Record<string, LaneConfig>>;
}

/** A configuration that cannot be used; the message names file and key and what is allowed. */
export class ConfigError extends Error {
  override readonly name: string = "ConfigError";
  readonly file: string;
  /** Dotted path of the key, e.g. `orb.listen`; `undefined` when it is the file as a whole. */
  readonly key: string | undefined;

  constructor(file: string, key: string | undefined, what: string, options?: ErrorOptions) {
    super(key === undefined ? `${file}: ${what}` : `${file}: ${key}: ${what}`, options);
    this.file = file;
    this.key = key;
  }
}

/** GIOP states sizes as unsigned 32-bit; twelve octets are a header. */
const MESSAGE_OCTETS = { least: 12, most: 0xffff_ffff } as const;
/** Node's timers count milliseconds in 31 bits. */
const LONGEST_MS = 2_147_483_647;

function strings(form: RegExp, example: string): Check<readonly string[]> {
  return (value, fail) => {
    if (!Array.isArray(value))
      return fail(`an array like ["${example}"] is needed, not ${describe(value)}`);
    return value.map((entry: unknown): string => {
      if (
        typeof entry === "string" &&
        form.test(entry) &&
        Number(/:(\d+)$/.exec(entry)?.[1] ?? 0) <= 0xffff
      )
        return entry;
      return fail(`"${example}" is the form of an entry, not ${describe(entry)}`);
    });
  };
}

/** The lower first. */
function rangeWithin(least: number, most: number): Check<readonly [number, number]> {
  return (value, fail) => {
    const [low, high, ...more] = Array.isArray(value) ? (value as readonly unknown[]) : [];
    const isNumber = (each: unknown): each is number => Number.isInteger(each);
    const isRight =
      isNumber(low) &&
      isNumber(high) &&
      more.length === 0 &&
      least <= low &&
      low <= high &&
      high <= most;
    if (isRight) return [low, high];
    return fail(`[low, high] within ${least} to ${most} is needed, not ${JSON.stringify(value)}`);
  };
}

const URL_SCHEME = /^(?:IOR|corbaloc|corbaname):/i;

const references: Check<Readonly<Record<string, string>>> = (value, fail) => {
  if (!isTable(value))
    return fail(`a table like { NameService = "corbaloc::host:2809/NameService" } is needed`);
  const checked: Record<string, string> = {};
  for (const [id, url] of Object.entries(value)) {
    if (typeof url !== "string" || !URL_SCHEME.test(url))
      return fail(
        `${id} is to be an IOR:, corbaloc: or corbaname: reference, not ${describe(url)}`,
      );
    checked[id] = url;
  }
  return checked;
};

/** No message has room for more: each takes 4 octets at the least. */
const MOST_VALUES = MESSAGE_OCTETS.most >>> 2;

const HOST = String.raw`(?:\[[0-9A-Fa-f:.]+\]|[^\s:/\[\]]+)`;

const LISTEN = new RegExp(`^(?:iiop://${HOST}:\\d{1,5}|unix:///.+)$`);

const ORB: Checks<OrbConfig> = {
  listen: strings(LISTEN, "iiop://127.0.0.1:2810"),
  publish: strings(
    new RegExp(`^(?:${HOST}|\\{(?:host|hosts|hostname)\\}):(?:\\d{1,5}|\\{port\\})$`),
    "metro1.example:2810",
  ),
  deadlineMs: integer(1, LONGEST_MS),
  connectTimeoutMs: integer(1, LONGEST_MS),
  bidirectional: oneOf(["none", "offer", "accept", "both"]),
  maxConnections: integer(1, 1_000_000),
  acceptedIdleMs: integer(0, LONGEST_MS),
  openedIdleMs: integer(0, LONGEST_MS),
  keepAliveMs: integer(0, LONGEST_MS),
  maxQueuedOctets: integer(1, MESSAGE_OCTETS.most),
  fragmentOctets: integer(0, MESSAGE_OCTETS.most),
  maxMessageOctets: integer(MESSAGE_OCTETS.least, MESSAGE_OCTETS.most),
  rtPriorityRange: rangeWithin(0, 32_767),
  rtNativeRange: rangeWithin(1, 99),
  rtMapping: oneOf(["linear", "direct", "continuous"]),
  maxHeldRequests: integer(1, 1_000_000),
  trace: integer(0, 2),
  maxValues: integer(1, MOST_VALUES),
  policies,
  initRef: references,
};

const MOST_PRIORITY = 32_767;
const MOST_THREADS = 64;
const MOST_CORE = 1_023;
const MOST_US = 1_000_000_000;
const MOST_SPIN_US = 1_000;
const MOST_MB = 65_536;
const MOST_BUFFERED = 1_000_000;

const LANE: Checks<LaneConfig> = {
  priority: integer(0, MOST_PRIORITY),
  threads: integer(1, MOST_THREADS),
  dynamicThreads: integer(0, MOST_THREADS),
  scheduling: oneOf(["fifo", "rr", "deadline", "other"]),
  reserve: (value, fail) => {
    if (!isTable(value)) return fail(`a table like { core = 1 } is needed, not ${describe(value)}`);
    const core = integer(0, MOST_CORE)(value["core"], (what) => fail(`core: ${what}`));
    const more = Object.keys(value).find((key) => key !== "core");
    return more === undefined ? { core } : fail(unknownKey(more, ["core"]));
  },
  runtimeUs: integer(1, MOST_US),
  periodUs: integer(1, MOST_US),
  deadlineUs: integer(1, MOST_US),
  maxConcurrent: integer(1, MOST_BUFFERED),
  maxBufferedRequests: integer(0, MOST_BUFFERED),
  maxBufferedOctets: integer(0, MESSAGE_OCTETS.most),
  youngGenerationMb: integer(1, MOST_MB),
  oldGenerationMb: integer(1, MOST_MB),
  listen: (value, fail) =>
    typeof value === "string" && value.startsWith("iiop://") && LISTEN.test(value)
      ? value
      : fail(`"iiop://127.0.0.1:2811" is the form, not ${describe(value)}`),
  warmUpCalls: integer(0, MOST_BUFFERED),
  spinUs: integer(0, MOST_SPIN_US),
};

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

/** Reads `[lanes.NAME]` and what its keys demand of each other. */
function readLane(file: string, path: string, table: unknown): LaneConfig {
  const lane = readTable(file, path, table, LANE);
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
  // The kernel refuses the affinity of a thread whose deadlines it guarantees (EBUSY, EPERM).
  if (reserve !== undefined)
    fail("reserve", 'scheduling = "deadline" runs on any core: one or the other');
  return lane;
}

function readLanes(file: string, lanes: unknown): Readonly<Record<string, LaneConfig>> {
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
    orb: readTable(file, "orb", root["orb"] ?? {}, ORB),
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
