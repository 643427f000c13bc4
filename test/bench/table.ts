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
const NAME_WIDTH = 38;
const WIDTH = 11;

/** A row of the printed table, or its headings. */
export function tableLine(name?: string, row?: Row, spread: number = 0): string {
  if (row === undefined) return line("", HEADINGS);
  const { p50, p99, p999, max, perSecond, ratio, baseline } = row;
  const times = [p50, p99, p999, max].map((us) => us.toFixed(1));
  const measure = baseline?.startsWith("perSecond") === true ? "/s" : "p50";
  const compared = ratio === null ? "" : `${ratio.toFixed(2)} × ${measure}`;
  const rate = perSecond.toLocaleString("en-US", { maximumFractionDigits: 0 });
  return line(name ?? "", [...times, rate, `${(spread * 100).toFixed(0)} %`, compared]);
}

function line(name: string, cells: readonly string[]): string {
  return name.padEnd(NAME_WIDTH) + cells.map((cell) => cell.padStart(WIDTH)).join("");
}
