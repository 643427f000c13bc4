import { toHex } from "../base/index.ts";
import { CdrInput, encapsulate } from "../cdr/index.ts";
import { MARSHAL, MINOR } from "../exception/index.ts";
import { type Ior, readIor, writeIor } from "./ior.ts";
import { afterScheme, badReference } from "./reference-text.ts";

/** `IOR:` and the hexadecimal octets of an encapsulated IOR (CORBA 3.3 Part 2, 7.6.9). */
export function iorToString(ior: Ior): string {
  return `IOR:${toHex(encapsulate((out) => writeIor(out, ior)))}`;
}

/**
 * Reads a stringified IOR in either case of letters; white space around it is ignored.
 * @throws BAD_PARAM naming the character at fault (OMG 7 another scheme, OMG 10 anything else)
 */
export function iorFromString(stringified: string): Ior {
  const text = stringified.trim();
  const start = afterScheme(text, "ior:");
  const wrong = text.slice(start).search(/[^0-9a-fA-F]/u);
  if (wrong !== -1) {
    throw badReference(
      text,
      start + wrong,
      `${JSON.stringify(text.charAt(start + wrong))} is no hexadecimal digit`,
      MINOR.badStringifiedReference,
    );
  }
  if ((text.length - start) % 2 !== 0) {
    throw badReference(
      text,
      text.length - 1,
      `${text.length - start} hexadecimal digits; each octet takes two`,
      MINOR.badStringifiedReference,
    );
  }
  const octets = Buffer.from(text.slice(start), "hex");
  const order = octets[0];
  if (order === undefined) {
    throw badReference(text, start, "nothing after the prefix", MINOR.badStringifiedReference);
  }
  const input = new CdrInput(octets, { littleEndian: (order & 1) === 1, position: 1 });
  try {
    return readIor(input);
  } catch (cause) {
    if (!(cause instanceof MARSHAL)) throw cause;
    throw badReference(
      text,
      start + 2 * Math.min(input.position, octets.length),
      `octet ${input.position}: ${cause.message}`,
      MINOR.badStringifiedReference,
      cause,
    );
  }
}
