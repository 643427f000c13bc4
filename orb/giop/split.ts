import { CdrOutput } from "../cdr/index.ts";
import {
  type GiopHeader,
  HEADER_OCTETS,
  mayBeFragmented,
  patchHeader,
  readHeader,
} from "./header.ts";

/** Smallest limit that leaves room for data behind the header of a fragment. */
export const MIN_FRAGMENT_OCTETS: number = 32;

const FRAGMENT_TYPE = 7;
const REQUEST_ID_OCTETS = 4;
const ALIGNMENT = 8;

/**
 * Splits a finished message into one of at most `maxOctets` and the Fragment messages that carry the
 * rest. What comes back is to be sent in this order: views of `message`, whose header is changed, with
 * the headers of the fragments between them. A message that is short enough, or that its version does
 * not let be split, comes back whole; in GIOP 1.1 a run of eight-octet primitives is not cut.
 * @param maxOctets at least {@link MIN_FRAGMENT_OCTETS}; headers are counted
 * @param eightOctetPositions for GIOP 1.1, which needs them: `eightOctetPositions` of the
 *   {@link Giop11Output} that holds the message. Without them a 1.1 message comes back whole.
 */
export function splitMessage(
  message: Uint8Array,
  maxOctets: number,
  eightOctetPositions?: readonly number[],
): Uint8Array[] {
  if (maxOctets < MIN_FRAGMENT_OCTETS) {
    throw new RangeError(
      `fragments of ${maxOctets} octets; at least ${MIN_FRAGMENT_OCTETS} are needed`,
    );
  }
  if (message.length <= maxOctets) return [message];
  const header = readHeader(message, 0, Number.POSITIVE_INFINITY);
  if (!mayBeFragmented(header.type, header.minor)) return [message];
  if (header.minor === 2) return split12(message, header, maxOctets);
  return eightOctetPositions === undefined
    ? [message]
    : split11(message, header, maxOctets, eightOctetPositions);
}

/** Each piece but the last is a multiple of 8 octets, and so alignment goes on across the joints. */
function split12(message: Uint8Array, header: GiopHeader, maxOctets: number): Uint8Array[] {
  const pieceOctets = maxOctets - (maxOctets % ALIGNMENT);
  const requestId = message.subarray(HEADER_OCTETS, HEADER_OCTETS + REQUEST_ID_OCTETS);
  const overhead = HEADER_OCTETS + REQUEST_ID_OCTETS;
  const pieces = [message.subarray(0, pieceOctets)];
  for (let at = pieceOctets; at < message.length; ) {
    const data = message.subarray(at, at + pieceOctets - overhead);
    at += data.length;
    const more = at < message.length;
    const front = fragmentHeader(header, overhead, data.length, more);
    front.set(requestId, HEADER_OCTETS);
    pieces.push(front, data);
  }
  patchHeader(message, pieceOctets, true);
  return pieces;
}

/**
 * In 1.1 data begins at index 12 of each fragment and aligns from the fragment's own start. A cut 4
 * octets behind a multiple of 8 keeps every alignment, whether the reader starts anew with each fragment
 * or, as omniORB does with arrays, goes on. It must not halve an eight-octet primitive, and omniORB
 * does not bear it in the padding before one: a run of those stays in one piece, even above the limit.
 */
function split11(
  message: Uint8Array,
  header: GiopHeader,
  maxOctets: number,
  eightOctetPositions: readonly number[],
): Uint8Array[] {
  const cuts: number[] = [];
  // Counts from the header of the message itself as if that were the header of a fragment.
  for (let at = HEADER_OCTETS; at < message.length; ) {
    const furthest = at + maxOctets - HEADER_OCTETS;
    if (furthest >= message.length) break;
    at = cutNear(furthest, at, eightOctetPositions);
    if (at < message.length) cuts.push(at);
  }
  const [first] = cuts;
  if (first === undefined) return [message];
  const pieces = [message.subarray(0, first)];
  for (const [i, from] of cuts.entries()) {
    const data = message.subarray(from, cuts[i + 1]);
    pieces.push(fragmentHeader(header, HEADER_OCTETS, data.length, i + 1 < cuts.length), data);
  }
  patchHeader(message, first, true);
  return pieces;
}

/** The last place for a cut after `at` and up to `furthest`, or the next one behind it. */
function cutNear(furthest: number, at: number, eightOctetPositions: readonly number[]): number {
  const half = ALIGNMENT / 2;
  const bad = (cut: number): boolean =>
    includesSorted(eightOctetPositions, cut - half) ||
    includesSorted(eightOctetPositions, cut + half);
  const last = furthest - ((furthest - half) % ALIGNMENT);
  for (let cut = last; cut > at; cut -= ALIGNMENT) if (!bad(cut)) return cut;
  let cut = last + ALIGNMENT;
  while (bad(cut)) cut += ALIGNMENT;
  return cut;
}

function includesSorted(numbers: readonly number[], wanted: number): boolean {
  let low = 0;
  let high = numbers.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((numbers[middle] ?? 0) < wanted) low = middle + 1;
    else high = middle;
  }
  return numbers[low] === wanted;
}

/** The front of a Fragment message: its header and zeros up to `octets`. */
function fragmentHeader(
  { minor, littleEndian }: GiopHeader,
  octets: number,
  dataOctets: number,
  more: boolean,
): Uint8Array {
  const front = new Uint8Array(octets);
  front.set([0x47, 0x49, 0x4f, 0x50, 1, minor, littleEndian ? 1 : 0, FRAGMENT_TYPE]);
  patchHeader(front, octets + dataOctets, more);
  return front;
}

/**
 * An output that remembers where its eight-octet primitives are: GIOP 1.1 may cut a message into
 * fragments anywhere but inside one, and the octets alone do not tell.
 */
export class Giop11Output extends CdrOutput {
  readonly #positions: number[] = [];

  /** Positions of the first octets, ascending. */
  get eightOctetPositions(): readonly number[] {
    return this.#positions;
  }

  override longlong(v: bigint | number): this {
    super.longlong(v);
    return this.#note();
  }

  override ulonglong(v: bigint | number): this {
    super.ulonglong(v);
    return this.#note();
  }

  override double(v: number): this {
    super.double(v);
    return this.#note();
  }

  override reset(): void {
    super.reset();
    this.#positions.length = 0;
  }

  #note(): this {
    // An encapsulation is a sequence of octets to whoever joins the fragments: it may be cut anywhere.
    if (this.position === this.absolutePosition) this.#positions.push(this.absolutePosition - 8);
    return this;
  }
}
