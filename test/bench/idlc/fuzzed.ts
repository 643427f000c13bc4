import { fuzz } from "../../support/idlc-fuzz.ts";
import type { Row } from "../block.ts";
import type { BenchOptions } from "../options.ts";

const LONG_MS = 600_000;

/**
 * Ten minutes of mutated IDL and of IDL that asks for too much; a row of how many texts that were.
 * @throws Error with the smallest text that crashes the compiler or keeps it busy
 */
export async function fuzzed(
  { only }: BenchOptions,
  print: (line: string) => void,
): Promise<Row[]> {
  const name = "ten minutes of wrong IDL";
  if (!name.includes(only)) return [];
  print(`\n${name}`);
  const { runs, failure } = await fuzz(LONG_MS);
  if (failure !== undefined) throw new Error(failure);
  print(`${runs.toLocaleString("en-US")} texts, none that crashed the compiler or kept it busy`);
  const ms = LONG_MS / runs;
  const times = { p50: ms, p99: ms, p999: ms, max: ms, unit: "ms" };
  return [{ name, n: runs, ...times, perSecond: 1_000 / ms, baseline: null, ratio: null }];
}
