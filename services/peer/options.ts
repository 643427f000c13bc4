import type { AttributeValue } from "../overlay/index.ts";
import {
  type Check,
  describe,
  hostPort,
  hostPorts,
  integer,
  isTable,
  listOf,
  oneOf,
  type Options,
  saying,
  type Section,
  text,
  truth,
} from "../settings/index.ts";
import { attributes, millis, path, plainName } from "./option-checks.ts";
import {
  GROUPS_OPTIONS,
  type GroupsTable,
  replicationTable,
  type ReplicationTable,
} from "../peer-groups/index.ts";
import { MONITOR_OPTIONS, type MonitorTable } from "../monitor/index.ts";
import { OVERLAY_OPTIONS, type OverlayTable } from "./overlay-options.ts";

const LARGEST_OCTETS = Number.MAX_SAFE_INTEGER;
const MOST = 1_000_000;

/** `[peer]`: the process. */
export interface ProcessTable {
  readonly name?: string;
  readonly startMs: number;
  readonly stopMs: number;
  readonly pidFile?: string;
}

export const PROCESS_OPTIONS: Options<ProcessTable> = {
  name: {
    check: plainName,
    otherwise: "the host's name and the process's number",
    means: "what logs and other peers call it",
  },
  startMs: {
    check: millis(1),
    unit: "ms",
    standard: 30_000,
    means:
      "within which each part must have started; the overlay's joining is not one: `/readyz` tells of it",
  },
  stopMs: {
    check: millis(1),
    unit: "ms",
    standard: 10_000,
    means: "within which all must have ended in order after SIGTERM or SIGINT",
  },
  pidFile: {
    check: path,
    otherwise: "none",
    means: "written with the process's number when all parts have started, removed at the end",
  },
};

/** `[log]`. */
export interface LogTable {
  readonly level: "debug" | "info" | "warn" | "error";
  readonly form: "json" | "text";
}

export const LOG_OPTIONS: Options<LogTable> = {
  level: {
    check: oneOf(["debug", "info", "warn", "error"]),
    standard: "info",
    means: "the least urgent that is written, to the standard error",
  },
  form: {
    check: oneOf(["json", "text"]),
    standard: "json",
    means: "lines of JSON by pino, or for people",
  },
};

/** `[health]`. */
export interface HealthTable {
  readonly enabled: boolean;
  readonly listen: string;
  readonly mostClients: number;
  readonly mostEvents: number;
  readonly origins: readonly string[];
}

export const HEALTH_OPTIONS: Options<HealthTable> = {
  enabled: { check: truth, standard: true, means: "whether there is an endpoint at all" },
  listen: {
    check: hostPort,
    standard: "127.0.0.1:9410",
    means:
      "of `/healthz`, `/readyz`, `/metrics`, `/topology` and `/events`; port 0 takes a free one",
  },
  mostClients: {
    check: integer(1, MOST),
    unit: "clients",
    standard: 64,
    means: "of `/events` at a time",
  },
  mostEvents: {
    check: integer(1, MOST),
    unit: "events",
    standard: 1_000,
    means:
      "kept for a client that does not read; the oldest are lost then, and it is told how many",
  },
  origins: {
    check: listOf(text("`http://HOST[:PORT]`", /^https?:\/\/[^/]+$/, "http://console.example")),
    standard: [],
    means: "pages of browsers that may watch `/events`",
  },
};

/** `[naming]`. */
export interface NamingTable {
  readonly kind: "replicated" | "memory" | "none";
  readonly voters: readonly string[];
  readonly store?: string;
  readonly realm: string;
  readonly idleIteratorMs: number;
  readonly mostIterators: number;
}

export const NAMING_OPTIONS: Options<NamingTable> = {
  kind: {
    check: oneOf(["replicated", "memory", "none"]),
    standard: "memory",
    means:
      "`replicated`: names of all peers of the tree, which outlive any of them; `memory`: of this peer alone, which end with it",
  },
  voters: {
    check: listOf(hostPorts),
    standard: [],
    means:
      "replicated: who decides on names, the same list everywhere; one, three or five, each with the host and the three ports of its `[overlay]`",
  },
  store: {
    check: path,
    otherwise: "memory",
    means:
      "replicated: folder of a voter's store, for this peer alone; without one, names end when a majority of the voters was down at once",
  },
  realm: {
    check: plainName,
    standard: "orbweaver",
    means: "replicated: the name of these names, the same at every peer; it is part of references",
  },
  idleIteratorMs: {
    check: millis(1),
    unit: "ms",
    standard: 600_000,
    means: "after which an iterator that nobody asks is destroyed",
  },
  mostIterators: {
    check: integer(1, MOST),
    unit: "iterators",
    standard: 1_000,
    means: "at a time; one more destroys the one asked longest ago",
  },
};

