import {
  type DispatchGate,
  GATE_POLICY_TYPE,
  isDispatchGate,
  REPLICATION_POLICY_TYPE,
  type ReplicationOptions,
  type Replicator,
} from "../hook/index.ts";
import { isDeepStrictEqual } from "node:util";
import { SystemException } from "../exception/index.ts";
import {
  type CallPolicies,
  DEFAULT_POA_POLICIES,
  HEARTBEAT_ENABLED_POLICY,
  type IdAssignment,
  type IdUniqueness,
  type ImplicitActivation,
  type Lifespan,
  POA_POLICY_TYPES,
  type PoaPolicies,
  policiesByName,
  type Policy,
  POLICY_KIND_BY_TYPE,
  PolicyError,
  type RequestProcessing,
  rtPoliciesOf,
  type RtPoaOptions,
  type ServantRetention,
  type ThreadModel,
} from "../policy/index.ts";
import { InvalidPolicy } from "./exceptions.ts";

/** Policies of calls that POAs may have: their references carry them. */
export type PublishedPolicies = Pick<
  CallPolicies,
  "requestPriority" | "replyPriority" | "routing" | "queueOrder"
>;

/** Policies of a new POA by name; what is absent has the default of `create_POA`. */
export interface PoaOptions extends Partial<PoaPolicies>, RtPoaOptions {
  /** What calls of its objects are to keep to: in the references, where clients join it with their own policies. */
  readonly calls?: PublishedPolicies;
  /** Whether clients of the POA's objects may ask the server for its health (FT::HeartbeatEnabledPolicy). */
  readonly heartbeatEnabled?: boolean;
}

type Others = Map<number, Policy>;

const ALLOWED: ReadonlyMap<string, readonly string[]> = new Map(
  [...POA_POLICY_TYPES.values()].map((kind) => [kind.key, kind.values]),
);

function checkValue(key: string, value: unknown, index: number): void {
  const allowed = ALLOWED.get(key);
  if (allowed === undefined) {
    throw new InvalidPolicy(
      { index },
      `"${key}" is no POA policy; allowed: ${[...ALLOWED.keys()].join(", ")}`,
    );
  }
  if (typeof value !== "string" || !allowed.includes(value)) {
    throw new InvalidPolicy(
      { index },
      `${key} cannot be ${String(value)}; allowed: ${allowed.join(", ")}`,
    );
  }
}

/** One of the combination rules: what `key` is demands something of the others. */
interface Rule {
  readonly key: keyof PoaPolicies;
  readonly value: string;
  readonly needs: string;
  readonly holds: (policies: PoaPolicies) => boolean;
}

/** CORBA 3.3 Part 1, 15.3.8. UNIQUE_ID beside NON_RETAIN is allowed and means nothing. */
const RULES: readonly Rule[] = [
  {
    key: "implicitActivation",
    value: "IMPLICIT_ACTIVATION",
    needs: "SYSTEM_ID and RETAIN",
    holds: (p) => p.idAssignment === "SYSTEM_ID" && p.servantRetention === "RETAIN",
  },
  {
    key: "requestProcessing",
    value: "USE_ACTIVE_OBJECT_MAP_ONLY",
    needs: "RETAIN",
    holds: (p) => p.servantRetention === "RETAIN",
  },
  {
    key: "requestProcessing",
    value: "USE_DEFAULT_SERVANT",
    needs: "MULTIPLE_ID",
    holds: (p) => p.idUniqueness === "MULTIPLE_ID",
  },
];

function checkCombination(
  policies: PoaPolicies,
  indexOf: (key: keyof PoaPolicies) => number | undefined,
): void {
  for (const { key, value, needs, holds } of RULES) {
    if (policies[key] !== value || holds(policies)) continue;
    // USE_ACTIVE_OBJECT_MAP_ONLY may be there by default: then NON_RETAIN is what was asked for.
    const index = indexOf(key) ?? indexOf("servantRetention") ?? 0;
    throw new InvalidPolicy({ index }, `${key} ${value} requires ${needs}`);
  }
}

