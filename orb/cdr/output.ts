import { BAD_PARAM, MARSHAL, MINOR } from "../exception/index.ts";
import { CodeSet } from "./codeset.ts";
import { encodeFixed, type Fixed } from "./fixed.ts";
import { LONG_DOUBLE_OCTETS, LongDouble } from "./longdouble.ts";
import { clientWithoutWchar, type NoWchar } from "./no-wchar.ts";
import { type GiopMinor, MAX_NESTING, type StreamOptions } from "./options.ts";
import { noContext, type ReferenceWriter } from "./references.ts";
import {
  BYTE_ORDER_MARK,
  encodeUtf16,
  notMappable,
  refuseNul,
  requireAscii,
  requireLatin1,
  requireWellFormed,
  SWAPPED_BYTE_ORDER_MARK,
} from "./text.ts";

const FIRST_OCTETS = 512;
/** A buffer that grew beyond this is given back by `reset`. */
const KEPT_OCTETS = 4 * 1024 * 1024;
/** Offsets are computed with 32-bit integers. */
const MOST_OCTETS = 0x7fff_ffff;
/** Up to this many characters a loop beats the call into Node. */
const SHORT_TEXT = 32;

export interface CdrOutputOptions extends StreamOptions {
  /** Left out: object references cannot be written. */
  readonly context?: ReferenceWriter<CdrOutput>;
}

function outOfRange(type: string, value: unknown): BAD_PARAM {
  const text = `${typeof value === "string" ? JSON.stringify(value) : String(value)} is no ${type}`;
  return new BAD_PARAM(text, MINOR.integerOutOfRange);
}

function wrongType(type: string, value: unknown): BAD_PARAM {
  return new BAD_PARAM(`a ${typeof value} is no ${type}`, MINOR.wrongJavaScriptType);
}

function viewOf(octets: Buffer): DataView {
  return new DataView(octets.buffer, octets.byteOffset, octets.length);
}

/**
 * Writes CDR into one growing buffer. Every datum is aligned to its size, counted from the start of the
 * stream or of the innermost encapsulation; pad octets are 0 (CORBA 3.3 Part 2, 9.3). A method that
 * throws BAD_PARAM or DATA_CONVERSION leaves the stream unusable until `reset`.
 */
export class CdrOutput {
  readonly littleEndian: boolean;
  giopMinor: GiopMinor;
  charSet: number;
  wcharSet: number;
  context: ReferenceWriter<CdrOutput>;
  noWchar: NoWchar;
  /** TypeCodes and anys being written inside each other. */
  depth: number = 0;
  /** Internal: what `orb/value` keeps of the values written so far; an encapsulation has its own. */
  values: unknown;
  #octets: Buffer;
  #view: DataView;
  #at = 0;
  /** Index from which alignment counts. */
  #base = 0;

  constructor(options: CdrOutputOptions = {}) {
    this.littleEndian = options.littleEndian ?? true;
    this.giopMinor = options.giopMinor ?? 2;
    this.charSet = options.charSet ?? CodeSet.iso8859_1;
    this.wcharSet = options.wcharSet ?? CodeSet.utf16;
    this.context = options.context ?? noContext;
    this.noWchar = options.noWchar ?? clientWithoutWchar;
    this.#octets = Buffer.allocUnsafe(FIRST_OCTETS);
    this.#view = viewOf(this.#octets);
  }

  /** Octets since the start of the stream or of the innermost encapsulation. */
  get position(): number {
    return this.#at - this.#base;
  }

  /** Octets since the start of the outermost stream; indirections count with it. */
  get absolutePosition(): number {
    return this.#at;
  }

