import { asBuffer, type KnownTexts } from "../../orb/base/index.ts";
import { MARSHAL } from "../../orb/index.ts";

const FIRST_OCTETS = 1_024;
/** A buffer that grew beyond this is given back by `reset`. */
const KEPT_OCTETS = 1 << 20;
/** Up to this many characters a loop beats the call into Node. */
const SHORT_TEXT = 64;

/** Writes numbers (the lowest octet first), texts and octets one behind the other, into one growing buffer. */
export class OctetWriter {
  #buffer: Buffer = Buffer.allocUnsafeSlow(FIRST_OCTETS);
  #view: DataView = new DataView(this.#buffer.buffer);
  #at = 0;

  /** Begins anew. */
  reset(): void {
    this.#at = 0;
    if (this.#buffer.length > KEPT_OCTETS) this.#resize(FIRST_OCTETS);
  }

  /** @returns what was written, until the next `reset` */
  finish(): Uint8Array {
    return this.#buffer.subarray(0, this.#at);
  }

  octet(value: number): void {
    const at = this.#place(1);
    this.#buffer[at] = value;
  }

  ulong(value: number): void {
    const at = this.#place(4);
    this.#view.setUint32(at, value, true);
  }

  double(value: number): void {
    const at = this.#place(8);
    this.#view.setFloat64(at, value, true);
  }

  /** The octets behind their number. */
  octets(value: Uint8Array): void {
    this.ulong(value.length);
    const at = this.#place(value.length);
    this.#buffer.set(value, at);
  }

  /** As UTF-8, behind the number of its octets. */
  text(value: string): void {
    if (value.length > SHORT_TEXT || !this.#ascii(value)) this.octets(Buffer.from(value));
  }

  /** @returns false, with nothing written, for a text that has other characters */
  #ascii(value: string): boolean {
    const { length } = value;
    const at = this.#place(4 + length);
    const buffer = this.#buffer;
    for (let i = 0; i < length; i++) {
      const code = value.charCodeAt(i);
      if (code > 0x7f) {
        this.#at = at;
        return false;
      }
      buffer[at + 4 + i] = code;
    }
    this.#view.setUint32(at, length, true);
    return true;
  }

  /** Makes room behind what was written. @returns index of the first octet of it */
  #place(size: number): number {
    const at = this.#at;
    const end = at + size;
    if (end > this.#buffer.length) this.#resize(Math.max(end, this.#buffer.length * 2));
    this.#at = end;
    return at;
  }

  #resize(size: number): void {
    const resized = Buffer.allocUnsafeSlow(size);
    resized.set(this.#buffer.subarray(0, Math.min(this.#at, size)));
    this.#buffer = resized;
    this.#view = new DataView(resized.buffer);
  }
}

/** Reads what an {@link OctetWriter} wrote, and never past the end: what is not there is MARSHAL. */
export class OctetReader {
  readonly #octets: Buffer;
  readonly #end: number;
  #at = 0;

  constructor(octets: Uint8Array) {
    this.#octets = asBuffer(octets);
    this.#end = octets.length;
  }

  /** Moves over so many octets. @returns index of the first of them @throws MARSHAL when there are fewer */
  skip(size: number): number {
    const at = this.#at;
    if (size > this.#end - at)
      throw new MARSHAL(`${size} octets wanted of a letter of groups; left: ${this.#end - at}`);
    this.#at = at + size;
    return at;
  }

  octet(): number {
    return this.#octets[this.skip(1)] ?? 0;
  }

  ulong(): number {
    return this.#octets.readUInt32LE(this.skip(4));
  }

  double(): number {
    return this.#octets.readDoubleLE(this.skip(8));
  }

  /** The number of elements that follow. @param smallest octets that each of them takes at least */
  count(smallest: number): number {
    const count = this.ulong();
    if (count * smallest > this.#end - this.#at)
      throw new MARSHAL(
        `${count} elements in ${this.#end - this.#at} octets of a letter of groups`,
      );
    return count;
  }

  /** A view of the octets behind their number. */
  octets(): Uint8Array {
    const length = this.ulong();
    const at = this.skip(length);
    const { buffer, byteOffset } = this.#octets;
    return new Uint8Array(buffer, byteOffset + at, length);
  }

  /** @param known texts that come again and again: one of them is not made anew */
  text(known?: KnownTexts): string {
    const length = this.ulong();
    const at = this.skip(length);
    const end = at + length;
    return known !== undefined && isAscii(this.#octets, at, end)
      ? known.of(this.#octets, at, end)
      : this.#octets.toString("utf8", at, end);
  }
}

/** Then UTF-8 is what ISO 8859-1 is. */
function isAscii(octets: Uint8Array, start: number, end: number): boolean {
  for (let i = start; i < end; i++) if ((octets[i] ?? 0) > 0x7f) return false;
  return true;
}
