import type { GivenOrb } from "../rt/index.ts";
import type { Clock, Logger, Metrics, Random } from "../base/index.ts";
import type { BidirectionalMode } from "../bidirectional/index.ts";
import { BAD_PARAM, INITIALIZE } from "../exception/index.ts";
import { MIN_FRAGMENT_OCTETS } from "../giop/index.ts";
import type { ConnectionWatch, EndpointChoice, Initializers, Replicator } from "../hook/index.ts";
import { type ConnectionSettings, DEFAULT_SETTINGS } from "../iiop/index.ts";
import { MAX_HELD_REQUESTS } from "../manager/index.ts";
import { RUN_OCTETS } from "../poa/index.ts";
import { type CallPolicies, policiesByName } from "../policy/index.ts";
import type { TraceLevel } from "../trace/index.ts";
import type { Endpoint, Transport } from "../transport/index.ts";
import { parseEndpoint, parsePublish, type PublishTemplate } from "./endpoints.ts";
import {
  parsePriorityRange,
  REAL_TIME_KEYS,
  type RealTimeConfig,
  type RealTimeOptions,
  type RealTimeSettings,
  realTimeSettings,
} from "./real-time.ts";

/** What a configuration file says of the ORB; the same shape as `[orb]` of the TOML file. */
export interface OrbConfig extends RealTimeConfig {
  /** Endpoints to listen on, `iiop://HOST:PORT`; port 0 lets the system choose. One on 127.0.0.1 by default; [] never listens. */
  readonly listen?: readonly string[];
  /**
   * Addresses written into references in place of those listened on, `HOST:PORT`. `{host}` (`{hosts}`: all of a
   * wildcard's), `{hostname}` and `{port}` are filled for each endpoint listened on.
   */
  readonly publish?: readonly string[];
  /** Milliseconds a call may take where its options do not say; 30,000 by default. */
  readonly deadlineMs?: number;
  /**
   * Whether requests may go both ways over one connection (GIOP 1.2): `offer` lets servers call back over connections
   * opened here, `accept` calls back over those that clients opened, `both`; `none` by default.
   */
  readonly bidirectional?: BidirectionalMode;
  /** Connections accepted at once; 10,000 by default. More are closed unread. */
  readonly maxConnections?: number;
  /** Milliseconds without a message after which a connection that a client opened is closed; 0, the default, never. */
  readonly acceptedIdleMs?: number;
  /** The same for connections opened here; 120,000 by default. The next call opens another one. */
  readonly openedIdleMs?: number;
  /** Milliseconds of silence after which TCP asks whether the peer is still there; 60,000 by default, 0 never. */
  readonly keepAliveMs?: number;
  /**
   * Accepted TCP connections are reset when the process is killed, so that idle clients notice before they call; false
   * by default. Needs the addon (`native`). Of a transport of one's own its own option holds.
   */
  readonly resetOnCrash?: boolean;
  /** Octets queued on one connection, or held by its requests in work; 268,435,456 by default. */
  readonly maxQueuedOctets?: number;
  /** Milliseconds one connect to one address may take; 5,000 by default. */
  readonly connectTimeoutMs?: number;
  /** Octets of one message, header excluded; 67,108,864 by default. */
  readonly maxMessageOctets?: number;
  /** Values of value types in one message, sent or received; 100,000 by default. */
  readonly maxValues?: number;
  /** Octets above which sent messages are split into fragments; 0, the default, never splits. */
  readonly fragmentOctets?: number;
  /** Requests one POAManager keeps while it is HOLDING; 1,000 by default. */
  readonly maxHeldRequests?: number;
  /** Policies of all calls, where neither call, reference nor thread has others: what `policyManager` begins with. */
  readonly policies?: CallPolicies;
  /** Initial references by name, as URLs. */
  readonly initRef?: Readonly<Record<string, string>>;
  /** GIOP messages are printed as people read them: 1; with their octets: 2; 0, the default: not. */
  readonly trace?: number;
}

