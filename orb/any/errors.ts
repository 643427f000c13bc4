import { BAD_PARAM, isStackOverflow, MARSHAL, MINOR, SystemException } from "../exception/index.ts";
import { type TypeCode, typeName } from "../typecode/index.ts";

/** Paths longer than this end with their innermost places. */
const LONGEST_MESSAGE = 1000;

/** Puts the place before the message of a system exception, and gives the exception back. */
export function at(place: string, thrown: unknown): unknown {
  if (thrown instanceof SystemException && thrown.message.length < LONGEST_MESSAGE) {
    thrown.message = `${place}: ${thrown.message}`;
  }
  return thrown;
}

/** A used-up call stack is data nested too deeply. */
export function deepAsMarshal(thrown: unknown): unknown {
  if (!isStackOverflow(thrown)) return thrown;
  const text = "value nested deeper than the call stack allows";
  return new MARSHAL(text, MINOR.nestingTooDeep, undefined, { cause: thrown });
}

export function wrongShape(type: TypeCode, expected: string, value: unknown): BAD_PARAM {
  const found = value === null ? "null" : typeof value;
  const text = `${typeName(type)} is ${expected}, not ${found}`;
  return new BAD_PARAM(text, MINOR.wrongJavaScriptType);
}

export function wrongLength(type: TypeCode, length: number): BAD_PARAM {
  const text = `${typeName(type)} has ${type.length()} elements, not ${length}`;
  return new BAD_PARAM(text, MINOR.wrongArrayLength);
}

/** For the kinds whose values streams do not carry. */
export function unsupported(type: TypeCode): MARSHAL {
  const text = `${typeName(type)} (${type.kind()}) exists in one process only`;
  return new MARSHAL(text, MINOR.localObject);
}
