import { Completion, INV_POLICY, MINOR } from "../exception/index.ts";
import type { Ior } from "../ior/index.ts";
import {
  type CallLevel,
  type CallPolicies,
  effectivePolicy,
  type Overrides,
  overrideOf,
  type Policy,
  policiesByName,
  POLICY_KIND_BY_TYPE,
  type PolicyFactories,
  type SharedLevels,
} from "../policy/index.ts";
import { publishedPolicies } from "./published.ts";

/** What references and calls need of an ORB's policies. */
export interface ClientPolicies extends SharedLevels {
  readonly factories: PolicyFactories;
  /** Where no level has an override. */
  readonly defaults: CallPolicies;
}

/** The reference that a call goes through. */
export interface CalledReference {
  readonly overrides: Overrides;
  /** Where it leads now. */
  readonly currentIor: Ior;
}

function checkType(type: number): void {
  if (POLICY_KIND_BY_TYPE.has(type)) return;
  throw new INV_POLICY(
    `policy type ${type} is none of calls`,
    MINOR.invalidPolicyType,
    Completion.no,
  );
}

/** The client's side alone: overrides, then defaults. @throws INV_POLICY minor OMG 2 for an unknown type */
export function clientPolicy(
  policies: ClientPolicies,
  overrides: Overrides,
  type: number,
): Policy | undefined {
  const override = overrideOf(policies, overrides, type);
  if (override !== undefined) return override;
  checkType(type);
  return policiesByName(policies.defaults).find((policy) => policy.policy_type === type);
}

/** What holds for a call through the reference. @throws INV_POLICY, minor OMG 1 when client and reference disagree */
export function policyInForce(
  policies: ClientPolicies,
  { overrides, currentIor }: CalledReference,
  type: number,
): Policy | undefined {
  const published = publishedPolicies(currentIor).get(type);
  return effectivePolicy(clientPolicy(policies, overrides, type), published);
}

/** The client's policies that the reference's own contradict. */
export function inconsistentPolicies(
  policies: ClientPolicies,
  { overrides, currentIor }: CalledReference,
): readonly Policy[] {
  const inconsistent: Policy[] = [];
  for (const [type, published] of publishedPolicies(currentIor)) {
    const own = clientPolicy(policies, overrides, type);
    try {
      effectivePolicy(own, published);
    } catch (error) {
      if (!(error instanceof INV_POLICY) || own === undefined) throw error;
      inconsistent.push(own);
    }
  }
  return inconsistent;
}

/** What holds for one call with options of its own; undefined for none. @throws INV_POLICY */
export function policyOfCall(
  policies: ClientPolicies,
  reference: CalledReference,
  options: CallLevel | undefined,
  type: number,
): Policy | undefined {
  const ofCall = policiesByName(callLevel(options)).find((own) => own.policy_type === type);
  const published = publishedPolicies(reference.currentIor).get(type);
  return effectivePolicy(ofCall ?? clientPolicy(policies, reference.overrides, type), published);
}

function callLevel(options: CallLevel | undefined): CallPolicies {
  const { timeoutMs, policies = {} } = options ?? {};
  return timeoutMs === undefined
    ? policies
    : { ...policies, relativeRoundtripTimeoutMs: timeoutMs };
}
