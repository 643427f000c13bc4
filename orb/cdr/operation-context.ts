import { BAD_PARAM, MINOR } from "../exception/index.ts";
import type { CdrInput } from "./input.ts";
import type { CdrOutput } from "./output.ts";

/** Names and values of an operation's context. */
export type OperationContext = Readonly<Record<string, string>>;

/** Least octets of a string. */
const SMALLEST_STRING = 4;

function matches(name: string, pattern: string): boolean {
  return pattern.endsWith("*") ? name.startsWith(pattern.slice(0, -1)) : name === pattern;
}

/**
 * Writes the properties an operation's `context` clause names, as names and values in turn
 * (CORBA 3.3 Part 2, 9.3.5.4).
 * @param patterns names, or beginnings of names followed by `*`
 */
export function writeContext(
  out: CdrOutput,
  context: OperationContext,
  patterns: readonly string[],
): void {
  if (typeof context !== "object" || context === null) {
    const text = `a context is an object of strings, not ${context === null ? "null" : typeof context}`;
    throw new BAD_PARAM(text, MINOR.wrongJavaScriptType);
  }
  const sent = Object.entries(context).filter(([name]) => patterns.some((p) => matches(name, p)));
  out.sequenceLength(sent.length * 2);
  for (const [name, value] of sent) out.string(name).string(value);
}

/** @throws MARSHAL for a name without a value */
export function readContext(input: CdrInput): OperationContext {
  const count = input.sequenceLength(SMALLEST_STRING);
  if (count % 2 !== 0) {
    throw input.fault(`context of ${count} strings, an odd number`, MINOR.oddContext);
  }
  const entries: [string, string][] = [];
  for (let i = 0; i < count; i += 2) entries.push([input.string(), input.string()]);
  return Object.fromEntries(entries);
}
