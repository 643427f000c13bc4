import { fileURLToPath } from "node:url";
import { Program } from "../program.ts";
import type { Served, ServerPlan } from "./server.ts";

const SERVER = fileURLToPath(new URL("./server.js", import.meta.url));
/** Milliseconds for a line of a program that the load may keep from the processor. */
export const SAY_TIMEOUT_MS: number = 60_000;

/** Starts the server. @returns with the counters of its lanes, in the order of the plan */
export async function startServer(
  plan: ServerPlan,
): Promise<readonly [Program, readonly Served[]]> {
  const program = new Program([
    process.execPath,
    "--single-threaded-gc",
    SERVER,
    JSON.stringify(plan),
  ]);
  const served = JSON.parse(await program.hear("ready", SAY_TIMEOUT_MS)) as readonly Served[];
  return [program, served];
}
