import type { CdrInput } from "../cdr/index.ts";
import { MINOR } from "../exception/index.ts";
import { beginChunks, endChunks } from "./chunk-end.ts";
import { readStart, type ValueHeader } from "./read-header.ts";
import { type KnownValue, type ReadValues, readValues, tooDeep } from "./tables.ts";
import { chooseType, findType, fits, noFactory, wrongType } from "./type-choice.ts";
import {
  type BoxedContent,
  type CustomValue,
  isValuesStep,
  isValueStep,
  type StateStep,
  stateOf,
  type ValueDescriptor,
  type ValuesStep,
} from "./value-base.ts";

/** A value whose state is being read. */
interface StateFrame {
  readonly value: object;
  readonly steps: readonly StateStep[];
  readonly isChunked: boolean;
  /** State may follow that the type found here does not have, or that its own code left. */
  readonly mayHaveMore: boolean;
  next: number;
}

/** A sequence or an array within a state, whose elements are being read. */
interface ListFrame {
  readonly list: unknown[];
  readonly count: number;
  readonly formal: ValueDescriptor | undefined;
}

type Frame = StateFrame | ListFrame;

/** What was read, and the frame for its state where that is still to be read. */
interface Begun {
  readonly value: unknown;
  readonly frame?: StateFrame;
}

function readBoxContent<T>(
  input: CdrInput,
  read: ReadValues,
  header: ValueHeader,
  readContent: (input: CdrInput) => T,
): T {
  beginChunks(input, read, header);
  const content = readContent(input);
  if (header.isChunked) endChunks(input, read, false);
  return content;
}

function beginBox(
  input: CdrInput,
  read: ReadValues,
  header: ValueHeader,
  { repositoryId }: ValueDescriptor,
  boxed: BoxedContent,
): Begun {
  const value = readBoxContent(input, read, header, (i) => boxed.read(i));
  const box = boxed.wrap(value);
  read.known.set(header.position, { value, repositoryId, type: undefined, isBoxed: true, box });
  return { value: box };
}

function beginNew(
  input: CdrInput,
  read: ReadValues,
  header: ValueHeader,
  formal: ValueDescriptor | undefined,
): Begun {
  const { type, create, index } = chooseType(input, header, formal);
  if (type.boxed !== undefined) return beginBox(input, read, header, type, type.boxed);
  const value = create();
  const { repositoryId } = type;
  read.known.set(header.position, { value, repositoryId, type, isBoxed: false });
  beginChunks(input, read, header);
  const steps: readonly StateStep[] = type.isCustom
    ? [{ read: (i) => (value as CustomValue).unmarshal(i), write: () => undefined }]
    : stateOf(type);
  const mayHaveMore = index > 0 || type.isCustom;
  return { value, frame: { value, steps, isChunked: header.isChunked, mayHaveMore, next: 0 } };
}

function knownAt(input: CdrInput, read: ReadValues, position: number): KnownValue {
  const known = read.known.get(position);
  if (known !== undefined) return known;
  const text = `indirection to octet ${position}, where no value read here begins`;
  throw input.fault(text, MINOR.badValueIndirection);
}

/** A box that was read as its content, where any value may stand. */
function boxOf(input: CdrInput, known: KnownValue): object {
  const boxed = findType(input, known.repositoryId)?.boxed;
  if (boxed === undefined) throw noFactory(input, [known.repositoryId]);
  known.box ??= boxed.wrap(known.value);
  return known.box;
}

function readKnown(
  input: CdrInput,
  read: ReadValues,
  position: number,
  formal: ValueDescriptor | undefined,
): unknown {
  const known = knownAt(input, read, position);
  if (known.isBoxed && formal === undefined) return known.box ?? boxOf(input, known);
  const type = known.type as ValueDescriptor | undefined;
  if (type !== undefined && fits(type, formal)) return known.value;
  throw wrongType(input, known.repositoryId, formal?.repositoryId ?? "one with a type");
}

function begin(input: CdrInput, read: ReadValues, formal: ValueDescriptor | undefined): Begun {
  const start = readStart(input, read);
  if (start.is === "null") return { value: null };
  if (start.is === "new") return beginNew(input, read, start.header, formal);
  return { value: readKnown(input, read, start.position, formal) };
}

