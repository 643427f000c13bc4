import { MINOR } from "../exception/index.ts";
import { badReference } from "./reference-text.ts";

/** The characters that stand for themselves (CORBA 3.3 Part 2, 7.6.10). */
const PLAIN = /[a-zA-Z0-9;/:?@&=+$,\-_.!~*'()]/u;

/** Octets as URL text: `%hh` for each octet that has no character of its own there. */
export function escapeOctets(octets: Uint8Array): string {
  let text = "";
  for (const octet of octets) {
    const character = String.fromCharCode(octet);
    text += PLAIN.test(character) ? character : `%${octet.toString(16).padStart(2, "0")}`;
  }
  return text;
}

/**
 * The octets that the characters of `text` from `start` to `end` stand for. Printable ASCII characters
 * that should have been escaped are taken as themselves, as other ORBs do.
 * @throws BAD_PARAM (OMG 9) for a broken `%hh`, a blank, a control or a non-ASCII character
 */
export function unescapeOctets(text: string, start: number, end: number): Uint8Array {
  const octets = new Uint8Array(end - start);
  let count = 0;
  for (let at = start; at < end; at++) {
    const code = text.charCodeAt(at);
    if (code === 0x25) {
      const hex = text.slice(at + 1, Math.min(at + 3, end));
      if (!/^[0-9a-fA-F]{2}$/u.test(hex)) {
        throw badReference(
          text,
          at,
          `"%${hex}" is no escape; "%" is followed by two hexadecimal digits`,
          MINOR.badSchemeSpecificPart,
        );
      }
      octets[count++] = Number.parseInt(hex, 16);
      at += 2;
    } else if (code > 0x20 && code < 0x7f) {
      octets[count++] = code;
    } else {
      throw badReference(
        text,
        at,
        `${JSON.stringify(text.charAt(at))} must be written as %hh for each of its octets`,
        MINOR.badSchemeSpecificPart,
      );
    }
  }
  return octets.slice(0, count);
}
