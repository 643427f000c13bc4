import type { CdrOutput } from "../cdr/index.ts";
import { BAD_PARAM, MARSHAL, MINOR } from "../exception/index.ts";
import {
  type CustomValue,
  derivesFrom,
  isValueStep,
  type StateStep,
  stateOf,
  ValueBase,
  type ValueDescriptor,
} from "./value-base.ts";
import {
  INDIRECTION,
  MAX_VALUES,
  TAG,
  tooDeep,
  VALUE_TAG,
  type WrittenValues,
  writtenValues,
} from "./tables.ts";

/** A value whose state is being written. */
interface Frame {
  readonly value: object;
  readonly steps: readonly StateStep[];
  readonly isChunked: boolean;
  next: number;
}

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

function writeIndirection(out: CdrOutput, target: number): void {
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
function idsOf(type: ValueDescriptor): string[] {
  const ids = [type.repositoryId];
  let last = type;
  while (last.isTruncatable && last.base !== undefined) {
    last = last.base();
    ids.push(last.repositoryId);
  }
  return ids;
}

/** Writes tag and type, and begins the first chunk. @returns the position of the tag */
function writeHeader(
  out: CdrOutput,
  written: WrittenValues,
  ids: readonly string[],
  isChunked: boolean,
): number {
  if (++written.count > MAX_VALUES) {
    throw new MARSHAL(`more than ${MAX_VALUES} values in a message`, MINOR.tooManyValues);
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
function endChunked(out: CdrOutput, written: WrittenValues): void {
  endChunk(out, written);
  out.long(-written.level);
  written.level--;
  if (written.level > 0) startChunk(out, written);
}

function typeOf(v: unknown, formal: ValueDescriptor | undefined): ValueDescriptor {
  if (v instanceof ValueBase) {
    const type = v._value;
    if (formal === undefined || formal.create === undefined) return type;
    if (derivesFrom(type, formal.repositoryId)) return type;
    const text = `a value of type ${type.name} is no ${formal.name}`;
    throw new BAD_PARAM(text, MINOR.wrongJavaScriptType);
  }
  // An object with the members of the declared type will do.
  if (typeof v === "object" && formal?.create !== undefined && !formal.isCustom) return formal;
  const text = `${formal?.name ?? "ValueBase"} is a value or null, not ${typeof v}`;
  throw new BAD_PARAM(text, MINOR.wrongJavaScriptType);
}

/** Writes a value up to its state; the frame for that, undefined where null or an indirection was enough. */
function begin(
  out: CdrOutput,
  written: WrittenValues,
  v: unknown,
  formal: ValueDescriptor | undefined,
): Frame | undefined {
  if (v === null) {
    out.ulong(0);
    return undefined;
  }
  const type = typeOf(v, formal);
  const value = v as object;
  const known = written.tags.get(value);
  if (known !== undefined) {
    writeIndirection(out, known);
    return undefined;
  }
  const ids = idsOf(type);
  const isChunked = type.isCustom || ids.length > 1 || written.level > 0;
  written.tags.set(value, writeHeader(out, written, ids, isChunked));
  const steps: readonly StateStep[] = type.isCustom
    ? [{ write: (o) => (value as CustomValue).marshal(o), read: () => undefined }]
    : stateOf(type);
  return { value, steps, isChunked, next: 0 };
}

function memberOf(value: object, member: string): unknown {
  const v: unknown = (value as Readonly<Record<string, unknown>>)[member];
  if (v !== undefined) return v;
  throw new BAD_PARAM(`member ${member} of a value is not given`, MINOR.missingMember);
}

/** Writes state until a value within it begins; true when there is none left. */
function advance(out: CdrOutput, written: WrittenValues, frame: Frame, stack: Frame[]): boolean {
  while (frame.next < frame.steps.length) {
    const step = frame.steps[frame.next++] as StateStep;
    if (!isValueStep(step)) {
      step.write(out, frame.value);
      continue;
    }
    const inner = begin(out, written, memberOf(frame.value, step.member), step.formal());
    if (inner === undefined) continue;
    stack.push(inner);
    return false;
  }
  if (frame.isChunked) endChunked(out, written);
  return true;
}

function write(
  out: CdrOutput,
  written: WrittenValues,
  v: unknown,
  formal: ValueDescriptor | undefined,
): void {
  const first = begin(out, written, v, formal);
  const stack = first === undefined ? [] : [first];
  for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
    if (advance(out, written, top, stack)) stack.pop();
  }
}

/** Runs `work`; a call stack that is used up is reported by the outermost call. */
function guarded(out: CdrOutput, work: (written: WrittenValues) => void): void {
  const written = writtenValues(out);
  written.calls++;
  try {
    work(written);
  } catch (thrown) {
    throw written.calls === 1 ? tooDeep(thrown) : thrown;
  } finally {
    written.calls--;
  }
}

/**
 * Writes a value of a value type with its type (CORBA 3.3 Part 2, 9.3.4). What was written before in the
 * same message is referred to, so that receivers find the same instance again.
 * @param formal the declared type; left out for ValueBase
 * @throws BAD_PARAM for what is no value of it; MARSHAL beyond 100,000 values in a message
 */
export function writeValue(out: CdrOutput, v: object | null, formal?: ValueDescriptor): void {
  if (v === null) out.ulong(0);
  else guarded(out, (written) => write(out, written, v, formal));
}

function boxesOf(written: WrittenValues, repositoryId: string): Map<object, number> {
  const known = written.boxes.get(repositoryId);
  if (known !== undefined) return known;
  const boxes = new Map<object, number>();
  written.boxes.set(repositoryId, boxes);
  return boxes;
}

/** Writes a value box: null, or what `write` writes. */
export function writeBox<T>(
  out: CdrOutput,
  v: T | null,
  repositoryId: string,
  writeContent: (out: CdrOutput, v: T) => void,
): void {
  if (v === null) {
    out.ulong(0);
    return;
  }
  guarded(out, (written) => {
    const shared = typeof v === "object" ? (v as object) : undefined;
    const boxes = boxesOf(written, repositoryId);
    const known = shared === undefined ? undefined : boxes.get(shared);
    if (known !== undefined) {
      writeIndirection(out, known);
      return;
    }
    const isChunked = written.level > 0;
    const position = writeHeader(out, written, [repositoryId], isChunked);
    writeContent(out, v);
    if (isChunked) endChunked(out, written);
    if (shared !== undefined) boxes.set(shared, position);
  });
}

/** Writes what an abstract interface stands for: a value, an object reference, or null. */
export function writeAbstract(out: CdrOutput, v: object | null): void {
  const isReference = v !== null && !(v instanceof ValueBase);
  out.boolean(isReference);
  if (isReference) out.context.writeObject(out, v);
  else writeValue(out, v);
}
