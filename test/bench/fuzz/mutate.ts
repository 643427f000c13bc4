import type { Random } from "../../../orb/index.ts";

const HEADER_OCTETS = 12;
const SIZE_AT = 8;
/** Values that are likely to hurt where a length or a count is read. */
const EVIL: readonly number[] = [
  0, 1, 0x7f, 0x80, 0xff, 0xffff, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff,
];

function below(random: Random, limit: number): number {
  return Math.floor(random.number() * limit);
}

/** The size in a message's header, in its byte order. */
function setSize(message: Buffer, size: number): void {
  if (((message[6] ?? 0) & 1) === 1) message.writeUInt32LE(size >>> 0, SIZE_AT);
  else message.writeUInt32BE(size >>> 0, SIZE_AT);
}

/** Puts a value that is likely to hurt at a place of four octets. */
function poison(message: Buffer, random: Random, from: number): void {
  if (message.length < from + 4) return;
  const at = from + 4 * below(random, Math.floor((message.length - from) / 4));
  message.writeUInt32LE(EVIL[below(random, EVIL.length)] ?? 0, at);
}

function flip(message: Buffer, random: Random, from: number): void {
  if (message.length <= from) return;
  const at = from + below(random, message.length - from);
  message[at] = (message[at] ?? 0) ^ (1 << below(random, 8));
}

/** Cuts, or repeats, a piece of the body; the size in the header follows. */
function resize(message: Buffer, random: Random): Buffer {
  const at = HEADER_OCTETS + below(random, Math.max(1, message.length - HEADER_OCTETS));
  const isCut = random.number() < 0.5;
  const tail = isCut ? message.subarray(0, 0) : message.subarray(at);
  const made = Buffer.concat([message.subarray(0, at), tail, tail]);
  setSize(made, made.length - HEADER_OCTETS);
  return made;
}

/**
 * A message with some of its octets changed.
 * @param withHeader those of the header, too, in one of two
 */
export function mutate(original: Uint8Array, random: Random, withHeader: boolean): Buffer {
  let message: Buffer = Buffer.from(original);
  const from = withHeader && random.number() < 0.5 ? 0 : HEADER_OCTETS;
  for (let changes = 1 + below(random, 4); changes > 0; changes--) {
    const kind = random.number();
    if (kind < 0.45) flip(message, random, from);
    else if (kind < 0.8) poison(message, random, from);
    else if (kind < 0.95) message = resize(message, random);
    else if (from === 0) setSize(message, EVIL[below(random, EVIL.length)] ?? 0);
  }
  return message;
}

/** The messages of one direction of a connection; an incomplete one at the end is left out. */
export function messagesIn(stream: Buffer): Buffer[] {
  const messages: Buffer[] = [];
  for (let at = 0; at + HEADER_OCTETS <= stream.length; ) {
    const isLittle = ((stream[at + 6] ?? 0) & 1) === 1;
    const size = isLittle ? stream.readUInt32LE(at + SIZE_AT) : stream.readUInt32BE(at + SIZE_AT);
    const end = at + HEADER_OCTETS + size;
    if (end <= stream.length) messages.push(stream.subarray(at, end));
    at = end;
  }
  return messages;
}