/** What `ORB_init` takes beside the arguments. */
export interface OrbInitOptions extends RealTimeOptions {
  /** What `loadConfig` of `orbweaver/services/node` read, or the same by hand. Arguments win over it. */
  readonly config?: { readonly orb?: OrbConfig };
  readonly logger?: Logger;
  readonly transport?: Transport;
  readonly clock?: Clock;
  readonly random?: Random;
  /** Takes requests, latencies, connections and octets; nothing is measured without. */
  readonly metrics?: Metrics;
  /** Where the lines of `trace` go; the standard error where absent. */
  readonly traceTo?: (text: string) => void;
  /** Looks into the ORB from its making on: `portable` of `orbweaver/interceptors`. */
  readonly initializers?: Initializers;
  /** Decide to which address of its reference each call goes, one after the other; behind that of the initializers. */
  readonly endpointChoices?: readonly EndpointChoice[];
  /** Looks at the connections that the ORB opens, and may redirect them. */
  readonly connectionWatch?: ConnectionWatch;
  /** Makes POAs replicated that ask for it with `replication`: `replicator` of `orbweaver/services/replication`. */
  readonly replicator?: Replicator;
  /**
   * Eight octets for the keys of transient objects, in place of random ones. ORBs with the same octets answer to
   * the same keys: those of the lanes of one process, each on its own endpoint.
   */
  readonly instance?: Uint8Array;
}

/** Everything decided. */
export interface OrbSettings {
  readonly id: string;
  readonly listen: readonly Endpoint[];
  readonly publish: readonly PublishTemplate[];
  readonly deadlineMs: number;
  readonly connections: ConnectionSettings;
  readonly keepAliveMs: number;
  readonly resetOnCrash: boolean;
  readonly bidirectional: BidirectionalMode;
  readonly maxValues: number | undefined;
  readonly maxHeldRequests: number;
  readonly policies: CallPolicies;
  readonly initRef: ReadonlyMap<string, string>;
  readonly defaultInitRef: string | undefined;
  readonly trace: 0 | TraceLevel;
  readonly realTime: RealTimeSettings;
}

export const DEFAULT_DEADLINE_MS: number = 30_000;
const DEFAULT_KEEP_ALIVE_MS = 60_000;
const DEFAULT_LISTEN: readonly string[] = ["iiop://127.0.0.1:0"];

const CONFIG_KEYS: readonly (keyof OrbConfig)[] = [
  "listen",
  "publish",
  "deadlineMs",
  "connectTimeoutMs",
  "bidirectional",
  "maxConnections",
  "acceptedIdleMs",
  "openedIdleMs",
  "keepAliveMs",
  "resetOnCrash",
  "maxQueuedOctets",
  "maxMessageOctets",
  "maxValues",
  "fragmentOctets",
  "maxHeldRequests",
  "policies",
  "initRef",
  "trace",
  ...REAL_TIME_KEYS,
];

interface Arguments {
  listen: string[];
  publish: string[];
  initRef: Map<string, string>;
  defaultInitRef: string | undefined;
  id: string;
  deadlineMs: number | undefined;
  trace: number | undefined;
  priorityRange: readonly [number, number] | undefined;
}

const KNOWN_ARGUMENTS =
  "-ORBInitRef NAME=URL, -ORBDefaultInitRef URL, -ORBListenEndpoints ENDPOINT[;ENDPOINT…], -ORBendPoint ENDPOINT, -ORBPublish ADDRESS[;ADDRESS…], -ORBid ID, -ORBDeadlineMs MS, -ORBtrace 0|1|2, -ORBRTpriorityrange MIN,MAX";

function readInitRef(value: string): readonly [string, string] {
  const at = value.indexOf("=");
  if (at < 1) {
    throw new BAD_PARAM(`-ORBInitRef "${value}" is not understood; allowed: NAME=URL`);
  }
  return [value.slice(0, at), value.slice(at + 1)];
}

