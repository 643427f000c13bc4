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

/** Values that are named here and come later. */
const NOT_YET: ReadonlySet<string> = new Set([
  "NON_RETAIN",
  "USE_SERVANT_MANAGER",
  "MAIN_THREAD_MODEL",
]);

function checkValue(key: string, value: unknown, index: number): void {
  const allowed = ALLOWED.get(key);
  if (allowed === undefined) {
    throw new InvalidPolicy(
      `"${key}" is no POA policy; allowed: ${[...ALLOWED.keys()].join(", ")}`,
      index,
    );
  }
  if (typeof value !== "string" || !allowed.includes(value)) {
    throw new InvalidPolicy(
      `${key} cannot be ${String(value)}; allowed: ${allowed.join(", ")}`,
      index,
    );
  }
  if (NOT_YET.has(value)) {
    throw new InvalidPolicy(`${key} ${value} is not supported by this version`, index);
  }
}

/** The combination rules of CORBA 3.3 Part 1, 15.3.8. */
function checkCombination(p: PoaPolicies, indexOf: (key: keyof PoaPolicies) => number): void {
  if (p.implicitActivation === "IMPLICIT_ACTIVATION" && p.idAssignment !== "SYSTEM_ID") {
    throw new InvalidPolicy(
      "IMPLICIT_ACTIVATION requires SYSTEM_ID",
      indexOf("implicitActivation"),
    );
  }
  if (p.requestProcessing === "USE_DEFAULT_SERVANT" && p.idUniqueness !== "MULTIPLE_ID") {
    throw new InvalidPolicy(
      "USE_DEFAULT_SERVANT requires idUniqueness MULTIPLE_ID",
      indexOf("requestProcessing"),
    );
  }
}

/** @throws InvalidPolicy on an unknown name or value or a combination the standard forbids */
export function policiesFromOptions(options: PoaOptions): PoaPolicies {
  for (const [key, value] of Object.entries(options)) checkValue(key, value, 0);
  const policies = { ...DEFAULT_POA_POLICIES, ...options };
  checkCombination(policies, () => 0);
  return policies;
}

/** The OMG form. @throws InvalidPolicy with the position in the list */
export function policiesFromList(list: readonly Policy[]): PoaPolicies {
  const given = new Map<string, { readonly value: string; readonly index: number }>();
  for (const [index, policy] of list.entries()) {
    const kind = POA_POLICY_TYPES.get(policy.policy_type);
    if (kind === undefined) {
      throw new InvalidPolicy(`policy type ${policy.policy_type} is no POA policy`, index);
    }
    checkValue(kind.key, policy.value, index);
    const before = given.get(kind.key);
    if (before !== undefined && before.value !== policy.value) {
      throw new InvalidPolicy(
        `${kind.key} is given twice, as ${before.value} and ${policy.value}`,
        index,
      );
    }
    given.set(kind.key, { value: policy.value, index });
  }
  const options = Object.fromEntries([...given].map(([key, { value }]) => [key, value]));
  const policies = { ...DEFAULT_POA_POLICIES, ...(options as PoaOptions) };
  checkCombination(policies, (key) => given.get(key)?.index ?? 0);
  return policies;
}
