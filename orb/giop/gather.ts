/** Least memory taken at once; more than a message header. */
const FIRST_OCTETS = 64;
/** Octets appended and octets missing from which on it pays to read straight into place. */
const LEAST_ROOM_OCTETS = 16_384;

/**
 * Octets that arrive in pieces and are wanted in one; each piece is copied when it comes, so that its
 * own memory is free at once. Takes at most twice the memory of what was appended, or as much as the
 * large wholes that came this way just before: never what a peer only claims.
 */
export class Gather {
  #all: Buffer = Buffer.alloc(0);
  #octets = 0;
  #expected = Number.POSITIVE_INFINITY;
  /** Of the wholes before, the older ones counting less. */
  #largest = 0;

  /** Octets appended so far. */
  get octets(): number {
    return this.#octets;
  }

  /** Tells how many octets there will be in all; no memory beyond that is taken. */
  expect(octets: number): void {
    this.#expected = octets;
  }

  append(piece: Uint8Array): void {
    const octets = this.#octets + piece.length;
    if (octets > this.#all.length) this.#grow(octets);
    if (!this.#isInPlace(piece)) this.#all.set(piece, this.#octets);
    this.#octets = octets;
  }

  /** Whether the piece was put where it belongs, into what `room` gave. */
  #isInPlace(piece: Uint8Array): boolean {
    const all = this.#all;
    return piece.buffer === all.buffer && piece.byteOffset === all.byteOffset + this.#octets;
  }

  /**
   * Where the octets that come next may be put before they are appended, so that they need no copy;
   * undefined where many are not known to be missing. Valid until the next call of any method.
   */
  room(): Uint8Array | undefined {
    const octets = this.#octets;
    const missing = this.#expected - octets;
    if (octets < LEAST_ROOM_OCTETS || missing < LEAST_ROOM_OCTETS || missing === Infinity) {
      return undefined;
    }
    if (this.#all.length - octets < LEAST_ROOM_OCTETS) this.#grow(octets + 1);
    return this.#all.subarray(octets, this.#expected);
  }

  #grow(needed: number): void {
    const allowed = Math.max(FIRST_OCTETS, needed * 2, this.#largest);
    const grown = Buffer.allocUnsafe(Math.max(needed, Math.min(allowed, this.#expected)));
    grown.set(this.#all.subarray(0, this.#octets));
    this.#all = grown;
  }

  /** The first `n` octets, or as many as there are: a view. */
  peek(n: number): Uint8Array {
    return this.#all.subarray(0, Math.min(n, this.#octets));
  }

  /** All octets in one array, now the caller's; nothing is left behind. */
  take(): Uint8Array {
    const all = this.#all.subarray(0, this.#octets);
    // Halved each time, so that one large message does not make every small one cost its memory.
    this.#largest = Math.max(this.#octets, this.#largest >>> 1);
    this.#all = Buffer.alloc(0);
    this.#octets = 0;
    this.#expected = Number.POSITIVE_INFINITY;
    return all;
  }
}
