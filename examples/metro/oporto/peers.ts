import { createServer } from "node:net";
import { fileURLToPath } from "node:url";

import type { Child, Children } from "../children.ts";
import { PLANS } from "../network.ts";

const HOST = "127.0.0.1";
/** Peers that keep the root cell, and the ports of each for the overlay. */
const PORTALS = 3;
const PORTS = 3;

// This file runs from dist/examples/metro/oporto.
const script = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const CLI = script("../../../services/cli/main.js");
const SENSORS = script("./sensors.js");
const CONFIGURATIONS = script("../../../../examples/metro/oporto/");

/** A peer that runs. */
export interface RunningPeer {
  readonly name: string;
  readonly child: Child;
  /** `HOST:PORT` of its ORB. */
  readonly at: string;
  /** `http://HOST:PORT` */
  readonly health: string;
}

/** The system at work. */
export interface Oporto {
  /** They keep the root cell, and decide on names. */
  readonly portals: readonly RunningPeer[];
  /** They have the lines. */
  readonly lines: readonly RunningPeer[];
  readonly sensors: readonly Child[];
  readonly sensorCount: number;
}

/** How large it is. */
export interface Form {
  /** The files that say which peer has which lines. */
  readonly lines: readonly string[];
  /** Sensors, and in how many processes. */
  readonly sensors: number;
  readonly sensorProcesses: number;
}

export const SMALL: Form = { lines: ["north", "south"], sensors: 6, sensorProcesses: 1 };
export const WHOLE: Form = {
  lines: ["line-a", "line-b", "line-c", "line-d", "line-e"],
  sensors: PLANS.reduce((sum, { sensors }) => sum + sensors.length, 0),
  sensorProcesses: 4,
};

/** Ports that nobody has now: seeds and voters are known by theirs before they start. */
async function freePorts(count: number): Promise<readonly number[]> {
  const servers = Array.from({ length: count }, () => createServer());
  const ports = await Promise.all(
    servers.map(
      (server) =>
        new Promise<number>((resolve, reject) => {
          server.once("error", reject);
          server.listen(0, HOST, () => {
            const address = server.address();
            resolve(typeof address === "object" && address !== null ? address.port : 0);
          });
        }),
    ),
  );
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

async function reached(name: string, child: Child, signal: AbortSignal): Promise<RunningPeer> {
  const [, at = ""] = await child.line(/^Peer=corbaloc::(\S+)\/Peer$/, signal);
  const [, health = ""] = await child.line(/^health=(\S+)$/, signal);
  await child.line(/^ready$/, signal);
  return { name, child, at, health };
}

/** Starts the portals, then the lines, then the sensors. Settled when all but the sensors are ready. */
export async function startOporto(
  children: Children,
  form: Form,
  signal: AbortSignal,
): Promise<Oporto> {
  const free = await freePorts(PORTALS * PORTS);
  const places = Array.from({ length: PORTALS }, (_, at) =>
    free.slice(at * PORTS, (at + 1) * PORTS),
  );
  const seeds = places.map(([port]) => `${HOST}:${port}`);
  const voters = places.map((ports) => `${HOST}:${ports.join(",")}`);
  const start = (
    name: string,
    [port = 0, discovery = 0, faultTolerance = 0]: readonly number[],
    files: readonly string[],
  ): Promise<RunningPeer> => {
    const settings = [
      `peer.name=${name}`,
      `overlay.port=${port}`,
      `overlay.discoveryPort=${discovery}`,
      `overlay.faultTolerancePort=${faultTolerance}`,
      `overlay.seeds=${JSON.stringify(seeds)}`,
      `naming.voters=${JSON.stringify(voters)}`,
    ];
    const child = children.startNode(name, CLI, [
      "peer",
      ...["common", ...files].flatMap((file) => ["--config", `${CONFIGURATIONS}${file}.toml`]),
      ...settings.flatMap((setting) => ["--set", setting]),
    ]);
    return reached(name, child, signal);
  };
  // The cell that is first in the tree is theirs: the others come when it is full.
  const portals = await Promise.all(
    places.map((ports, at) => start(`portal-${at + 1}`, ports, at === 1 ? ["center"] : [])),
  );
  const lines = await Promise.all(form.lines.map((name) => start(name, [], [name])));
  const each = Math.ceil(form.sensors / form.sensorProcesses);
  const sensors = Array.from({ length: form.sensorProcesses }, (_, at) =>
    children.startNode(`sensors-${at + 1}`, SENSORS, [
      `--seeds=${seeds.join(",")}`,
      `--from=${at * each}`,
      `--count=${Math.min(each, form.sensors - at * each)}`,
    ]),
  );
  return { portals, lines, sensors, sensorCount: form.sensors };
}
