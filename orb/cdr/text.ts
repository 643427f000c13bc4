import { isUtf8 } from "node:buffer";
import { BAD_PARAM, DATA_CONVERSION, MINOR, type SystemException } from "../exception/index.ts";

const NOT_LATIN1 = /[\u0100-\u{10ffff}]/u;
const NOT_ASCII = /[\u0080-\u{10ffff}]/u;
const LONE_SURROGATE = /\p{Surrogate}/u;

/** U+FEFF at the start of UTF-16 text tells its byte order and is no part of it. */
export const BYTE_ORDER_MARK = 0xfeff;
/** The mark as it looks when read in the wrong order. */
export const SWAPPED_BYTE_ORDER_MARK = 0xfffe;

/** Up to this many octets a loop beats the call into Node. */
const SHORT_OCTETS = 48;

/** Names a character for people: `U+20AC`. */
export function nameOf(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  return `U+${code.toString(16).toUpperCase().padStart(4, "0")}`;
}

export function notMappable(character: string, codeSet: string): SystemException {
  const text = `${nameOf(character)} has no place in ${codeSet}`;
  return new DATA_CONVERSION(text, MINOR.characterNotMappable);
}

/** @throws BAD_PARAM when `text` holds U+0000, which ends a string on the wire */
export function refuseNul(text: string): void {
  const at = text.indexOf("\0");
  if (at >= 0) throw new BAD_PARAM(`U+0000 inside a string, at index ${at}`, MINOR.nulInString);
}

/** @throws DATA_CONVERSION naming the first character above U+00FF */
export function requireLatin1(text: string): void {
  const found = NOT_LATIN1.exec(text);
  if (found !== null) throw notMappable(found[0], "ISO 8859-1");
}

/** @throws DATA_CONVERSION naming the first character above U+007F */
export function requireAscii(text: string): void {
  const found = NOT_ASCII.exec(text);
  if (found !== null) throw notMappable(found[0], "ISO 646");
}

/** @throws DATA_CONVERSION naming the first half of a surrogate pair that has no other half */
export function requireWellFormed(text: string): void {
  const found = LONE_SURROGATE.exec(text);
  if (found !== null) throw notMappable(found[0], "UTF-8 without its other half");
}

/** Text of valid UTF-8; undefined when the octets are not. */
export function decodeUtf8(octets: Buffer, start: number, end: number): string | undefined {
  const text = octets.toString("utf8", start, end);
  // Octets that are not UTF-8 come back as U+FFFD, but so does a U+FFFD that was sent.
  if (text.includes("\ufffd") && !isUtf8(octets.subarray(start, end))) return undefined;
  return text;
}

function decodeShortUtf16(
  octets: Buffer,
  start: number,
  end: number,
  littleEndian: boolean,
): string {
  let text = "";
  for (let i = start; i + 1 < end; i += 2) {
    const first = octets[i] ?? 0;
    const second = octets[i + 1] ?? 0;
    text += String.fromCharCode(littleEndian ? (second << 8) | first : (first << 8) | second);
  }
  return text;
}

/** Text of UTF-16 code units; an odd octet at the end is ignored. */
export function decodeUtf16(
  octets: Buffer,
  start: number,
  end: number,
  littleEndian: boolean,
): string {
  if (end - start <= SHORT_OCTETS) return decodeShortUtf16(octets, start, end, littleEndian);
  if (littleEndian) return octets.toString("utf16le", start, end);
  const length = (end - start) & ~1;
  const swapped = Buffer.allocUnsafe(length);
  octets.copy(swapped, 0, start, start + length);
  return swapped.swap16().toString("utf16le");
}

function encodeShortUtf16(octets: Buffer, at: number, text: string, littleEndian: boolean): void {
  const low = littleEndian ? at : at + 1;
  const high = littleEndian ? at + 1 : at;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    octets[low + i * 2] = code;
    octets[high + i * 2] = code >>> 8;
  }
}

/** Puts the code units of `text` at `at`, where there is room. */
export function encodeUtf16(octets: Buffer, at: number, text: string, littleEndian: boolean): void {
  if (text.length * 2 <= SHORT_OCTETS) {
    encodeShortUtf16(octets, at, text, littleEndian);
    return;
  }
  const written = octets.write(text, at, text.length * 2, "utf16le");
  if (!littleEndian) octets.subarray(at, at + written).swap16();
}
