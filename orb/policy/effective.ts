import { Completion, INV_POLICY, MINOR } from "../exception/index.ts";
import type { CallPolicies } from "./call-policies.ts";
import type { PolicyManager } from "./managers.ts";
import { POLICY_KIND_BY_TYPE } from "./kinds.ts";
import { Overrides, policiesByName } from "./overrides.ts";
import type { Policy } from "./policy.ts";

/** The level of a call, below the object's: its options. */
export interface CallLevel {
  readonly timeoutMs?: number;
  readonly policies?: CallPolicies;
}

/** The levels that all references of an ORB share. */
export interface SharedLevels {
  readonly thread: PolicyManager;
  readonly orb: PolicyManager;
}

/**
 * The policies of one call, the narrowest level first: the call, its object, its thread, its ORB. undefined when
 * none has any.
 * @throws BAD_PARAM for policies of the call that are wrong
 */
export function effectiveSettings(
  { thread, orb }: SharedLevels,
  object: Overrides,
  call: CallPolicies | undefined,
): CallPolicies | undefined {
  const [ofThread, ofOrb] = [thread._overrides, orb._overrides];
  if (call === undefined && object.isEmpty && ofThread.isEmpty && ofOrb.isEmpty) return undefined;
  if (call !== undefined) policiesByName(call);
  return { ...ofOrb.settings, ...ofThread.settings, ...object.settings, ...call };
}

/** What overrides say of a type, the narrowest level first; no defaults. */
export function overrideOf(
  { thread, orb }: SharedLevels,
  object: Overrides,
  type: number,
): Policy | undefined {
  return object.get(type) ?? thread._overrides.get(type) ?? orb._overrides.get(type);
}

/** What client and reference agree on; undefined where they do not. */
function reconciled(client: Policy, server: Policy): Policy | undefined {
  const kind = POLICY_KIND_BY_TYPE.get(client.policy_type);
  if (kind?.common === undefined) return client;
  const value = kind.common(client.value, server.value);
  return value === undefined ? undefined : kind.create(value);
}

/**
 * The client's policy joined with that of the reference (its TAG_POLICIES).
 * @throws INV_POLICY minor OMG 1 when they have nothing in common
 */
export function effectivePolicy(
  client: Policy | undefined,
  server: Policy | undefined,
): Policy | undefined {
  if (client === undefined || server === undefined) return client ?? server;
  const policy = reconciled(client, server);
  if (policy !== undefined) return policy;
  const name = POLICY_KIND_BY_TYPE.get(client.policy_type)?.name;
  throw new INV_POLICY(
    `the ${name} that this call wants and that of the reference have nothing in common`,
    MINOR.policiesIrreconcilable,
    Completion.no,
  );
}
