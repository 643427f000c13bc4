import type { CompletionStatus } from "./completion.ts";
import { MINOR } from "./minor.ts";
import { MARSHAL, SystemException, UNKNOWN } from "./system.ts";
import { UserException } from "./user.ts";

/** True for the error V8 throws when the call stack is used up. */
export function isStackOverflow(thrown: unknown): boolean {
  return thrown instanceof RangeError && thrown.message.includes("call stack");
}

function describe(thrown: unknown): string {
  if (thrown instanceof Error) return `${thrown.name}: ${thrown.message}`;
  try {
    return String(thrown);
  } catch {
    return `a ${typeof thrown} without a text`;
  }
}

/**
 * What a peer is told of something thrown: a system exception as it is, a used-up call stack as MARSHAL
 * (values nested too deeply), a user exception nobody listed as UNKNOWN with minor OMG 1, everything else
 * as UNKNOWN. What was thrown stays as `cause`.
 */
export function toSystemException(thrown: unknown, completed: CompletionStatus): SystemException {
  if (thrown instanceof SystemException) return thrown;
  const options = { cause: thrown };
  if (isStackOverflow(thrown)) {
    const text = "values nested deeper than the call stack allows";
    return new MARSHAL(text, MINOR.nestingTooDeep, completed, options);
  }
  if (thrown instanceof UserException) {
    const text = `user exception ${thrown.repositoryId} is not in the raises list`;
    return new UNKNOWN(text, MINOR.unlistedUserException, completed, options);
  }
  return new UNKNOWN(describe(thrown), MINOR.none, completed, options);
}
