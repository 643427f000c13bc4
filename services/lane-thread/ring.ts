/** Positions of the header's words. */
const WORD = { written: 0, read: 1, isAsleep: 2 } as const;
/** Kept apart by cache lines: each side writes its own. */
const WORD_STRIDE = 16;
const HEADER_OCTETS = 3 * WORD_STRIDE * Int32Array.BYTES_PER_ELEMENT;
/** In front of each frame. */
const LENGTH_OCTETS = 4;

/** Shared memory for a ring that keeps `capacity` octets, a power of two. @throws RangeError */
export function newRingMemory(capacity: number): SharedArrayBuffer {
  if (capacity < 64 || (capacity & (capacity - 1)) !== 0) {
    throw new RangeError(`a ring's capacity is a power of two from 64 on, not ${capacity}`);
  }
  return new SharedArrayBuffer(HEADER_OCTETS + capacity);
}

/**
 * Frames of octets from one thread to one other, in shared memory: bounded, without locks. Positions count octets
 * and wrap at 2 ** 32; the reader sleeps when it found nothing, and the writer is told to wake it.
 */
class Ring {
  readonly words: Int32Array;
  readonly octets: Uint8Array;
  readonly mask: number;

  constructor(memory: SharedArrayBuffer) {
    this.words = new Int32Array(memory, 0, HEADER_OCTETS / Int32Array.BYTES_PER_ELEMENT);
    this.octets = new Uint8Array(memory, HEADER_OCTETS);
    this.mask = this.octets.length - 1;
  }

  load(word: keyof typeof WORD): number {
    return Atomics.load(this.words, WORD[word] * WORD_STRIDE) >>> 0;
  }

  store(word: keyof typeof WORD, value: number): void {
    Atomics.store(this.words, WORD[word] * WORD_STRIDE, value | 0);
  }
}

function padded(length: number): number {
  return (length + LENGTH_OCTETS - 1) & ~(LENGTH_OCTETS - 1);
}

/** The writing end. */
export class RingWriter {
  readonly #ring: Ring;
  #written: number;

  constructor(memory: SharedArrayBuffer) {
    this.#ring = new Ring(memory);
    this.#written = this.#ring.load("written");
  }

  /** Octets of the longest frame that fits when the ring is empty. */
  get longest(): number {
    return this.#ring.octets.length - LENGTH_OCTETS;
  }

  /** @returns false, and nothing done, when there is no room */
  write(frame: Uint8Array): boolean {
    const ring = this.#ring;
    const taken = (this.#written - ring.load("read")) >>> 0;
    const needed = LENGTH_OCTETS + padded(frame.length);
    if (taken + needed > ring.octets.length) return false;
    let at = this.#written;
    for (let shift = 0; shift < 32; shift += 8) {
      ring.octets[at++ & ring.mask] = frame.length >>> shift;
    }
    const start = at & ring.mask;
    const first = Math.min(frame.length, ring.octets.length - start);
    ring.octets.set(frame.subarray(0, first), start);
    ring.octets.set(frame.subarray(first), 0);
    this.#written = (this.#written + needed) >>> 0;
    ring.store("written", this.#written);
    return true;
  }

  /** Whether the reader has to be woken: true once for each time that it fell asleep. */
  hasToWake(): boolean {
    const { words } = this.#ring;
    return Atomics.exchange(words, WORD.isAsleep * WORD_STRIDE, 0) === 1;
  }
}

/** The reading end. */
export class RingReader {
  readonly #ring: Ring;
  #read: number;

  constructor(memory: SharedArrayBuffer) {
    this.#ring = new Ring(memory);
    this.#read = this.#ring.load("read");
    this.#ring.store("isAsleep", 1);
  }

  /** The oldest frame, its octets the caller's own; undefined when there is none. */
  read(): Uint8Array | undefined {
    const ring = this.#ring;
    if (ring.load("written") === this.#read) return undefined;
    let at = this.#read;
    let length = 0;
    for (let shift = 0; shift < 32; shift += 8) {
      length |= (ring.octets[at++ & ring.mask] ?? 0) << shift;
    }
    const frame = new Uint8Array(length);
    const start = at & ring.mask;
    const first = Math.min(length, ring.octets.length - start);
    frame.set(ring.octets.subarray(start, start + first));
    frame.set(ring.octets.subarray(0, length - first), first);
    this.#read = (this.#read + LENGTH_OCTETS + padded(length)) >>> 0;
    ring.store("read", this.#read);
    return frame;
  }

  /** Asks to be woken by the next frame. @returns false when one has come meanwhile */
  sleep(): boolean {
    this.#ring.store("isAsleep", 1);
    return this.#ring.load("written") === this.#read;
  }
}
