import { mkdir, writeFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Row } from "../block.ts";
import { figure, type Point } from "../lanes/figure.ts";
import type { LoadPlan } from "../lanes/load.ts";
import { buildPaced, type Faulty, Paced, PER_SECOND, type Series } from "../lanes/paced.ts";
import type { Acknowledgement } from "../../../services/group/index.ts";
import { reserveCore, type Reservation } from "../lanes/reservation.ts";
import type { BenchOptions } from "../options.ts";
import { Program } from "../program.ts";
import { percentile } from "../samples.ts";
import { PRIORITY, startTroupe, type Troupe } from "./troupe.ts";

const LOAD = fileURLToPath(new URL("../lanes/load.js", import.meta.url));
const FIGURES = fileURLToPath(new URL("../../../../build/", import.meta.url));
const SAY_TIMEOUT_MS = 60_000;
/** The paper's. */
const CALLS = 1_000;
const WARM_CALLS = 25;
const FAULT_CALLS = 250;
/** All processes are warm before they are placed and measured: their code is compiled, on all cores. */
const COMPILE_CALLS = 1_000;
const COMPILE_PER_SECOND = 2_000;
const COMPILE_FLOOD_MS = 4_000;
const COMPILE_OUTSTANDING = 4;
const COMING_ROUNDS = 5;
const COMING_CALLS = 10;
const US_PER_MS = 1_000;
const WANTED = { invocationUs: 1_000, failOverUs: 20_000 } as const;
const MOST_REPLICAS = 4;
const HIGHEST_LOAD = 95;
const EACH_LOAD = Array.from({ length: 20 }, (_, i) => i * 5);

/** One cell of the paper's figures 5 and 6. */
interface Cell {
  readonly replicas: number;
  readonly load: number;
  readonly isReserved: boolean;
  readonly calls: Series;
  /** None without a replica. */
  readonly fault: Faulty | undefined;
}

function planOf(load: number, seconds: number, reservation: Reservation | undefined): LoadPlan {
  return {
    duty: load / 100,
    priority: PRIORITY,
    seconds,
    cores: Array.from({ length: availableParallelism() }, (_, core) =>
      reservation === undefined ? core : null,
    ),
    ...(reservation === undefined ? {} : { group: reservation.groups.rest }),
  };
}

/** Does the work beside the load, which lasts as long as the work was planned for. */
async function loaded<T>(plan: LoadPlan, work: () => Promise<T>): Promise<T> {
  if (plan.duty === 0) return await work();
  await using load = new Program([process.execPath, LOAD, JSON.stringify(plan)]);
  await load.hear("ready", SAY_TIMEOUT_MS);
  load.say("burn");
  await load.hear("burning", SAY_TIMEOUT_MS);
  const done = await work();
  await load.hear("burnt", SAY_TIMEOUT_MS);
  return done;
}

async function measure(
  primaryId: number | undefined,
  client: Paced,
  load: number,
  reservation: Reservation | undefined,
): Promise<Pick<Cell, "calls" | "fault">> {
  const beside = <T>(calls: number, work: () => Promise<T>): Promise<T> =>
    loaded(planOf(load, calls / PER_SECOND + 0.3, reservation), work);
  const calls = await beside(CALLS + WARM_CALLS, () => client.run(CALLS, PER_SECOND, WARM_CALLS));
  if (primaryId === undefined) return { calls, fault: undefined };
  const fault = await beside(FAULT_CALLS, () => client.fault(FAULT_CALLS, PER_SECOND, primaryId));
  return { calls, fault };
}

/** All take calls of clients that come, as they will when the primary is lost. */
async function practiseComing(path: string, { places }: Troupe): Promise<void> {
  for (let round = 0; round < COMING_ROUNDS; round++)
    for (const place of places) {
      await using client = await Paced.start(path, place, {});
      await client.run(COMING_CALLS, COMPILE_PER_SECOND, 0);
    }
}

