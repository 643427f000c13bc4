import { BAD_PARAM, Completion, MINOR } from "../exception/index.ts";

/** RTCORBA::minPriority. */
export const MIN_PRIORITY: number = 0;
/** RTCORBA::maxPriority: the most urgent. */
export const MAX_PRIORITY: number = 32_767;

/** Whether a number is a CORBA priority: whole, 0 to 32767. */
export function isPriority(value: number): boolean {
  return Number.isInteger(value) && value >= MIN_PRIORITY && value <= MAX_PRIORITY;
}

/**
 * A CORBA priority as it was given.
 * @param what it is the priority of, for people
 * @throws BAD_PARAM outside 0 to 32767
 */
export function checkPriority(value: number, what: string): number {
  if (isPriority(value)) return value;
  throw new BAD_PARAM(
    `${what} is ${String(value)}; allowed: ${MIN_PRIORITY} to ${MAX_PRIORITY}`,
    MINOR.none,
    Completion.no,
  );
}
