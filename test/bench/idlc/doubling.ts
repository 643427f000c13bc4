import { check, compile, memoryReader } from "../../../idlc/index.ts";
import type { Row } from "../block.ts";
import type { BenchOptions } from "../options.ts";
import { median } from "../samples.ts";
import { type Shape, SHAPES } from "./shapes.ts";

/** Twice the input may take so many times the time. */
const MOST = 2.2;
/** CPU time from which on a ratio means something. */
const LEAST_MS = 100;
/** Beyond it the collector of garbage is measured: it copies what lives, however it came to be. */
const MOST_DECLARATIONS = 8_000;

type Work = (shape: Shape, n: number) => unknown;

const WORKS: Readonly<Record<string, Work>> = {
  "--check": (shape, n) => check(shape.main(n), {}, memoryReader(shape.files(n))),
  full: (shape, n) => compile(shape.main(n), {}, memoryReader(shape.files(n))),
};

/** CPU milliseconds of all threads: unlike the time on the clock it does not count what other programs do. */
async function cpuMs(work: () => unknown): Promise<number> {
  const begin = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(begin);
  return (user + system) / 1_000;
}

interface Doubling {
  readonly n: number;
  readonly ms: number;
  readonly ratio: number;
}

async function doubled(work: Work, shape: Shape, rounds: number): Promise<Doubling> {
  let n = 250;
  // The first runs of code are slow, whatever their size.
  for (let run = 0; run < rounds; run++) await work(shape, n);
  while (n < MOST_DECLARATIONS && (await cpuMs(() => work(shape, n))) < LEAST_MS) n *= 2;
  const times: number[] = [];
  const ratios: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const half = await cpuMs(() => work(shape, n));
    times.push(half);
    ratios.push((await cpuMs(() => work(shape, 2 * n))) / half);
  }
  return { n, ms: median(times), ratio: median(ratios) };
}

function rowOf(name: string, { n, ms, ratio }: Doubling): Row {
  const times = { p50: ms, p99: ms, p999: ms, max: ms, unit: "ms" };
  return { name, n, ...times, perSecond: 1_000 / ms, baseline: "half as much", ratio };
}

/** What twice the input costs, for each shape of IDL: CPU time, in this process. */
export async function doubling(
  { only, pace }: BenchOptions,
  print: (line: string) => void,
): Promise<Row[]> {
  const shapes = SHAPES.filter(({ name }) => `doubling: ${name}`.includes(only));
  if (shapes.length === 0) return [];
  const rows: Row[] = [];
  print(
    `\n${"twice as much".padEnd(50)}${Object.keys(WORKS)
      .map((w) => w.padStart(27))
      .join("")}`,
  );
  for (const shape of shapes) {
    let line = shape.name.padEnd(50);
    for (const [name, work] of Object.entries(WORKS)) {
      const found = await doubled(work, shape, Math.min(pace.blocks, 3));
      const missed = found.ratio > MOST ? " missed" : "";
      line += `${found.n}: ${found.ms.toFixed(0)} ms × ${found.ratio.toFixed(2)}${missed}`.padStart(
        27,
      );
      rows.push(rowOf(`doubling: ${shape.name}, ${name}`, found));
    }
    print(line);
  }
  return rows;
}
