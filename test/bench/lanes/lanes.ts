import { mkdir, writeFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { loadNative, nativeFault } from "../../../native/index.ts";
import type { LaneConfig } from "../../../services/lanes/index.ts";
import type { Row } from "../block.ts";
import type { BenchOptions } from "../options.ts";
import { Program } from "../program.ts";
import { percentile } from "../samples.ts";
import { bands } from "./bands.ts";
import { figure, type Point } from "./figure.ts";
import type { LoadPlan } from "./load.ts";
import { buildPaced, joined, over, Paced, PER_SECOND, type Series } from "./paced.ts";
import { reserveCore, type Reservation } from "./reservation.ts";
import { SAY_TIMEOUT_MS, startServer } from "./serving.ts";

const LOAD = fileURLToPath(new URL("./load.js", import.meta.url));
/** The repository, seen from `dist/test/bench/lanes`. */
const FIGURE = fileURLToPath(new URL("../../../../build/lanes.svg", import.meta.url));
/** The highest that services take; the paper's load has it, too. */
const PRIORITY = 48;
/** What a lane does after its reply must not keep the client from seeing that, where both have one core. */
const CLIENT_PRIORITY = PRIORITY + 1;
const DUE_US = 4_000;
/** A series of the paper is 1,000 calls; no load takes the whole machine for longer than one half of it. */
const HALF_CALLS = 500;
const WARM_CALLS = 25;
/** The lane calls itself before it is ready: compiled code is what is measured. */
const LANE_WARM_CALLS = 10_000;
/** And the client calls it before it is measured. */
const WARM_MS = 1_000;
const WARM_OUTSTANDING = 4;
const LOAD_SECONDS = (HALF_CALLS + WARM_CALLS) / PER_SECOND + 0.3;
const GAP_MS = 1_000;
const US_PER_MS = 1_000;
const WANTED = { p99Us: 300, maxUs: 1_000, ratio: 20 } as const;

/** One cell: a load, with or without reservation. */
interface Cell extends Series {
  readonly load: number;
  readonly isReserved: boolean;
}

/** One of the two ways to run: its server, and its client. */
interface Side extends AsyncDisposable {
  readonly client: Paced;
}

async function side(path: string, reservation: Reservation | undefined): Promise<Side> {
  const reserve = reservation === undefined ? {} : { reserve: { core: reservation.core } };
  const lane: LaneConfig = {
    priority: PRIORITY,
    scheduling: "fifo",
    warmUpCalls: LANE_WARM_CALLS,
    ...reserve,
  };
  const { groups } = reservation ?? {};
  const plan = { lanes: { counter: lane }, ...(groups === undefined ? {} : { groups }) };
  const [server, [counter]] = await startServer(plan);
  if (counter === undefined) throw new TypeError("the server has no counter");
  const client = await Paced.start(path, counter, { priority: CLIENT_PRIORITY });
  reservation?.take(client.processId);
  await client.flood(WARM_MS, WARM_OUTSTANDING);
  return {
    client,
    async [Symbol.asyncDispose]() {
      await client[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    },
  };
}

async function loaded(plan: LoadPlan | undefined, work: () => Promise<Series>): Promise<Series> {
  if (plan === undefined) return joined([await work(), await work()]);
  await using load = new Program([process.execPath, LOAD, JSON.stringify(plan)]);
  await load.hear("ready", SAY_TIMEOUT_MS);
  const halves: Series[] = [];
  for (let half = 0; half < 2; half++) {
    load.say("burn");
    await load.hear("burning", SAY_TIMEOUT_MS);
    halves.push(await work());
    await load.hear("burnt", SAY_TIMEOUT_MS);
  }
  return joined(halves);
}

async function cell(
  of: Side,
  percent: number,
  reservation: Reservation | undefined,
): Promise<Cell> {
  const threads = availableParallelism();
  const plan: LoadPlan | undefined =
    percent === 0
      ? undefined
      : {
          duty: percent / 100,
          priority: PRIORITY,
          seconds: LOAD_SECONDS,
          // As many as there are cores; in its group they share what the reservation left.
          cores: Array.from({ length: threads }, (_, core) => (reservation ? null : core)),
          ...(reservation === undefined ? {} : { group: reservation.groups.rest }),
        };
  const series = await loaded(plan, () => of.client.run(HALF_CALLS, PER_SECOND, WARM_CALLS));
  return { ...series, load: percent, isReserved: reservation !== undefined };
}

function textOf({ load, isReserved, sortedUs, lost }: Cell): string {
  const us = (value: number): string => value.toFixed(0).padStart(7);
  return [
    `${String(load).padStart(4)} %`,
    isReserved ? "reserved  " : "unreserved",
    us(percentile(sortedUs, 0.5)),
    us(percentile(sortedUs, 0.99)),
    us(percentile(sortedUs, 0.999)),
    us(sortedUs.at(-1) ?? 0),
    String(over(sortedUs, US_PER_MS)).padStart(5),
    String(over(sortedUs, DUE_US)).padStart(5),
    String(lost).padStart(5),
  ].join(" ");
}

const HEAD = "  load  lane            p50     p99   p99.9     max >1 ms >4 ms  lost   (µs)";

function rowOf(run: number, { load, isReserved, sortedUs, lost }: Cell): Row {
  return {
    name: `run ${run}, ${load} % load, ${isReserved ? "reserved" : "unreserved"}, ${lost} lost`,
    n: sortedUs.length,
    p50: percentile(sortedUs, 0.5),
    p99: percentile(sortedUs, 0.99),
    p999: percentile(sortedUs, 0.999),
    max: sortedUs.at(-1) ?? 0,
    unit: "us",
    perSecond: PER_SECOND,
    baseline: null,
    ratio: null,
  };
}

/** What one run showed at the highest load. */
interface Verdict {
  readonly p99: number;
  readonly max: number;
  readonly ratio: number;
  readonly lost: number;
}

function verdictOf(cells: readonly Cell[]): Verdict | undefined {
  const highest = Math.max(...cells.map(({ load }) => load));
  const at = (isReserved: boolean): Cell | undefined =>
    cells.find((each) => each.load === highest && each.isReserved === isReserved);
  const [plain, reserved] = [at(false), at(true)];
  if (plain === undefined || reserved === undefined) return undefined;
  const p99 = percentile(reserved.sortedUs, 0.99);
  return {
    p99,
    max: reserved.sortedUs.at(-1) ?? 0,
    ratio: percentile(plain.sortedUs, 0.99) / p99,
    lost: reserved.lost,
  };
}

function pointsOf(cells: readonly Cell[], isReserved: boolean): readonly Point[] {
  const loads = [...new Set(cells.map(({ load }) => load))];
  return loads.map((load) => {
    const { sortedUs } = joined(
      cells.filter((each) => each.load === load && each.isReserved === isReserved),
    );
    return {
      load,
      p50: percentile(sortedUs, 0.5) / US_PER_MS,
      p99: percentile(sortedUs, 0.99) / US_PER_MS,
      max: (sortedUs.at(-1) ?? 0) / US_PER_MS,
    };
  });
}

function loadsOf({ isQuick }: BenchOptions): readonly number[] {
  return isQuick ? [0, 50, 95] : Array.from({ length: 20 }, (_, i) => i * 5);
}

/**
 * The paper's experiment: 1,000 calls of a counter, 250 a second, beside as many SCHED_FIFO threads of the same
 * priority as there are cores, with and without a core reserved for lane and client; then three bands at once.
 * @throws Error without the addon, the right to real-time scheduling or control groups
 */
export async function lanes(options: BenchOptions, print: (line: string) => void): Promise<Row[]> {
  if (loadNative() === undefined) throw new TypeError(nativeFault());
  const path = await buildPaced();
  const rows: Row[] = [];
  const all: Cell[] = [];
  const verdicts: Verdict[] = [];
  const flooded: (readonly [idleP99: number, floodedP99: number, lost: number])[] = [];
  for (let run = 1; run <= options.runs; run++) {
    const cells: Cell[] = [];
    const keep = (measured: Cell): void => {
      cells.push(measured);
      print(textOf(measured));
      rows.push(rowOf(run, measured));
    };
    {
      await using plain = await side(path, undefined);
      const [gapUs, gaps] = await plain.client.gap(GAP_MS);
      print(
        `\nrun ${run}: noise floor ${gapUs.toFixed(0)} µs at most, ${gaps} gaps over 100 µs in ${GAP_MS} ms`,
      );
      print(HEAD);
      for (const load of loadsOf(options)) {
        keep(await cell(plain, load, undefined));
        // Without it everything is as on a machine that has no daemon: the other cell gains nothing from it.
        await using reservation = await reserveCore();
        await using reserved = await side(path, reservation);
        keep(await cell(reserved, load, reservation));
      }
    }
    all.push(...cells);
    const verdict = verdictOf(cells);
    if (verdict !== undefined) verdicts.push(verdict);
    await using reservation = await reserveCore();
    flooded.push(await bands(path, reservation, print));
  }
  await mkdir(join(FIGURE, ".."), { recursive: true });
  await writeFile(
    FIGURE,
    figure([
      { title: "without reservation", points: pointsOf(all, false) },
      { title: "with reservation", points: pointsOf(all, true) },
    ]),
  );
  summarize(verdicts, flooded, print);
  print(`latency over load: ${FIGURE}`);
  return rows;
}

function summarize(
  verdicts: readonly Verdict[],
  flooded: readonly (readonly [idleP99: number, floodedP99: number, lost: number])[],
  print: (line: string) => void,
): void {
  const count = (holds: (verdict: Verdict) => boolean): string =>
    `${verdicts.filter(holds).length} of ${verdicts.length} runs`;
  print("\nat the highest load, reserved:");
  print(`  p99 at most ${WANTED.p99Us} µs: ${count(({ p99 }) => p99 <= WANTED.p99Us)}`);
  print(`  max at most ${WANTED.maxUs} µs: ${count(({ max }) => max <= WANTED.maxUs)}`);
  print(`  p99 at least ${WANTED.ratio} × better: ${count(({ ratio }) => ratio >= WANTED.ratio)}`);
  print(`  none lost: ${count(({ lost }) => lost === 0)}`);
  const calm = flooded.filter(([idle, under, lost]) => under <= 2 * idle && lost === 0);
  print(
    `  alarms while normal is flooded at most 2 × idle p99, none lost: ${calm.length} of ${flooded.length} runs`,
  );
}