function readArguments(args: readonly string[]): Arguments {
  const read: Arguments = {
    listen: [],
    publish: [],
    initRef: new Map(),
    defaultInitRef: undefined,
    id: "",
    deadlineMs: undefined,
    trace: undefined,
    priorityRange: undefined,
  };
  for (let i = 0; i < args.length; i++) {
    const argument = args[i] ?? "";
    if (!argument.startsWith("-ORB")) continue;
    // Java's ORBs also write -ORBInitRef.NAME=URL, in one piece.
    if (argument.startsWith("-ORBInitRef.")) {
      read.initRef.set(...readInitRef(argument.slice("-ORBInitRef.".length)));
      continue;
    }
    const value = args[++i];
    if (value === undefined) throw new BAD_PARAM(`${argument} needs a value after it`);
    switch (argument) {
      case "-ORBInitRef":
        read.initRef.set(...readInitRef(value));
        break;
      case "-ORBDefaultInitRef":
        read.defaultInitRef = value;
        break;
      case "-ORBListenEndpoints":
        read.listen.push(...value.split(";"));
        break;
      case "-ORBendPoint":
      case "-ORBEndpoint":
        read.listen.push(value);
        break;
      case "-ORBPublish":
        read.publish.push(...value.split(";"));
        break;
      case "-ORBid":
        read.id = value;
        break;
      case "-ORBDeadlineMs":
        read.deadlineMs = Number(value);
        break;
      case "-ORBtrace":
        read.trace = Number(value);
        break;
      case "-ORBRTpriorityrange":
        read.priorityRange = parsePriorityRange(value);
        break;
      default:
        throw new BAD_PARAM(`${argument} is no option of this ORB; known: ${KNOWN_ARGUMENTS}`);
    }
  }
  return read;
}

const PLACES: readonly string[] = [
  "-ORBListenEndpoints",
  "-ORBendPoint",
  "-ORBEndpoint",
  "-ORBPublish",
];

/** What the arguments say that holds for further ORBs of the process, too. @throws BAD_PARAM */
export function givenOrb(args: readonly string[]): GivenOrb {
  const { listen, publish } = readArguments(args);
  const others: string[] = [];
  for (let i = 0; i < args.length; i++) {
    const argument = args[i] ?? "";
    if (argument.startsWith("-ORBInitRef.")) others.push(argument);
    else if (argument.startsWith("-ORB")) {
      const value = args[++i] ?? "";
      if (argument !== "-ORBid" && !PLACES.includes(argument)) others.push(argument, value);
    }
  }
  return {
    ...(listen.length === 0 ? {} : { listen }),
    ...(publish.length === 0 ? {} : { publish }),
    others,
  };
}

/** The arguments that are not the ORB's: what is left for the program. */
export function withoutOrbArguments(args: readonly string[]): string[] {
  const rest: string[] = [];
  for (let i = 0; i < args.length; i++) {
    const argument = args[i] ?? "";
    if (!argument.startsWith("-ORB")) rest.push(argument);
    else if (!argument.startsWith("-ORBInitRef.")) i++;
  }
  return rest;
}

function checkPositive(value: number | undefined, name: string, allowZero: boolean): void {
  if (value === undefined) return;
  const isGood = Number.isSafeInteger(value) && (value > 0 || (allowZero && value === 0));
  if (!isGood) {
    throw new INITIALIZE(
      `orb.${name} is ${String(value)}; a whole number above ${allowZero ? "or equal to " : ""}0 is needed`,
    );
  }
}

const MODES: readonly BidirectionalMode[] = ["none", "offer", "accept", "both"];
const ABOVE_ZERO = [
  "connectTimeoutMs",
  "maxMessageOctets",
  "maxValues",
  "maxHeldRequests",
  "maxConnections",
  "maxQueuedOctets",
] as const;
const FROM_ZERO = ["fragmentOctets", "acceptedIdleMs", "openedIdleMs", "keepAliveMs"] as const;

function checkNumbers(config: OrbConfig): void {
  for (const name of ABOVE_ZERO) checkPositive(config[name], name, false);
  for (const name of FROM_ZERO) checkPositive(config[name], name, true);
}

function readTruth(value: boolean | undefined, name: string): boolean {
  if (value === undefined || typeof value === "boolean") return value === true;
  throw new INITIALIZE(`orb.${name} is ${String(value)}; allowed: true, false`);
}

function readMode(mode: BidirectionalMode = "none"): BidirectionalMode {
  if (MODES.includes(mode)) return mode;
  throw new INITIALIZE(`orb.bidirectional is ${String(mode)}; allowed: ${MODES.join(", ")}`);
}