/** Adds a policy that is not the POA's own. @throws InvalidPolicy with `index` */
function addOther(others: Others, policy: Policy, index: number): void {
  const before = others.get(policy.policy_type);
  if (before !== undefined && !isDeepStrictEqual(before.value, policy.value)) {
    throw new InvalidPolicy({ index }, `two values for policy type ${policy.policy_type}`);
  }
  others.set(policy.policy_type, policy);
}

/** @throws InvalidPolicy */
function publishedByName(calls: PublishedPolicies): Others {
  const others: Others = new Map();
  for (const policy of listed(calls)) {
    const kind = POLICY_KIND_BY_TYPE.get(policy.policy_type);
    if (kind?.isOfPoas !== true) {
      throw new InvalidPolicy({ index: 0 }, `calls.${kind?.name} is the client's own affair`);
    }
    addOther(others, policy, 0);
  }
  return others;
}

/** The options that are the POA's own; those of RT-CORBA go to `others`. @throws InvalidPolicy */
function withoutRealTime(
  options: Omit<PoaOptions, "calls" | "heartbeatEnabled">,
  others: Others,
): Partial<PoaPolicies> {
  try {
    const { policies, rest } = rtPoliciesOf(options);
    for (const policy of policies) addOther(others, policy, 0);
    return rest;
  } catch (error) {
    if (!(error instanceof PolicyError)) throw error;
    throw new InvalidPolicy({ index: 0 }, error.message);
  }
}

function listed(calls: PublishedPolicies): readonly Policy[] {
  try {
    return policiesByName(calls);
  } catch (error) {
    if (!(error instanceof SystemException)) throw error;
    throw new InvalidPolicy({ index: 0 }, `calls: ${error.message}`);
  }
}

/** @throws InvalidPolicy on an unknown name or value or a combination the standard forbids */
export function policiesFromOptions({
  calls = {},
  heartbeatEnabled,
  ...given
}: PoaOptions): Omit<ListedPolicies, "gate"> {
  const others = publishedByName(calls);
  const health = { policy_type: HEARTBEAT_ENABLED_POLICY, value: heartbeatEnabled };
  const heartbeat = heartbeatEnabled === undefined ? undefined : publishedPolicy(health, 0);
  if (heartbeat !== undefined) addOther(others, heartbeat, 0);
  const options = withoutRealTime(given, others);
  for (const [key, value] of Object.entries(options)) checkValue(key, value, 0);
  const policies = { ...DEFAULT_POA_POLICIES, ...options };
  checkCombination(policies, () => 0);
  return { policies, others };
}

/** A policy of calls that a POA may have, as `create_policy` makes it; undefined for one of another type. @throws InvalidPolicy */
function publishedPolicy({ policy_type, value }: Policy, index: number): Policy | undefined {
  const kind = POLICY_KIND_BY_TYPE.get(policy_type);
  if (kind?.isOfPoas !== true) return undefined;
  try {
    return kind.create(value);
  } catch (error) {
    if (!(error instanceof PolicyError)) throw error;
    throw new InvalidPolicy({ index }, error.message);
  }
}

/** What a list of policies says. */
export interface ListedPolicies {
  readonly policies: PoaPolicies;
  readonly gate: DispatchGate | undefined;
  /** Policies of types that are not the POA's own. */
  readonly others: ReadonlyMap<number, Policy>;
}

/** The OMG form. @param isKnown types that are not the POA's own. @throws InvalidPolicy with the position in the list */
export function policiesFromList(
  list: readonly Policy[],
  isKnown: (type: number) => boolean,
): ListedPolicies {
  const others: Others = new Map();
  const given = new Map<string, { readonly value: unknown; readonly index: number }>();
  let gate: DispatchGate | undefined;
  for (const [index, policy] of list.entries()) {
    if (policy.policy_type === GATE_POLICY_TYPE) {
      if (!isDispatchGate(policy.value) || (gate !== undefined && gate !== policy.value)) {
        throw new InvalidPolicy({ index }, "one dispatch gate at most, with attach and admit");
      }
      gate = policy.value;
      continue;
    }
    const kind = POA_POLICY_TYPES.get(policy.policy_type);
    const other =
      publishedPolicy(policy, index) ?? (isKnown(policy.policy_type) ? policy : undefined);
    if (kind === undefined && other !== undefined) {
      addOther(others, other, index);
      continue;
    }
    if (kind === undefined) {
      throw new InvalidPolicy({ index }, `policy type ${policy.policy_type} is no POA policy`);
    }
    checkValue(kind.key, policy.value, index);
    const before = given.get(kind.key);
    if (before !== undefined && before.value !== policy.value) {
      throw new InvalidPolicy(
        { index },
        `${kind.key} is given twice, as ${String(before.value)} and ${String(policy.value)}`,
      );
    }
    given.set(kind.key, { value: policy.value, index });
  }
  const options = Object.fromEntries([...given].map(([key, { value }]) => [key, value]));
  const policies = { ...DEFAULT_POA_POLICIES, ...(options as Partial<PoaPolicies>) };
  checkCombination(policies, (key) => given.get(key)?.index);
  return { policies, gate, others };
}

