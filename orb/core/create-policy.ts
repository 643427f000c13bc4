import type { Any } from "../any/index.ts";
import { PolicyError } from "../manager/index.ts";
import { POA_POLICY_TYPES, type Policy } from "../policy/index.ts";

/** CORBA::PolicyErrorCode (CORBA 3.3 Part 1, 8.6.2). */
const REASON = { badPolicy: 0, unsupported: 1, badType: 2, badValue: 3 } as const;

/** Policy types up to here are the OMG's. */
const LAST_OF_OMG = 67;

/** @throws PolicyError that says what is allowed */
export function createPolicy(type: number, value: Any): Policy {
  const kind = POA_POLICY_TYPES.get(type);
  if (kind === undefined) {
    throw new PolicyError(
      `policy type ${type} is none that this ORB has; those of POAs are ${[...POA_POLICY_TYPES.keys()].join(", ")}`,
      type > 0 && type <= LAST_OF_OMG ? REASON.unsupported : REASON.badPolicy,
    );
  }
  if (value.type.unaliased().kind() !== "tk_enum") {
    throw new PolicyError(
      `the value of policy type ${type} is an enum of ${kind.values.join(", ")}, not ${value.type.unaliased().kind()}`,
      REASON.badType,
    );
  }
  if (!kind.values.some((allowed) => allowed === value.value)) {
    throw new PolicyError(
      `policy type ${type} cannot be ${String(value.value)}; allowed: ${kind.values.join(", ")}`,
      REASON.badValue,
    );
  }
  return { policy_type: type, value: value.value };
}
