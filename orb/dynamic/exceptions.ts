import { Any, readValue, writeValue } from "../any/index.ts";
import {
  Completion,
  type CompletionStatus,
  isSystemExceptionId,
  type SystemException,
  systemExceptionById,
  UserException,
} from "../exception/index.ts";
import type { Raises } from "../call/index.ts";
import { tc, type TypeCode } from "../typecode/index.ts";

/** CORBA::UnknownUserException: a user exception known by its TypeCode alone (CORBA 3.3 Part 1, 11). */
export class UnknownUserException extends UserException {
  static readonly repositoryId: string = "IDL:omg.org/CORBA/UnknownUserException:1.0";
  override readonly name: string = "UnknownUserException";
  override readonly repositoryId: string = UnknownUserException.repositoryId;
  /** Its TypeCode, and an object with its members. */
  readonly exception: Any;

  constructor(exception: Any, options?: ErrorOptions) {
    super(exception.type.unaliased().id(), options);
    this.exception = exception;
  }
}

const bodies: WeakMap<TypeCode, TypeCode> = new WeakMap();

/** The members of an exception without its id, which replies hold apart. */
function bodyOf(type: TypeCode): TypeCode {
  let body = bodies.get(type);
  if (body === undefined) {
    body = tc.struct(type.id(), type.name(), () => type.members().map((m) => [m.name, m.type]));
    bodies.set(type, body);
  }
  return body;
}

/** How an exception travels of which the TypeCode is known: it is read as an UnknownUserException. */
export function raisesOf(type: TypeCode): Raises {
  const body = bodyOf(type);
  return {
    type: { repositoryId: type.id() },
    write: (out, thrown) => {
      const members = thrown instanceof UnknownUserException ? thrown.exception.value : thrown;
      writeValue(out, body, members);
    },
    read: (input) => new UnknownUserException(new Any(type, readValue(input, body))),
  };
}

/** A user exception on its way into a reply, under the id of the one it holds. */
export class CarriedException extends UnknownUserException {
  override readonly repositoryId: string;

  constructor(exception: Any) {
    super(exception);
    this.repositoryId = exception.type.unaliased().id();
  }
}

/** The system exception an any holds; undefined for other types. */
export function systemExceptionOf({ type, value }: Any): SystemException | undefined {
  const id = type.unaliased().id();
  if (!isSystemExceptionId(id)) return undefined;
  const { minor, completed } = value as { minor?: number; completed?: CompletionStatus };
  return systemExceptionById(id, type.name(), minor ?? 0, completed ?? Completion.maybe);
}
