/** A place where an object may go. */
export interface Candidate {
  readonly process: string;
  readonly processor: string;
}

/** An object that runs in a process: the replica of it that is in use. */
export interface RunningObject {
  readonly id: string;
  /** What it takes of a processor: 0 to 1. */
  readonly load: number;
  /** Its other replicas. */
  readonly replicas: readonly Candidate[];
}

export interface RunningProcess {
  readonly objects: readonly RunningObject[];
}

export interface Processor {
  readonly name: string;
  /** Now: 0 to 1. */
  readonly utilization: number;
  readonly processes: readonly RunningProcess[];
}

/**
 * Algorithm 1 of the FLARe paper, "Determine per-object failover targets": each object goes to the processor with the
 * least expected utilization among those of its replicas, and is expected there from then on, so that the objects of
 * one processor spread over several. Of equal ones it is the one registered first; the paper leaves that open.
 * @returns by object; objects without a replica are not in it
 */
export function failoverTargets(processors: readonly Processor[]): ReadonlyMap<string, Candidate> {
  const targets = new Map<string, Candidate>();
  for (const { processes } of processors) {
    const expected = new Map(processors.map(({ name, utilization }) => [name, utilization]));
    for (const { objects } of processes)
      for (const { id, load, replicas } of objects) {
        const min = leastUtilized(replicas, expected);
        if (min === undefined) continue;
        targets.set(id, min);
        expected.set(min.processor, (expected.get(min.processor) ?? 0) + load);
      }
  }
  return targets;
}

function leastUtilized(
  replicas: readonly Candidate[],
  expected: ReadonlyMap<string, number>,
): Candidate | undefined {
  let min: Candidate | undefined;
  let least = Infinity;
  for (const replica of replicas) {
    const utilization = expected.get(replica.processor) ?? 0;
    if (utilization >= least) continue;
    min = replica;
    least = utilization;
  }
  return min;
}

/**
 * A total order of each object's replicas: the algorithm is run again over those that are left, until none is, as the
 * paper says.
 */
export function rankTargets(
  processors: readonly Processor[],
): ReadonlyMap<string, readonly Candidate[]> {
  const ranks = new Map<string, Candidate[]>();
  let left = processors;
  for (;;) {
    const targets = failoverTargets(left);
    if (targets.size === 0) return ranks;
    for (const [id, target] of targets) ranks.set(id, [...(ranks.get(id) ?? []), target]);
    left = without(left, targets);
  }
}

function without(
  processors: readonly Processor[],
  taken: ReadonlyMap<string, Candidate>,
): readonly Processor[] {
  const rest = (object: RunningObject): RunningObject => ({
    ...object,
    replicas: object.replicas.filter((replica) => replica !== taken.get(object.id)),
  });
  return processors.map((processor) => ({
    ...processor,
    processes: processor.processes.map(({ objects }) => ({ objects: objects.map(rest) })),
  }));
}