/** What decides on the gate of a new POA. */
export interface GatePlan {
  readonly name: string;
  readonly gate?: DispatchGate | undefined;
  readonly replication?: ReplicationOptions | undefined;
  readonly policies: PoaPolicies;
  readonly others?: ReadonlyMap<number, Policy>;
}

/** What replicas have in common: the keys of their objects must be the same. */
const NEEDED = { lifespan: "PERSISTENT", idAssignment: "USER_ID" } as const;

/** That a member is silent is for clients to notice: those that ask for its health are answered. */
const ANSWERED = { heartbeatEnabled: true } as const;

/** Policies of a POA that is to be replicated: where nothing is said, what replicas need. */
export function replicatedPolicies<T extends Partial<PoaPolicies>>(
  given: T,
): T & typeof NEEDED & typeof ANSWERED {
  return { ...NEEDED, ...ANSWERED, ...given };
}

/**
 * The gate of a new POA: the one given, or that of its group where it is to be replicated; undefined for neither.
 * @param parent names of the parent, from the root
 * @throws InvalidPolicy for options of the replication that are wrong, for a POA with two gates or whose objects have keys of their
 *   own at each replica, and where the ORB replicates nothing
 */
export function gateOf(
  { name, gate, replication, policies, others }: GatePlan,
  parent: readonly string[],
  replicator: Replicator | undefined,
): DispatchGate | undefined {
  const listed = others?.get(REPLICATION_POLICY_TYPE)?.value as ReplicationOptions | undefined;
  const asked = replication ?? listed;
  if (asked !== undefined || gate?.published !== undefined) checkKeys(policies);
  if (asked === undefined) return gate;
  if (gate !== undefined)
    throw refused("a POA has one gate, and replication is one: give no other");
  if (replicator === undefined)
    throw refused("this ORB replicates nothing; the option `replicator` of ORB_init says who does");
  try {
    return replicator.gate([...parent, name], asked);
  } catch (error) {
    throw error instanceof RangeError ? refused(error.message) : error;
  }
}

function checkKeys(policies: PoaPolicies): void {
  for (const key of ["lifespan", "idAssignment"] as const) {
    if (policies[key] === NEEDED[key]) continue;
    throw refused(
      `with ${key} ${policies[key]} an object has another key at each replica; allowed: ${NEEDED[key]}`,
    );
  }
}

function refused(why: string): InvalidPolicy {
  return new InvalidPolicy({ index: 0 }, `replication: ${why}`);
}

/** Makes policies for `create_POA`; what they say is checked there. */
export class PoaPolicyFactory {
  create_thread_policy(value: ThreadModel): Policy {
    return { policy_type: 16, value };
  }

  create_lifespan_policy(value: Lifespan): Policy {
    return { policy_type: 17, value };
  }

  create_id_uniqueness_policy(value: IdUniqueness): Policy {
    return { policy_type: 18, value };
  }

  create_id_assignment_policy(value: IdAssignment): Policy {
    return { policy_type: 19, value };
  }

  create_implicit_activation_policy(value: ImplicitActivation): Policy {
    return { policy_type: 20, value };
  }

  create_servant_retention_policy(value: ServantRetention): Policy {
    return { policy_type: 21, value };
  }

  create_request_processing_policy(value: RequestProcessing): Policy {
    return { policy_type: 22, value };
  }
}
