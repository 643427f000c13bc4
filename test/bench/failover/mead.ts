import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { setFlagsFromString } from "node:v8";
import { failOverContext } from "../../../interceptors/index.ts";
import { keepAwake } from "../awake.ts";
import type { Row } from "../block.ts";
import type { BenchOptions } from "../options.ts";
import { median, percentile } from "../samples.ts";
import { TRANSPORTS, usualTransport } from "../transport.ts";
import type { SchemeName } from "./mead-client.ts";
import { bars, runsFigure } from "./mead-figures.ts";
import { Replicas } from "./mead-replicas.ts";
import { isProactive, run, type Run, withoutFaults } from "./mead-runs.ts";

/** What the paper found of a scheme (DSN 2004, 5.2), and what is wanted here. */
interface Paper {
  readonly title: string;
  /** Milliseconds. */
  readonly failOverMs: number;
  /** Percent of a round trip; undefined: not said. */
  readonly overhead: number | undefined;
  readonly wantedMs: number;
  readonly wantedOverhead?: number;
}

const PAPER: Readonly<Record<Exclude<SchemeName, "none">, Paper>> = {
  prepared: {
    title: "message, prepared",
    failOverMs: 2.7,
    overhead: 3,
    wantedMs: 0.5,
    wantedOverhead: 3,
  },
  message: {
    title: "fail-over message",
    failOverMs: 2.7,
    overhead: 3,
    wantedMs: 0.5,
    wantedOverhead: 3,
  },
  forward: {
    title: "LOCATION_FORWARD",
    failOverMs: 8.8,
    overhead: 90,
    wantedMs: 1,
    wantedOverhead: 3,
  },
  ready: { title: "addressing, prepared", failOverMs: 9.4, overhead: 8, wantedMs: 2 },
  addressing: { title: "NEEDS_ADDRESSING_MODE", failOverMs: 9.4, overhead: 8, wantedMs: 2 },
  cached: { title: "reactive, with cache", failOverMs: 10.5, overhead: undefined, wantedMs: 5 },
  resolved: { title: "reactive, no cache", failOverMs: 10.2, overhead: undefined, wantedMs: 5 },
};

const SCHEMES = Object.keys(PAPER) as (keyof typeof PAPER)[];
const REPLICAS = 3;
/** Octets that the paper allows a fail-over for each connection. */
const MOST_OCTETS = 150;
const THRESHOLDS: readonly number[] = [20, 40, 60, 80];
/** Calls after which a server that leaks would be dead. */
const CALLS_OF_A_LIFE = 500;
/** Fail-overs of each scheme before any is measured, and the calls between two of them. */
const PRACTICE = { moves: 1_000, betweenMoves: 10, deaths: 24, betweenDeaths: 25 };
const FIGURES = fileURLToPath(new URL("../../../../build/", import.meta.url));

interface Size {
  readonly rounds: number;
  readonly calls: number;
  /** Calls between two servers that are left, and between two that die. */
  readonly betweenMoves: number;
  readonly betweenDeaths: number;
  readonly blocks: number;
  readonly callsABlock: number;
  readonly callsAThreshold: number;
}

const FULL: Size = {
  rounds: 10,
  calls: 1_000,
  betweenMoves: 100,
  betweenDeaths: 250,
  blocks: 240,
  callsABlock: 100,
  callsAThreshold: 4_000,
};
const QUICK: Size = {
  rounds: 1,
  calls: 200,
  betweenMoves: 50,
  betweenDeaths: 100,
  blocks: 24,
  callsABlock: 25,
  callsAThreshold: 500,
};

/** All runs of one scheme. */
interface Found {
  readonly name: keyof typeof PAPER;
  readonly us: readonly number[];
  /** From the fault on, or from when the client's kernel knew of it; ascending. */
  readonly totalMs: Float64Array;
  readonly failOverMs: Float64Array;
  readonly raised: number;
  readonly missed: number;
  readonly octetsEach: number;
}

