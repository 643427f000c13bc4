import { asBuffer } from "../base/index.ts";
import type { CdrInput } from "../cdr/index.ts";
import { MINOR } from "../exception/index.ts";
import { INDIRECTION, type ReadValues, TAG, tooMany, VALUE_TAG } from "./tables.ts";

/** What stands before a value's state. */
export interface ValueHeader {
  /** Absolute position of the tag. */
  readonly position: number;
  /** Most derived first; empty where the declared type is meant. */
  readonly ids: readonly string[];
  readonly isChunked: boolean;
}

/** What an offset leads to. */
function readTarget<T>(input: CdrInput, known: ReadonlyMap<number, T>, what: string): T {
  const offset = input.long();
  const target = input.absolutePosition - 4 + offset;
  const found = offset < -4 ? known.get(target) : undefined;
  if (found !== undefined) return found;
  const text = `indirection by ${offset} to octet ${target}, where no ${what} begins`;
  throw input.fault(text, MINOR.badValueIndirection);
}

function readId(input: CdrInput, read: ReadValues): string {
  const size = input.ulong();
  if (size === INDIRECTION) return readTarget(input, read.ids, "repository id");
  const position = input.absolutePosition - 4;
  const id = asBuffer(input.octets(size)).toString("latin1");
  if (id.indexOf("\0") !== size - 1) {
    throw input.fault("repository id without a NUL at its end", MINOR.stringNotTerminated);
  }
  const text = id.slice(0, -1);
  read.ids.set(position, text);
  return text;
}

/** Most repository ids of one value: as deep as value types are derived from each other, and far more. */
const MOST_IDS = 256;

function readIds(input: CdrInput, read: ReadValues): readonly string[] {
  const count = input.ulong();
  if (count === INDIRECTION) return readTarget(input, read.lists, "list of repository ids");
  const position = input.absolutePosition - 4;
  if (count === 0 || count > MOST_IDS) {
    throw input.fault(`list of ${count} repository ids`, MINOR.badValueTag);
  }
  const ids: string[] = [];
  while (ids.length < count) ids.push(readId(input, read));
  read.lists.set(position, ids);
  return ids;
}

function readType(input: CdrInput, read: ReadValues, form: number): readonly string[] {
  if (form === TAG.ids) return readIds(input, read);
  return form === TAG.id ? [readId(input, read)] : [];
}

/**
 * Reads what follows the tag of a value up to its state. A codebase is passed over: nothing is loaded
 * from where a peer says.
 */
export function readHeader(input: CdrInput, read: ReadValues, tag: number): ValueHeader {
  const position = input.absolutePosition - 4;
  const form = tag & TAG.ids;
  if (tag < VALUE_TAG || (tag & TAG.reserved) !== 0 || form === 0x04) {
    throw input.fault(`0x${(tag >>> 0).toString(16)} is no tag of a value`, MINOR.badValueTag);
  }
  const isChunked = (tag & TAG.chunked) !== 0;
  if (read.level > 0 && !isChunked) {
    throw input.fault("a value without chunks inside one with chunks", MINOR.badChunk);
  }
  if (++read.count > read.most) {
    throw input.fault(tooMany(read.most), MINOR.tooManyValues);
  }
  if ((tag & TAG.codebase) !== 0) readId(input, read);
  return { position, ids: readType(input, read, form), isChunked };
}

/** What comes first where a value is expected. */
export type ValueStart =
  | { readonly is: "null" }
  | { readonly is: "known"; readonly position: number }
  | { readonly is: "new"; readonly header: ValueHeader };

const NULL_VALUE: ValueStart = { is: "null" };

/** Reads a tag that is not allowed to begin a value, within a chunk. */
function readShort(input: CdrInput, tag: number): ValueStart {
  if (tag === 0) return NULL_VALUE;
  if (tag === -1) {
    const offset = input.long();
    return { is: "known", position: input.absolutePosition - 4 + offset };
  }
  const text = `0x${(tag >>> 0).toString(16)} is no tag of a value inside a chunk`;
  throw input.fault(text, MINOR.badValueTag);
}

/** Whether the next long is in the current chunk: what is less is padding, or nothing. */
function isInsideChunk(input: CdrInput): boolean {
  const left = input.chunkRemaining ?? 0;
  return left >= 4 + (-input.position & 3);
}

/** Octets in front of the next tag that are taken for padding. */
const MOST_PADDING = 3;

/** Goes on behind the current chunk, of which nothing but padding may be left. */
export function leaveChunk(input: CdrInput): void {
  const left = input.chunkRemaining ?? 0;
  if (left > MOST_PADDING) {
    throw input.fault(`${left} octets left in a chunk that should end`, MINOR.badChunk);
  }
  input.leaveChunks();
}

/** Reads where a value is expected, up to its state. */
export function readStart(input: CdrInput, read: ReadValues): ValueStart {
  if (read.level === 0) {
    const tag = input.long();
    return tag === 0 || tag === -1
      ? readShort(input, tag)
      : { is: "new", header: readHeader(input, read, tag) };
  }
  if (isInsideChunk(input)) return readShort(input, input.long());
  if (read.pendingEnd !== 0) throw input.fault("data behind the end of a value", MINOR.badChunk);
  leaveChunk(input);
  const tag = input.long();
  if (tag >= VALUE_TAG) return { is: "new", header: readHeader(input, read, tag) };
  // The tag of null, or of a value read before, stands in a chunk or between two.
  input.enterChunks(Math.max(0, tag));
  if (tag > 0) return readShort(input, input.long());
  if (tag === 0) return NULL_VALUE;
  input.leaveChunks();
  const start = readShort(input, tag);
  input.enterChunks(0);
  return start;
}
