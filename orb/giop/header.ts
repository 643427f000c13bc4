import { asBuffer } from "../base/index.ts";
import type { CdrOutput, GiopMinor } from "../cdr/index.ts";
import { GiopFault } from "./fault.ts";
import { MESSAGE_TYPES, type MessageType } from "./message.ts";
import { HIGHEST_MINOR, isGiopMinor } from "./version.ts";

/** Magic, version, flags, type, size (CORBA 3.3 Part 2, 9.4.1). */
export const HEADER_OCTETS = 12;

const SIZE_AT = 8;
const MAGIC_BIG = 0x4749_4f50;
const MAGIC_LITTLE = 0x504f_4947;
const LITTLE_ENDIAN_FLAG = 1;
/** In the flags octet: pieces of the message follow in Fragment messages. */
export const MORE_FRAGMENTS_FLAG = 2;

/** Index in MESSAGE_TYPES. */
const TYPE_NUMBER: Readonly<Record<MessageType, number>> = {
  Request: 0,
  Reply: 1,
  CancelRequest: 2,
  LocateRequest: 3,
  LocateReply: 4,
  CloseConnection: 5,
  MessageError: 6,
  Fragment: 7,
};

/** Starts a message at the start of `out`; its size is filled in by {@link endMessage}. */
export function beginMessage(out: CdrOutput, type: MessageType, minor: GiopMinor): void {
  const number = TYPE_NUMBER[type];
  if (out.littleEndian) {
    out.ulong(MAGIC_LITTLE);
    out.ulong(1 | (minor << 8) | (LITTLE_ENDIAN_FLAG << 16) | (number << 24));
  } else {
    out.ulong(MAGIC_BIG);
    out.ulong((1 << 24) | (minor << 16) | number);
  }
  out.ulong(0);
}

/** Fills in the size and gives the octets of the message: a view of the buffer of `out`. */
export function endMessage(out: CdrOutput): Uint8Array {
  out.patchUlong(SIZE_AT, out.position - HEADER_OCTETS);
  return out.finish();
}

/** What the 12 octets say. */
export interface GiopHeader {
  readonly type: MessageType;
  readonly minor: GiopMinor;
  readonly littleEndian: boolean;
  readonly moreFragments: boolean;
  /** Octets of the message, these 12 included. */
  readonly octets: number;
}

function hex(octets: Uint8Array): string {
  return asBuffer(octets)
    .toString("hex")
    .replaceAll(/..(?=.)/gu, "$& ");
}

/**
 * Reads the 12 octets that begin at `at`.
 * @throws GiopFault badMagic, unsupportedVersion, unknownType, badFragment, tooLarge
 */
export function readHeader(octets: Uint8Array, at: number, maxMessageOctets: number): GiopHeader {
  if (
    octets[at] !== 0x47 ||
    octets[at + 1] !== 0x49 ||
    octets[at + 2] !== 0x4f ||
    octets[at + 3] !== 0x50
  ) {
    const found = hex(octets.subarray(at, at + 4));
    throw new GiopFault("badMagic", `a message begins with ${found}, not with 47 49 4f 50 (GIOP)`);
  }
  const major = octets[at + 4] ?? 0;
  const minor = octets[at + 5] ?? 0;
  if (major !== 1 || !isGiopMinor(minor)) {
    throw new GiopFault(
      "unsupportedVersion",
      `the message is of GIOP ${major}.${minor}; 1.0 to 1.${HIGHEST_MINOR} are spoken`,
    );
  }
  const type = MESSAGE_TYPES[octets[at + 7] ?? 0];
  if (type === undefined || (type === "Fragment" && minor === 0)) {
    throw new GiopFault(
      "unknownType",
      `message type ${octets[at + 7]} does not exist in GIOP 1.${minor}; allowed are 0 to ${minor === 0 ? 6 : 7}`,
    );
  }
  const flags = octets[at + 6] ?? 0;
  const littleEndian = (flags & LITTLE_ENDIAN_FLAG) !== 0;
  // In 1.0 this octet is a boolean that holds the byte order and nothing else.
  const moreFragments = minor > 0 && (flags & MORE_FRAGMENTS_FLAG) !== 0;
  if (moreFragments && !mayBeFragmented(type, minor)) {
    throw new GiopFault("badFragment", `a ${type} of GIOP 1.${minor} cannot come in fragments`);
  }
  const size = readUlong(octets, at + SIZE_AT, littleEndian);
  if (size > maxMessageOctets - HEADER_OCTETS) {
    throw new GiopFault(
      "tooLarge",
      `a ${type} claims ${size} octets after its header; the limit for a message is ${maxMessageOctets}`,
    );
  }
  return { type, minor, littleEndian, moreFragments, octets: HEADER_OCTETS + size };
}

/** Whether messages of the type may continue in Fragment messages. */
export function mayBeFragmented(type: MessageType, minor: GiopMinor): boolean {
  switch (type) {
    case "Request":
    case "Reply":
    case "Fragment":
      return minor > 0;
    case "LocateRequest":
    case "LocateReply":
      return minor === 2;
    case "CancelRequest":
    case "CloseConnection":
    case "MessageError":
      return false;
  }
}

/** An unsigned 32-bit number at `at`, which must lie in the octets. */
export function readUlong(octets: Uint8Array, at: number, littleEndian: boolean): number {
  const a = octets[at] ?? 0;
  const b = octets[at + 1] ?? 0;
  const c = octets[at + 2] ?? 0;
  const d = octets[at + 3] ?? 0;
  const value = littleEndian
    ? a | (b << 8) | (c << 16) | (d << 24)
    : (a << 24) | (b << 16) | (c << 8) | d;
  return value >>> 0;
}

export function writeUlong(
  octets: Uint8Array,
  at: number,
  value: number,
  littleEndian: boolean,
): void {
  for (let i = 0; i < 4; i++) octets[at + i] = value >>> (8 * (littleEndian ? i : 3 - i));
}

/** Makes the header at the start of `octets` say: this many octets in all, more to follow or not. */
export function patchHeader(octets: Uint8Array, messageOctets: number, more: boolean): void {
  const flags = octets[6] ?? 0;
  const littleEndian = (flags & LITTLE_ENDIAN_FLAG) !== 0;
  octets[6] = more ? flags | MORE_FRAGMENTS_FLAG : flags & ~MORE_FRAGMENTS_FLAG;
  writeUlong(octets, SIZE_AT, messageOctets - HEADER_OCTETS, littleEndian);
}
