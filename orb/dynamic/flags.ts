/** Bits of a NamedValue, and options of context searches (CORBA 3.3 Part 1, 11.1.1). */
export type Flags = number;

export const ARG_IN: Flags = 1;
export const ARG_OUT: Flags = 2;
export const ARG_INOUT: Flags = 3;

/** Context.get_values: look into the first scope that matches, not into its parents. */
export const CTX_RESTRICT_SCOPE: Flags = 15;

/** Whether a value of this mode travels with the request. */
export function isSent(flags: Flags): boolean {
  return (flags & ARG_IN) !== 0;
}

/** Whether a value of this mode travels with the reply. */
export function isReturned(flags: Flags): boolean {
  return (flags & ARG_OUT) !== 0;
}
