import { BAD_PARAM, MINOR } from "../exception/index.ts";
import type { CdrInput } from "./input.ts";
import type { CdrOutput } from "./output.ts";

/** Helpers of generated code for types made of other types. */

function checkArray(v: unknown, what: string): asserts v is readonly unknown[] {
  if (!Array.isArray(v)) {
    throw new BAD_PARAM(`${what} needs an array, not ${typeof v}`, MINOR.wrongJavaScriptType);
  }
}

/** Count, then elements. @throws BAD_PARAM for what is no array or longer than `bound` (0: unbounded) */
export function writeSequence<T>(
  out: CdrOutput,
  v: readonly T[],
  write: (out: CdrOutput, element: T) => void,
  bound: number = 0,
): void {
  checkArray(v, "a sequence");
  out.sequenceLength(v.length, bound);
  for (let i = 0; i < v.length; i++) write(out, v[i] as T);
}

/**
 * @param smallest least octets one element takes, so that a count cannot ask for more than there is
 * @throws MARSHAL for a count that cannot be, or above `bound` (0: unbounded)
 */
export function readSequence<T>(
  input: CdrInput,
  smallest: number,
  read: (input: CdrInput) => T,
  bound: number = 0,
): T[] {
  const count = input.sequenceLength(smallest, bound);
  const v: T[] = [];
  for (let i = 0; i < count; i++) v.push(read(input));
  return v;
}

function checkLength(found: number, length: number): void {
  if (found !== length) {
    throw new BAD_PARAM(
      `an array of ${length} elements is needed, not of ${found}`,
      MINOR.wrongArrayLength,
    );
  }
}

/** The elements alone. @throws BAD_PARAM for another length than `length` */
export function writeArray<T>(
  out: CdrOutput,
  v: readonly T[],
  length: number,
  write: (out: CdrOutput, element: T) => void,
): void {
  checkArray(v, "an array type");
  checkLength(v.length, length);
  for (let i = 0; i < length; i++) write(out, v[i] as T);
}

export function readArray<T>(input: CdrInput, length: number, read: (input: CdrInput) => T): T[] {
  const v: T[] = [];
  for (let i = 0; i < length; i++) v.push(read(input));
  return v;
}

/** An array of octets. @throws BAD_PARAM for another length than `length` */
export function writeOctetArray(out: CdrOutput, v: Uint8Array, length: number): void {
  if (!(v instanceof Uint8Array)) {
    throw new BAD_PARAM(
      `an array of octets needs a Uint8Array, not ${typeof v}`,
      MINOR.wrongJavaScriptType,
    );
  }
  checkLength(v.length, length);
  out.octets(v);
}

/** A copy of `length` octets. */
export function readOctetArray(input: CdrInput, length: number): Uint8Array {
  return input.octets(length).slice();
}

/** Count, then keys and values in turn. @throws BAD_PARAM for what is no Map or larger than `bound` (0: unbounded) */
export function writeMap<K, V>(
  out: CdrOutput,
  v: ReadonlyMap<K, V>,
  writeKey: (out: CdrOutput, key: K) => void,
  writeValue: (out: CdrOutput, value: V) => void,
  bound: number = 0,
): void {
  if (!(v instanceof Map)) {
    throw new BAD_PARAM(`a map needs a Map, not ${typeof v}`, MINOR.wrongJavaScriptType);
  }
  out.sequenceLength(v.size, bound);
  for (const [key, value] of v) {
    writeKey(out, key);
    writeValue(out, value);
  }
}

/**
 * Of equal keys the last one holds.
 * @param smallest least octets a key and its value take together
 * @throws MARSHAL for a count that cannot be, or above `bound` (0: unbounded)
 */
export function readMap<K, V>(
  input: CdrInput,
  smallest: number,
  readKey: (input: CdrInput) => K,
  readValue: (input: CdrInput) => V,
  bound: number = 0,
): Map<K, V> {
  const count = input.sequenceLength(smallest, bound);
  const v = new Map<K, V>();
  for (let i = 0; i < count; i++) {
    const key = readKey(input);
    v.set(key, readValue(input));
  }
  return v;
}

/** The ordinal of a name. @throws BAD_PARAM for a name that is not one of `names` */
export function writeEnum(out: CdrOutput, names: readonly string[], v: string): void {
  const ordinal = names.indexOf(v);
  if (ordinal < 0) {
    throw new BAD_PARAM(
      `${JSON.stringify(v)} is no enumerator; allowed: ${names.join(", ")}`,
      MINOR.enumOutOfRange,
    );
  }
  out.ulong(ordinal);
}

/** @throws MARSHAL for an ordinal beyond the names */
export function readEnum<E extends string>(input: CdrInput, names: readonly E[]): E {
  const ordinal = input.ulong();
  const name = names[ordinal];
  if (name === undefined) {
    throw input.fault(
      `ordinal ${ordinal} of an enum of ${names.length} (${names.join(", ")})`,
      MINOR.unknownOrdinal,
    );
  }
  return name;
}

/** Whether a value is an enumerator of an IDL enum, given as the record that stands for it. */
export function isEnumerator<E extends Readonly<Record<string, string>>>(
  record: E,
  value: unknown,
): value is E[keyof E] {
  return typeof value === "string" && Object.hasOwn(record, value);
}

declare const label: unique symbol;

/**
 * A label of a union that no case names, where such labels are too many to list: a number (character, bigint) at
 * run time, and opaque to TypeScript, which tells members apart by `$d` only while no alternative takes any number.
 */
export interface Unlisted<L extends bigint | number | string> {
  readonly [label]: L;
  valueOf(): L;
}

/** A label that no case of a union names. The ORB does not check that none does. */
export function unlisted<L extends bigint | number | string>(value: L): Unlisted<L> {
  return value as unknown as Unlisted<L>;
}
