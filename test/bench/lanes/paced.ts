import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdir, readFile, rename, stat } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { Program } from "../program.ts";
import type { Served } from "./server.ts";

/** The repository, seen from `dist/test/bench/lanes`. */
const ROOT: string = fileURLToPath(new URL("../../../../", import.meta.url));
const SOURCE = "test/bench/lanes/paced.c";
/** Milliseconds an answer may take beyond what was asked for: the harness itself has to wait for the load. */
const ANSWER_TIMEOUT_MS = 40_000;

/** Compiles the client, once for each content of its source. @throws Error when there is no C compiler */
export async function buildPaced(): Promise<string> {
  const source = join(ROOT, SOURCE);
  const hash = createHash("sha256")
    .update(await readFile(source))
    .digest("hex");
  const directory = join(ROOT, "build");
  const program = join(directory, `bench-paced-${hash.slice(0, 16)}`);
  if ((await stat(program).catch(() => undefined)) !== undefined) return program;
  await mkdir(directory, { recursive: true });
  const draft = `${program}.${process.pid}`;
  await promisify(execFile)("gcc", ["-O2", "-Wall", "-Wextra", "-o", draft, source]);
  await rename(draft, program);
  return program;
}

/** The paper's rate, so that a call is due every 4 ms. */
export const PER_SECOND: number = 250;

/** What one series of calls showed. */
export interface Series {
  /** Microseconds of each answered call, ascending. */
  readonly sortedUs: Float64Array;
  readonly lost: number;
}

/** How the client's one thread runs. */
export interface PacedPlace {
  /** SCHED_FIFO; undefined: ordinary. */
  readonly priority?: number;
  readonly core?: number;
  /** Ports of the other servers that have the object, for after a fault. */
  readonly next?: readonly number[];
}

/** What one series of calls showed in which the server was killed. */
export interface Faulty extends Series {
  /** Microseconds from when the client saw the fault to the next answer; below 0: there was none. */
  readonly failOverUs: number;
  /** Calls that took. */
  readonly again: number;
  /** The counter's value in the last answer. */
  readonly counted: number;
}

/** A client in C that calls a counter at a steady rate. */
export class Paced implements AsyncDisposable {
  readonly #program: Program;
  readonly processId: number;

  private constructor(program: Program, processId: number) {
    this.#program = program;
    this.processId = processId;
  }

  static async start(
    path: string,
    { host, port, key }: Pick<Served, "host" | "port" | "key">,
    { priority, core, next = [] }: PacedPlace,
  ): Promise<Paced> {
    const place = [
      ...(core === undefined ? [] : ["core", String(core)]),
      ...(priority === undefined ? [] : ["fifo", String(priority)]),
      ...next.flatMap((other) => ["next", String(other)]),
    ];
    const program = new Program([path, host, String(port), key, "increment", ...place]);
    const processId = Number(await program.hear("ready", ANSWER_TIMEOUT_MS));
    return new Paced(program, processId);
  }

  async run(calls: number, perSecond: number, warm: number): Promise<Series> {
    this.#program.say(`run ${calls} ${perSecond} ${warm}`);
    return await this.#series();
  }

  /** At half-time kills the process `victim`, which is the server. */
  async fault(calls: number, perSecond: number, victim: number): Promise<Faulty> {
    this.#program.say(`fault ${calls} ${perSecond} ${victim}`);
    const series = await this.#series();
    const said = await this.#program.hear("over", ANSWER_TIMEOUT_MS);
    const [failOverUs = -1, again = 0, counted = 0] = said.split(" ").map(Number);
    return { ...series, failOverUs, again, counted };
  }

  async #series(): Promise<Series> {
    const said = await this.#program.hear("done", ANSWER_TIMEOUT_MS);
    const [lost = 0, ...us] = said.split(" ").map(Number);
    return { lost, sortedUs: Float64Array.from(us).sort() };
  }

  /** As many calls as it can, so many at once. @returns how many were answered */
  async flood(ms: number, outstanding: number): Promise<number> {
    this.#program.say(`flood ${ms} ${outstanding}`);
    return Number(await this.#program.hear("flooded", ANSWER_TIMEOUT_MS));
  }

  /** The longest gap between two looks at the clock, in microseconds, and how many exceed 100. */
  async gap(ms: number): Promise<readonly [maxUs: number, over100: number]> {
    this.#program.say(`gap ${ms}`);
    const [maxUs = 0, over = 0] = (await this.#program.hear("gap", ANSWER_TIMEOUT_MS))
      .split(" ")
      .map(Number);
    return [maxUs, over];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#program[Symbol.asyncDispose]();
  }
}

/** Both series as one. */
export function joined(series: readonly Series[]): Series {
  const all = series.flatMap(({ sortedUs }) => [...sortedUs]);
  return {
    sortedUs: Float64Array.from(all).sort(),
    lost: series.reduce((sum, { lost }) => sum + lost, 0),
  };
}

/** Calls that took longer. */
export function over(sortedUs: Float64Array, us: number): number {
  return sortedUs.reduce((count, each) => (each > us ? count + 1 : count), 0);
}
