import { readValue, writeValue } from "../any/index.ts";
import { type CdrInput, type CdrOutput, decapsulate, encapsulate } from "../cdr/index.ts";
import { MINOR } from "../exception/index.ts";
import { PolicyError } from "./exceptions.ts";
import { messagingPolicy } from "./factories.ts";
import { MESSAGING_KIND_BY_TYPE } from "./messaging.ts";
import type { Policy } from "./policy.ts";

/** Far more than there are types. */
const MAX_POLICIES = 256;

/** Messaging::PolicyValueSeq, each value an encapsulation of the attribute; policies that do not travel are left out. */
export function writePolicies(out: CdrOutput, policies: readonly Policy[]): void {
  const travelling = policies.flatMap((policy) => {
    const kind = MESSAGING_KIND_BY_TYPE.get(policy.policy_type);
    return kind === undefined ? [] : [{ kind, value: policy.value }];
  });
  out.ulong(travelling.length);
  for (const { kind, value } of travelling) {
    out.ulong(kind.type);
    out.octetSequence(encapsulate((inner) => writeValue(inner, kind.valueType, value)));
  }
}

/**
 * What {@link writePolicies} writes; types that are not known here are left out.
 * @throws MARSHAL for octets that are no such list
 */
export function readPolicies(input: CdrInput): readonly Policy[] {
  // A policy takes at least its type and the length of its value.
  const count = input.sequenceLength(8);
  if (count > MAX_POLICIES) {
    throw input.fault(
      `${count} policies; at most ${MAX_POLICIES} are allowed`,
      MINOR.sequenceTooLong,
    );
  }
  const policies: Policy[] = [];
  for (let i = 0; i < count; i++) {
    const type = input.ulong();
    const data = input.octets(input.sequenceLength(1));
    const kind = MESSAGING_KIND_BY_TYPE.get(type);
    if (kind === undefined) continue;
    const value = decapsulate(data, (inner) => readValue(inner, kind.valueType));
    try {
      policies.push(messagingPolicy(kind, value));
    } catch (error) {
      // A value that means nothing here is as good as none.
      if (!(error instanceof PolicyError)) throw error;
    }
  }
  return policies;
}
