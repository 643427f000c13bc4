import { Any, writeValue } from "../any/index.ts";
import { CdrOutput } from "../cdr/index.ts";
import { SystemException } from "../exception/index.ts";
import { type TypeCode, typeName } from "../typecode/index.ts";
import { POLICY_ERROR, PolicyError } from "./exceptions.ts";
import type { MessagingKind } from "./messaging.ts";
import { CreatedPolicy, type Policy } from "./policy.ts";

/** @throws PolicyError BAD_POLICY_TYPE for an any of another type, BAD_POLICY_VALUE for a value outside its range */
export function checkedValue(name: string, type: TypeCode, given: unknown): unknown {
  const value = given instanceof Any ? given.value : given;
  if (given instanceof Any && !given.type.equivalent(type)) {
    throw new PolicyError(
      { reason: POLICY_ERROR.BAD_POLICY_TYPE },
      `a ${name} is made of ${typeName(type)}, not ${typeName(given.type)}`,
    );
  }
  try {
    writeValue(new CdrOutput(), type, value);
  } catch (thrown) {
    if (!(thrown instanceof SystemException)) throw thrown;
    throw new PolicyError({ reason: POLICY_ERROR.BAD_POLICY_VALUE }, `${name}: ${thrown.message}`);
  }
  return value;
}

/** A policy of calls. @throws PolicyError */
export function messagingPolicy(kind: MessagingKind, given: unknown): Policy {
  const name = `policy ${kind.type} (${kind.key})`;
  const value = checkedValue(name, kind.valueType, given);
  if (!kind.isAllowed(value)) {
    throw new PolicyError(
      { reason: POLICY_ERROR.BAD_POLICY_VALUE },
      `${name} cannot be ${String(value)}; allowed: ${kind.allowed}`,
    );
  }
  return Object.assign(new CreatedPolicy(kind.type, value), { [kind.attribute]: value });
}
