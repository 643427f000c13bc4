import type { Row } from "./block.ts";

const HEADINGS: readonly string[] = [
  "p50 µs",
  "p99 µs",
  "p99.9 µs",
  "max µs",
  "calls/s",
  "spread",
  "ratio",
];
const NAME_WIDTH = 51;
const WIDTH = 11;

/**
 * A row of the printed table, or its headings.
 * @param target the ratio that is wanted: at most that of a time, at least that of a rate
 */
export function tableLine(name?: string, row?: Row, spread: number = 0, target?: number): string {
  if (row === undefined) return line("", HEADINGS);
  const { p50, p99, p999, max, perSecond, ratio, baseline } = row;
  const times = [p50, p99, p999, max].map((us) => us.toFixed(1));
  const isRate = baseline?.startsWith("perSecond") === true;
  const compared = ratio === null ? "" : `${ratio.toFixed(2)} × ${isRate ? "/s" : "p50"}`;
  const rate = perSecond.toLocaleString("en-US", { maximumFractionDigits: 0 });
  const cells = [...times, rate, `${(spread * 100).toFixed(0)} %`, compared];
  if (ratio === null || target === undefined) return line(name ?? "", cells);
  const isMet = isRate ? ratio >= target : ratio <= target;
  const wanted = `${isRate ? "≥" : "≤"} ${target}${isMet ? "" : ", missed"}`;
  return `${line(name ?? "", cells)}  (${wanted})`;
}

function line(name: string, cells: readonly string[]): string {
  return name.padEnd(NAME_WIDTH) + cells.map((cell) => cell.padStart(WIDTH)).join("");
}