async function warmUp(path: string, troupe: Troupe): Promise<void> {
  await practiseComing(path, troupe);
  const [place] = troupe.places;
  if (place === undefined) throw new TypeError("nobody serves");
  await using client = await Paced.start(path, place, {});
  await client.run(1, COMPILE_PER_SECOND, COMPILE_CALLS);
  await client.flood(COMPILE_FLOOD_MS, COMPILE_OUTSTANDING);
  await troupe.collect();
  await practiseComing(path, troupe);
  await client.run(1, COMPILE_PER_SECOND, COMPILE_CALLS);
}

async function cell(
  path: string,
  replicas: number,
  load: number,
  isReserved: boolean,
  ack: Acknowledgement,
): Promise<Cell> {
  await using troupe = await startTroupe(replicas, ack);
  await warmUp(path, troupe);
  await using reservation = isReserved ? await reserveCore() : undefined;
  const { primary, primaryId, others } = await troupe.place(reservation?.groups.lanes);
  const next = others.map(({ port }) => port);
  await using client = await Paced.start(path, primary, { priority: PRIORITY, next });
  reservation?.take(client.processId);
  const victim = replicas === 0 ? undefined : primaryId;
  const measured = await measure(victim, client, load, reservation);
  return { replicas, load, isReserved, ...measured };
}

function textOf({ replicas, load, isReserved, calls, fault }: Cell): string {
  const us = (value: number): string => value.toFixed(0).padStart(8);
  return [
    String(replicas).padStart(8),
    `${String(load).padStart(4)} %`,
    isReserved ? "reserved  " : "unreserved",
    us(percentile(calls.sortedUs, 0.5)),
    us(percentile(calls.sortedUs, 0.99)),
    us(calls.sortedUs.at(-1) ?? 0),
    String(calls.lost).padStart(5),
    fault === undefined ? "" : us(fault.failOverUs),
    fault === undefined ? "" : String(fault.again).padStart(6),
    fault === undefined ? "" : String(fault.lost).padStart(5),
  ].join(" ");
}

const HEAD =
  "replicas   load  process         p50      p99      max  lost fail-over  calls  lost   (µs)";

function rowOf(run: number, { replicas, load, isReserved, calls, fault }: Cell): Row {
  const how = isReserved ? "reserved" : "unreserved";
  const over = fault === undefined ? "" : `, fail-over ${fault.failOverUs} us`;
  return {
    name: `run ${run}, ${replicas} replicas, ${load} % load, ${how}, ${calls.lost} lost${over}`,
    n: calls.sortedUs.length,
    p50: percentile(calls.sortedUs, 0.5),
    p99: percentile(calls.sortedUs, 0.99),
    p999: percentile(calls.sortedUs, 0.999),
    max: calls.sortedUs.at(-1) ?? 0,
    unit: "us",
    perSecond: PER_SECOND,
    baseline: null,
    ratio: null,
  };
}

function pointOf(load: number, sortedUs: Float64Array): Point {
  return {
    load,
    p50: percentile(sortedUs, 0.5) / US_PER_MS,
    p99: percentile(sortedUs, 0.99) / US_PER_MS,
    max: (sortedUs.at(-1) ?? 0) / US_PER_MS,
  };
}

/** The paper's figures 5 and 6, each with and without reservation, at the most replicas. */
async function draw(cells: readonly Cell[], replicas: number): Promise<readonly string[]> {
  const loads = [...new Set(cells.map(({ load }) => load))];
  const of = (isReserved: boolean, load: number): readonly Cell[] =>
    cells.filter(
      (each) => each.isReserved === isReserved && each.load === load && each.replicas === replicas,
    );
  const all = (us: readonly number[]): Float64Array => Float64Array.from(us).sort();
  const files: string[] = [];
  for (const [name, usOf] of [
    ["invocation", ({ calls }: Cell) => [...calls.sortedUs]],
    ["fail-over", ({ fault }: Cell) => (fault === undefined ? [] : [fault.failOverUs])],
  ] as const) {
    const panels = [false, true].map((isReserved) => ({
      title: `${name}, ${replicas} replicas, ${isReserved ? "with" : "without"} reservation`,
      points: loads.map((load) => pointOf(load, all(of(isReserved, load).flatMap(usOf)))),
    }));
    const file = join(FIGURES, `stheno-${name}.svg`);
    await mkdir(FIGURES, { recursive: true });
    await writeFile(file, figure(panels));
    files.push(file);
  }
  return files;
}