  #grow(needed: number): void {
    if (needed > MOST_OCTETS) {
      throw new MARSHAL(`a stream holds at most ${MOST_OCTETS} octets`, MINOR.messageTooLarge);
    }
    const size = Math.min(MOST_OCTETS, Math.max(needed, this.#octets.length * 2));
    const grown = Buffer.allocUnsafeSlow(size);
    grown.set(this.#octets.subarray(0, this.#at));
    this.#octets = grown;
    this.#view = viewOf(grown);
  }

  /** Aligns, makes room for `size` octets, moves behind them; the index of the first. */
  #place(mask: number, size: number): number {
    const from = this.#at;
    const at = from + ((this.#base - from) & mask);
    const end = at + size;
    if (end > this.#octets.length) this.#grow(end);
    const octets = this.#octets;
    for (let i = from; i < at; i++) octets[i] = 0;
    this.#at = end;
    return at;
  }

  align(n: 1 | 2 | 4 | 8): this {
    this.#place(n - 1, 0);
    return this;
  }

  octet(v: number): this {
    if ((v & 0xff) !== v) throw outOfRange("octet (0 to 255)", v);
    const at = this.#place(0, 1);
    this.#octets[at] = v;
    return this;
  }

  int8(v: number): this {
    if ((v << 24) >> 24 !== v) throw outOfRange("int8 (-128 to 127)", v);
    const at = this.#place(0, 1);
    this.#octets[at] = v;
    return this;
  }

  boolean(v: boolean): this {
    if (v !== true && v !== false) throw wrongType("boolean", v);
    const at = this.#place(0, 1);
    this.#octets[at] = v ? 1 : 0;
    return this;
  }

  /**
   * @throws BAD_PARAM when `v` is not one UTF-16 code unit
   * @throws DATA_CONVERSION when it takes no single octet in the stream's code set
   */
  char(v: string): this {
    if (typeof v !== "string" || v.length !== 1) throw outOfRange("char (a string of length 1)", v);
    const code = v.charCodeAt(0);
    if (code > (this.charSet === CodeSet.iso8859_1 ? 0xff : 0x7f)) {
      throw notMappable(v, "one octet of the code set for char");
    }
    const at = this.#place(0, 1);
    this.#octets[at] = code;
    return this;
  }

  /**
   * One UTF-16 code unit, in the form of the stream's GIOP version.
   * @throws BAD_PARAM when `v` has another length; DATA_CONVERSION when it is a surrogate pair
   */
  wchar(v: string): this {
    this.#requireWchar();
    if (typeof v !== "string" || v.length !== 1) {
      if (typeof v === "string" && v.length === 2 && (v.codePointAt(0) ?? 0) > 0xffff) {
        throw notMappable(v, "one wchar");
      }
      throw outOfRange("wchar (a string of length 1)", v);
    }
    if (this.giopMinor === 1) return this.ushort(v.charCodeAt(0));
    const at = this.#place(0, 3);
    this.#octets[at] = 2;
    this.#view.setUint16(at + 1, v.charCodeAt(0), false);
    return this;
  }

  #requireWchar(): void {
    if (this.giopMinor === 0 || this.wcharSet === CodeSet.none) {
      throw this.noWchar(this.giopMinor, true);
    }
  }

  short(v: number): this {
    if ((v << 16) >> 16 !== v) throw outOfRange("short (-32768 to 32767)", v);
    const at = this.#place(1, 2);
    this.#view.setInt16(at, v, this.littleEndian);
    return this;
  }

  ushort(v: number): this {
    if ((v & 0xffff) !== v) throw outOfRange("unsigned short (0 to 65535)", v);
    const at = this.#place(1, 2);
    this.#view.setUint16(at, v, this.littleEndian);
    return this;
  }

  long(v: number): this {
    if ((v | 0) !== v) throw outOfRange("long (-2147483648 to 2147483647)", v);
    const at = this.#place(3, 4);
    this.#view.setInt32(at, v, this.littleEndian);
    return this;
  }

  ulong(v: number): this {
    if (v >>> 0 !== v) throw outOfRange("unsigned long (0 to 4294967295)", v);
    const at = this.#place(3, 4);
    this.#view.setUint32(at, v, this.littleEndian);
    return this;
  }

  longlong(v: bigint | number): this {
    const big = typeof v === "number" && Number.isSafeInteger(v) ? BigInt(v) : v;
    if (typeof big !== "bigint" || BigInt.asIntN(64, big) !== big) throw outOfRange("long long", v);
    const at = this.#place(7, 8);
    this.#view.setBigInt64(at, big, this.littleEndian);
    return this;
  }

  ulonglong(v: bigint | number): this {
    const big = typeof v === "number" && Number.isSafeInteger(v) ? BigInt(v) : v;
    if (typeof big !== "bigint" || BigInt.asUintN(64, big) !== big) {
      throw outOfRange("unsigned long long", v);
    }
    const at = this.#place(7, 8);
    this.#view.setBigUint64(at, big, this.littleEndian);
    return this;
  }

  /** Rounded to single precision; beyond its range it becomes infinite. */
  float(v: number): this {
    if (typeof v !== "number") throw wrongType("float", v);
    const at = this.#place(3, 4);
    this.#view.setFloat32(at, v, this.littleEndian);
    return this;
  }

  double(v: number): this {
    if (typeof v !== "number") throw wrongType("double", v);
    const at = this.#place(7, 8);
    this.#view.setFloat64(at, v, this.littleEndian);
    return this;
  }

  /** IEEE 754 binary128; a number is sent exactly. */
  longdouble(v: LongDouble | number): this {
    const exact = typeof v === "number" ? LongDouble.fromNumber(v) : v;
    if (!(exact instanceof LongDouble)) throw wrongType("long double", v);
    const at = this.#place(7, LONG_DOUBLE_OCTETS);
    this.#octets.set(exact.octets, at);
    if (this.littleEndian) this.#octets.subarray(at, at + LONG_DOUBLE_OCTETS).reverse();
    return this;
  }

  /**
   * @throws DATA_CONVERSION when `v` has more digits than the type, or more behind the point
   * @throws BAD_PARAM when it is no Fixed
   */
  fixed(v: Fixed, digits: number, scale: number): this {
    return this.octets(encodeFixed(v, digits, scale));
  }

  /**
   * A string with its length and the NUL that ends it.
   * @param bound most characters allowed, 0 for no bound
   * @throws BAD_PARAM beyond the bound or with U+0000 inside; DATA_CONVERSION for a character the
   *   stream's code set lacks
   */
  string(v: string, bound: number = 0): this {
    if (typeof v !== "string") throw wrongType("string", v);
    const length = v.length;
    if (bound !== 0 && length > bound) throw this.#tooLong("string", length, bound);
    if (length > SHORT_TEXT) return this.#longString(v);
    const lengthAt = this.#place(3, 5 + length);
    const octets = this.#octets;
    const at = lengthAt + 4;
    for (let i = 0; i < length; i++) {
      const code = v.charCodeAt(i);
      // ASCII without U+0000 is the same octet in every code set of char.
      if (code === 0 || code > 0x7f) {
        this.#at = lengthAt;
        return this.#longString(v);
      }
      octets[at + i] = code;
    }
    octets[at + length] = 0;
    this.#view.setUint32(lengthAt, length + 1, this.littleEndian);
    return this;
  }

  #longString(v: string): this {
    refuseNul(v);
    let size = v.length;
    if (this.charSet === CodeSet.utf8) {
      size = Buffer.byteLength(v, "utf8");
      if (size !== v.length) requireWellFormed(v);
    } else if (this.charSet === CodeSet.iso8859_1) requireLatin1(v);
    else requireAscii(v);
    const at = this.#place(3, 5 + size);
    this.#view.setUint32(at, size + 1, this.littleEndian);
    this.#octets.write(v, at + 4, size, size === v.length ? "latin1" : "utf8");
    this.#octets[at + 4 + size] = 0;
    return this;
  }

  /**
   * A wide string of UTF-16 code units; GIOP 1.2 sends big endian without a byte order mark.
   * @param bound most code units allowed, 0 for no bound
   * @throws BAD_PARAM beyond the bound or with U+0000 inside
   */
  wstring(v: string, bound: number = 0): this {
    this.#requireWchar();
    if (typeof v !== "string") throw wrongType("wstring", v);
    if (bound !== 0 && v.length > bound) throw this.#tooLong("wstring", v.length, bound);
    refuseNul(v);
    if (this.giopMinor === 1) {
      const at = this.ulong(v.length + 1).#place(0, v.length * 2 + 2);
      encodeUtf16(this.#octets, at, v, this.littleEndian);
      this.#view.setUint16(at + v.length * 2, 0);
      return this;
    }
    // Text that itself begins with a mark, or with what looks like one, needs a mark before it.
    const first = v.length === 0 ? 0 : v.charCodeAt(0);
    const mark = first === BYTE_ORDER_MARK || first === SWAPPED_BYTE_ORDER_MARK ? 2 : 0;
    this.ulong(mark + v.length * 2);
    if (mark !== 0) this.octet(0xfe).octet(0xff);
    const at = this.#place(0, v.length * 2);
    encodeUtf16(this.#octets, at, v, false);
    return this;
  }

  #tooLong(type: string, length: number, bound: number): BAD_PARAM {
    const text = `${type} of length ${length}, at most ${bound} allowed`;
    return new BAD_PARAM(text, MINOR.boundExceeded);
  }

  /** The octets as they are, without a length. */
  octets(v: Uint8Array): this {
    const at = this.#place(0, v.length);
    this.#octets.set(v, at);
    return this;
  }

  /** A length and the octets. */
  octetSequence(v: Uint8Array, bound: number = 0): this {
    if (!(v instanceof Uint8Array)) throw wrongType("sequence of octets (Uint8Array)", v);
    return this.sequenceLength(v.length, bound).octets(v);
  }

  /** @throws BAD_PARAM when `n` is above `bound` and `bound` is not 0 */
  sequenceLength(n: number, bound: number = 0): this {
    if (bound !== 0 && n > bound) throw this.#tooLong("sequence", n, bound);
    return this.ulong(n);
  }

  /**
   * A length, the byte order octet, and what `write` writes, with alignment counted from that octet.
   * Inside, names and ids are ISO 8859-1 and wide characters have the form of GIOP 1.2.
   */
  encapsulation(write: (out: CdrOutput) => void): this {
    const { giopMinor, charSet, wcharSet, values } = this;
    const base = this.#base;
    const lengthAt = this.#place(3, 4);
    const start = this.#at;
    this.#base = start;
    this.giopMinor = 2;
    this.charSet = CodeSet.iso8859_1;
    this.wcharSet = CodeSet.utf16;
    // Values are shared within an encapsulation, not across its border.
    this.values = undefined;
    try {
      this.octet(this.littleEndian ? 1 : 0);
      write(this);
    } finally {
      this.#base = base;
      this.giopMinor = giopMinor;
      this.charSet = charSet;
      this.wcharSet = wcharSet;
      this.values = values;
    }
    this.#view.setUint32(lengthAt, this.#at - start, this.littleEndian);
    return this;
  }

  /** Overwrites a ulong written before; `at` counts like `position`. */
  patchUlong(at: number, v: number): void {
    if (at < 0 || this.#base + at + 4 > this.#at) {
      throw new RangeError(`no ulong was written at ${at}`);
    }
    this.#view.setUint32(this.#base + at, v, this.littleEndian);
  }

  /** Internal: forgets what was written from `at` on, which counts like `position`. */
  rewind(at: number): void {
    this.#at = this.#base + at;
  }

  /** One level deeper into TypeCodes or anys. @throws MARSHAL beyond 256 */
  enter(): void {
    if (++this.depth > MAX_NESTING) {
      const text = `TypeCodes or anys nested deeper than ${MAX_NESTING}`;
      throw new MARSHAL(text, MINOR.nestingTooDeep);
    }
  }

  leave(): void {
    this.depth--;
  }

  /** Starts anew at position 0 in the same buffer: what `finish` returned before is overwritten. */
  reset(): void {
    this.#at = 0;
    this.#base = 0;
    this.depth = 0;
    this.values = undefined;
    if (this.#octets.length > KEPT_OCTETS) {
      this.#octets = Buffer.allocUnsafe(FIRST_OCTETS);
      this.#view = viewOf(this.#octets);
    }
  }

  /** A view of all that was written, valid until `reset` or the next write; `slice()` it to keep it. */
  finish(): Uint8Array {
    // Not a Buffer, whose slice() is a view.
    return new Uint8Array(this.#octets.buffer, this.#octets.byteOffset, this.#at);
  }
}
