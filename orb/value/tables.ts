import type { CdrInput, CdrOutput } from "../cdr/index.ts";
import { isStackOverflow, MARSHAL, MINOR } from "../exception/index.ts";

/** Most values a message holds unless the ORB was told otherwise, null and repeated ones not counted. */
export const MAX_VALUES: number = 100_000;

/** In place of a value, of a repository id or of their count: an offset to an earlier one follows. */
export const INDIRECTION = 0xffff_ffff;
/** Tags from here on begin a value; positive ones below are sizes of chunks. */
export const VALUE_TAG = 0x7fff_ff00;

/** Bits of a value's tag (CORBA 3.3 Part 2, 9.3.4.1). */
export const TAG = {
  codebase: 0x01,
  /** A single repository id. */
  id: 0x02,
  /** A list of repository ids. */
  ids: 0x06,
  chunked: 0x08,
  reserved: 0xf0,
} as const;

/** A used-up call stack is values nested too deeply. */
export function tooDeep(thrown: unknown): unknown {
  if (!isStackOverflow(thrown)) return thrown;
  const text = "values nested deeper than the call stack allows";
  return new MARSHAL(text, MINOR.nestingTooDeep, undefined, { cause: thrown });
}

/** The text for a message that holds too much. */
export function tooMany(most: number): string {
  return `more than ${most} values in a message; the option maxValues of the ORB allows more`;
}

/** What is known of a value that was read. */
export interface KnownValue {
  readonly value: unknown;
  /** Repository id of the type it was read as. */
  readonly repositoryId: string;
  /** The type's `ValueDescriptor`; a box has none. */
  readonly type: unknown;
  /** Whether it is the content of a value box. */
  readonly isBoxed: boolean;
  /** The box as a value of its own, once it was needed. */
  box?: object;
}

/** The values of one stream or encapsulation as it is read; positions are absolute. */
export class ReadValues {
  /** Most values there may be. */
  readonly most: number;
  /** By the position of the tag. */
  readonly known: Map<number, KnownValue> = new Map();
  /** Repository ids and codebases by the position of their length. */
  readonly ids: Map<number, string> = new Map();
  /** Lists of repository ids by the position of their count. */
  readonly lists: Map<number, readonly string[]> = new Map();
  /** Values met, skipped ones too. */
  count = 0;
  /** Chunked values open around the current place. */
  level = 0;
  /** An end tag that ends values further out as well, 0 for none. */
  pendingEnd = 0;
  /** Calls of the reading function inside each other. */
  calls = 0;

  constructor(most: number) {
    this.most = most;
  }
}

/** The values of one stream or encapsulation as it is written; positions count from its start. */
export class WrittenValues {
  /** Most values there may be. */
  readonly most: number;
  /** Positions of the tags. */
  readonly tags: Map<object, number> = new Map();
  /** The same for the contents of value boxes, by the box's repository id. */
  readonly boxes: Map<string, Map<object, number>> = new Map();
  /** Positions of repository ids. */
  readonly ids: Map<string, number> = new Map();
  count = 0;
  level = 0;
  /** Where the open chunk's size is, and what was the position before it; only while `level` is not 0. */
  chunkAt = 0;
  beforeChunk = 0;
  calls = 0;

  constructor(most: number) {
    this.most = most;
  }
}

/** The values read from `input` so far. */
export function readValues(input: CdrInput): ReadValues {
  if (input.values instanceof ReadValues) return input.values;
  const values = new ReadValues(input.context.maxValues ?? MAX_VALUES);
  input.values = values;
  return values;
}

/** The values written to `out` so far. */
export function writtenValues(out: CdrOutput): WrittenValues {
  if (out.values instanceof WrittenValues) return out.values;
  const values = new WrittenValues(out.context.maxValues ?? MAX_VALUES);
  out.values = values;
  return values;
}
