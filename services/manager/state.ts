/** What became of a replica. A suspected one is back when the monitor of its processor shows that its process lives. */
export type ReplicaHealth = "alive" | "suspected" | "failed";

export interface ReplicaState {
  process: string;
  processor: string;
  /** Stringified. */
  reference: string;
  health: ReplicaHealth;
}

/** Processes by their names: who is in use, and who takes over. */
export interface RankingState {
  version: bigint;
  targets: string[];
  gone: string[];
}

export interface ObjectState {
  id: string;
  load: number;
  /** In the order of their registration. */
  replicas: ReplicaState[];
  /** The process of the replica in use; empty: none lives. */
  inUse: string;
  ranking: RankingState;
}

export interface ProcessorState {
  name: string;
  /** 0 to 1; below 0 while no monitor has told. */
  utilization: number;
  isAlive: boolean;
  /** Of the last report. */
  run: bigint;
  number: bigint;
  /** Processes that live, as the monitor says. */
  processes: string[];
  /** Processes that the monitor had seen end when it reported last. */
  gone: string[];
  /** Processes that an earlier run of the monitor knew, and this one does not. */
  unconfirmed: string[];
}

/**
 * All that a manager knows: plain data, changed by what it is told alone and not by the time or by chance, so that
 * replicas of a manager that are told the same know the same.
 */
export interface ManagerState {
  version: bigint;
  processors: Map<string, ProcessorState>;
  objects: Map<string, ObjectState>;
  /** References of forwarding agents, stringified. */
  agents: string[];
}

/** What one manager knows at most. */
export const LIMITS = {
  objects: 10_000,
  replicas: 64,
  processors: 1_000,
  agents: 10_000,
  /** Characters of a name. */
  name: 200,
} as const;

/** Bits of a version beneath the time. */
const VERSION_BITS = 20n;

/** The version of a ranking that nobody gave before that instant; agents pass over older ones. */
export function versionAt(wallMs: number): bigint {
  return BigInt(Math.floor(wallMs)) << VERSION_BITS;
}

/** @param version before the first ranking; agents pass over what is not newer than what they have */
export function newManagerState(version: bigint = 0n): ManagerState {
  return { version, processors: new Map(), objects: new Map(), agents: [] };
}
