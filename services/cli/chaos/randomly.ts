import { systemClock, systemRandom } from "../../../orb/base/index.ts";
import {
  ChaosError,
  ChildTarget,
  drill,
  faultText,
  type Named,
  PROCESS_FAULTS,
  type Planned,
  planOf,
  type SignalTarget,
  Victim,
} from "../../chaos/index.ts";
import { type Surroundings, UsageError } from "../../command/index.ts";
import { Links } from "./links.ts";
import type { Wish } from "./wish.ts";

const STANDARD_MS = 60_000;
const MS_PER_SECOND = 1_000;

function planFor(wish: Wish, seed: number): readonly Planned[] {
  const { forMs = STANDARD_MS, everyMs, faults, pids, links, command } = wish;
  const processes = pids.length + (command.length > 0 ? 1 : 0);
  if (processes + links.length === 0)
    throw new UsageError("chaos random: --pid, --link or -- COMMAND is needed");
  try {
    return planOf({ seed, forMs, everyMs, faults, processes, links: links.length });
  } catch (cause) {
    throw new UsageError(`chaos random: ${(cause as Error).message}`, { cause });
  }
}

/** `random`: faults by chance, the same again by the same seed. */
export async function randomly(wish: Wish, { print, stop }: Surroundings): Promise<number> {
  const { seed = systemRandom.uint32() } = wish;
  const plan = planFor(wish, seed);
  print(`seed ${seed}: ${plan.length} faults; the same again by --seed ${seed}`);
  if (wish.isDry) {
    for (const each of plan) print(plannedText(each));
    return 0;
  }
  const victims = wish.pids.map((pid) => Victim.find(pid));
  await using links = await Links.open(wish.links);
  for (const { name } of links.open) print(`link=${name}`);
  await using child = await startChild(wish, print);
  const processes: Named<SignalTarget>[] = victims.map((target) => ({
    name: target.toString(),
    target,
  }));
  if (child !== undefined) processes.push({ name: wish.command[0] ?? "", target: child });
  const done = await drill({
    plan,
    processes,
    links: links.open,
    clock: systemClock,
    stop,
    tell: print,
  });
  print(`${done} of ${plan.length} faults done`);
  stop.throwIfAborted();
  return 0;
}

async function startChild(
  { command: [program, ...args], restartMs }: Wish,
  tell: (line: string) => void,
): Promise<ChildTarget | undefined> {
  if (program === undefined) return undefined;
  if (program === "") throw new ChaosError("the command is empty");
  return await ChildTarget.start({ program, args, restartMs, clock: systemClock, tell });
}

function plannedText({ atMs, target, fault }: Planned): string {
  const what = PROCESS_FAULTS.includes(fault.kind) ? "process" : "link";
  const seconds = (atMs / MS_PER_SECOND).toFixed(3).padStart(9);
  return `${seconds} s  ${what} ${target + 1}: ${faultText(fault)}`;
}
