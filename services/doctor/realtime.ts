import { cores, governor, hyperThreads } from "./cores.ts";
import type { Check, Finding } from "./finding.ts";
import { controlGroups, realtimeGroups } from "./groups.ts";
import { idleStates } from "./idle.ts";
import { interrupts } from "./interrupts.ts";
import { autogroup, preemption, throttling, timerSlack } from "./kernel.ts";
import type { Machine } from "./machine.ts";
import { addon, lockedMemory, schedulingRights } from "./rights.ts";

/** In the order they are told. */
const CHECKS: readonly Check[] = [
  addon,
  schedulingRights,
  throttling,
  realtimeGroups,
  controlGroups,
  cores,
  hyperThreads,
  governor,
  idleStates,
  interrupts,
  preemption,
  timerSlack,
  lockedMemory,
  autogroup,
];

/** Everything that real-time lanes need of a machine. */
export function examineRealtime(machine: Machine): readonly Finding[] {
  return CHECKS.flatMap((check) => check(machine));
}
