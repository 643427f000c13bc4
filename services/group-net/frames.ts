import { atTurnEnd } from "../../orb/base/index.ts";

/** Octets of the length before each frame, which counts what follows; the lowest octet first. */
export const LENGTH_OCTETS = 4;
const NOTHING: Uint8Array = new Uint8Array();

/** What follows in a stream cannot be read any more. */
export class FrameFault extends Error {
  override readonly name = "FrameFault";
}

/**
 * Finds the frames in what comes over a connection. What lies whole in a chunk is a view of it; of what does not no more
 * memory is taken than about twice what has come.
 */
export class FrameReader {
  /** Longest frame that is taken. */
  mostOctets: number;
  readonly #take: (frame: Uint8Array, isOwn: boolean) => void;
  /** The beginning of a frame, in memory that may be longer. */
  #begun: Uint8Array = NOTHING;
  #count = 0;

  /** @param take told each frame; `isOwn`: nothing else is in its memory */
  constructor(mostOctets: number, take: (frame: Uint8Array, isOwn: boolean) => void) {
    this.mostOctets = mostOctets;
    this.#take = take;
  }

  /** @throws FrameFault for a frame that is longer than allowed */
  read(chunk: Uint8Array): void {
    let at = this.#count === 0 ? 0 : this.#complete(chunk);
    for (;;) {
      const left = chunk.length - at;
      const length = left < LENGTH_OCTETS ? Infinity : this.#lengthAt(chunk, at);
      if (left < LENGTH_OCTETS + length) break;
      const from = at + LENGTH_OCTETS;
      at = from + length;
      this.#take(chunk.subarray(from, at), length * 2 > chunk.length);
    }
    if (at < chunk.length) this.#keep(chunk.subarray(at));
  }

  /** Adds to the frame that was begun. @returns how much of the chunk it took */
  #complete(chunk: Uint8Array): number {
    let at = 0;
    if (this.#count < LENGTH_OCTETS) {
      at = Math.min(chunk.length, LENGTH_OCTETS - this.#count);
      this.#keep(chunk.subarray(0, at));
      if (this.#count < LENGTH_OCTETS) return at;
    }
    const whole = LENGTH_OCTETS + this.#lengthAt(this.#begun, 0);
    const end = Math.min(chunk.length, at + whole - this.#count);
    this.#keep(chunk.subarray(at, end));
    if (this.#count < whole) return end;
    const frame = this.#begun.subarray(LENGTH_OCTETS, whole);
    this.#begun = NOTHING;
    this.#count = 0;
    this.#take(frame, true);
    return end;
  }

  #keep(piece: Uint8Array): void {
    const needed = this.#count + piece.length;
    if (needed > this.#begun.length) {
      const grown = Buffer.allocUnsafeSlow(Math.max(needed, this.#begun.length * 2));
      grown.set(this.#begun.subarray(0, this.#count));
      this.#begun = grown;
    }
    this.#begun.set(piece, this.#count);
    this.#count = needed;
  }

  #lengthAt(octets: Uint8Array, at: number): number {
    let length = 0;
    for (let i = LENGTH_OCTETS - 1; i >= 0; i--) length = length * 256 + (octets[at + i] ?? 0);
    if (length > this.mostOctets)
      throw new FrameFault(`a frame of ${length} octets; allowed: ${this.mostOctets}`);
    return length;
  }
}

/** Letters above this are written from memory of their own; others are copied together. */
const COPY_LIMIT_OCTETS = 16_384;
const FIRST_SLAB_OCTETS = 4_096;
const LARGEST_SLAB_OCTETS = 65_536;

/**
 * Writes frames, those of one turn of the event loop together, at its end. After a turn that had one alone the next one's
 * first leaves at once: what is still done in a turn would delay whoever waits for it.
 */
export class FrameWriter {
  readonly #send: (octets: Uint8Array) => void;
  #slab: Buffer = Buffer.alloc(0);
  #start = 0;
  #end = 0;
  /** Frames of this turn. */
  #count = 0;
  /** The turn before had one. */
  #wasAlone = false;
  readonly #turnEnd = (): void => {
    this.#wasAlone = this.#count === 1;
    this.#count = 0;
    this.flush();
  };

  /** @param send given octets that are not changed any more */
  constructor(send: (octets: Uint8Array) => void) {
    this.#send = send;
  }

  /** Octets that were not sent yet. */
  get heldOctets(): number {
    return this.#end - this.#start;
  }

  /** @param frame may be changed as soon as this has returned */
  write(frame: Uint8Array): void {
    const needed = LENGTH_OCTETS + frame.length;
    if (needed > COPY_LIMIT_OCTETS) {
      this.flush();
      const own = Buffer.allocUnsafeSlow(needed);
      put(own, 0, frame);
      this.#send(own);
      return;
    }
    if (this.#end + needed > this.#slab.length) this.#renew(needed);
    put(this.#slab, this.#end, frame);
    this.#end += needed;
    if (this.#count++ > 0) return;
    atTurnEnd(this.#turnEnd);
    if (this.#wasAlone) this.flush();
  }

  flush(): void {
    if (this.#start === this.#end) return;
    const octets = this.#slab.subarray(this.#start, this.#end);
    this.#start = this.#end;
    this.#send(octets);
  }

  /** What was handed on may still be read, so a slab is never written twice. */
  #renew(needed: number): void {
    this.flush();
    const doubled = Math.max(FIRST_SLAB_OCTETS, this.#slab.length * 2);
    this.#slab = Buffer.allocUnsafeSlow(Math.max(needed, Math.min(doubled, LARGEST_SLAB_OCTETS)));
    this.#start = 0;
    this.#end = 0;
  }
}

function put(into: Buffer, at: number, frame: Uint8Array): void {
  into.writeUInt32LE(frame.length, at);
  into.set(frame, at + LENGTH_OCTETS);
}
