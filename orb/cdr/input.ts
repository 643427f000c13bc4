import { asBuffer } from "../base/index.ts";
import {
  Completion,
  type CompletionStatus,
  DATA_CONVERSION,
  MARSHAL,
  MINOR,
} from "../exception/index.ts";
import { CodeSet } from "./codeset.ts";
import { decodeFixed, type Fixed, fixedOctets, MOST_DIGITS } from "./fixed.ts";
import { LONG_DOUBLE_OCTETS, LongDouble } from "./longdouble.ts";
import { memoryOf } from "./memory.ts";
import { clientWithoutWchar, type NoWchar } from "./no-wchar.ts";
import { type GiopMinor, MAX_NESTING, type StreamOptions } from "./options.ts";
import { noContext, type ReferenceReader } from "./references.ts";
import { BYTE_ORDER_MARK, decodeUtf16, decodeUtf8, SWAPPED_BYTE_ORDER_MARK } from "./text.ts";

/** Octet sequences below this are copied, so that they do not keep a whole message alive. */
const COPIED_OCTETS = 1024;
/** Up to this many characters a loop beats the call into Node. */
const SHORT_TEXT = 16;
/** Most elements of a sequence whose elements take no octets at all. */
const MOST_EMPTY_ELEMENTS = 65_536;

export interface CdrInputOptions extends StreamOptions {
  /** Left out: object references cannot be read. */
  readonly context?: ReferenceReader<CdrInput>;
  /** Index of the first octet to read; alignment counts from octet 0 all the same. */
  readonly position?: number;
  /** What errors of this stream say of the request; COMPLETED_NO when left out. */
  readonly completed?: CompletionStatus;
}

/** The fragments behind the current one. */
interface Later {
  readonly segments: readonly Uint8Array[];
  readonly position: number;
  next: number;
  octets: number;
}

/** The place of a chunked value's octets, while one is read: `#end` is then the end of a chunk. */
interface Chunk {
  /** The end `#end` stands in for. */
  limit: number;
  /** Octets of the chunk in segments behind this one. */
  over: number;
  /** An end tag was met: no chunk follows. */
  ended: boolean;
}

const FIRST_VALUE_TAG = 0x7fff_ff00;

/**
 * Reads CDR from octets it does not copy, and never past their end: whatever is malformed is MARSHAL.
 * Over several segments (fragments of GIOP 1.1) each has its own alignment; a datum that does not fit
 * into what is left of one begins in the next.
 */
export class CdrInput {
  readonly littleEndian: boolean;
  giopMinor: GiopMinor;
  charSet: number;
  wcharSet: number;
  context: ReferenceReader<CdrInput>;
  noWchar: NoWchar;
  completed: CompletionStatus;
  /** TypeCodes and anys being read inside each other. */
  depth: number = 0;
  /** Internal: what `orb/value` keeps of the values read so far. */
  values: unknown;
  /** All of the memory the message lies in: indexes count from its begin. */
  #buffer: ArrayBufferLike;
  #octets: Buffer;
  #view: DataView;
  #at: number;
  #end: number;
  /** Index from which alignment counts. */
  #base: number;
  /** What to add to an index for the position in the outermost stream. */
  #origin: number;
  #later: Later | undefined;
  #chunk: Chunk | undefined;

  constructor(octets: Uint8Array, options: CdrInputOptions = {}) {
    this.littleEndian = options.littleEndian ?? true;
    this.giopMinor = options.giopMinor ?? 2;
    this.charSet = options.charSet ?? CodeSet.iso8859_1;
    this.wcharSet = options.wcharSet ?? CodeSet.utf16;
    this.context = options.context ?? noContext;
    this.noWchar = options.noWchar ?? clientWithoutWchar;
    this.completed = options.completed ?? Completion.no;
    const memory = memoryOf(octets);
    this.#buffer = memory.buffer;
    this.#octets = memory.octets;
    this.#view = memory.view;
    const start = octets.byteOffset;
    this.#at = start + (options.position ?? 0);
    this.#end = start + octets.length;
    this.#base = start;
    this.#origin = -start;
  }