/** MEAD's experiment: five schemes, the first with and without a connection in advance; three replicas, 10,000 calls of each. */
export async function mead(options: BenchOptions, print: (line: string) => void): Promise<Row[]> {
  const size = options.isQuick ? QUICK : FULL;
  const transport = options.transport ?? usualTransport();
  using awake = keepAwake();
  if (awake.advice !== undefined) print(awake.advice);
  // Those that die in the hands of some schemes are others than those that serve the rest.
  await using replicas = await Replicas.start(REPLICAS, transport);
  await using mortal = await Replicas.start(REPLICAS, transport, ["plain"]);
  const of = (name: SchemeName): Replicas => (isProactive(name) ? replicas : mortal);
  await practise(of);
  for (const each of [replicas, mortal]) await each.settle();
  setFlagsFromString("--no-opt");
  try {
    const setup = `over ${TRANSPORTS[transport]}, ${awake.text}`;
    return await measured(setup, size, replicas, of, print);
  } finally {
    setFlagsFromString("--opt");
  }
}

/**
 * What runs for the first time is not yet compiled, and that is not what is measured. Nor is what V8 compiles later: its
 * threads take the core for milliseconds from the server that is called next.
 */
async function practise(of: (name: SchemeName) => Replicas): Promise<void> {
  const { moves, betweenMoves, deaths, betweenDeaths } = PRACTICE;
  for (const name of SCHEMES) {
    const [count, each] = isProactive(name) ? [moves, betweenMoves] : [deaths, betweenDeaths];
    await run(name, of(name), count * each, each);
  }
}

async function measured(
  setup: string,
  size: Size,
  replicas: Replicas,
  of: (name: SchemeName) => Replicas,
  print: (line: string) => void,
): Promise<Row[]> {
  const names: readonly SchemeName[] = ["none", ...SCHEMES];
  const calm = await withoutFaults(names, replicas, size.blocks, size.callsABlock);
  const runs = new Map<SchemeName, Run[]>(SCHEMES.map((name) => [name, []]));
  for (let round = 0; round < size.rounds; round++) {
    for (let i = 0; i < SCHEMES.length; i++) {
      const name = SCHEMES[(i + round) % SCHEMES.length] ?? "message";
      const each = isProactive(name) ? size.betweenMoves : size.betweenDeaths;
      runs.get(name)?.push(await run(name, of(name), size.calls, each));
    }
  }
  const found = SCHEMES.map((name) => joined(name, runs.get(name) ?? []));
  const base = calm.get("none") ?? [];
  const rows = [rowOf("no scheme, no fault", base, undefined)];
  print(
    `\nMEAD, ${setup}: ${REPLICAS} replicas, ${size.rounds * size.calls} calls of each scheme; times of a fail-over are those beyond normal calls, after the client's kernel knew of a crash; "detected" is the mean with the time before: what the server's kernel takes to end a process`,
  );
  print(
    `a call without scheme and fault: ${rows[0]?.p50.toFixed(1)} µs (p50), spread of the blocks ${percent(spread(base))}`,
  );
  print(headings());
  for (const one of found) {
    const blocks = calm.get(one.name) ?? [];
    const row = rowOf(PAPER[one.name].title, blocks, base);
    rows.push(row, failOverRow(one));
    print(lineOf(one, row, blocks, base));
  }
  verdict(found, print);
  for (const name of SCHEMES) {
    const { title, wantedOverhead } = PAPER[name];
    if (wantedOverhead === undefined) continue;
    const is = ratio(calm.get(name) ?? [], base) - 1;
    const says = is * 100 <= wantedOverhead ? "met" : "MISSED";
    print(`${title}: ${percent(is)} without faults, wanted at most ${wantedOverhead} %: ${says}`);
  }
  const sent = failOverContext({
    moves: true,
    replicas: Array.from({ length: REPLICAS - 1 }, () => ({
      host: "255.255.255.255",
      port_number: 65_535,
    })),
  });
  print(
    `a fail-over message that names ${REPLICAS - 1} replicas takes ${sent.context_data.length + 8} octets at most, once for each connection; allowed: ${MOST_OCTETS}`,
  );
  const swept = await thresholds(replicas, size, print);
  await mkdir(FIGURES, { recursive: true });
  const runsPath = join(FIGURES, "failover-mead.svg");
  const barsPath = join(FIGURES, "failover-mead-thresholds.svg");
  await writeFile(
    runsPath,
    runsFigure(found.map(({ name, us }) => ({ title: PAPER[name].title, us }))),
  );
  await writeFile(barsPath, bars("octets a second, beyond those of the calls", swept));
  print(`round trips of all calls (the paper's figures 3 and 4): ${runsPath}`);
  print(`octets over thresholds (its figure 5): ${barsPath}`);
  return rows;
}

