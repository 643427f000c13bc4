import { hostname } from "node:os";
import toml from "@iarna/toml";
import type { LaneConfig } from "../../lanes/index.ts";
import { nameFromString } from "../../naming/index.ts";
import {
  CHAOS_OPTIONS,
  CONTROL_OPTIONS,
  GROUPS_OPTIONS,
  HEALTH_OPTIONS,
  LOG_OPTIONS,
  moduleUrl,
  MONITOR_OPTIONS,
  NAMING_OPTIONS,
  OVERLAY_OPTIONS,
  PEER_SECTIONS,
  type PeerSettings,
  PROCESS_OPTIONS,
  QOS_OPTIONS,
  SERVICE_OPTIONS,
  type ServiceSpec,
  type ServiceTable,
} from "../../peer/index.ts";
import { checksOf, type Options, type Section, standardOf } from "../../settings/index.ts";
import { ConfigError } from "../config-error.ts";
import { readLanes, readTable, readText } from "../config.ts";
import { LANE_OPTIONS } from "../lane-options.ts";
import { ORB_OPTIONS, type OrbConfig } from "../orb-options.ts";
import { POLICY_OPTIONS } from "../policies.ts";
import {
  type Listed,
  SERVICES,
  type Source,
  sourceOfSetting,
  sourceOfText,
  Sources,
  without,
} from "./sources.ts";

/** Everything that `orbweaver peer` is told, checked. */
export interface PeerConfig {
  readonly name: string;
  readonly settings: PeerSettings;
  readonly orb: OrbConfig;
  readonly lanes: Readonly<Record<string, LaneConfig>>;
  readonly services: readonly ServiceSpec[];
}

/** Where clients find the naming service of a peer, unless told otherwise: the port that naming services have. */
export const STANDARD_LISTEN = "iiop://127.0.0.1:2809";

/** As `[orb]` of any program, but for where it listens: a peer's address is to be known. */
const ORB: Options<OrbConfig> = {
  ...ORB_OPTIONS,
  listen: { ...ORB_OPTIONS.listen, standard: [STANDARD_LISTEN] },
};

/** All tables and keys of the configuration, as help and documentation tell them. */
export const PEER_TABLES: readonly Section[] = [
  ...PEER_SECTIONS,
  { header: "[orb]", means: "The ORB that clients call.", options: ORB },
  {
    header: "[orb.policies]",
    means: "Of calls that it makes, where nobody says otherwise.",
    options: POLICY_OPTIONS,
  },
  {
    header: "[lanes.NAME]",
    means: "A lane: threads of their own for services of one priority.",
    options: LANE_OPTIONS,
  },
];

const TABLES = [
  "chaos",
  "control",
  "groups",
  "health",
  "lanes",
  "log",
  "monitor",
  "naming",
  "orb",
  "overlay",
  "peer",
  "qos",
  SERVICES,
];
/** What stands for the file until it is known which. */
const SOMEWHERE = "configuration";

function read<T>(sources: Sources, name: string, options: Options<T>): T {
  return sources.located(() => ({
    ...standardOf(options),
    ...readTable(SOMEWHERE, name, sources.root[name] ?? {}, checksOf(options)),
  })) as T;
}

function specOf(listed: Listed, sources: Sources): ServiceSpec {
  return sources.locatedIn(listed, () => {
    const table: ServiceTable = {
      ...standardOf(SERVICE_OPTIONS),
      ...readTable(SOMEWHERE, SERVICES, listed.table, checksOf(SERVICE_OPTIONS)),
    } as ServiceTable;
    for (const key of ["name", "module", "export"] as const)
      if ((table[key] as string | undefined) === undefined)
        throw new ConfigError(SOMEWHERE, `${SERVICES}.${key}`, "it is needed");
    return { ...table, module: moduleUrl(table.module, listed.source.folder), configured: true };
  });
}

