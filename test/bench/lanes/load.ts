import { createInterface } from "node:readline";
import { loadNative, nativeFault } from "../../../native/index.ts";
import { coreGroup } from "./reservation.ts";

/** The load of the paper: one argument, as JSON. */
export interface LoadPlan {
  /** 0 to 0.95 of each thread's core. */
  readonly duty: number;
  readonly priority: number;
  readonly seconds: number;
  /** Threads: bound to these cores; null: not bound. */
  readonly cores: readonly (number | null)[];
  /** Group of cores that it is in. */
  readonly group?: string;
}

const SLICE_MS = 5;

async function main(plan: LoadPlan): Promise<void> {
  const addon = loadNative();
  if (addon === undefined) throw new TypeError(nativeFault());
  addon.burner.endWithParent();
  if (plan.group !== undefined) coreGroup(plan.group).addProcess(process.pid);
  const { duty, priority, seconds } = plan;
  const cores = plan.cores.map((core) => core ?? undefined);
  process.stdout.write("ready\n");
  // Each line burns once: a whole pause lies between two.
  for await (const line of createInterface({ input: process.stdin })) {
    if (line !== "burn") continue;
    const burning = addon.burner.start({ priority, duty, sliceMs: SLICE_MS, seconds, cores });
    process.stdout.write("burning\n");
    await new Promise((resolve) => setTimeout(resolve, seconds * 1_000));
    const shares = burning.stop();
    process.stdout.write(`burnt ${shares.map((share) => share.toFixed(3)).join(" ")}\n`);
  }
}

await main(JSON.parse(process.argv[2] ?? "{}") as LoadPlan);
