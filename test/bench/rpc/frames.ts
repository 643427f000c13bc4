/** Octets of a frame's length prefix: an unsigned 32-bit count, big-endian, not counting itself. */
export const PREFIX_OCTETS = 4;

/** The frame of some octets: prefix and content in one buffer. */
export function frameOf(content: Uint8Array): Buffer {
  const frame = Buffer.allocUnsafe(PREFIX_OCTETS + content.length);
  frame.writeUInt32BE(content.length, 0);
  frame.set(content, PREFIX_OCTETS);
  return frame;
}

/** Cuts a stream into frames. A frame that lies whole in a chunk is a view of it, others are gathered. */
export class FrameReader {
  readonly #prefix: Buffer = Buffer.alloc(PREFIX_OCTETS);
  #prefixFilled = 0;
  #frame: Buffer | undefined;
  #filled = 0;

  /** @param onFrame takes each complete frame, prefix included */
  consume(chunk: Buffer, onFrame: (frame: Buffer) => void): void {
    let at = 0;
    while (at < chunk.length) {
      if (this.#frame !== undefined) {
        at += this.#gather(this.#frame, chunk, at, onFrame);
      } else if (this.#prefixFilled === 0 && chunk.length - at >= PREFIX_OCTETS) {
        const end = at + PREFIX_OCTETS + chunk.readUInt32BE(at);
        if (end <= chunk.length) {
          onFrame(chunk.subarray(at, end));
          at = end;
        } else {
          this.#frame = Buffer.allocUnsafe(end - at);
        }
      } else {
        this.#prefix[this.#prefixFilled++] = chunk[at++] ?? 0;
        if (this.#prefixFilled === PREFIX_OCTETS) {
          this.#frame = frameStart(this.#prefix);
          this.#filled = PREFIX_OCTETS;
          this.#prefixFilled = 0;
        }
      }
    }
  }

  #gather(frame: Buffer, chunk: Buffer, at: number, onFrame: (frame: Buffer) => void): number {
    const taken = chunk.copy(frame, this.#filled, at);
    this.#filled += taken;
    if (this.#filled === frame.length) {
      this.#frame = undefined;
      this.#filled = 0;
      onFrame(frame);
    }
    return taken;
  }
}

function frameStart(prefix: Buffer): Buffer {
  const frame = Buffer.allocUnsafe(PREFIX_OCTETS + prefix.readUInt32BE(0));
  frame.set(prefix);
  return frame;
}
