import type { CdrOutput } from "../cdr/index.ts";
import { MARSHAL, MINOR } from "../exception/index.ts";
import { INDIRECTION, TAG, tooMany, VALUE_TAG, type WrittenValues } from "./tables.ts";
import type { ValueDescriptor } from "./value-base.ts";

function startChunk(out: CdrOutput, written: WrittenValues): void {
  written.beforeChunk = out.position;
  out.ulong(0);
  written.chunkAt = out.position - 4;
}

/** Empty chunks are not allowed: their size is taken back. */
function endChunk(out: CdrOutput, written: WrittenValues): void {
  const size = out.position - written.chunkAt - 4;
  if (size === 0) out.rewind(written.beforeChunk);
  else if (size < VALUE_TAG) out.patchUlong(written.chunkAt, size);
  else throw new MARSHAL(`chunk of ${size} octets`, MINOR.messageTooLarge);
}

/** Refers to what was written at `target`. */
export function writeIndirection(out: CdrOutput, target: number): void {
  out.ulong(INDIRECTION);
  out.long(target - out.position);
}

/** Repository ids are ISO 8859-1, whatever the code set of the stream. */
function writeId(out: CdrOutput, written: WrittenValues, id: string): void {
  const known = written.ids.get(id);
  if (known !== undefined) {
    writeIndirection(out, known);
    return;
  }
  const octets = Buffer.from(`${id}\0`, "latin1");
  out.ulong(octets.length);
  written.ids.set(id, out.position - 4);
  out.octets(octets);
}

/** The type, and the bases that receivers may take it for. */
export function idsOf(type: ValueDescriptor): string[] {
  const ids = [type.repositoryId];
  let last = type;
  while (last.isTruncatable && last.base !== undefined) {
    last = last.base();
    ids.push(last.repositoryId);
  }
  return ids;
}

/** Writes tag and type, and begins the first chunk. @returns the position of the tag */
export function writeHeader(
  out: CdrOutput,
  written: WrittenValues,
  ids: readonly string[],
  isChunked: boolean,
): number {
  if (++written.count > written.most) {
    throw new MARSHAL(tooMany(written.most), MINOR.tooManyValues);
  }
  if (written.level > 0) endChunk(out, written);
  const [id] = ids;
  out.ulong(VALUE_TAG + (ids.length > 1 ? TAG.ids : TAG.id) + (isChunked ? TAG.chunked : 0));
  const position = out.position - 4;
  if (ids.length > 1) {
    out.ulong(ids.length);
    for (const each of ids) writeId(out, written, each);
  } else if (id !== undefined) writeId(out, written, id);
  if (isChunked) {
    written.level++;
    startChunk(out, written);
  }
  return position;
}

/** Closes the last chunk, and the value; what surrounds it goes on in a chunk of its own. */
export function endChunked(out: CdrOutput, written: WrittenValues): void {
  endChunk(out, written);
  out.long(-written.level);
  written.level--;
  if (written.level > 0) startChunk(out, written);
}