  /**
   * Reads fragments of GIOP 1.1 as one stream.
   * @param firstPosition where data begins in the first segment
   * @param nextPosition where data begins in every other one (12, behind the message header)
   */
  static overSegments(
    segments: readonly Uint8Array[],
    firstPosition: number,
    nextPosition: number,
    options: CdrInputOptions = {},
  ): CdrInput {
    const [first = new Uint8Array(firstPosition), ...others] = segments;
    const input = new CdrInput(first, { ...options, position: firstPosition });
    let octets = 0;
    for (const segment of others) octets += Math.max(0, segment.length - nextPosition);
    input.#later = { segments: others, position: nextPosition, next: 0, octets };
    return input;
  }

  /** Octets since the start of the stream (of the current segment, where there are several). */
  get position(): number {
    return this.#at - this.#base;
  }

  /** Position in the outermost stream; indirections count with it. */
  get absolutePosition(): number {
    return this.#at + this.#origin;
  }

  /** Octets left. */
  get remaining(): number {
    const here = (this.#chunk?.limit ?? this.#end) - this.#at;
    return this.#later === undefined ? here : here + this.#later.octets;
  }

  /** The error for malformed octets, with the place in the stream. */
  fault(message: string, minor: number): MARSHAL {
    return new MARSHAL(`${message} (at octet ${this.absolutePosition})`, minor, this.completed);
  }

  #pastEnd(what: string): MARSHAL {
    return this.fault(`${what} past the end, ${this.remaining} octets left`, MINOR.lengthPastEnd);
  }

  /** Aligns and moves behind `size` octets; the index of the first. */
  #place(mask: number, size: number): number {
    const at = this.#at + ((this.#base - this.#at) & mask);
    const end = at + size;
    if (end > this.#end) return this.#placeInNext(mask, size);
    this.#at = end;
    return at;
  }

  #placeInNext(mask: number, size: number): number {
    for (;;) {
      const at = this.#at + ((this.#base - this.#at) & mask);
      if (at + size <= this.#end) {
        this.#at = at + size;
        return at;
      }
      if (this.#chunk?.over === 0 && at < this.#end) {
        throw this.fault(`datum of ${size} octets across the end of a chunk`, MINOR.badChunk);
      }
      if (!this.#enterNext()) throw this.#pastEnd(`datum of ${size} octets`);
    }
  }

  /** Goes on to the next chunk or segment; false where there is none. */
  #enterNext(): boolean {
    if (this.#chunk?.over === 0) this.#enterChunk(this.#chunk);
    else if (this.#later === undefined) return false;
    else return this.#enterSegment(this.#later);
    return true;
  }

  #enterChunk({ ended }: Chunk): void {
    if (ended) throw this.fault("data behind the end tag of a value", MINOR.badChunk);
    this.leaveChunks();
    const size = this.long();
    if (size > 0 && size < FIRST_VALUE_TAG) this.enterChunks(size);
    else throw this.fault(`tag ${size} of a value where a chunk is expected`, MINOR.badChunk);
  }

  /**
   * Internal: what follows is in chunks, the first one of `size` octets, 0 where its size is still to come.
   * @throws MARSHAL for more octets than are left
   */
  enterChunks(size: number, ended: boolean = false): void {
    if (size > this.remaining) throw this.#pastEnd(`chunk of ${size} octets`);
    const limit = this.#end;
    this.#end = Math.min(limit, this.#at + size);
    this.#chunk = { limit, over: this.#at + size - this.#end, ended };
  }

  /** Internal: what follows is between chunks. What is left of the current one is skipped. */
  leaveChunks(): void {
    const chunk = this.#chunk;
    if (chunk === undefined) return;
    while (chunk.over > 0) if (!this.#enterNext()) throw this.#pastEnd("chunk");
    this.#at = this.#end;
    this.#end = chunk.limit;
    this.#chunk = undefined;
  }

  /** Internal: octets left of the current chunk; undefined outside of chunks. */
  get chunkRemaining(): number | undefined {
    return this.#chunk === undefined ? undefined : this.#end - this.#at + this.#chunk.over;
  }

  #enterSegment(later: Later): boolean {
    const segment = later.segments[later.next];
    if (segment === undefined) return false;
    later.next++;
    const base = segment.byteOffset;
    const start = base + Math.min(later.position, segment.length);
    const end = base + segment.length;
    later.octets -= end - start;
    this.#origin += this.#end - start;
    const memory = memoryOf(segment);
    this.#buffer = memory.buffer;
    this.#octets = memory.octets;
    this.#view = memory.view;
    this.#at = start;
    this.#end = end;
    this.#base = base;
    const chunk = this.#chunk;
    if (chunk !== undefined) {
      chunk.limit = end;
      this.#end = Math.min(end, start + chunk.over);
      chunk.over -= this.#end - start;
    }
    return true;
  }

