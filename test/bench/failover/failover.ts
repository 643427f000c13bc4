import type { Row } from "../block.ts";
import type { BenchOptions } from "../options.ts";
import { flare } from "./flare.ts";
import { stheno } from "../stheno/index.ts";
import { mead } from "./mead.ts";

type Part = (options: BenchOptions, print: (line: string) => void) => Promise<Row[]>;

/** By the names that `--only` knows. */
const PARTS: Readonly<Record<string, Part>> = { mead, flare, stheno };

/** The papers' experiments with servers that fail, ours beside theirs. @throws TypeError for a part that is not there */
export async function failover(
  options: BenchOptions,
  print: (line: string) => void,
): Promise<Row[]> {
  const parts = Object.entries(PARTS).filter(([name]) => name.includes(options.only));
  if (parts.length === 0)
    throw new TypeError(`no part "${options.only}"; there is: ${Object.keys(PARTS).join(", ")}`);
  const rows: Row[] = [];
  for (const [, part] of parts) rows.push(...(await part(options, print)));
  return rows;
}
