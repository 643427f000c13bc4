/** One array holding all parts in order; always a copy. */
export function concat(parts: readonly Uint8Array[]): Uint8Array {
  let total = 0;
  for (const part of parts) total += part.length;
  const all = new Uint8Array(total);
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** True when both hold the same octets. */
export function equal(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** A view of the same octets with the methods of `Buffer`. */
export function asBuffer(octets: Uint8Array): Buffer {
  return Buffer.isBuffer(octets)
    ? octets
    : Buffer.from(octets.buffer, octets.byteOffset, octets.length);
}

/** Lower-case hexadecimal digits, two for each octet, without separators. */
export function toHex(octets: Uint8Array): string {
  return asBuffer(octets).toString("hex");
}

/**
 * Octets from hexadecimal digits; white space between them is ignored.
 * @throws RangeError on an odd number of digits or on anything else
 */
export function fromHex(text: string): Uint8Array {
  const digits = text.replaceAll(/\s+/gu, "");
  if (digits.length % 2 !== 0 || /[^0-9a-f]/iu.test(digits)) {
    throw new RangeError(`not pairs of hexadecimal digits: ${digits.slice(0, 40)}`);
  }
  return new Uint8Array(Buffer.from(digits, "hex"));
}

/** Lines of 16 octets for people: offset, hexadecimal, printable ASCII. */
export function hexDump(octets: Uint8Array, limit: number = 1024): string {
  const lines: string[] = [];
  const end = Math.min(octets.length, limit);
  for (let at = 0; at < end; at += 16) {
    const row = [...octets.subarray(at, Math.min(at + 16, end))];
    const hex = row.map((o) => o.toString(16).padStart(2, "0")).join(" ");
    const text = row.map((o) => (o >= 0x20 && o < 0x7f ? String.fromCharCode(o) : ".")).join("");
    lines.push(`${at.toString(16).padStart(8, "0")}  ${hex.padEnd(47)}  ${text}`);
  }
  if (end < octets.length) lines.push(`… ${octets.length - end} more octets`);
  return lines.join("\n");
}
