import { type CdrInput, decapsulate } from "../../cdr/index.ts";
import { MINOR } from "../../exception/index.ts";

/** What a component says, as plain data: for people and for JSON. */
export type Plain =
  | string
  | number
  | bigint
  | boolean
  | Uint8Array
  | readonly Plain[]
  | { readonly [field: string]: Plain };

/** Reads the data of one kind of component. @throws MARSHAL when octets are missing */
export type PlainReader = (data: Uint8Array) => Plain;

/** A reader of an encapsulation's content. */
export function encapsulated(read: (input: CdrInput) => Plain): PlainReader {
  return (data) => decapsulate(data, read);
}

/** A sequence of which each element takes at least `smallest` octets. */
export function sequenceOf<T>(input: CdrInput, smallest: number, read: () => T): T[] {
  const count = input.sequenceLength(smallest);
  return Array.from({ length: count }, read);
}

export function octetSequence(input: CdrInput): Uint8Array {
  return new Uint8Array(input.octets(input.sequenceLength(1)));
}

/** The name of a number, where numbers are names. @throws MARSHAL for a number that has none */
export function nameOf(input: CdrInput, number: number, names: readonly string[]): string {
  const name = names[number];
  if (name !== undefined) return name;
  throw input.fault(`${number} where ${names.join(", ")} are known`, MINOR.enumOutOfRange);
}