/** Least, median and most, in microseconds. */
function spreadOf(us: readonly number[]): string {
  const sorted = Float64Array.from(us).sort();
  const [least, most] = [sorted[0] ?? 0, sorted.at(-1) ?? 0];
  return `${least.toFixed(0)}, ${percentile(sorted, 0.5).toFixed(0)}, ${most.toFixed(0)} µs (least, median, most)`;
}

function summarize(cells: readonly Cell[], print: (line: string) => void): void {
  const worst = cells.filter(
    ({ replicas, load, isReserved }) =>
      replicas === MOST_REPLICAS && load === HIGHEST_LOAD && isReserved,
  );
  const count = (holds: (cell: Cell) => boolean): string =>
    `${worst.filter(holds).length} of ${worst.length} runs`;
  const overUs = worst.flatMap(({ fault }) => (fault === undefined ? [] : [fault.failOverUs]));
  const isOver = (us: number | undefined): boolean =>
    us !== undefined && us >= 0 && us <= WANTED.failOverUs;
  if (worst.length === 0) return;
  print(
    `\n${MOST_REPLICAS} replicas, ${HIGHEST_LOAD} % load, reserved (the paper: 1 ms and 20 ms):`,
  );
  const mostUs = worst.map(({ calls }) => calls.sortedUs.at(-1) ?? Infinity);
  print(`  invocation max: ${spreadOf(mostUs)}`);
  print(`  fail-over: ${spreadOf(overUs)}`);
  print(
    `  invocation at most ${WANTED.invocationUs} µs: ${count(({ calls }) => (calls.sortedUs.at(-1) ?? Infinity) <= WANTED.invocationUs)}`,
  );
  print(
    `  fail-over at most ${WANTED.failOverUs} µs: ${count(({ fault }) => isOver(fault?.failOverUs))}`,
  );
  print(
    `  none lost but the call under way: ${count(({ calls, fault }) => calls.lost + (fault?.lost ?? 0) === 0)}`,
  );
}

/**
 * The experiment of Stheno's paper: 1,000 calls of a replicated counter, 250 a second, beside SCHED_FIFO load, with
 * replicas 0 to 4 and with a core reserved or not; then the primary is killed, and the client goes on at the next one
 * that it knows.
 * @throws Error without the addon, the right to real-time scheduling or control groups
 */
export async function stheno(options: BenchOptions, print: (line: string) => void): Promise<Row[]> {
  const path = await buildPaced();
  const rows: Row[] = [];
  const cells: Cell[] = [];
  const { isQuick } = options;
  const loads = options.loads ?? (isQuick ? [0, HIGHEST_LOAD] : EACH_LOAD);
  const replicaCounts =
    options.replicas ?? (isQuick ? [MOST_REPLICAS] : [0, 1, 2, 3, MOST_REPLICAS]);
  const { ack } = options;
  print(
    `the primary replies when ${ack === "all" ? "all replicas have" : "a majority has"} the update`,
  );
  for (let run = 1; run <= options.runs; run++) {
    print(`\nrun ${run}\n${HEAD}`);
    for (const replicas of replicaCounts)
      for (const load of loads)
        for (const isReserved of [false, true]) {
          const measured = await cell(path, replicas, load, isReserved, ack);
          print(textOf(measured));
          cells.push(measured);
          rows.push(rowOf(run, measured));
        }
  }
  summarize(cells, print);
  for (const file of await draw(cells, MOST_REPLICAS)) print(`figure: ${file}`);
  return rows;
}