/** Least octets of a value: those of the tag of null. */
const SMALLEST_VALUE = 4;

function beginList(input: CdrInput, step: ValuesStep): ListFrame {
  const count = step.length ?? input.sequenceLength(SMALLEST_VALUE, step.bound);
  return { list: [], count, formal: step.formal() };
}

/** Reads elements until one is to be read that has state of its own; true when there is none left. */
function advanceList(input: CdrInput, read: ReadValues, frame: ListFrame, stack: Frame[]): boolean {
  const { list, count, formal } = frame;
  while (list.length < count) {
    const begun = begin(input, read, formal);
    list.push(begun.value);
    if (begun.frame === undefined) continue;
    stack.push(begun.frame);
    return false;
  }
  return true;
}

/** Reads state until a value within it begins; true when there is none left. */
function advance(input: CdrInput, read: ReadValues, frame: StateFrame, stack: Frame[]): boolean {
  const value = frame.value as Record<string, unknown>;
  while (frame.next < frame.steps.length) {
    const step = frame.steps[frame.next++] as StateStep;
    let inner: Frame | undefined;
    if (isValueStep(step)) {
      const begun = begin(input, read, step.formal());
      value[step.member] = begun.value;
      inner = begun.frame;
    } else if (isValuesStep(step)) {
      inner = beginList(input, step);
      value[step.members] = inner.list;
    } else step.read(input, value);
    if (inner === undefined) continue;
    stack.push(inner);
    return false;
  }
  if (frame.isChunked) endChunks(input, read, frame.mayHaveMore);
  return true;
}

/** Runs `work`; a call stack that is used up is reported by the outermost call. */
function guarded<T>(input: CdrInput, work: (read: ReadValues) => T): T {
  const read = readValues(input);
  read.calls++;
  try {
    return work(read);
  } catch (thrown) {
    throw read.calls === 1 ? tooDeep(thrown) : thrown;
  } finally {
    read.calls--;
  }
}

/**
 * Reads a value of a value type, or null; what was read before in the same message and is referred to is
 * the same instance (CORBA 3.3 Part 2, 9.3.4). Of the types the sender names the first is taken that is
 * registered with the ORB, or is `formal`.
 * @param formal the declared type; left out for ValueBase
 * @throws MARSHAL when it is malformed, with minor OMG 1 when no factory is known for it
 */
export function readValue<V extends object>(input: CdrInput, formal?: ValueDescriptor): V | null {
  return guarded(input, (read) => {
    const { value, frame } = begin(input, read, formal);
    const stack: Frame[] = frame === undefined ? [] : [frame];
    for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
      const isDone =
        "list" in top ? advanceList(input, read, top, stack) : advance(input, read, top, stack);
      if (isDone) stack.pop();
    }
    return value as V | null;
  });
}

/** Reads a value box: null, or what `readContent` reads. @throws MARSHAL as {@link readValue} */
export function readBox<T>(
  input: CdrInput,
  repositoryId: string,
  readContent: (input: CdrInput) => T,
): T | null {
  return guarded(input, (read) => {
    const start = readStart(input, read);
    if (start.is === "null") return null;
    if (start.is === "known") {
      const known = knownAt(input, read, start.position);
      if (known.isBoxed && known.repositoryId === repositoryId) return known.value as T;
      throw wrongType(input, known.repositoryId, repositoryId);
    }
    const { header } = start;
    if (header.ids.length > 0 && !header.ids.includes(repositoryId)) {
      throw wrongType(input, header.ids.slice(0, 5).join(", "), repositoryId);
    }
    const value = readBoxContent(input, read, header, readContent);
    read.known.set(header.position, { value, repositoryId, type: undefined, isBoxed: true });
    return value;
  });
}

/**
 * Reads what an abstract interface stands for: a value, an object reference, or null, which is a null
 * value or, as omniORB sends it, a nil reference.
 */
export function readAbstract(input: CdrInput): unknown {
  return input.boolean() ? input.context.readObject(input) : readValue(input);
}
