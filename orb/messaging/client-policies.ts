import { decapsulate } from "../cdr/index.ts";
import { Completion, INV_POLICY, MINOR } from "../exception/index.ts";
import {
  COMPONENT_TAG,
  findComponent,
  type Ior,
  PROFILE_TAG,
  readIiopProfile,
} from "../ior/index.ts";
import {
  type CallLevel,
  type CallPolicies,
  effectivePolicy,
  MESSAGING_KIND_BY_TYPE,
  type Overrides,
  overrideOf,
  type Policy,
  policiesByName,
  type PolicyFactories,
  readPolicies,
  type SharedLevels,
} from "../policy/index.ts";

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

/** The policies in the reference's first IIOP profile, by type (component TAG_POLICIES). @throws MARSHAL */
export function publishedPolicies(ior: Ior): ReadonlyMap<number, Policy> {
  const tagged = ior.profiles.find((profile) => profile.tag === PROFILE_TAG.internetIop);
  if (tagged === undefined) return new Map();
  const component = findComponent(readIiopProfile(tagged.data).components, COMPONENT_TAG.policies);
  if (component === undefined) return new Map();
  const policies = decapsulate(component.data, readPolicies);
  return new Map(policies.map((policy) => [policy.policy_type, policy]));
}

function checkType(type: number): void {
  if (MESSAGING_KIND_BY_TYPE.has(type)) return;
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