function joined(name: keyof typeof PAPER, runs: readonly Run[]): Found {
  const all = runs.flatMap(({ failOvers }) => failOvers);
  return {
    name,
    us: runs.flatMap(({ us }) => us),
    totalMs: Float64Array.from(all.map(({ totalMs }) => totalMs)).sort(),
    failOverMs: Float64Array.from(
      all.map((one) => one.totalMs - (isProactive(name) ? 0 : one.detectedMs)),
    ).sort(),
    raised: runs.reduce((sum, { raised }) => sum + raised, 0),
    missed: runs.reduce((sum, { missed }) => sum + missed, 0),
    octetsEach: median(runs.map(({ octetsEach }) => octetsEach)),
  };
}

const mean = (values: Iterable<number>): number => {
  let [sum, count] = [0, 0];
  for (const value of values) {
    sum += value;
    count++;
  }
  return sum / count;
};

const medians = (blocks: readonly Float64Array[]): readonly number[] =>
  blocks.map((block) => percentile(block, 0.5));

function spread(blocks: readonly Float64Array[]): number {
  const all = medians(blocks);
  return (Math.max(...all) - Math.min(...all)) / median(all);
}

/** The median of the ratios of blocks that ran side by side. */
function ratio(blocks: readonly Float64Array[], base: readonly Float64Array[]): number {
  const others = medians(base);
  return median(medians(blocks).map((one, i) => one / (others[i] ?? one)));
}

const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;

function rowOf(
  name: string,
  blocks: readonly Float64Array[],
  base: readonly Float64Array[] | undefined,
): Row {
  const over = (share: number): number => median(blocks.map((block) => percentile(block, share)));
  const p50 = over(0.5);
  return {
    name,
    n: blocks.reduce((sum, { length }) => sum + length, 0),
    p50,
    p99: over(0.99),
    p999: over(0.999),
    max: Math.max(...blocks.map((block) => percentile(block, 1))),
    unit: "µs",
    perSecond: 1e6 / p50,
    baseline: base === undefined ? null : "p50 of no scheme, no fault",
    ratio: base === undefined ? null : ratio(blocks, base),
  };
}

function failOverRow({ name, failOverMs }: Found): Row {
  const us = (share: number): number => percentile(failOverMs, share) * 1_000;
  return {
    name: `fail-over by ${PAPER[name].title}`,
    n: failOverMs.length,
    p50: us(0.5),
    p99: us(0.99),
    p999: us(0.999),
    max: us(1),
    unit: "µs",
    perSecond: 0,
    baseline: null,
    ratio: null,
  };
}

const WIDTHS: readonly number[] = [24, 8, 18, 9, 8, 8, 8, 9, 8, 8, 8, 8];

function cells(values: readonly string[]): string {
  return values
    .map((value, i) => (i === 0 ? value.padEnd(24) : value.padStart(WIDTHS[i] ?? 9)))
    .join(" ");
}

function headings(): string {
  const above = [
    "",
    "overhead",
    "",
    "fail-over",
    "here",
    "",
    "",
    "",
    "",
    "beyond",
    "longest",
    "octets",
  ];
  const below = [
    "",
    "paper",
    "here (± of blocks)",
    "paper ms",
    "mean",
    "p99",
    "max",
    "detected",
    "raised",
    "3 sigma",
    "call ms",
    "each",
  ];
  return [cells(above), cells(below)].join("\n");
}

