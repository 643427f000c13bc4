import { type Candidate, type Processor, rankTargets, type RunningObject } from "./algorithm.ts";
import type { ManagerState, ObjectState, ProcessorState, RankingState } from "./state.ts";

/**
 * Chooses anew who takes over from whom.
 * @returns the objects for which something has changed
 */
export function rank(state: ManagerState): readonly string[] {
  for (const object of state.objects.values()) succeed(object);
  const ranks = rankTargets(processorsOf(state));
  const changed: string[] = [];
  for (const object of state.objects.values()) {
    const others = (ranks.get(object.id) ?? []).map(({ process }) => process);
    const targets = object.inUse === "" ? [] : [object.inUse, ...others];
    const gone = object.replicas.flatMap(({ process, health }) =>
      health === "alive" ? [] : [process],
    );
    if (isSame(object.ranking, targets, gone)) continue;
    object.ranking = { version: ++state.version, targets, gone };
    changed.push(object.id);
  }
  return changed;
}

/** The replica in use has failed: clients have gone to the first in the order that they were told. */
function succeed(object: ObjectState): void {
  const isAlive = (process: string): boolean =>
    object.replicas.some((each) => each.process === process && each.health === "alive");
  if (isAlive(object.inUse)) return;
  const registered = object.replicas.map(({ process }) => process);
  object.inUse = [...object.ranking.targets, ...registered].find(isAlive) ?? "";
}

function isSame(
  ranking: RankingState,
  targets: readonly string[],
  gone: readonly string[],
): boolean {
  return isEqual(ranking.targets, targets) && isEqual(ranking.gone, gone);
}

function isEqual(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((each, at) => each === b[at]);
}

/** What the algorithm looks at. */
function processorsOf(state: ManagerState): readonly Processor[] {
  const running = new Map<string, Map<string, RunningObject[]>>();
  for (const object of state.objects.values()) {
    const used = object.replicas.find(({ process }) => process === object.inUse);
    if (used === undefined) continue;
    const processes = running.get(used.processor) ?? new Map<string, RunningObject[]>();
    running.set(used.processor, processes);
    processes.set(used.process, [...(processes.get(used.process) ?? []), runningOf(object)]);
  }
  return [...state.processors.values()].map((processor) => ({
    name: processor.name,
    utilization: utilizationOf(processor, state),
    processes: [...(running.get(processor.name)?.values() ?? [])].map((objects) => ({ objects })),
  }));
}

function runningOf({ id, load, inUse, replicas }: ObjectState): RunningObject {
  const others: Candidate[] = replicas.filter(
    ({ process, health }) => health === "alive" && process !== inUse,
  );
  return { id, load, replicas: others };
}

/** What the monitor says; where there is none, what the objects in use there are said to take. */
export function utilizationOf({ name, utilization }: ProcessorState, state: ManagerState): number {
  if (utilization >= 0) return utilization;
  let registered = 0;
  for (const { inUse, load, replicas } of state.objects.values())
    if (replicas.some(({ process, processor }) => process === inUse && processor === name))
      registered += load;
  return registered;
}
