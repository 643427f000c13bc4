import { InvalidPolicy } from "../poa/index.ts";
import {
  IIOP_PROTOCOL,
  type LaneValue,
  type Policy,
  type PriorityBand,
  type PriorityModelValue,
  type Protocol,
  RT_POLICY,
  type TcpProtocolProperties,
} from "../policy/index.ts";
import { isPriority } from "../rt/index.ts";
import { tcpPropertiesOf } from "./tcp-properties.ts";
import type { PoolLane, Threadpool } from "./threadpool.ts";

/** What the policies of RT-CORBA make of a POA. */
export interface RtPolicies {
  readonly model: PriorityModelValue | undefined;
  /** Empty where there are none. */
  readonly bands: readonly PriorityBand[];
  readonly pool: Threadpool | undefined;
  /** What accepted connections are set to; undefined where nobody says. */
  readonly tcp: TcpProtocolProperties | undefined;
  /** The lane whose thread this is; undefined elsewhere. */
  readonly lane: LaneValue | undefined;
}

/** A lane as POAs see it, in whichever thread they are. */
type RtLane = Pick<PoolLane, "priority" | "endpoint">;

/** Policies of types that are not the POA's own, by type, in the order given. */
type Others = ReadonlyMap<number, Policy>;

function invalid(others: Others, type: number, text: string): InvalidPolicy {
  // Where only some of the list are known, theirs is the position among those.
  return new InvalidPolicy({ index: Math.max(0, [...others.keys()].indexOf(type)) }, text);
}

export function isInBand({ low, high }: PriorityBand, priority: number): boolean {
  return low <= priority && priority <= high;
}

/** Whether all priorities of one band are in another. */
export function isWithin({ low, high }: PriorityBand, band: PriorityBand): boolean {
  return isInBand(band, low) && isInBand(band, high);
}

/**
 * The policies of a POA, when they go together (RT-CORBA 1.2, 5.12 to 5.15); undefined when it has none of RT-CORBA.
 * @throws InvalidPolicy
 */
export function rtPoliciesIn(
  others: Others,
  poolOf: (id: number) => Threadpool | undefined,
): RtPolicies | undefined {
  const valueOf = <T>(type: number): T | undefined => others.get(type)?.value as T | undefined;
  const id = valueOf<number>(RT_POLICY.threadpool);
  const pool = id === undefined ? undefined : poolOf(id);
  if (id !== undefined && pool === undefined) {
    throw invalid(others, RT_POLICY.threadpool, `there is no thread pool ${id}`);
  }
  const protocols = valueOf<readonly Protocol[]>(RT_POLICY.serverProtocol) ?? [];
  checkProtocols(others, protocols);
  const policies: RtPolicies = {
    model: valueOf(RT_POLICY.priorityModel),
    bands: valueOf(RT_POLICY.priorityBands) ?? [],
    pool,
    tcp: tcpPropertiesOf(protocols),
    lane: valueOf(RT_POLICY.lane),
  };
  if (others.has(RT_POLICY.priorityBands) && policies.bands.length === 0) {
    throw invalid(others, RT_POLICY.priorityBands, "priorityBands: one band at least");
  }
  check(others, policies);
  const { model, lane, tcp } = policies;
  return [model, pool, lane, tcp].every((each) => each === undefined) ? undefined : policies;
}

function checkProtocols(others: Others, protocols: readonly Protocol[]): void {
  const unknown = protocols.find(({ protocol_type: type }) => type !== IIOP_PROTOCOL);
  if (unknown === undefined) return;
  const text = `serverProtocols: ${unknown.protocol_type} is not spoken here; allowed: ${IIOP_PROTOCOL} (IIOP)`;
  throw invalid(others, RT_POLICY.serverProtocol, text);
}

function check(others: Others, policies: RtPolicies): void {
  const { model, bands } = policies;
  const lanes = lanePriorities(policies);
  const hasLanes = lanes.length > 0;
  if (model === undefined) {
    if (bands.length > 0) {
      throw invalid(others, RT_POLICY.priorityBands, "priorityBands need a priorityModel");
    }
    if (hasLanes) {
      throw invalid(others, RT_POLICY.threadpool, "a thread pool with lanes needs a priorityModel");
    }
    return;
  }
  const { priority_model: of, server_priority: priority } = model;
  if (!isPriority(priority)) {
    const text = `priorityModel: priority ${priority}; allowed: 0 to 32767`;
    throw invalid(others, RT_POLICY.priorityModel, text);
  }
  const empty = hasLanes
    ? bands.find((band) => !lanes.some((lane) => isInBand(band, lane)))
    : undefined;
  if (empty !== undefined) {
    const text = `priorityBands: no lane in ${empty.low} to ${empty.high}; lanes: ${lanes.join(", ")}`;
    throw invalid(others, RT_POLICY.priorityBands, text);
  }
  if (of === "SERVER_DECLARED") {
    const wrong = wrongPriority(policies, priority);
    if (wrong !== undefined)
      throw invalid(others, RT_POLICY.priorityModel, `priorityModel: ${wrong}`);
  }
}

/** Priorities of the lanes that requests of the POA run in, in their order; empty for a pool without lanes, and for none. */
export function lanePriorities(policies: RtPolicies): readonly number[] {
  return lanesIn(policies).map(({ priority }) => priority);
}

/** Those lanes. */
export function lanesIn({ pool, lane }: RtPolicies): readonly RtLane[] {
  if (lane !== undefined) return lane.pool;
  return pool?.hasLanes === true ? pool.lanes : [];
}

/** Why no object of the POA can have the priority, for people; undefined where one can. */
export function wrongPriority(policies: RtPolicies, priority: number): string | undefined {
  if (!isPriority(priority)) return `priority ${priority}; allowed: 0 to 32767`;
  const lanes = lanePriorities(policies);
  if (lanes.length > 0 && !lanes.includes(priority)) {
    return `priority ${priority} is that of no lane; lanes: ${lanes.join(", ")}`;
  }
  const { bands } = policies;
  if (bands.length > 0 && !bands.some((band) => isInBand(band, priority))) {
    const known = bands.map(({ low, high }) => `${low} to ${high}`).join(", ");
    return `priority ${priority} is in no band; bands: ${known}`;
  }
  return undefined;
}
