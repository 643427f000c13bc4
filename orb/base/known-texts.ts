import { asBuffer } from "./bytes.ts";

const SLOTS = 256;
const LONGEST_KEPT = 64;

/** Texts made of octets, kept by a hash of those: a server reads the same few names over and over. */
export class KnownTexts {
  readonly #texts: string[] = Array.from({ length: SLOTS }, () => "");

  /** The octets from `start` to before `end` as ISO 8859-1. */
  of(octets: Uint8Array, start: number, end: number): string {
    if (end - start > LONGEST_KEPT) return latin1(octets, start, end);
    let hash = end - start;
    for (let i = start; i < end; i++) hash = (Math.imul(hash, 31) + (octets[i] ?? 0)) | 0;
    const slot = hash & (SLOTS - 1);
    const known = this.#texts[slot];
    if (known !== undefined && isSame(known, octets, start, end)) return known;
    const text = latin1(octets, start, end);
    this.#texts[slot] = text;
    return text;
  }
}

function isSame(text: string, octets: Uint8Array, start: number, end: number): boolean {
  if (text.length !== end - start) return false;
  for (let i = start; i < end; i++) if (text.charCodeAt(i - start) !== octets[i]) return false;
  return true;
}

function latin1(octets: Uint8Array, start: number, end: number): string {
  return asBuffer(octets).toString("latin1", start, end);
}
