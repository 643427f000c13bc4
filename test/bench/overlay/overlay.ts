import type { Row } from "../block.ts";
import type { BenchOptions } from "../options.ts";
import { processes } from "./processes.ts";
import { simulated } from "./simulated.ts";

/** An overlay: on virtual time, or of real processes. @throws Error when it does not hold what it promises */
export async function overlay(
  options: BenchOptions,
  print: (line: string) => void,
): Promise<Row[]> {
  return await (options.isSimulated ? simulated(options, print) : processes(options, print));
}
