import { GroupProcess, isServing, type ProgramOptions } from "../support/group-process/index.ts";
import { freePorts, Links } from "./links.ts";

/** A busy machine is late: silence counts from about 0.6 s on. A dead process is told by the kernel. */
const TIMES = {
  heartbeatMs: 50,
  detector: { threshold: 8, expectedMs: 100, leastDeviationMs: 80 },
  patienceMs: 600,
  resendMs: 150,
};
const WHOLE_MS = 60_000;

interface Place {
  readonly site: string;
  /** Of clients. */
  readonly port: number;
  readonly hostPort: number;
  readonly published: number;
}

export interface Fault {
  readonly site: string;
  readonly what: "kill" | "freeze" | "cut";
}

/** The replicas of a bank as processes that are hurt and come back, each at its own ports. */
export class Replicas implements AsyncDisposable {
  readonly #places: readonly Place[];
  readonly #options: Partial<ProgramOptions>;
  readonly #links: Links = new Links();
  readonly #running: Map<string, GroupProcess> = new Map();

  private constructor(places: readonly Place[], options: Partial<ProgramOptions>) {
    this.#places = places;
    this.#options = options;
  }

  static async start(
    sites: readonly string[],
    options: Partial<ProgramOptions>,
  ): Promise<Replicas> {
    const ports = await freePorts(sites.length * 3);
    const places = sites.map((site, i) => {
      const [port = 0, hostPort = 0, published = 0] = ports.slice(3 * i);
      return { site, port, hostPort, published };
    });
    const replicas = new Replicas(places, options);
    try {
      for (const { published, hostPort } of places) await replicas.#links.open(published, hostPort);
      await Promise.all(places.map((place) => replicas.#run(place)));
      await replicas.whole();
      return replicas;
    } catch (error) {
      await replicas[Symbol.asyncDispose]();
      throw error;
    }
  }

  get all(): readonly GroupProcess[] {
    return [...this.#running.values()];
  }

  get primary(): GroupProcess | undefined {
    return this.all.find(({ standing }) => standing?.at === "primary");
  }

  /** Addresses of the replicas for a client that knows of no group: the objects have one key. */
  get plainReference(): string {
    const places = this.#places.map(({ port }) => `iiop:1.2@127.0.0.1:${port}`);
    return `corbaloc:${places.join(",")}/OWPbank%00%00books`;
  }

  /** Settled when all are in one view, with its history. */
  async whole(): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      const stop = (): void => {
        clearTimeout(timer);
        for (const unwatch of watching) unwatch();
      };
      const look = (): void => {
        if (!this.#isWhole()) return;
        stop();
        resolve();
      };
      const timer = setTimeout(() => {
        stop();
        const said = this.all.map(
          ({ site, standing, log }) => `${site} ${JSON.stringify(standing)}\n${log}`,
        );
        reject(new Error(`not whole after ${WHOLE_MS} ms: ${said.join("\n")}`));
      }, WHOLE_MS);
      const watching = this.all.map((one) => one.watch(look));
      look();
    });
  }

  /** Hurts one, and heals it after so long. */
  async hurt({ site, what }: Fault, forMs: number): Promise<void> {
    const process = this.#running.get(site);
    const place = this.#places.find((one) => one.site === site);
    if (process === undefined || place === undefined) throw new TypeError(`no ${site}`);
    const wait = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, forMs));
    if (what === "kill") {
      await process.killed();
      this.#running.delete(site);
      await wait();
      await this.#run(place);
    } else if (what === "freeze") {
      process.kill("SIGSTOP");
      await wait();
      process.kill("SIGCONT");
    } else {
      this.#links.cut(place.published);
      await wait();
      this.#links.heal(place.published);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.all.map((one) => one[Symbol.asyncDispose]()));
    await this.#links[Symbol.asyncDispose]();
  }

  /** One that was frozen may say what is no longer so: all have to say the same. */
  #isWhole(): boolean {
    const count = this.#places.length;
    const standings = this.all.map(({ standing }) => standing);
    const views = new Set(standings.map((standing) => standing?.view));
    const primaries = standings.filter((standing) => standing?.at === "primary").length;
    return (
      standings.length === count &&
      views.size === 1 &&
      primaries === 1 &&
      standings.every((one) => isServing(one) && one?.members.length === count)
    );
  }

  async #run({ site, port, hostPort, published }: Place): Promise<void> {
    const process = await GroupProcess.start({
      site,
      port,
      hostPort,
      publishedHostPort: published,
      times: TIMES,
      ...this.#options,
    });
    this.#running.set(site, process);
    const addresses = this.#places.map((place) => `127.0.0.1:${place.published}`);
    await process.join({ by: "list", addresses });
  }
}
