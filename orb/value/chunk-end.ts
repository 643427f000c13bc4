import type { CdrInput } from "../cdr/index.ts";
import { MINOR } from "../exception/index.ts";
import { leaveChunk, readHeader, type ValueHeader } from "./read-header.ts";
import { type ReadValues, VALUE_TAG } from "./tables.ts";

/** Goes on to the chunks of a value, where it has any. */
export function beginChunks(input: CdrInput, read: ReadValues, header: ValueHeader): void {
  if (!header.isChunked) return;
  read.level++;
  input.enterChunks(0);
}

/** The depth around the values that an end tag ends. */
function depthBehind(input: CdrInput, tag: number, depth: number): number {
  if (-tag <= depth) return -tag - 1;
  throw input.fault(`end tag ${tag} with ${depth} values open`, MINOR.badChunk);
}

/** Reads the end tag of the innermost value, of which nothing is left. */
function readEnd(input: CdrInput, read: ReadValues): void {
  const tag = input.long();
  if (tag >= 0) throw input.fault(`tag ${tag} where a value ends`, MINOR.badChunk);
  if (depthBehind(input, tag, read.level) < read.level - 1) read.pendingEnd = tag;
}

/**
 * Reads up to the end tag of the innermost value, over what its type here does not know. Types of values
 * nested there may be referred to later on, the values themselves may not.
 */
function skipToEnd(input: CdrInput, read: ReadValues): void {
  const { level } = read;
  let depth = level;
  while (depth >= level) {
    const tag = input.long();
    if (tag < 0) {
      depth = depthBehind(input, tag, depth);
      if (depth < level - 1) read.pendingEnd = tag;
    } else if (tag >= VALUE_TAG) {
      readHeader(input, read, tag);
      depth++;
    } else if (tag > 0) input.skip(tag);
  }
}

/**
 * Ends a value, and goes back to the chunks of the one around it.
 * @param mayHaveMore state may follow that its type here does not have, or that its own code left
 */
export function endChunks(input: CdrInput, read: ReadValues, mayHaveMore: boolean): void {
  if (mayHaveMore) input.leaveChunks();
  else leaveChunk(input);
  if (read.pendingEnd === -read.level) read.pendingEnd = 0;
  else if (read.pendingEnd === 0) {
    if (mayHaveMore) skipToEnd(input, read);
    else readEnd(input, read);
  }
  read.level--;
  if (read.level > 0) input.enterChunks(0, read.pendingEnd !== 0);
}
