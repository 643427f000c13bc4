import { decapsulate, encapsulate } from "../cdr/index.ts";
import {
  COMPONENT_TAG,
  findComponent,
  heartbeatComponent,
  type Ior,
  PROFILE_TAG,
  readIiopProfile,
  type TaggedComponent,
} from "../ior/index.ts";
import {
  HEARTBEAT_ENABLED_POLICY,
  POLICY_KIND_BY_TYPE,
  type Policy,
  readPolicies,
  writePolicies,
} from "../policy/index.ts";

/** Policies by type. */
export type PolicyMap = ReadonlyMap<number, Policy>;

const NONE: PolicyMap = new Map();
/** A reference is read once, and asked at every call. */
const READ = new WeakMap<Ior, PolicyMap>();

/** What the references of a POA with these policies say of them, where there is something to say: TAG_POLICIES, and of heartbeats. */
export function policyComponents(policies: Iterable<Policy>): readonly TaggedComponent[] {
  const list = [...policies];
  const health = list.find(({ policy_type }) => policy_type === HEARTBEAT_ENABLED_POLICY);
  const components = health === undefined ? [] : [heartbeatComponent(health.value === true)];
  const told = list.filter(
    ({ policy_type }) => POLICY_KIND_BY_TYPE.get(policy_type)?.inIor === true,
  );
  if (told.length === 0) return components;
  const data = encapsulate((out) => writePolicies(out, told));
  return [{ tag: COMPONENT_TAG.policies, data }, ...components];
}

function readPublished(ior: Ior): PolicyMap {
  const tagged = ior.profiles.find((profile) => profile.tag === PROFILE_TAG.internetIop);
  if (tagged === undefined) return NONE;
  const component = findComponent(readIiopProfile(tagged.data).components, COMPONENT_TAG.policies);
  if (component === undefined) return NONE;
  const policies = decapsulate(component.data, readPolicies);
  return new Map(policies.map((policy) => [policy.policy_type, policy]));
}

/** The policies in the reference's first IIOP profile, by type (component TAG_POLICIES). @throws MARSHAL */
export function publishedPolicies(ior: Ior): PolicyMap {
  let policies = READ.get(ior);
  if (policies === undefined) {
    policies = readPublished(ior);
    READ.set(ior, policies);
  }
  return policies;
}
