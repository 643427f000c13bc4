import { systemClock } from "../../../orb/base/index.ts";
import { type Fault, faultText, harmProcess, Victim } from "../../chaos/index.ts";
import { type Surroundings, UsageError } from "../../command/index.ts";
import type { Wish } from "./wish.ts";

const STANDARD_MS = 1_000;

function faultOf({ fault, forMs = STANDARD_MS, percent }: Wish): Fault {
  if (fault === "crash") return { kind: "crash" };
  return fault === "freeze" ? { kind: "freeze", ms: forMs } : { kind: "slow", ms: forMs, percent };
}

/** `crash`, `freeze` and `slow` of one process. */
export async function onProcess(wish: Wish, { print, stop }: Surroundings): Promise<number> {
  const [pid, ...more] = wish.pids;
  if (pid === undefined || more.length > 0)
    throw new UsageError(`chaos ${wish.fault}: one --pid PID is needed`);
  const victim = Victim.find(pid);
  const fault = faultOf(wish);
  print(`${victim.toString()}: ${faultText(fault)}`);
  await harmProcess(victim, fault, systemClock, stop);
  if (fault.kind !== "crash") stop.throwIfAborted();
  return 0;
}