/** `[qos]`. */
export interface QosTable {
  readonly use: boolean;
  readonly socket: string;
  readonly partition: string;
  readonly cpuPercent: number;
  readonly realtime?: { readonly runtimeUs: number; readonly periodUs: number };
  readonly ownCores: number;
  readonly memoryOctets: number;
  readonly ioWeight: number;
}

const realtime: Check<{ readonly runtimeUs: number; readonly periodUs: number }> = saying(
  "{ runtimeUs, periodUs }",
  (value, fail) => {
    if (!isTable(value))
      return fail(
        `a table like { runtimeUs = 50000, periodUs = 1000000 } is needed, not ${describe(value)}`,
      );
    const us = integer(1, 4_000_000);
    return {
      runtimeUs: us(value["runtimeUs"], (what) => fail(what, "runtimeUs")),
      periodUs: us(value["periodUs"], (what) => fail(what, "periodUs")),
    };
  },
);

export const QOS_OPTIONS: Options<QosTable> = {
  use: {
    check: truth,
    standard: false,
    means: "whether the QoS daemon of this host is asked for reservations",
  },
  socket: { check: path, standard: "/run/orbweaver/qosd.sock", means: "where it listens" },
  partition: {
    check: saying("name", text("name", /^.*$/, "runtimes")),
    standard: "",
    means: "of the daemon; empty: the first for runtimes",
  },
  cpuPercent: { check: integer(0, 100), unit: "%", standard: 0, means: "of the partition's time" },
  realtime: {
    check: realtime,
    unit: "µs",
    otherwise: "none",
    means: "of each core, for FIFO and RR of all lanes",
  },
  ownCores: {
    check: integer(0, 1_024),
    unit: "cores",
    standard: 0,
    means: "that no other runtime gets",
  },
  memoryOctets: {
    check: integer(0, LARGEST_OCTETS),
    unit: "octets",
    standard: 0,
    means: "the most of the process; 0: no limit",
  },
  ioWeight: {
    check: integer(0, 1_000),
    standard: 0,
    means: "share of the disks, 1 to 1000; 0: the kernel's",
  },
};

/** `[control]`. */
export interface ControlTable {
  readonly access: "none" | "read" | "full";
  readonly allow: readonly string[];
}

export const CONTROL_OPTIONS: Options<ControlTable> = {
  access: {
    check: oneOf(["none", "read", "full"]),
    standard: "read",
    means:
      "what may be done from afar: nothing, list services, or start and stop them and change who votes on names, too",
  },
  allow: {
    check: listOf(
      text("path, URL or package; a `*` at its end stands for the rest", /^.+$/, "/opt/metro/*"),
    ),
    standard: [],
    means: "modules that may be started from afar beside those of `[[service]]`",
  },
};

/** `[chaos]`. */
export interface ChaosTable {
  readonly enabled: boolean;
  readonly mostOctets: number;
}

export const CHAOS_OPTIONS: Options<ChaosTable> = {
  enabled: {
    check: truth,
    standard: false,
    means:
      "whether `orbweaver chaos` may have this process leak and be busy: whoever reaches its ORB may then",
  },
  mostOctets: {
    check: integer(1, LARGEST_OCTETS),
    unit: "octets",
    standard: 1_073_741_824,
    means: "that leaks may take in all",
  },
};

/** `[[service]]`. */
export interface ServiceTable {
  readonly name: string;
  readonly module: string;
  readonly export: string;
  readonly args: readonly unknown[];
  readonly id?: string;
  readonly poa?: string;
  readonly lane?: string;
  readonly names: readonly string[];
  readonly publish: boolean;
  readonly attributes: Readonly<Record<string, AttributeValue>>;
  readonly replication?: ReplicationTable;
  readonly start: "auto" | "manual";
  readonly restart: "on-failure" | "never";
  readonly restartMs: number;
  readonly mostRestarts: number;
}

