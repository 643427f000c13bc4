import type { Policy } from "../policy/index.ts";
import type { DispatchGate } from "./dispatch-gate.ts";

/** How the objects of a POA are replicated; the words are explained in docs/replication.md. */
export interface ReplicationOptions {
  /** Name of the group, the same at all replicas; the names of the POA from the root, joined by `/`, where absent. */
  readonly group?: string;
  /** Who executes, and what travels; semi-active where absent. */
  readonly style?: "active" | "semi-active" | "warm-passive" | "cold-passive";
  /** How many replicas there are to be; as many as there are places for where absent. */
  readonly replicas?: number;
  /**
   * Milliseconds within which a replica that is gone is to be made up for; who runs the group is told when it is not. No
   * bound where absent.
   */
  readonly restoreWithinMs?: number;
  /** Whose logs hold an update before its reply leaves; quorum where absent. */
  readonly ack?: "all" | "quorum" | "one";
  /** What a primary does that reaches no majority; fence where absent. */
  readonly partition?: "fence" | "serve";
  /** Warm passive: milliseconds between state updates; 0, the default: one with each reply, which waits for it. */
  readonly periodMs?: number;
  /** Cold passive: what is acknowledged is in the stores of the replicas. */
  readonly durable?: boolean;
  /**
   * Whether equal operations in one order, by the clock and chance that the group supplies, give equal states and
   * replies at every replica; true where absent. Active groups need it.
   */
  readonly deterministic?: boolean;
  /** Operations that change nothing: they have no place in the log. */
  readonly reads?: readonly string[];
}

/** Makes POAs replicated that ask for it. */
export interface Replicator {
  /**
   * @param path names of the POA, from the root
   * @throws RangeError for options that are wrong, saying which and what is allowed
   */
  gate(path: readonly string[], options: ReplicationOptions): DispatchGate;
}

/** Type of the local policy that has a POA replicated; never sent. */
export const REPLICATION_POLICY_TYPE = 0x4f57_0002;

/** The policy for `create_POA` that has the new POA's objects replicated. */
export function replicationPolicy(options: ReplicationOptions): Policy {
  return { policy_type: REPLICATION_POLICY_TYPE, value: options };
}
