import { type DispatchGate, GATE_POLICY_TYPE, isDispatchGate } from "../hook/index.ts";
import {
  DEFAULT_POA_POLICIES,
  POA_POLICY_TYPES,
  type PoaPolicies,
  type Policy,
} from "../policy/index.ts";
import { InvalidPolicy } from "./exceptions.ts";

/** Policies of a new POA by name; what is absent has the default of `create_POA`. */
export type PoaOptions = Partial<PoaPolicies>;

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

/** @throws InvalidPolicy on an unknown name or value or a combination the standard forbids */
export function policiesFromOptions(options: PoaOptions): PoaPolicies {
  for (const [key, value] of Object.entries(options)) checkValue(key, value, 0);
  const policies = { ...DEFAULT_POA_POLICIES, ...options };
  checkCombination(policies, () => 0);
  return policies;
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
  const others = new Map<number, Policy>();
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
    if (kind === undefined && isKnown(policy.policy_type)) {
      others.set(policy.policy_type, policy);
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
  const policies = { ...DEFAULT_POA_POLICIES, ...(options as PoaOptions) };
  checkCombination(policies, (key) => given.get(key)?.index);
  return { policies, gate, others };
}
