import type { Rank } from "../base/index.ts";
import { decapsulate } from "../cdr/index.ts";
import { INV_POLICY, SystemException } from "../exception/index.ts";
import { findServiceContext, SERVICE_ID, type ServiceContext } from "../giop/index.ts";
import {
  effectivePolicy,
  MESSAGING_POLICY,
  type Policy,
  type Range,
  readPolicies,
  type UtcT,
  utcToWallMs,
} from "../policy/index.ts";
import type { PolicyMap } from "./published.ts";

/** Messaging::Ordering: bits of a QueueOrderPolicy; ANY and TEMPORAL, which are by age, are not looked at. */
const ORDER = { priority: 4, deadline: 8 } as const;

/**
 * Where a request stands in queues by its QueueOrderPolicy (CORBA 3.3 Part 1, 17.2.7): by priority where it allows
 * ORDER_PRIORITY, by its end where it allows ORDER_DEADLINE; undefined for by age.
 * @param policyOf the policy in force of a type
 * @param priority where no RequestPriorityPolicy says one
 * @param endMs milliseconds since 1970: by when it has to be sent, or served
 */
export function rankOf(
  policyOf: (type: number) => Policy | undefined,
  priority: number,
  endMs: () => number,
): Rank | undefined {
  const orders = (policyOf(MESSAGING_POLICY.queueOrder)?.value ?? 0) as number;
  const isByPriority = (orders & ORDER.priority) !== 0;
  const isByEnd = (orders & ORDER.deadline) !== 0;
  if (!isByPriority && !isByEnd) return undefined;
  const range = policyOf(MESSAGING_POLICY.requestPriority)?.value as Range<number> | undefined;
  return {
    // All of the range is allowed: what is wanted most is the highest.
    priority: isByPriority ? (range?.max ?? priority) : 0,
    endMs: isByEnd ? endMs() : Infinity,
  };
}

function sentPolicies(contexts: readonly ServiceContext[]): readonly Policy[] {
  const context = findServiceContext(contexts, SERVICE_ID.invocationPolicies);
  if (context === undefined) return [];
  try {
    return decapsulate(context.data, readPolicies);
  } catch (error) {
    // Octets that are no list of policies say nothing.
    if (error instanceof SystemException) return [];
    throw error;
  }
}

/** What both sides say; the POA's alone where the client did not ask it before. */
function joined(sent: Policy | undefined, own: Policy | undefined): Policy | undefined {
  try {
    return effectivePolicy(sent, own);
  } catch (error) {
    if (error instanceof INV_POLICY) return own;
    throw error;
  }
}

/** Where a request stands in the queues of a server. @param published policies of its POA that clients see */
export function rankOfRequest(
  contexts: readonly ServiceContext[],
  published: PolicyMap,
): Rank | undefined {
  if (contexts.length === 0 && published.size === 0) return undefined;
  const sent = sentPolicies(contexts);
  const sentOf = (type: number): Policy | undefined =>
    sent.find(({ policy_type }) => policy_type === type);
  // A client that names no priority has the usual one, as near as the POA lets it.
  const range = published.get(MESSAGING_POLICY.requestPriority)?.value as Range<number> | undefined;
  const usual = range === undefined ? 0 : Math.min(Math.max(0, range.min), range.max);
  const policyOf = (type: number): Policy | undefined => {
    const own = sentOf(type);
    const isUnsaid = type === MESSAGING_POLICY.requestPriority && own === undefined;
    return isUnsaid ? undefined : joined(own, published.get(type));
  };
  return rankOf(policyOf, usual, () => {
    const end = sentOf(MESSAGING_POLICY.requestEndTime) ?? sentOf(MESSAGING_POLICY.replyEndTime);
    return end === undefined ? Infinity : utcToWallMs(end.value as UtcT);
  });
}
