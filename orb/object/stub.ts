import { type CdrInput, type CdrOutput } from "../cdr/index.ts";
import { BAD_PARAM } from "../exception/index.ts";
import { readAbstract as readEither } from "../value/index.ts";
import type {
  ClientOperation,
  InterfaceDescriptor,
  InvokeOptions,
  ReferenceCore,
} from "../call/index.ts";
import { ObjectReference } from "./reference.ts";

/** A generated client class. */
export type StubClass<T extends ObjectReference> = new (core: ReferenceCore) => T;

/** Calls an operation; what stubs do. Rejects with system exceptions and those the operation raises. */
export function invoke<A extends readonly unknown[], R>(
  target: ObjectReference,
  operation: ClientOperation<A, R>,
  args: A,
  options?: InvokeOptions,
): Promise<R> {
  return target._core.invoker.invoke(target._core, operation, args, options) as Promise<R>;
}

/**
 * The reference as the interface of `descriptor`, or null when the object is not of it (or the reference is nil).
 * Asks the object unless the reference's own type says so.
 */
export async function narrow<T extends ObjectReference>(
  reference: ObjectReference | null | undefined,
  descriptor: InterfaceDescriptor,
  stub: StubClass<T>,
  options?: InvokeOptions,
): Promise<T | null> {
  if (reference === null || reference === undefined) return null;
  if (reference instanceof stub) return reference;
  const isOfIt = await reference._is_a(descriptor.repositoryId, options);
  return isOfIt ? new stub(reference._core) : null;
}

/** The reference as another interface, without asking. nil stays null. */
export function uncheckedNarrow<T extends ObjectReference>(
  reference: ObjectReference,
  stub: StubClass<T>,
): T;
export function uncheckedNarrow<T extends ObjectReference>(
  reference: ObjectReference | null | undefined,
  stub: StubClass<T>,
): T | null;
export function uncheckedNarrow<T extends ObjectReference>(
  reference: ObjectReference | null | undefined,
  stub: StubClass<T>,
): T | null {
  if (reference === null || reference === undefined) return null;
  return reference instanceof stub ? reference : new stub(reference._core);
}

/** Writes a reference; null is nil. @throws BAD_PARAM for anything else */
export function writeObject(out: CdrOutput, reference: ObjectReference | null): void {
  if (reference !== null && !(reference instanceof ObjectReference)) {
    throw new BAD_PARAM(
      `an object reference or null is needed, not ${typeof reference}; for a servant pass servant._this()`,
    );
  }
  out.context.writeObject(out, reference);
}

/** Reads a reference of any interface; nil is null. */
export function readObject(input: CdrInput): ObjectReference | null {
  return input.context.readObject(input) as ObjectReference | null;
}

/** Reads a reference whose interface the IDL gives; nil is null. */
export function readObjectAs<T extends ObjectReference>(
  input: CdrInput,
  stub: StubClass<T>,
): T | null {
  return uncheckedNarrow(readObject(input), stub);
}

/** Reads what an abstract interface stands for: a reference as `stub`, a value, or null. */
export function readAbstract<T extends ObjectReference, V extends object = never>(
  input: CdrInput,
  stub: StubClass<T>,
): T | V | null {
  const read = readEither(input);
  return read instanceof ObjectReference ? uncheckedNarrow(read, stub) : (read as V | null);
}
