/** Pieces below this are copied together, so that a trickle of octets does not become a heap of views. */
const KEPT_OCTETS = 4096;
const TAIL_OCTETS = 16_384;

/**
 * Octets that arrive in pieces and are wanted in one. Takes memory for what was appended, never for
 * what is still to come, and copies each octet of a large piece once, in {@link Gather.take}.
 */
export class Gather {
  readonly #parts: Uint8Array[] = [];
  /** Small pieces, copied one behind the other, of which `#tailOctets` are in use. */
  #tail: Uint8Array | undefined;
  #tailOctets = 0;
  #octets = 0;

  /** Octets appended so far. */
  get octets(): number {
    return this.#octets;
  }

  /** Keeps a large piece as it is, as long as it is most of the memory it would keep alive. */
  append(piece: Uint8Array): void {
    this.#octets += piece.length;
    if (piece.length >= KEPT_OCTETS && piece.length * 2 >= piece.buffer.byteLength) {
      this.#flushTail();
      this.#parts.push(piece);
      return;
    }
    for (let at = 0; at < piece.length; ) at += this.#appendToTail(piece, at);
  }

  #appendToTail(piece: Uint8Array, from: number): number {
    this.#tail ??= new Uint8Array(Math.max(KEPT_OCTETS, Math.min(TAIL_OCTETS, this.#octets)));
    const count = Math.min(piece.length - from, this.#tail.length - this.#tailOctets);
    this.#tail.set(piece.subarray(from, from + count), this.#tailOctets);
    this.#tailOctets += count;
    if (this.#tailOctets === this.#tail.length) this.#flushTail();
    return count;
  }

  #flushTail(): void {
    if (this.#tail === undefined) return;
    const used = this.#tail.subarray(0, this.#tailOctets);
    this.#parts.push(used.length * 2 >= this.#tail.length ? used : used.slice());
    this.#tail = undefined;
    this.#tailOctets = 0;
  }

  /** The first `n` octets, or as many as there are, as a copy. */
  peek(n: number): Uint8Array {
    const found = new Uint8Array(Math.min(n, this.#octets));
    let filled = 0;
    const tail = this.#tail?.subarray(0, this.#tailOctets) ?? new Uint8Array(0);
    for (const part of [...this.#parts, tail]) {
      if (filled === found.length) break;
      const wanted = part.subarray(0, found.length - filled);
      found.set(wanted, filled);
      filled += wanted.length;
    }
    return found;
  }

  /** All octets in one array; nothing is left behind. */
  take(): Uint8Array {
    this.#flushTail();
    const [only] = this.#parts;
    const all = this.#parts.length === 1 && only !== undefined ? only : this.#join();
    this.#parts.length = 0;
    this.#octets = 0;
    return all;
  }

  #join(): Uint8Array {
    const all = Buffer.allocUnsafeSlow(this.#octets);
    let at = 0;
    for (const part of this.#parts) {
      all.set(part, at);
      at += part.length;
    }
    return all;
  }
}