const anything: Check<readonly unknown[]> = saying("array of anything", (value, fail) =>
  Array.isArray(value)
    ? (value as readonly unknown[])
    : fail(`an array is needed, not ${describe(value)}`),
);

export const SERVICE_OPTIONS: Options<ServiceTable> = {
  name: {
    check: plainName,
    otherwise: "needed",
    means: "unique in this peer; what discovery finds it by",
  },
  module: {
    check: text("path, URL or package", /^.+$/, "./station.js"),
    otherwise: "needed",
    means: "the ES module of its servant; a path is relative to the file that says it",
  },
  export: {
    check: text("name", /^[A-Za-z_$][\w$]*$/, "Station"),
    otherwise: "needed",
    means: "a class, or a function that makes the servant",
  },
  args: { check: anything, standard: [], means: "what the class or function is given" },
  id: {
    check: text("text", /^.+$/, "trindade"),
    otherwise: "`name`",
    means: "of the object in its POA",
  },
  poa: {
    check: text("names with `/` between", /^[^/]+(?:\/[^/]+)*$/, "stations/north"),
    otherwise: "`services`, or `services-LANE`",
    means: "the object adapter, beneath the root's; persistent, made when it is needed",
  },
  lane: {
    check: plainName,
    otherwise: "the main thread",
    means: "of `[lanes.NAME]`, whose threads serve it",
  },
  names: {
    check: listOf(text("`id.kind/id.kind`", /^.+$/, "metro/trindade.station")),
    standard: [],
    means: "bound while it runs; contexts on the way are made",
  },
  publish: { check: truth, standard: true, means: "whether discovery finds it" },
  attributes: {
    check: attributes,
    standard: {},
    means: "what discovery finds it by, beside its name",
  },
  replication: {
    check: replicationTable,
    otherwise: "none",
    means:
      "the service is a group of replicas ([Replication](replication.md)); `members`: addresses of `[groups]` of the peers that found it, the same list at each; `replicas`: as many are kept, at other peers where one of them is gone; `qos`: what each takes of its host",
  },
  start: {
    check: oneOf(["auto", "manual"]),
    standard: "auto",
    means: "with the peer, or when it is told to",
  },
  restart: {
    check: oneOf(["on-failure", "never"]),
    standard: "on-failure",
    means: "whether a start that failed is tried again",
  },
  restartMs: {
    check: millis(1),
    unit: "ms",
    standard: 1_000,
    means: "before it is tried again; twice as long each time, a minute at most",
  },
  mostRestarts: {
    check: integer(0, MOST),
    unit: "tries",
    standard: 10,
    means: "in a row; then the service is failed until it is told to start",
  },
};

/** The tables that are the peer's own, as help and documentation tell them. */
export const PEER_SECTIONS: readonly Section[] = [
  { header: "[peer]", means: "The process.", options: PROCESS_OPTIONS },
  { header: "[overlay]", means: "Its place among the peers.", options: OVERLAY_OPTIONS },
  { header: "[naming]", means: "The naming service that it serves.", options: NAMING_OPTIONS },
  {
    header: "[[service]]",
    means: "A servant that it runs; as many tables as services.",
    options: SERVICE_OPTIONS,
  },
  { header: "[groups]", means: "Replicas at this peer.", options: GROUPS_OPTIONS },
  {
    header: "[monitor]",
    means: "What it tells [replication managers](redirection.md) of its host.",
    options: MONITOR_OPTIONS,
  },
  { header: "[control]", means: "What may be done from afar.", options: CONTROL_OPTIONS },
  {
    header: "[chaos]",
    means: "Faults on purpose, for [tests](chaos.md) of those that are to live with them.",
    options: CHAOS_OPTIONS,
  },
  { header: "[health]", means: "What it tells over HTTP.", options: HEALTH_OPTIONS },
  { header: "[qos]", means: "What it asks the QoS daemon for.", options: QOS_OPTIONS },
  { header: "[log]", means: "What it writes.", options: LOG_OPTIONS },
];

/** Everything that a peer is told, with what is in force where nothing was said. */
export interface PeerSettings {
  readonly process: ProcessTable;
  readonly log: LogTable;
  readonly health: HealthTable;
  readonly overlay: OverlayTable;
  readonly naming: NamingTable;
  readonly groups: GroupsTable;
  readonly monitor: MonitorTable;
  readonly qos: QosTable;
  readonly control: ControlTable;
  readonly chaos: ChaosTable;
}
