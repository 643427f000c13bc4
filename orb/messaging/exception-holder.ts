import { readValue } from "../any/index.ts";
import { CdrInput, CdrOutput } from "../cdr/index.ts";
import {
  Completion,
  completionFromOrdinal,
  completionToOrdinal,
  MINOR,
  SystemException,
  systemExceptionById,
  toSystemException,
  UNKNOWN,
  UserException,
} from "../exception/index.ts";
import type { TypeCode } from "../typecode/index.ts";
import { ValueBase, type ValueDescriptor } from "../value/index.ts";

/** How a user exception travels, behind its repository id. */
export interface ExceptionCodec {
  readonly type: { readonly repositoryId: string };
  write(out: CdrOutput, exception: UserException): void;
  read(input: CdrInput): UserException;
}

/** Internal: how the value travels. */
const DESCRIPTOR: ValueDescriptor = {
  repositoryId: "IDL:omg.org/Messaging/ExceptionHolder:1.0",
  name: "Messaging::ExceptionHolder",
  base: undefined,
  isTruncatable: false,
  isCustom: false,
  writeState: (out, v) => {
    const { is_system_exception, byte_order, marshaled_exception } = v as ExceptionHolder;
    out.boolean(is_system_exception).boolean(byte_order).octetSequence(marshaled_exception);
  },
  readState: (input, v) => {
    const holder = v as ExceptionHolder;
    // omniORB (4.2.5) sends the value without its state: that there was an exception is all it says.
    if (input.remaining === 0) return;
    holder.is_system_exception = input.boolean();
    holder.byte_order = input.boolean();
    holder.marshaled_exception = input.octetSequence();
  },
  create: () => new ExceptionHolder(),
};

/** An exception that is known by its TypeCode alone. */
class HeldException extends UserException {
  override readonly repositoryId: string;

  constructor(repositoryId: string, members: object) {
    super(`${repositoryId} was held`);
    this.repositoryId = repositoryId;
    Object.assign(this, members);
  }
}

/** The exception that an asynchronous call ended with, still in octets (Messaging::ExceptionHolder, CORBA 3.3 Part 1, 17.6.3). */
export class ExceptionHolder extends ValueBase {
  static readonly repositoryId: string = DESCRIPTOR.repositoryId;
  static readonly descriptor: ValueDescriptor = DESCRIPTOR;
  is_system_exception: boolean = false;
  /** True for little endian. */
  byte_order: boolean = false;
  /** The repository id, then the members, as in the body of a reply. */
  marshaled_exception: Uint8Array = new Uint8Array(0);
  #known: readonly ExceptionCodec[] = [];

  get _value(): ValueDescriptor {
    return DESCRIPTOR;
  }

  /** Internal: user exceptions it may hold. */
  _knows(exceptions: readonly ExceptionCodec[]): this {
    this.#known = exceptions;
    return this;
  }

  /**
   * Raises what it holds.
   * @throws that; UNKNOWN minor OMG 1 for a user exception that the operation does not list, 0 for an empty holder
   */
  raise_exception(): never {
    this.raise_exception_with_list([]);
  }

  /** Raises what it holds; exceptions in the list are known, besides those of the operation. */
  raise_exception_with_list(exc_list: readonly TypeCode[]): never {
    if (this.marshaled_exception.length === 0) {
      const text = "an asynchronous call ended with an exception of which its sender told nothing";
      throw new UNKNOWN(text, MINOR.none, Completion.maybe);
    }
    const input = new CdrInput(this.marshaled_exception, { littleEndian: this.byte_order });
    const id = input.string();
    if (this.is_system_exception) {
      const minor = input.ulong();
      const completed = completionFromOrdinal(input.ulong()) ?? Completion.maybe;
      throw systemExceptionById(id, "an asynchronous call ended with it", minor, completed);
    }
    const codec = this.#known.find((candidate) => candidate.type.repositoryId === id);
    if (codec !== undefined) throw codec.read(input);
    const type = exc_list.find((candidate) => candidate.id() === id);
    if (type !== undefined) {
      // As a value of its type: an any of an exception has the repository id in front, too.
      const whole = new CdrInput(this.marshaled_exception, { littleEndian: this.byte_order });
      throw new HeldException(id, readValue(whole, type) as object);
    }
    throw new UNKNOWN(
      `an asynchronous call ended with ${id}, which its IDL does not list`,
      MINOR.unlistedUserException,
      Completion.yes,
    );
  }
}

/** Holds an exception; one that the operation does not list is UNKNOWN. */
export function holderOf(error: unknown, raises: readonly ExceptionCodec[]): ExceptionHolder {
  const out = new CdrOutput();
  const holder = new ExceptionHolder()._knows(raises);
  holder.byte_order = out.littleEndian;
  const codec =
    error instanceof UserException
      ? raises.find((candidate) => candidate.type.repositoryId === error.repositoryId)
      : undefined;
  if (codec !== undefined && error instanceof UserException) {
    out.string(error.repositoryId);
    codec.write(out, error);
  } else {
    const system: SystemException = toSystemException(error, Completion.maybe);
    holder.is_system_exception = true;
    out.string(system.repositoryId).ulong(system.minor);
    out.ulong(completionToOrdinal(system.completed));
  }
  holder.marshaled_exception = out.finish();
  return holder;
}