/** What keys demand of each other. */
function checkTogether(
  sources: Sources,
  { settings, orb, lanes, services }: Omit<PeerConfig, "name">,
): void {
  const fail = (key: string, what: string): never => {
    throw new ConfigError(SOMEWHERE, key, what);
  };
  sources.located(() => {
    const { kind, host, port, peers } = settings.overlay;
    const own = `${host.includes(":") ? `[${host}]` : host}:${port}`;
    if (kind === "static" && !peers.includes(own))
      fail(
        "overlay.peers",
        `it is to name this peer, too: "${own}", by overlay.host and overlay.port`,
      );
    const { kind: naming, voters } = settings.naming;
    if (naming === "replicated" && kind !== "p3")
      fail("naming.kind", 'replicated names need overlay.kind "p3"');
    if (naming === "replicated" && ![1, 3, 5].includes(voters.length))
      fail("naming.voters", `one, three or five voters are needed, not ${voters.length}`);
    if ((orb.listen ?? []).length === 0)
      fail("orb.listen", "a peer is called: an endpoint is needed");
  });
  for (const [at, service] of services.entries()) {
    const listed = sources.services[at];
    if (listed === undefined) continue;
    sources.locatedIn(listed, () => {
      const { name, lane, names, poa } = service;
      if (services.findIndex((each) => each.name === name) < at)
        fail("service.name", `there are two services "${name}"`);
      if (lane !== undefined && !Object.hasOwn(lanes, lane))
        fail(
          "service.lane",
          `there is no [lanes.${lane}]; there are: ${Object.keys(lanes).join(", ") || "none"}`,
        );
      const { replication } = service;
      if (replication !== undefined && !settings.groups.enabled)
        fail("service.replication", "groups.enabled is false: there can be no replicas here");
      if (replication !== undefined && (lane ?? poa) !== undefined)
        fail(
          lane === undefined ? "service.poa" : "service.lane",
          "a replicated service has an adapter of its own, in the main thread: it names no poa and no lane",
        );
      if (replication?.durable === true && settings.groups.store === undefined)
        fail("service.replication", "durable replicas need groups.store");
      for (const each of names) {
        try {
          nameFromString(each);
        } catch (thrown) {
          fail("service.names", thrown instanceof Error ? thrown.message : String(thrown));
        }
      }
      if (names.length > 0 && settings.naming.kind === "none")
        fail("service.names", 'naming.kind is "none": there is nobody to bind them');
    });
  }
}

/**
 * Reads a peer's configuration from its parts; a later one wins, key by key.
 * @throws ConfigError with file, line where it is known, key, and what is allowed
 */
function configOf(parts: readonly Source[]): PeerConfig {
  const sources = new Sources(parts);
  const orb = read(sources, "orb", ORB);
  const lanes = sources.located(() => readLanes(SOMEWHERE, sources.root["lanes"] ?? {}));
  const services = sources.services.map((listed) => specOf(listed, sources));
  const control = read(sources, "control", CONTROL_OPTIONS);
  const folder = sources.sourceOf(["control", "allow"])?.folder ?? process.cwd();
  const settings: PeerSettings = {
    process: read(sources, "peer", PROCESS_OPTIONS),
    overlay: read(sources, "overlay", OVERLAY_OPTIONS),
    naming: read(sources, "naming", NAMING_OPTIONS),
    groups: read(sources, "groups", GROUPS_OPTIONS),
    control: { ...control, allow: control.allow.map((each) => moduleUrl(each, folder)) },
    monitor: read(sources, "monitor", MONITOR_OPTIONS),
    health: read(sources, "health", HEALTH_OPTIONS),
    chaos: read(sources, "chaos", CHAOS_OPTIONS),
    qos: read(sources, "qos", QOS_OPTIONS),
    log: read(sources, "log", LOG_OPTIONS),
  };
  checkTogether(sources, { settings, orb, lanes, services });
  const { name = `${hostname()}-${process.pid}` } = settings.process;
  return { name, settings, orb, lanes, services };
}

/** What a peer's configuration is read of. */
export interface PeerSources {
  /** Names of files, later ones before earlier ones. */
  readonly files: readonly string[];
  /** `TABLE.KEY=VALUE`; they win over files. */
  readonly settings?: readonly string[];
}

/** Reads a peer's configuration. @throws ConfigError */
export async function loadPeerConfig({ files, settings = [] }: PeerSources): Promise<PeerConfig> {
  const parts: Source[] = [];
  for (const file of files) parts.push(sourceOfText(await readText(file), file, TABLES));
  return configOf([...parts, ...settings.map((each) => sourceOfSetting(each, TABLES))]);
}

/** The same from the text of one file. @throws ConfigError */
export function parsePeerConfig(
  text: string,
  file: string,
  settings: readonly string[] = [],
): PeerConfig {
  const parts = [sourceOfText(text, file, TABLES)];
  return configOf([...parts, ...settings.map((each) => sourceOfSetting(each, TABLES))]);
}

/** The values in force as a file would have them: what this prints it reads again. */
export function peerConfigText({ name, settings, orb, lanes, services }: PeerConfig): string {
  const { process: own, ...sections } = settings;
  const withStandard = Object.entries(lanes).map(
    ([lane, table]) => [lane, { ...standardOf(LANE_OPTIONS), ...table }] as const,
  );
  const tables = {
    peer: { ...own, name },
    ...sections,
    orb,
    lanes: Object.fromEntries(withStandard),
    [SERVICES]: services.map((service) => without(service, "configured")),
  };
  return toml.stringify(tables as unknown as toml.JsonMap);
}
