import {
  LIMITS,
  type ManagerState,
  type ObjectState,
  type ProcessorState,
  type ReplicaState,
} from "./state.ts";

/** Reports of a new run of a monitor after which processes that it has not seen are taken for dead. */
const CONFIRM_REPORTS = 5n;

/** What a replica is registered with; the reference stringified. */
export interface NewReplica {
  readonly object: string;
  readonly process: string;
  readonly processor: string;
  readonly load: number;
  readonly reference: string;
}

/** What a monitor tells. */
export interface ProcessorReport {
  readonly processor: string;
  readonly run: bigint;
  readonly number: bigint;
  readonly utilization: number;
  readonly processes: readonly string[];
  readonly gone: readonly string[];
}

/** Registers a replica, or the next life of one. @returns why not; undefined: it is done */
export function register(state: ManagerState, replica: NewReplica): string | undefined {
  const fault = faultOf(state, replica);
  if (fault !== undefined) return fault;
  const { process, processor, reference, load } = replica;
  const object = state.objects.get(replica.object) ?? newObject(replica.object);
  state.objects.set(object.id, object);
  processorOf(state, processor);
  object.load = load;
  const known = object.replicas.find((each) => each.process === process);
  if (known === undefined) object.replicas.push({ process, processor, reference, health: "alive" });
  else
    Object.assign(known, { processor, reference, health: "alive" } satisfies Partial<ReplicaState>);
  return undefined;
}

function newObject(id: string): ObjectState {
  return { id, load: 0, replicas: [], inUse: "", ranking: { version: 0n, targets: [], gone: [] } };
}

function faultOf(
  { objects, processors }: ManagerState,
  { object: id, process, processor, load }: NewReplica,
): string | undefined {
  for (const [what, name] of Object.entries({ object_id: id, process, processor }))
    if (name === "" || name.length > LIMITS.name)
      return `${what}: 1 to ${LIMITS.name} characters are allowed, not ${name.length}`;
  if (!(load >= 0 && load <= 1))
    return `load: a share of a processor is needed, 0 to 1, not ${load}`;
  const known = objects.get(id);
  if (known === undefined && objects.size >= LIMITS.objects)
    return `${LIMITS.objects} objects at most are managed`;
  const isNew = known?.replicas.every((each) => each.process !== process) ?? true;
  if (isNew && (known?.replicas.length ?? 0) >= LIMITS.replicas)
    return `${id}: an object has ${LIMITS.replicas} replicas at most`;
  if (!processors.has(processor) && processors.size >= LIMITS.processors)
    return `${LIMITS.processors} processors at most are managed`;
  return undefined;
}

/** Takes a replica out; an object without any is forgotten. @returns the object, when it is forgotten */
export function withdraw(
  { objects }: ManagerState,
  id: string,
  process: string,
): string | undefined {
  const object = objects.get(id);
  if (object === undefined) return undefined;
  object.replicas = object.replicas.filter((each) => each.process !== process);
  if (object.replicas.length > 0) return undefined;
  objects.delete(id);
  return id;
}

/** @returns false for one that is older than what is known */
export function observe(state: ManagerState, report: ProcessorReport): boolean {
  if (!state.processors.has(report.processor) && state.processors.size >= LIMITS.processors)
    return false;
  const processor = processorOf(state, report.processor);
  if (report.run < processor.run) return false;
  if (report.run === processor.run && report.number <= processor.number) return false;
  if (report.run > processor.run) {
    processor.unconfirmed.push(...processor.processes);
    processor.gone = [];
  }
  const alive = new Set(report.processes);
  const ended = report.gone.filter((name) => !processor.gone.includes(name));
  processor.unconfirmed = processor.unconfirmed.filter((name) => !alive.has(name));
  if (report.number >= CONFIRM_REPORTS) ended.push(...processor.unconfirmed.splice(0));
  Object.assign(processor, {
    run: report.run,
    number: report.number,
    utilization: report.utilization,
    isAlive: true,
    processes: [...report.processes],
    gone: [...report.gone],
  } satisfies Partial<ProcessorState>);
  for (const replica of replicasOn(state, report.processor))
    if (ended.includes(replica.process)) replica.health = "failed";
    else if (replica.health === "suspected" && alive.has(replica.process)) replica.health = "alive";
  return true;
}

export function processFailed(state: ManagerState, processor: string, process: string): void {
  for (const replica of replicasOn(state, processor))
    if (replica.process === process) replica.health = "failed";
}

/** Nobody hears of it: perhaps it will be back. */
export function processorFailed(state: ManagerState, processor: string): void {
  const known = state.processors.get(processor);
  if (known === undefined) return;
  known.isAlive = false;
  for (const replica of replicasOn(state, processor))
    if (replica.health === "alive") replica.health = "suspected";
}

/** @returns why not; undefined: it is done */
export function addAgent({ agents }: ManagerState, reference: string): string | undefined {
  if (agents.includes(reference)) return undefined;
  if (agents.length >= LIMITS.agents) return `${LIMITS.agents} forwarding agents at most are told`;
  agents.push(reference);
  return undefined;
}

export function removeAgent(state: ManagerState, reference: string): void {
  state.agents = state.agents.filter((each) => each !== reference);
}

function processorOf({ processors }: ManagerState, name: string): ProcessorState {
  let processor = processors.get(name);
  if (processor === undefined) {
    processor = {
      name,
      utilization: -1,
      isAlive: true,
      run: 0n,
      number: 0n,
      processes: [],
      gone: [],
      unconfirmed: [],
    };
    processors.set(name, processor);
  }
  return processor;
}

function replicasOn({ objects }: ManagerState, processor: string): readonly ReplicaState[] {
  return [...objects.values()].flatMap(({ replicas }) =>
    replicas.filter((each) => each.processor === processor),
  );
}
