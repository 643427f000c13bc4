import type { Clock } from "../base/index.ts";
import { decapsulate } from "../cdr/index.ts";
import { Completion, MINOR, SystemException, TIMEOUT } from "../exception/index.ts";
import { findServiceContext, SERVICE_ID, type ServiceContext } from "../giop/index.ts";
import { MESSAGING_POLICY, readPolicies, type UtcT, utcToWallMs } from "../policy/index.ts";

/** Milliseconds since 1970; undefined where the client said nothing that can be read. */
function endOf(context: ServiceContext): number | undefined {
  try {
    const end = decapsulate(context.data, readPolicies).find(
      ({ policy_type }) => policy_type === MESSAGING_POLICY.requestEndTime,
    );
    return end === undefined ? undefined : utcToWallMs(end.value as UtcT);
  } catch (error) {
    if (error instanceof SystemException) return undefined;
    throw error;
  }
}

/**
 * What a request is answered with when its client did not want the servant called so late (RequestEndTimePolicy,
 * CORBA 3.3 Part 1, 17.2.5); undefined for one that is in time.
 */
export function lateRequest(
  {
    operation,
    contexts,
  }: { readonly operation: string; readonly contexts: readonly ServiceContext[] },
  clock: Clock,
): TIMEOUT | undefined {
  const context = findServiceContext(contexts, SERVICE_ID.invocationPolicies);
  const endMs = context === undefined ? undefined : endOf(context);
  if (endMs === undefined || clock.wallMs() <= endMs) return undefined;
  return new TIMEOUT(
    `${operation}: requestEndTime passed before the servant could be called`,
    MINOR.requestExpired,
    Completion.no,
  );
}
