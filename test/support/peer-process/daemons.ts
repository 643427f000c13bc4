import { randomInt } from "node:crypto";
import { createServer } from "node:net";
import { fileURLToPath } from "node:url";
import { TestProcess } from "../process.ts";

const MAIN: string = fileURLToPath(new URL("../../../services/cli/main.js", import.meta.url));
const HOST = "127.0.0.1";
/** Below those that the system gives to connections: the others' would take a port before its owner starts. */
const FIRST_PORT = 10_000;
const PORT_RANGE = 22_000;
const PORT_TRIES = 1_000;
/** Another process may take a port between the look and the start: then all start anew at others. */
const STARTS = 3;

/** `orbweaver peer` that is ready. */
export interface PeerDaemon {
  readonly process: TestProcess;
  /** `HOST:PORT` of its ORB. */
  readonly at: string;
  /** URL of its health endpoint. */
  readonly health: string;
}

export interface PeerDaemonsOptions {
  /** Peers that have a vote on names, and are seeds. */
  readonly voters: number;
  /** Peers besides. */
  readonly others: number;
  /** The last of the voters, started when the others have met. */
  readonly late?: number;
  /** As for `--set`. */
  readonly settings?: readonly string[];
}

/** Daemons that keep the names of all (`naming.kind = "replicated"`); a cell takes as many as there are voters. */
export class PeerDaemons implements AsyncDisposable {
  readonly all: readonly PeerDaemon[];

  private constructor(all: readonly PeerDaemon[]) {
    this.all = all;
  }

  /** Started at once. @returns when all are ready, and who is to vote has its vote: any of them may be killed then */
  static async start(options: PeerDaemonsOptions): Promise<PeerDaemons> {
    for (let starts = 1; ; starts++)
      try {
        return await PeerDaemons.#start(options);
      } catch (error) {
        if (starts === STARTS || !String(error).includes("EADDRINUSE")) throw error;
      }
  }

  static async #start(options: PeerDaemonsOptions): Promise<PeerDaemons> {
    const started: TestProcess[] = [];
    try {
      const { voters, late = 0 } = options;
      for (const [at, settings] of (await settingsOf(options)).entries()) {
        if (late > 0 && at >= voters - late) await Promise.all(started.map(reached));
        const args = settings.flatMap((each) => ["--set", each]);
        started.push(new TestProcess(process.execPath, [MAIN, "peer", ...args]));
      }
      return new PeerDaemons(await Promise.all(started.map(reached)));
    } catch (error) {
      await Promise.all(started.map((one) => one[Symbol.asyncDispose]()));
      throw error;
    }
  }

  /** Those of the root cell; its coordinator is the first. */
  async rootCell(): Promise<readonly PeerDaemon[]> {
    const standings = await Promise.all(this.all.map(standingOf));
    const root = standings.find(({ up }) => up === "root");
    const inside = standings.filter(({ cell }) => cell !== undefined && cell === root?.cell);
    if (root === undefined) throw new Error("no peer is the root cell's coordinator");
    return [root, ...inside.filter((one) => one !== root)].map(({ daemon }) => daemon);
  }

  /** Where clients reach the naming services of those, the first first. */
  static corbaloc(daemons: readonly PeerDaemon[]): string {
    return `corbaloc:${daemons.map(({ at }) => `iiop:1.2@${at}`).join(",")}/NameService`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.all.map((one) => one.process[Symbol.asyncDispose]()));
  }
}

async function settingsOf({
  voters,
  others,
  settings = [],
}: PeerDaemonsOptions): Promise<readonly (readonly string[])[]> {
  const places = await freePlaces(voters);
  const seeds = places.map(([port]) => `${HOST}:${port}`);
  const common = [
    `orb.listen=["iiop://${HOST}:0"]`,
    `health.listen="${HOST}:0"`,
    "log.form=text",
    "log.level=warn",
    "naming.kind=replicated",
    `naming.voters=${JSON.stringify(places.map((place) => `${HOST}:${place.join(",")}`))}`,
    `overlay.seeds=${JSON.stringify(seeds)}`,
    `overlay.superpeers=${voters}`,
    ...settings,
  ];
  const any = Array.from({ length: others }, () => [0, 0, 0]);
  return [...places, ...any].map(([port, discovery, faults], at) => [
    ...common,
    `overlay.port=${port}`,
    `overlay.discoveryPort=${discovery}`,
    `overlay.faultTolerancePort=${faults}`,
    `peer.name=p${at}`,
  ]);
}

async function reached(process: TestProcess): Promise<PeerDaemon> {
  const [, at = ""] = await process.match(/^Peer=corbaloc::(.*)\/Peer$/m);
  const [, health = ""] = await process.match(/^health=(.*)$/m);
  await process.match(/^ready$/m);
  return { process, at, health };
}

async function standingOf(
  daemon: PeerDaemon,
): Promise<{ readonly daemon: PeerDaemon; readonly cell?: string; readonly up?: string }> {
  const topology = (await (await fetch(`${daemon.health}/topology`)).json()) as {
    readonly standing: { readonly cell?: string; readonly up?: string };
  };
  return { daemon, ...topology.standing };
}

/** Three ports each that nobody has now: voters are known by theirs before they start. */
async function freePlaces(count: number): Promise<readonly (readonly number[])[]> {
  const ports: number[] = [];
  for (let tries = 0; ports.length < 3 * count; tries++) {
    if (tries > PORT_TRIES) throw new Error(`no ${3 * count} free ports among ${tries}`);
    const port = FIRST_PORT + randomInt(PORT_RANGE);
    if (!ports.includes(port) && (await isFree(port))) ports.push(port);
  }
  return Array.from({ length: count }, (_, at) => ports.slice(3 * at, 3 * at + 3));
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  return await new Promise((resolve) => {
    server.once("error", () => resolve(false));
    server.listen(port, HOST, () => server.close(() => resolve(true)));
  });
}
