import { createServer, type Server } from "node:net";
import { fileURLToPath } from "node:url";
import { TestProcess } from "../../support/process.ts";

const REPLICA = fileURLToPath(new URL("./replica.js", import.meta.url));
const HOST = "127.0.0.1";
const READY_MS = 60_000;

interface Place {
  readonly port: number;
  readonly groupPort: number;
}

/** Where one is, as it said last. */
interface Standing {
  readonly at: string;
  readonly members: number;
}

/** Ports that nobody has now: replicas come back to theirs. */
async function freePorts(count: number): Promise<readonly number[]> {
  const servers = Array.from({ length: count }, () => createServer());
  const ports = await Promise.all(servers.map(listening));
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

function listening(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject).listen(0, HOST, () => {
      const address = server.address();
      resolve(typeof address === "object" && address !== null ? address.port : 0);
    });
  });
}

/** The replicas, as processes that come back when they were killed. */
export class Fleet implements AsyncDisposable {
  readonly #places: readonly Place[];
  readonly #running: Map<Place, TestProcess> = new Map();

  private constructor(places: readonly Place[]) {
    this.#places = places;
  }

  static async start(count: number): Promise<Fleet> {
    const ports = await freePorts(2 * count);
    const fleet = new Fleet(
      Array.from({ length: count }, (_, at) => ({
        port: ports[2 * at] ?? 0,
        groupPort: ports[2 * at + 1] ?? 0,
      })),
    );
    try {
      await Promise.all(fleet.#places.map((place) => fleet.#start(place)));
      await fleet.#whole();
      return fleet;
    } catch (error) {
      await fleet[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Of all replicas, as one of them has it. */
  referenceOf(part: "station" | "tower"): string {
    for (const { output } of this.#running.values()) {
      const text = new RegExp(`^${part} (IOR:\\S+)$`, "m").exec(output)?.[1];
      if (text !== undefined) return text;
    }
    throw new Error(`no replica has a ${part}`);
  }

  /** Kills the primary, and starts it again. @returns its process, and milliseconds until all are in one view */
  async crashPrimary(): Promise<{ readonly victim: number; readonly wholeMs: number }> {
    const found = [...this.#running].find(([, one]) => standingOf(one)?.at === "primary");
    if (found === undefined) throw new Error("there is no primary");
    const [place, victim] = found;
    const pid = victim.pid;
    const startMs = performance.now();
    victim.kill("SIGKILL");
    await victim.ended();
    this.#running.delete(place);
    await victim[Symbol.asyncDispose]();
    await this.#start(place);
    await this.#whole();
    return { victim: pid, wholeMs: performance.now() - startMs };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#running.values()].map((one) => one[Symbol.asyncDispose]()));
  }

  async #start(place: Place): Promise<void> {
    const all = this.#places.map(({ groupPort }) => groupPort).join(",");
    const args = [REPLICA, String(place.port), String(place.groupPort), all];
    const started = new TestProcess(process.execPath, args);
    this.#running.set(place, started);
    await started.match(/^ready$/m, READY_MS);
  }

  async #whole(): Promise<void> {
    const endMs = performance.now() + READY_MS;
    const count = this.#places.length;
    while (performance.now() < endMs) {
      const standings = [...this.#running.values()].map(standingOf);
      const isWhole = standings.every((one) => one?.members === count);
      if (isWhole && standings.filter((one) => one?.at === "primary").length === 1) return;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    const errors = [...this.#running.values()].map((one) => one.errors).join("\n");
    throw new Error(`the replicas were not ${count} again within ${READY_MS} ms\n${errors}`);
  }
}

function standingOf({ output }: TestProcess): Standing | undefined {
  const line = /^standing (\S+) (\d+)$/.exec(
    output.trimEnd().split("\n").findLast(isStanding) ?? "",
  );
  if (line === null) return undefined;
  return { at: line[1] ?? "", members: Number(line[2]) };
}

function isStanding(line: string): boolean {
  return line.startsWith("standing ");
}
