import { MAX_MESSAGE_OCTETS, readHeader } from "../../orb/giop/index.ts";

/** Octets of a GIOP header. */
const HEADER_OCTETS = 12;

/** Takes a TCP stream apart: each piece is one message with all its fragments, as it was sent. */
export class Frames {
  #rest: Buffer = Buffer.alloc(0);
  #open: Buffer[] = [];

  /** The messages that are whole now. Fragments of one message must not be mixed with those of another. */
  push(chunk: Buffer): Buffer[] {
    const whole: Buffer[] = [];
    let rest = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    while (rest.length >= HEADER_OCTETS) {
      const header = readHeader(rest, 0, MAX_MESSAGE_OCTETS);
      if (rest.length < header.octets) break;
      this.#open.push(rest.subarray(0, header.octets));
      rest = rest.subarray(header.octets);
      if (header.moreFragments) continue;
      whole.push(Buffer.concat(this.#open));
      this.#open = [];
    }
    this.#rest = rest;
    return whole;
  }

  /** Octets that belong to no whole message yet. */
  get pendingOctets(): number {
    return this.#rest.length + this.#open.reduce((sum, frame) => sum + frame.length, 0);
  }
}

/** All messages of a stream. @throws RangeError when the last one is not whole */
export function framesOf(stream: Buffer): Buffer[] {
  const frames = new Frames();
  const whole = frames.push(stream);
  if (frames.pendingOctets > 0)
    throw new RangeError(`${frames.pendingOctets} octets are left over`);
  return whole;
}
