import type { CdrInput } from "../cdr/index.ts";
import { MINOR } from "../exception/index.ts";
import {
  type CustomValue,
  derivesFrom,
  isValueStep,
  type StateStep,
  stateOf,
  type ValueDescriptor,
} from "./value-base.ts";
import { readHeader, readStart, type ValueHeader } from "./header.ts";
import { type KnownValue, type ReadValues, readValues, tooDeep, VALUE_TAG } from "./tables.ts";

/** A value whose state is being read. */
interface Frame {
  readonly value: object;
  readonly steps: readonly StateStep[];
  readonly isChunked: boolean;
  /** State may follow that the type found here does not have, or that its own code left. */
  readonly mayHaveMore: boolean;
  next: number;
}

/** What was read, and the frame for its state where that is still to be read. */
interface Begun {
  readonly value: unknown;
  readonly frame?: Frame;
}

function find(input: CdrInput, repositoryId: string): ValueDescriptor | undefined {
  return input.context.findValue?.(repositoryId) as ValueDescriptor | undefined;
}

function noFactory(input: CdrInput, what: string): Error {
  const text = `no factory for ${what}; orb.registerValue makes one known`;
  return input.fault(text, MINOR.valueFactoryMissing);
}

/** The first type of the header that is known here. */
function choose(
  input: CdrInput,
  header: ValueHeader,
  formal: ValueDescriptor | undefined,
): { readonly type: ValueDescriptor; readonly create: () => object; readonly index: number } {
  if (header.ids.length === 0 && formal === undefined) {
    throw input.fault("a value of any type without its type", MINOR.badValueTag);
  }
  const ids = header.ids.length === 0 && formal ? [formal.repositoryId] : header.ids;
  for (const [index, id] of ids.entries()) {
    const type = find(input, id) ?? (formal?.repositoryId === id ? formal : undefined);
    if (type?.create !== undefined) return { type, create: type.create, index };
  }
  throw noFactory(input, ids.slice(0, 5).join(", "));
}

/** Abstract value types are no concrete bases: whether a type is of them is not known here. */
function fits(type: ValueDescriptor, formal: ValueDescriptor | undefined): boolean {
  if (formal === undefined || formal.isAbstract === true) return true;
  if (formal.create === undefined && formal.isAbstract === undefined) return true;
  return derivesFrom(type, formal.repositoryId);
}

function wrongType(input: CdrInput, found: string, expected: string): Error {
  return input.fault(`a value of type ${found} where ${expected} is`, MINOR.wrongValueType);
}

function beginChunks(input: CdrInput, read: ReadValues, header: ValueHeader): void {
  if (!header.isChunked) return;
  read.level++;
  input.enterChunks(0);
}

function beginNew(
  input: CdrInput,
  read: ReadValues,
  header: ValueHeader,
  formal: ValueDescriptor | undefined,
): Begun {
  const { type, create, index } = choose(input, header, formal);
  if (formal !== undefined && !fits(type, formal)) {
    throw wrongType(input, type.repositoryId, formal.repositoryId);
  }
  if (index > 0 && !header.isChunked) {
    throw input.fault(`${header.ids[0] ?? ""} without chunks cannot be cut`, MINOR.badChunk);
  }
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

function begin(input: CdrInput, read: ReadValues, formal: ValueDescriptor | undefined): Begun {
  const start = readStart(input, read);
  if (start.is === "null") return { value: null };
  if (start.is === "new") return beginNew(input, read, start.header, formal);
  const known = knownAt(input, read, start.position);
  const type = known.type as ValueDescriptor | undefined;
  if (type === undefined || !fits(type, formal)) {
    throw wrongType(input, known.repositoryId, formal?.repositoryId ?? "one with a type");
  }
  return { value: known.value };
}

/** Octets in front of the next tag that are taken for padding. */
const MOST_PADDING = 3;

function skipChunk(input: CdrInput, mayHaveMore: boolean): void {
  const left = input.chunkRemaining ?? 0;
  if (!mayHaveMore && left > MOST_PADDING) {
    throw input.fault(`${left} octets behind the state of a value`, MINOR.badChunk);
  }
  input.leaveChunks();
}

/** Reads up to the end tag of the innermost value, over what its type here does not know. */
function skipToEnd(input: CdrInput, read: ReadValues, mayHaveMore: boolean): void {
  const { level } = read;
  let depth = level;
  while (depth >= level) {
    const tag = input.long();
    if (tag < 0) {
      if (-tag > depth) {
        throw input.fault(`end tag ${tag} with ${depth} values open`, MINOR.badChunk);
      }
      depth = -tag - 1;
      read.pendingEnd = -tag < level ? tag : 0;
    } else if (!mayHaveMore) {
      throw input.fault(`tag ${tag} where a value ends`, MINOR.badChunk);
    } else if (tag >= VALUE_TAG) {
      readHeader(input, read, tag);
      depth++;
    } else if (tag > 0) {
      input.skip(tag);
    }
  }
}

/** Ends a chunked value, and goes back to the chunks of the one around it. */
function endChunked(input: CdrInput, read: ReadValues, mayHaveMore: boolean): void {
  skipChunk(input, mayHaveMore);
  if (read.pendingEnd === 0) skipToEnd(input, read, mayHaveMore);
  else if (read.pendingEnd === -read.level) read.pendingEnd = 0;
  read.level--;
  if (read.level > 0) input.enterChunks(0, read.pendingEnd !== 0);
}

/** Reads state until a value within it begins; true when there is none left. */
function advance(input: CdrInput, read: ReadValues, frame: Frame, stack: Frame[]): boolean {
  while (frame.next < frame.steps.length) {
    const step = frame.steps[frame.next++] as StateStep;
    if (!isValueStep(step)) {
      step.read(input, frame.value);
      continue;
    }
    const begun = begin(input, read, step.formal());
    (frame.value as Record<string, unknown>)[step.member] = begun.value;
    if (begun.frame === undefined) continue;
    stack.push(begun.frame);
    return false;
  }
  if (frame.isChunked) endChunked(input, read, frame.mayHaveMore);
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
    const stack = frame === undefined ? [] : [frame];
    for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
      if (advance(input, read, top, stack)) stack.pop();
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
    beginChunks(input, read, header);
    const value = readContent(input);
    if (header.isChunked) endChunked(input, read, false);
    read.known.set(header.position, { value, repositoryId, type: undefined, isBoxed: true });
    return value;
  });
}

/** Reads what an abstract interface stands for: a value, an object reference, or null. */
export function readAbstract(input: CdrInput): unknown {
  return input.boolean() ? input.context.readObject(input) : readValue(input);
}
