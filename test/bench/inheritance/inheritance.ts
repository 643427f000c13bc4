import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { Row } from "../block.ts";
import type { BenchOptions } from "../options.ts";
import { median, percentile } from "../samples.ts";
import { MIDDLE_MS, SECTION_MS } from "./roles.ts";
import type { Kind, Run } from "./roles.ts";

/** High may wait this many times what low still needs, and this part of what it waits without inheritance. */
export const MOST_OF_REST: number = 1.5;
export const MOST_OF_PLAIN: number = 0.5;

const KINDS: readonly Kind[] = ["plain", "inheriting"];
const RUNS = 10;
const QUICK_RUNS = 3;
/** Of one program: its runs take a quarter of a second. */
const LIMIT_MS = 60_000;

/** The runs of one kind, in a process of their own. @returns the system's refusal where it has no rights */
export async function runsOf(kind: Kind, count: number): Promise<readonly Run[] | string> {
  const program = fileURLToPath(new URL("program.js", import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [program, kind, String(count)], {
    timeout: LIMIT_MS,
    killSignal: "SIGKILL",
  });
  const told = JSON.parse(stdout) as readonly Run[] | { readonly refused: string };
  return "refused" in told ? told.refused : told;
}

/**
 * Three SCHED_FIFO threads on one core: low holds a mutex, high wants it, and middle burns meanwhile. What high
 * waits with priority inheritance and without.
 */
export async function inheritance(
  { isQuick }: BenchOptions,
  print: (line: string) => void,
): Promise<Row[]> {
  print(`low holds the mutex for ${SECTION_MS} ms of processor, middle burns ${MIDDLE_MS} ms`);
  const rows: Row[] = [];
  for (const kind of KINDS) {
    const runs = await runsOf(kind, isQuick ? QUICK_RUNS : RUNS);
    if (typeof runs === "string") {
      print(`not measured: ${runs}`);
      return [];
    }
    const row = rowOf(kind, runs, rows[0]);
    rows.push(row);
    const rest = median(runs.map(({ waitedMs, restMs }) => waitedMs / restMs));
    print(
      `${kind.padEnd(10)}  high waits p50 ${row.p50.toFixed(1)} ms, max ${row.max.toFixed(1)} ms:` +
        ` ${rest.toFixed(2)} × what low still needs${targets(kind, rest, row)}`,
    );
  }
  return rows;
}

function targets(kind: Kind, ofRest: number, { ratio }: Row): string {
  if (kind === "plain" || ratio === null) return "";
  const isMet = ofRest <= MOST_OF_REST && ratio < MOST_OF_PLAIN;
  const wanted = `≤ ${MOST_OF_REST} ×, and < ${MOST_OF_PLAIN} × of plain`;
  return `, ${ratio.toFixed(2)} × of plain (${wanted}${isMet ? "" : ", missed"})`;
}

function rowOf(kind: Kind, runs: readonly Run[], plain: Row | undefined): Row {
  const sorted = Float64Array.from(runs, ({ waitedMs }) => waitedMs).toSorted();
  const p50 = percentile(sorted, 0.5);
  return {
    name: `high waits, ${kind} mutex`,
    n: runs.length,
    p50,
    p99: percentile(sorted, 0.99),
    p999: percentile(sorted, 0.999),
    max: percentile(sorted, 1),
    unit: "ms",
    perSecond: 1_000 / p50,
    baseline: plain === undefined ? null : `p50 of ${plain.name}`,
    ratio: plain === undefined ? null : p50 / plain.p50,
  };
}
