import type { Block } from "../block.ts";
import { median, percentile } from "../samples.ts";

/** Two contenders under one load, and what the ratio of a figure of theirs is to be. */
interface Comparison {
  readonly workload: string;
  readonly of: string;
  readonly to: string;
  readonly figure: "p50" | "p99" | "calls/s";
  /** Of a time the most, of a rate the least. */
  readonly wanted: number;
}

const REACTOR = { of: "orbweaver, reactor", to: "orbweaver" } as const;

/** What the reactor is for. */
export const COMPARISONS: readonly Comparison[] = [
  { ...REACTOR, workload: "64 B sequential", figure: "p50", wanted: 1 },
  { ...REACTOR, workload: "64 B sequential", figure: "p99", wanted: 1 },
  {
    of: "omniORB → orbweaver, reactor",
    to: "omniORB C++",
    workload: "64 B sequential",
    figure: "p50",
    wanted: 1.4,
  },
  { ...REACTOR, workload: "64 B, 16 connections", figure: "calls/s", wanted: 1.4 },
  { ...REACTOR, workload: "64 B, 16 connections", figure: "p99", wanted: 1 },
];

function figureOf({ sortedUs, perSecond }: Block, figure: Comparison["figure"]): number {
  if (figure === "calls/s") return perSecond;
  return percentile(sortedUs, figure === "p50" ? 0.5 : 0.99);
}

/**
 * The comparisons of one load as lines, those left out whose contenders did not run.
 * @param results blocks by contender; the ratio is the median over those of the same round
 */
export function comparisonLines(
  workload: string,
  results: ReadonlyMap<string, readonly Block[]>,
): readonly string[] {
  return COMPARISONS.filter((comparison) => comparison.workload === workload).flatMap(
    ({ of, to, figure, wanted }) => {
      const others = results.get(to);
      const blocks = results.get(of);
      if (blocks === undefined || others === undefined) return [];
      const ratios = blocks.flatMap((block, round) => {
        const other = others[round];
        return other === undefined ? [] : [figureOf(block, figure) / figureOf(other, figure)];
      });
      const ratio = median(ratios);
      const isMet = figure === "calls/s" ? ratio >= wanted : ratio <= wanted;
      const sign = figure === "calls/s" ? "≥" : "≤";
      return `${workload}: ${of} has ${ratio.toFixed(2)} × the ${figure} of ${to}  (${sign} ${wanted}${isMet ? "" : ", missed"})`;
    },
  );
}
