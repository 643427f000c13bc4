import { BAD_PARAM, isStackOverflow, MARSHAL, MINOR, SystemException } from "../exception/index.ts";
import { type TypeCode, typeName } from "../typecode/index.ts";

/** Paths longer than this end with their innermost places. */
const LONGEST_PATH = 1000;

interface Located {
  readonly path: string;
  readonly text: string;
}

const located: WeakMap<SystemException, Located> = new WeakMap();

/**
 * Says in a system exception where it happened, and gives the exception back.
 * @param place the innermost step first, then those around it: `.name`, then `[3]`, then `.items`
 */
export function at(place: string, thrown: unknown): unknown {
  if (!(thrown instanceof SystemException)) return thrown;
  const { path, text } = located.get(thrown) ?? { path: "", text: thrown.message };
  if (path.length > LONGEST_PATH) return thrown;
  located.set(thrown, { path: place + path, text });
  thrown.message = `value${place}${path}: ${text}`;
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