  /** A copy of the next `n` octets, from as many segments as it takes. */
  #gather(n: number): Buffer {
    if (n > this.remaining) throw this.#pastEnd(`length ${n}`);
    const all = Buffer.allocUnsafe(n);
    let filled = 0;
    while (filled < n) {
      const part = Math.min(n - filled, this.#end - this.#at);
      this.#octets.copy(all, filled, this.#at, this.#at + part);
      this.#at += part;
      filled += part;
      if (filled < n && !this.#enterNext()) throw this.#pastEnd(`length ${n}`);
    }
    return all;
  }

  /** Skips pad octets; stops at the end where there are fewer. */
  align(n: 1 | 2 | 4 | 8): this {
    const at = this.#at + ((this.#base - this.#at) & (n - 1));
    this.#at = Math.min(at, this.#end);
    return this;
  }

  skip(n: number): this {
    if (n > this.#end - this.#at) this.#gather(n);
    else this.#at += n;
    return this;
  }

  octet(): number {
    const at = this.#place(0, 1);
    return this.#octets[at] ?? 0;
  }

  int8(): number {
    return (this.octet() << 24) >> 24;
  }

  /** Any octet but 0 is true. */
  boolean(): boolean {
    const at = this.#place(0, 1);
    return this.#octets[at] !== 0;
  }

  char(): string {
    const code = this.octet();
    if (code > 0x7f && this.charSet === CodeSet.utf8) {
      const text = `octet 0x${code.toString(16)} is no character of UTF-8`;
      throw new DATA_CONVERSION(text, MINOR.characterNotMappable, this.completed);
    }
    return String.fromCharCode(code);
  }

  wchar(): string {
    this.#requireWchar();
    if (this.giopMinor === 1) return String.fromCharCode(this.ushort());
    const length = this.octet();
    const at = this.#place(0, length);
    const first = length >= 2 ? this.#view.getUint16(at) : 0;
    if (length === 2) return String.fromCharCode(first);
    if (length === 4) {
      if (first === BYTE_ORDER_MARK) return String.fromCharCode(this.#view.getUint16(at + 2));
      if (first === SWAPPED_BYTE_ORDER_MARK) {
        return String.fromCharCode(this.#view.getUint16(at + 2, true));
      }
      const text = "a wchar of 4 octets without a byte order mark is more than one code unit";
      throw new DATA_CONVERSION(text, MINOR.characterNotMappable, this.completed);
    }
    throw this.fault(`wchar of ${length} octets, 2 or 4 expected`, MINOR.badWcharLength);
  }

  #requireWchar(): void {
    if (this.giopMinor === 0 || this.wcharSet === CodeSet.none) {
      throw this.noWchar(this.giopMinor, false);
    }
  }

  short(): number {
    const at = this.#place(1, 2);
    return this.#view.getInt16(at, this.littleEndian);
  }

  ushort(): number {
    const at = this.#place(1, 2);
    return this.#view.getUint16(at, this.littleEndian);
  }

  long(): number {
    const at = this.#place(3, 4);
    return this.#view.getInt32(at, this.littleEndian);
  }

  ulong(): number {
    const at = this.#place(3, 4);
    return this.#view.getUint32(at, this.littleEndian);
  }

  longlong(): bigint {
    const at = this.#place(7, 8);
    return this.#view.getBigInt64(at, this.littleEndian);
  }

  ulonglong(): bigint {
    const at = this.#place(7, 8);
    return this.#view.getBigUint64(at, this.littleEndian);
  }

  float(): number {
    const at = this.#place(3, 4);
    return this.#view.getFloat32(at, this.littleEndian);
  }

  double(): number {
    const at = this.#place(7, 8);
    return this.#view.getFloat64(at, this.littleEndian);
  }

  /** Kept to the last bit; see {@link LongDouble.asX87} for what C++ ORBs on x86-64 send. */
  longdouble(): LongDouble {
    const at = this.#place(7, LONG_DOUBLE_OCTETS);
    const octets = Uint8Array.prototype.slice.call(this.#octets, at, at + LONG_DOUBLE_OCTETS);
    return new LongDouble(this.littleEndian ? octets.reverse() : octets);
  }

  /** @throws MARSHAL for octets that are no packed decimal of so many digits */
  fixed(digits: number, scale: number): Fixed {
    if (digits < 1 || digits > MOST_DIGITS) {
      throw this.fault(`fixed of ${digits} digits, 1 to 31 allowed`, MINOR.badFixed);
    }
    const octets = this.octets(fixedOctets(digits));
    const v = decodeFixed(octets, digits, scale);
    if (v !== undefined) return v;
    const hex = Buffer.from(octets).toString("hex");
    throw this.fault(`${hex} is no fixed<${digits}, ${scale}>`, MINOR.badFixed);
  }

  /**
   * A string without the NUL that ends it; a length of 0, which old ORBs send, is "".
   * @param bound most characters allowed, 0 for no bound
   * @throws MARSHAL beyond the bound, past the end, without NUL at the end or with one inside;
   *   DATA_CONVERSION for octets that are not of the stream's code set
   */
  string(bound: number = 0): string {
    const size = this.ulong();
    if (size === 0) return "";
    const at = this.#at;
    let text: string;
    if (size > this.#end - at) {
      text = this.#text(this.#gather(size), 0, size - 1);
    } else {
      this.#at = at + size;
      text = this.#text(this.#octets, at, at + size - 1);
    }
    if (bound !== 0 && text.length > bound) throw this.#tooLong("string", text.length, bound);
    return text;
  }

  /**
   * Skips the next string if it is `text`.
   * @returns false, and nothing is skipped, when something else comes next
   */
  skipString(text: string): boolean {
    if (this.remaining < text.length + 5) return false;
    const later = this.#later;
    const next = later?.next ?? 0;
    const left = later?.octets ?? 0;
    const chunk = this.#chunk === undefined ? undefined : { ...this.#chunk };
    const [buffer, octets, view] = [this.#buffer, this.#octets, this.#view];
    const [at, end, base, origin] = [this.#at, this.#end, this.#base, this.#origin];
    if (this.#isNext(text)) return true;
    if (later !== undefined) {
      later.next = next;
      later.octets = left;
    }
    this.#chunk = chunk;
    this.#buffer = buffer;
    this.#octets = octets;
    this.#view = view;
    this.#at = at;
    this.#end = end;
    this.#base = base;
    this.#origin = origin;
    return false;
  }

  #isNext(text: string): boolean {
    try {
      const size = this.ulong();
      if (size !== text.length + 1) return false;
      return asBuffer(this.octets(size)).toString("latin1") === `${text}\0`;
    } catch (thrown) {
      if (thrown instanceof MARSHAL) return false;
      throw thrown;
    }
  }

  #text(octets: Buffer, start: number, end: number): string {
    if (octets[end] !== 0) {
      throw this.fault("string without a NUL at its end", MINOR.stringNotTerminated);
    }
    if (end - start > SHORT_TEXT) return this.#longText(octets, start, end);
    let text = "";
    for (let i = start; i < end; i++) {
      const code = octets[i] ?? 0;
      // ASCII without NUL is the same character in every code set of char.
      if (code === 0 || code > 0x7f) return this.#longText(octets, start, end);
      text += String.fromCharCode(code);
    }
    return text;
  }

  #longText(octets: Buffer, start: number, end: number): string {
    const text =
      this.charSet === CodeSet.utf8
        ? decodeUtf8(octets, start, end)
        : octets.toString("latin1", start, end);
    if (text === undefined) {
      throw new DATA_CONVERSION(
        `string of ${end - start} octets that are not UTF-8 (at octet ${this.absolutePosition})`,
        MINOR.characterNotMappable,
        this.completed,
      );
    }
    if (text.includes("\0")) throw this.fault("NUL inside a string", MINOR.nulInString);
    return text;
  }

  /**
   * A wide string as UTF-16 code units; a byte order mark is not part of it.
   * @param bound most code units allowed, 0 for no bound
   */
  wstring(bound: number = 0): string {
    this.#requireWchar();
    const text = this.giopMinor === 1 ? this.#wideText11() : this.#wideText12();
    if (bound !== 0 && text.length > bound) throw this.#tooLong("wstring", text.length, bound);
    if (text.includes("\0")) throw this.fault("NUL inside a wide string", MINOR.nulInString);
    return text;
  }

  #wideText11(): string {
    const size = this.sequenceLength(2) * 2;
    if (size === 0) return "";
    const copied = size > this.#end - this.#at;
    const octets = copied ? this.#gather(size) : this.#octets;
    const start = copied ? 0 : this.#at;
    if (!copied) this.#at += size;
    const end = start + size - 2;
    if (octets[end] !== 0 || octets[end + 1] !== 0) {
      throw this.fault("wide string without a NUL at its end", MINOR.stringNotTerminated);
    }
    return decodeUtf16(octets, start, end, this.littleEndian);
  }

  #wideText12(): string {
    const size = this.sequenceLength(1);
    if (size === 0) return "";
    if (size % 2 !== 0) {
      throw this.fault(`wide string of ${size} octets, an odd number`, MINOR.badWcharLength);
    }
    const copied = size > this.#end - this.#at;
    const octets = copied ? this.#gather(size) : this.#octets;
    const start = copied ? 0 : this.#at;
    if (!copied) this.#at += size;
    const end = start + size;
    const mark = ((octets[start] ?? 0) << 8) | (octets[start + 1] ?? 0);
    if (mark === BYTE_ORDER_MARK) return decodeUtf16(octets, start + 2, end, false);
    if (mark === SWAPPED_BYTE_ORDER_MARK) return decodeUtf16(octets, start + 2, end, true);
    return decodeUtf16(octets, start, end, false);
  }

  #tooLong(type: string, length: number, bound: number): MARSHAL {
    return this.fault(`${type} of length ${length}, at most ${bound} allowed`, MINOR.boundExceeded);
  }

  /** The next `n` octets: a view, valid as long as the message; over segments it may be a copy. */
  octets(n: number): Uint8Array {
    const at = this.#at;
    if (n > this.#end - at) {
      const all = this.#gather(n);
      return new Uint8Array(all.buffer, all.byteOffset, n);
    }
    this.#at = at + n;
    return new Uint8Array(this.#buffer, at, n);
  }

  /** A length and octets: a copy where they are few (below 1 KiB), a view where they are many. */
  octetSequence(bound: number = 0): Uint8Array {
    const size = this.sequenceLength(1, bound);
    const octets = this.octets(size);
    return size < COPIED_OCTETS ? octets.slice() : octets;
  }

  /**
   * The length of a sequence, checked before anything is allocated for it.
   * @param smallest least octets one element takes
   * @throws MARSHAL when it is above `bound` (0: none), or needs more octets than are left
   */
  sequenceLength(smallest: number, bound: number = 0): number {
    const count = this.ulong();
    if (bound !== 0 && count > bound) throw this.#tooLong("sequence", count, bound);
    if (count * smallest > this.remaining) throw this.#pastEnd(`sequence of ${count} elements`);
    if (smallest === 0 && count > MOST_EMPTY_ELEMENTS) {
      throw this.fault(`sequence of ${count} empty elements`, MINOR.sequenceTooLong);
    }
    return count;
  }

  /**
   * Reads a length and hands over a stream on that many octets, in their own byte order. What `read`
   * leaves unread is skipped.
   */
  encapsulation<T>(read: (input: CdrInput) => T): T {
    const size = this.sequenceLength(1);
    const absolute = this.absolutePosition;
    const copied = size > this.#end - this.#at;
    const octets = copied ? this.#gather(size) : this.#octets;
    const start = copied ? 0 : this.#at;
    if (!copied) this.#at += size;
    if (size === 0) throw this.#pastEnd("byte order of an encapsulation");
    const inner = new CdrInput(octets, {
      littleEndian: ((octets[start] ?? 0) & 1) === 1,
      context: this.context,
      completed: this.completed,
      position: start + 1,
    });
    const first = octets.byteOffset + start;
    inner.#base = first;
    inner.#end = first + size;
    inner.#origin = copied ? absolute - first : this.#origin;
    inner.depth = this.depth;
    return read(inner);
  }

  /** One level deeper into TypeCodes or anys. @throws MARSHAL beyond 256 */
  enter(): void {
    if (++this.depth > MAX_NESTING) {
      const text = `TypeCodes or anys nested deeper than ${MAX_NESTING}`;
      throw this.fault(text, MINOR.nestingTooDeep);
    }
  }

  leave(): void {
    this.depth--;
  }
}