function connectionSettings(config: OrbConfig): ConnectionSettings {
  const usual = DEFAULT_SETTINGS;
  return {
    ...usual,
    maxMessageOctets: config.maxMessageOctets ?? usual.maxMessageOctets,
    fragmentOctets: config.fragmentOctets ?? usual.fragmentOctets,
    connectTimeoutMs: config.connectTimeoutMs ?? usual.connectTimeoutMs,
    maxQueuedOctets: config.maxQueuedOctets ?? usual.maxQueuedOctets,
    maxConnections: config.maxConnections ?? usual.maxConnections,
    acceptedIdleMs: config.acceptedIdleMs ?? usual.acceptedIdleMs,
    openedIdleMs: config.openedIdleMs ?? usual.openedIdleMs,
  };
}

/** @throws INITIALIZE naming the policy and what is allowed */
function checkedPolicies(policies: CallPolicies): CallPolicies {
  try {
    policiesByName(policies);
    return policies;
  } catch (cause) {
    if (!(cause instanceof BAD_PARAM)) throw cause;
    throw new INITIALIZE(`orb.policies: ${cause.message}`, undefined, undefined, { cause });
  }
}

function traceLevel(level: number): 0 | TraceLevel {
  if (level === 0 || level === 1 || level === 2) return level;
  throw new INITIALIZE(
    `orb.trace is ${level}; allowed: 0, 1 (messages) or 2 (messages and their octets)`,
  );
}

/** @throws BAD_PARAM for arguments, INITIALIZE for configuration, naming the key and what is allowed */
export function readSettings(args: readonly string[], config: OrbConfig): OrbSettings {
  for (const key of Object.keys(config)) {
    if (!CONFIG_KEYS.includes(key as keyof OrbConfig)) {
      throw new INITIALIZE(`orb.${key} is no option of the ORB; known: ${CONFIG_KEYS.join(", ")}`);
    }
  }
  const read = readArguments(args);
  const deadlineMs = read.deadlineMs ?? config.deadlineMs ?? DEFAULT_DEADLINE_MS;
  checkPositive(deadlineMs, "deadlineMs", false);
  checkNumbers(config);
  const { fragmentOctets = 0 } = config;
  if (fragmentOctets > 0 && fragmentOctets < MIN_FRAGMENT_OCTETS) {
    throw new INITIALIZE(
      `orb.fragmentOctets is ${fragmentOctets}; allowed: 0 or at least ${MIN_FRAGMENT_OCTETS}`,
    );
  }
  const listen = read.listen.length > 0 ? read.listen : (config.listen ?? DEFAULT_LISTEN);
  return {
    id: read.id,
    listen: listen.map((text) => parseEndpoint(text, "endpoint")),
    publish: (read.publish.length > 0 ? read.publish : (config.publish ?? [])).map(parsePublish),
    deadlineMs,
    connections: connectionSettings(config),
    keepAliveMs: config.keepAliveMs ?? DEFAULT_KEEP_ALIVE_MS,
    resetOnCrash: readTruth(config.resetOnCrash, "resetOnCrash"),
    bidirectional: readMode(config.bidirectional),
    maxValues: config.maxValues,
    maxHeldRequests: config.maxHeldRequests ?? MAX_HELD_REQUESTS,
    policies: checkedPolicies(config.policies ?? {}),
    initRef: new Map([...Object.entries(config.initRef ?? {}), ...read.initRef]),
    defaultInitRef: read.defaultInitRef,
    trace: traceLevel(read.trace ?? config.trace ?? 0),
    realTime: realTimeSettings(
      read.priorityRange === undefined
        ? config
        : { ...config, rtPriorityRange: read.priorityRange },
    ),
  };
}

/** The octets given for keys. @throws BAD_PARAM when they are not eight */
export function instanceOf({ instance }: OrbInitOptions): Uint8Array | undefined {
  if (instance === undefined || instance.length === RUN_OCTETS) return instance;
  throw new BAD_PARAM(`instance is named by ${RUN_OCTETS} octets, not ${instance.length}`);
}
