import { spawnSync } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";

/** What one run of a program took. */
export interface Run {
  readonly ms: number;
  /** CPU time, all threads, on behalf of the system too: what a busy machine does not change. */
  readonly cpuMs: number;
  /** Largest resident set, in MiB. */
  readonly peakMib: number;
}

/**
 * Runs a program to its end under GNU time.
 * @param folder where the measurement is left for a moment
 * @throws Error when it fails, with what it said
 */
export function runMeasured(command: readonly string[], folder: string): Run {
  const file = join(folder, `time.${process.pid}`);
  const begin = performance.now();
  const args = ["-o", file, "-f", "%M %U %S", ...command];
  const { status, stderr, error } = spawnSync("/usr/bin/time", args, {
    encoding: "utf8",
    stdio: ["ignore", "ignore", "pipe"],
    maxBuffer: 1 << 28,
  });
  const ms = performance.now() - begin;
  if (error !== undefined) throw error;
  if (status !== 0) {
    throw new Error(
      `${command.slice(0, 3).join(" ")} ended with ${status}:\n${stderr.slice(0, 2_000)}`,
    );
  }
  const said = readFileSync(file, "utf8").trim().split("\n").at(-1) ?? "";
  const [peakKib = 0, userSeconds = 0, systemSeconds = 0] = said.split(" ").map(Number);
  rmSync(file);
  return { ms, cpuMs: (userSeconds + systemSeconds) * 1_000, peakMib: peakKib / 1024 };
}
