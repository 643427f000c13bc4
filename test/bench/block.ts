import { median, percentile } from "./samples.ts";

/** What one block of calls measured. */
export interface Block {
  /** One value per call, ascending, in microseconds. */
  readonly sortedUs: Float64Array;
  readonly perSecond: number;
}

/** One line of a result: what a contender did under one load. The shape that `--json` writes. */
export interface Row {
  readonly name: string;
  /** Calls measured. */
  readonly n: number;
  readonly p50: number;
  readonly p99: number;
  readonly p999: number;
  readonly max: number;
  readonly unit: string;
  readonly perSecond: number;
  /** What `ratio` divides by; null for the baseline itself. */
  readonly baseline: string | null;
  readonly ratio: number | null;
}

/** What is compared with the baseline: time per call (less is better) or calls per second. */
export type Measure = "p50" | "perSecond";

/** @param elapsedUs from the first call to the last reply */
export function blockOf(samplesUs: Float64Array, elapsedUs: number): Block {
  return {
    sortedUs: samplesUs.toSorted(),
    perSecond: (samplesUs.length / elapsedUs) * 1_000_000,
  };
}

export function measured(block: Block, measure: Measure): number {
  return measure === "p50" ? percentile(block.sortedUs, 0.5) : block.perSecond;
}

/**
 * The row of a contender: each percentile is taken from all samples of a block, then the median
 * over the blocks; the ratio is the median of the ratios of blocks that ran side by side.
 * @param baseline the same rounds' blocks of the baseline
 */
export function rowOf(
  name: string,
  blocks: readonly Block[],
  measure: Measure,
  baseline?: { readonly name: string; readonly blocks: readonly Block[] },
): Row {
  const over = (share: number): number =>
    median(blocks.map((block) => percentile(block.sortedUs, share)));
  return {
    name,
    n: blocks.reduce((sum, block) => sum + block.sortedUs.length, 0),
    p50: over(0.5),
    p99: over(0.99),
    p999: over(0.999),
    max: Math.max(...blocks.map((block) => percentile(block.sortedUs, 1))),
    unit: "µs",
    perSecond: median(blocks.map((block) => block.perSecond)),
    baseline: baseline === undefined ? null : `${measure} of ${baseline.name}`,
    ratio: baseline === undefined ? null : ratioOf(blocks, baseline.blocks, measure),
  };
}

function ratioOf(blocks: readonly Block[], others: readonly Block[], measure: Measure): number {
  return median(
    blocks.flatMap((block, round) => {
      const other = others[round];
      return other === undefined ? [] : [measured(block, measure) / measured(other, measure)];
    }),
  );
}

/** How far the blocks lie apart: (largest − smallest) / median of the measure. */
export function spreadOf(blocks: readonly Block[], measure: Measure): number {
  const values = blocks.map((block) => measured(block, measure));
  return (Math.max(...values) - Math.min(...values)) / median(values);
}
