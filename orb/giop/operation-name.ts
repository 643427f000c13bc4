import { asBuffer } from "../base/index.ts";
import type { CdrInput } from "../cdr/index.ts";
import { MINOR } from "../exception/index.ts";

const SLOTS = 256;
const LONGEST_KEPT = 40;

/** Names read before, by a hash of their octets: a server reads the same few names over and over. */
const names: string[] = Array.from({ length: SLOTS }, () => "");

/**
 * Reads an operation name: ISO 8859-1 whatever code sets the connection uses.
 * @throws MARSHAL when the name does not end in NUL or passes the end
 */
export function readOperation(input: CdrInput): string {
  const octets = input.octets(input.sequenceLength(1));
  const count = octets.length - 1;
  // Some old ORBs send the empty string without its NUL.
  if (count < 0) return "";
  if (octets[count] !== 0) {
    throw input.fault(
      `the operation name of ${count + 1} octets does not end in NUL`,
      MINOR.stringNotTerminated,
    );
  }
  if (count > LONGEST_KEPT) return latin1(octets, count);
  let hash = count;
  for (let i = 0; i < count; i++) hash = (Math.imul(hash, 31) + (octets[i] ?? 0)) | 0;
  const slot = hash & (SLOTS - 1);
  const known = names[slot];
  if (known !== undefined && isSame(known, octets, count)) return known;
  const name = latin1(octets, count);
  names[slot] = name;
  return name;
}

function isSame(name: string, octets: Uint8Array, count: number): boolean {
  if (name.length !== count) return false;
  for (let i = 0; i < count; i++) if (name.charCodeAt(i) !== octets[i]) return false;
  return true;
}

function latin1(octets: Uint8Array, count: number): string {
  return asBuffer(octets).toString("latin1", 0, count);
}
