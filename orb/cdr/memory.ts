/** An array buffer with what reads it. */
export interface Memory {
  readonly buffer: ArrayBufferLike;
  /** All of it. */
  readonly octets: Buffer;
  readonly view: DataView;
}

/** Octets of the largest buffer that is kept for its next message: what transports read into at once. */
const KEPT_OCTETS = 65_536;

/** Of the message before: those of one batch lie in one buffer, and views cost more than what is read with them. */
let latest: Memory = newMemory(new ArrayBuffer(0));

function newMemory(buffer: ArrayBufferLike): Memory {
  return { buffer, octets: Buffer.from(buffer), view: new DataView(buffer) };
}

/** The buffer in which octets lie. Index 0 of them is its index `octets.byteOffset`. */
export function memoryOf(octets: Uint8Array): Memory {
  const { buffer } = octets;
  if (latest.buffer === buffer) return latest;
  const memory = newMemory(buffer);
  if (buffer.byteLength <= KEPT_OCTETS) latest = memory;
  return memory;
}
