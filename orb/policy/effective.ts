import { Completion, INV_POLICY, MINOR } from "../exception/index.ts";
import type { CallPolicies, Range } from "./call-policies.ts";
import type { PolicyManager } from "./managers.ts";
import { messagingPolicy } from "./factories.ts";
import { MESSAGING_KIND_BY_TYPE, MESSAGING_POLICY } from "./messaging.ts";
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

function common(client: Range<number>, server: Range<number>): Range<number> | undefined {
  const range = { min: Math.max(client.min, server.min), max: Math.min(client.max, server.max) };
  return range.min <= range.max ? range : undefined;
}

/** What client and reference agree on; undefined where they do not. */
function reconciled(client: Policy, server: Policy): Policy | undefined {
  const kind = MESSAGING_KIND_BY_TYPE.get(client.policy_type);
  if (kind === undefined) return client;
  let value: unknown;
  switch (kind.type) {
    case MESSAGING_POLICY.requestPriority:
    case MESSAGING_POLICY.replyPriority:
    case MESSAGING_POLICY.routing:
      value = common(client.value as Range<number>, server.value as Range<number>);
      break;
    case MESSAGING_POLICY.queueOrder:
      value = (client.value as number) & (server.value as number) || undefined;
      break;
    // The others are the client's own affair.
    default:
      return client;
  }
  return value === undefined ? undefined : messagingPolicy(kind, value);
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
  const key = MESSAGING_KIND_BY_TYPE.get(client.policy_type)?.key;
  throw new INV_POLICY(
    `the ${key} that this call wants and that of the reference have nothing in common`,
    MINOR.policiesIrreconcilable,
    Completion.no,
  );
}
