import { type CdrInput, type CdrOutput, decapsulate, encapsulate } from "../cdr/index.ts";
import { MINOR } from "../exception/index.ts";
import { PolicyError } from "./exceptions.ts";
import { POLICY_KIND_BY_TYPE } from "./kinds.ts";
import type { Policy } from "./policy.ts";

/** Far more than there are types. */
const MAX_POLICIES = 256;

/** Messaging::PolicyValueSeq, each value an encapsulation of the attribute; policies that do not travel are left out. */
export function writePolicies(out: CdrOutput, policies: readonly Policy[]): void {
  const travelling = policies.flatMap((policy) => {
    const kind = POLICY_KIND_BY_TYPE.get(policy.policy_type);
    const { wire } = kind ?? {};
    return wire === undefined ? [] : [{ policy, wire }];
  });
  out.ulong(travelling.length);
  for (const { policy, wire } of travelling) {
    out.ulong(policy.policy_type);
    out.octetSequence(encapsulate((inner) => wire.write(inner, policy.value)));
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
    const kind = POLICY_KIND_BY_TYPE.get(type);
    const { wire } = kind ?? {};
    if (kind === undefined || wire === undefined) continue;
    const value = decapsulate(data, (inner) => wire.read(inner));
    try {
      policies.push(kind.create(value));
    } catch (error) {
      // A value that means nothing here is as good as none.
      if (!(error instanceof PolicyError)) throw error;
    }
  }
  return policies;
}
