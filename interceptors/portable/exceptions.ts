import { PortableInterceptor } from "../../idl/index.ts";
import type { OperationTypes } from "../../orb/hook/index.ts";
import {
  Any,
  Completion,
  type CompletionStatus,
  MINOR,
  SystemException,
  tc,
  type TypeCode,
  UNKNOWN,
  UnknownUserException,
  UserException,
} from "../../orb/index.ts";

/**
 * A ForwardRequest of a server request interceptor that says that the object is there for good (LOCATION_FORWARD_PERM, from
 * GIOP 1.2 on). Not of the standard, whose ForwardRequest is for now. omniORB and clients of this ORB do as told, TAO's
 * raise INTERNAL.
 */
export class ForwardForGood extends PortableInterceptor.ForwardRequest {}

const COMPLETION: TypeCode = tc.enum(
  "IDL:omg.org/CORBA/completion_status:1.0",
  "completion_status",
  [Completion.yes, Completion.no, Completion.maybe],
);

/** A system exception in an any; its value is the exception itself. */
export function anyOfSystem(exception: SystemException): Any {
  const type = tc.exception(exception.repositoryId, exception.name, () => [
    ["minor", tc.ulong],
    ["completed", COMPLETION],
  ]);
  return new Any(type, exception);
}

/**
 * A user exception in an any; its value is the exception itself. Where its type is not known the any holds UNKNOWN 3,
 * with the exception as its cause.
 */
export function anyOfUser(
  exception: unknown,
  id: string,
  types: (() => OperationTypes) | undefined,
): Any {
  if (exception instanceof UnknownUserException) return exception.exception;
  const type = types?.().exceptions?.find((candidate) => candidate.unaliased().id() === id);
  if (type !== undefined && exception instanceof UserException) return new Any(type, exception);
  const text = `${id}: its type is not known here`;
  const minor = MINOR.unknownUserExceptionIntercepted;
  return anyOfSystem(new UNKNOWN(text, minor, Completion.yes, { cause: exception }));
}

/** The exception as if it had been thrown with another completion; itself where it has that already. */
export function withCompletion(
  exception: SystemException,
  completed: CompletionStatus,
): SystemException {
  if (exception.completed === completed) return exception;
  const Class = exception.constructor as new (
    text: string,
    minor: number,
    completed: CompletionStatus,
    options: ErrorOptions,
  ) => SystemException;
  return new Class(exception.message, exception.minor, completed, { cause: exception });
}

/** What an interception point threw, as a system exception: what is none is UNKNOWN. */
export function systemExceptionOf(thrown: unknown, completed: CompletionStatus): SystemException {
  if (thrown instanceof SystemException) return withCompletion(thrown, completed);
  const options = { cause: thrown };
  if (thrown instanceof UserException) {
    const text = `an interceptor raised ${thrown.repositoryId}, which its point does not list`;
    return new UNKNOWN(text, MINOR.unlistedUserException, completed, options);
  }
  const text = thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : String(thrown);
  return new UNKNOWN(`an interceptor threw ${text}`, MINOR.none, completed, options);
}