function lineOf(
  { name, us, totalMs, failOverMs, raised, octetsEach }: Found,
  row: Row,
  blocks: readonly Float64Array[],
  base: readonly Float64Array[],
): string {
  const { title, overhead, failOverMs: paperMs } = PAPER[name];
  const others = medians(base);
  const ratios = medians(blocks).map((one, i) => one / (others[i] ?? one));
  const half =
    (percentile(Float64Array.from(ratios).sort(), 0.75) -
      percentile(Float64Array.from(ratios).sort(), 0.25)) /
    2;
  return cells([
    title,
    overhead === undefined ? "" : `${overhead} %`,
    `${percent((row.ratio ?? 1) - 1)} (± ${percent(half)})`,
    paperMs.toFixed(1),
    mean(failOverMs).toFixed(2),
    percentile(failOverMs, 0.99).toFixed(2),
    percentile(failOverMs, 1).toFixed(2),
    mean(totalMs).toFixed(2),
    String(raised),
    percent(beyond(us)),
    (Math.max(...us) / 1_000).toFixed(1),
    octetsEach.toFixed(0),
  ]);
}

/** The share of calls that take more than the mean and three standard deviations. */
function beyond(us: readonly number[]): number {
  const middle = mean(us);
  const sigma = Math.sqrt(mean(us.map((one) => (one - middle) ** 2)));
  return us.filter((one) => one > middle + 3 * sigma).length / us.length;
}

function verdict(found: readonly Found[], print: (line: string) => void): void {
  for (const { name, failOverMs, missed } of found) {
    const is = mean(failOverMs);
    const { title, wantedMs } = PAPER[name];
    const says = is <= wantedMs ? "met" : "MISSED";
    const left = missed === 0 ? "" : `; ${missed} fail-overs were missed`;
    print(
      `${title}: ${failOverMs.length} fail-overs, mean ${is.toFixed(3)} ms, wanted at most ${wantedMs}: ${says}${left}`,
    );
  }
  const of = (name: keyof typeof PAPER): number =>
    mean(found.find((one) => one.name === name)?.failOverMs ?? []);
  const order = [
    of("prepared"),
    of("forward"),
    of("ready"),
    Math.min(of("cached"), of("resolved")),
  ];
  const isOrdered = order.every((one, i) => i === 0 || one >= (order[i - 1] ?? 0));
  print(
    `order message (prepared), LOCATION_FORWARD, addressing (prepared), reactive: ${isOrdered ? "met" : "MISSED"}`,
  );
}

/** How early clients are moved: the lower the threshold the more often. */
async function thresholds(
  replicas: Replicas,
  size: Size,
  print: (line: string) => void,
): Promise<Parameters<typeof bars>[1]> {
  print(
    `\nthresholds: a server would be dead after ${CALLS_OF_A_LIFE} calls, and is left at this share of them`,
  );
  print(cells(["", "moves", "", "octets/s", "mean µs", "p99.9 µs", "max ms", "raised"]));
  const swept: { readonly name: string; readonly at: number; readonly value: number }[] = [];
  for (const at of THRESHOLDS) {
    for (const name of ["message", "forward"] as const) {
      const each = (CALLS_OF_A_LIFE * at) / 100;
      const { us, failOvers, octetsEach, raised } = await run(
        name,
        replicas,
        size.callsAThreshold,
        each,
      );
      const seconds = us.reduce((sum, one) => sum + one, 0) / 1e6;
      const value = (octetsEach * failOvers.length) / seconds;
      swept.push({ name: PAPER[name].title, at, value });
      const sorted = Float64Array.from(us).sort();
      print(
        cells([
          `${PAPER[name].title}, ${at} %`,
          String(failOvers.length),
          "",
          value.toFixed(0),
          mean(us).toFixed(1),
          percentile(sorted, 0.999).toFixed(0),
          ((sorted.at(-1) ?? 0) / 1_000).toFixed(1),
          String(raised),
        ]),
      );
    }
  }
  return swept;
}
