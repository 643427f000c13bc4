import type { CdrOutput } from "../cdr/index.ts";
import { BAD_PARAM, MINOR } from "../exception/index.ts";
import {
  type CustomValue,
  derivesFrom,
  isValuesStep,
  isValueStep,
  type StateStep,
  stateOf,
  ValueBase,
  type ValueDescriptor,
  type ValuesStep,
} from "./value-base.ts";
import { tooDeep, type WrittenValues, writtenValues } from "./tables.ts";
import { endChunked, idsOf, writeHeader, writeIndirection } from "./write-header.ts";

/** A value whose state is being written. */
interface StateFrame {
  readonly value: object;
  readonly steps: readonly StateStep[];
  readonly isChunked: boolean;
  next: number;
}

/** A sequence or an array within a state, whose elements are being written. */
interface ListFrame {
  readonly list: readonly unknown[];
  readonly formal: ValueDescriptor | undefined;
  next: number;
}

type Frame = StateFrame | ListFrame;

function typeOf(v: unknown, formal: ValueDescriptor | undefined): ValueDescriptor {
  if (v instanceof ValueBase) {
    const type = v._value;
    if (formal === undefined || formal.isAbstract === true) return type;
    if (derivesFrom(type, formal.repositoryId)) return type;
    const text = `a value of type ${type.name} is no ${formal.name}`;
    throw new BAD_PARAM(text, MINOR.wrongJavaScriptType);
  }
  // An object with the members of the declared type will do.
  if (typeof v === "object" && formal?.create !== undefined && !formal.isCustom) return formal;
  const text = `${formal?.name ?? "ValueBase"} is a value or null, not ${typeof v}`;
  throw new BAD_PARAM(text, MINOR.wrongJavaScriptType);
}

function boxesOf(written: WrittenValues, repositoryId: string): Map<object, number> {
  const known = written.boxes.get(repositoryId);
  if (known !== undefined) return known;
  const boxes = new Map<object, number>();
  written.boxes.set(repositoryId, boxes);
  return boxes;
}

/** @param key what makes two boxes of the type the same one; undefined where nothing does */
function writeBoxOnce(
  out: CdrOutput,
  written: WrittenValues,
  repositoryId: string,
  key: object | undefined,
  writeContent: () => void,
): void {
  const boxes = boxesOf(written, repositoryId);
  const known = key === undefined ? undefined : boxes.get(key);
  if (known !== undefined) {
    writeIndirection(out, known);
    return;
  }
  const isChunked = written.level > 0;
  const position = writeHeader(out, written, [repositoryId], isChunked);
  if (key !== undefined) boxes.set(key, position);
  writeContent();
  if (isChunked) endChunked(out, written);
}

/** Writes a value up to its state; the frame for that, undefined where null or an indirection was enough. */
function begin(
  out: CdrOutput,
  written: WrittenValues,
  v: unknown,
  formal: ValueDescriptor | undefined,
): StateFrame | undefined {
  if (v === null) {
    out.ulong(0);
    return undefined;
  }
  const type = typeOf(v, formal);
  const value = v as object;
  const { boxed } = type;
  if (boxed !== undefined) {
    const content = boxed.open(value);
    const key = typeof content === "object" && content !== null ? content : value;
    writeBoxOnce(out, written, type.repositoryId, key, () => boxed.write(out, content));
    return undefined;
  }
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

function beginList(out: CdrOutput, value: object, step: ValuesStep): ListFrame {
  const list = memberOf(value, step.members);
  if (!Array.isArray(list)) {
    const text = `member ${step.members} of a value is an array, not ${typeof list}`;
    throw new BAD_PARAM(text, MINOR.wrongJavaScriptType);
  }
  if (step.length === undefined) out.sequenceLength(list.length, step.bound);
  else if (list.length !== step.length) {
    const text = `member ${step.members} of a value has ${step.length} elements, not ${list.length}`;
    throw new BAD_PARAM(text, MINOR.wrongArrayLength);
  }
  return { list, formal: step.formal(), next: 0 };
}

/** Writes elements until one begins that has state of its own; true when there is none left. */
function advanceList(
  out: CdrOutput,
  written: WrittenValues,
  frame: ListFrame,
  stack: Frame[],
): boolean {
  while (frame.next < frame.list.length) {
    const inner = begin(out, written, frame.list[frame.next++], frame.formal);
    if (inner === undefined) continue;
    stack.push(inner);
    return false;
  }
  return true;
}

/** Writes state until a value within it begins; true when there is none left. */
function advance(
  out: CdrOutput,
  written: WrittenValues,
  frame: StateFrame,
  stack: Frame[],
): boolean {
  while (frame.next < frame.steps.length) {
    const step = frame.steps[frame.next++] as StateStep;
    let inner: Frame | undefined;
    if (isValueStep(step)) {
      inner = begin(out, written, memberOf(frame.value, step.member), step.formal());
    } else if (isValuesStep(step)) inner = beginList(out, frame.value, step);
    else step.write(out, frame.value);
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
  const stack: Frame[] = first === undefined ? [] : [first];
  for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
    const isDone =
      "list" in top ? advanceList(out, written, top, stack) : advance(out, written, top, stack);
    if (isDone) stack.pop();
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
 * @throws BAD_PARAM for what is no value of it; MARSHAL beyond as many values in a message as the ORB allows
 */
export function writeValue(out: CdrOutput, v: object | null, formal?: ValueDescriptor): void {
  if (v === null) out.ulong(0);
  else guarded(out, (written) => write(out, written, v, formal));
}

/** Writes a value box: null, or what `write` writes. Content that is an object is sent once. */
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
  const key = typeof v === "object" ? (v as object) : undefined;
  guarded(out, (written) =>
    writeBoxOnce(out, written, repositoryId, key, () => writeContent(out, v)),
  );
}

/**
 * Writes what an abstract interface stands for: a value, an object reference, or null.
 * @throws BAD_PARAM minor OMG 6 for anything else (CORBA 3.3 Part 1, 10)
 */
export function writeAbstract(out: CdrOutput, v: object | null): void {
  const isReference = v !== null && !(v instanceof ValueBase);
  out.boolean(isReference);
  if (!isReference) {
    writeValue(out, v);
    return;
  }
  try {
    out.context.writeObject(out, v);
  } catch (cause) {
    if (!(cause instanceof BAD_PARAM)) throw cause;
    const text = `an abstract interface is a value, an object reference or null: ${cause.message}`;
    throw new BAD_PARAM(text, MINOR.wrongTypeForAbstractInterface, cause.completed, { cause });
  }
}
