import type { CompletionStatus } from "./completion.ts";
import { MINOR } from "./minor.ts";
import {
  ACTIVITY_COMPLETED,
  ACTIVITY_REQUIRED,
  BAD_CONTEXT,
  BAD_INV_ORDER,
  BAD_OPERATION,
  BAD_PARAM,
  BAD_QOS,
  BAD_TYPECODE,
  CODESET_INCOMPATIBLE,
  COMM_FAILURE,
  DATA_CONVERSION,
  FREE_MEM,
  IMP_LIMIT,
  INITIALIZE,
  INTERNAL,
  INTF_REPOS,
  INVALID_ACTIVITY,
  INVALID_TRANSACTION,
  INV_FLAG,
  INV_IDENT,
  INV_OBJREF,
  INV_POLICY,
  MARSHAL,
  NO_IMPLEMENT,
  NO_MEMORY,
  NO_PERMISSION,
  NO_RESOURCES,
  NO_RESPONSE,
  OBJECT_NOT_EXIST,
  OBJ_ADAPTER,
  PERSIST_STORE,
  REBIND,
  type SystemException,
  THREAD_CANCELLED,
  TIMEOUT,
  TRANSACTION_MODE,
  TRANSACTION_REQUIRED,
  TRANSACTION_ROLLEDBACK,
  TRANSACTION_UNAVAILABLE,
  TRANSIENT,
  UNKNOWN,
} from "./system.ts";

type SystemExceptionClass = new (
  message: string,
  minor?: number,
  completed?: CompletionStatus,
) => SystemException;

const CLASSES: Readonly<Record<string, SystemExceptionClass>> = {
  UNKNOWN,
  BAD_PARAM,
  NO_MEMORY,
  IMP_LIMIT,
  COMM_FAILURE,
  INV_OBJREF,
  NO_PERMISSION,
  INTERNAL,
  MARSHAL,
  INITIALIZE,
  NO_IMPLEMENT,
  BAD_TYPECODE,
  BAD_OPERATION,
  NO_RESOURCES,
  NO_RESPONSE,
  PERSIST_STORE,
  BAD_INV_ORDER,
  TRANSIENT,
  FREE_MEM,
  INV_IDENT,
  INV_FLAG,
  INTF_REPOS,
  BAD_CONTEXT,
  OBJ_ADAPTER,
  DATA_CONVERSION,
  OBJECT_NOT_EXIST,
  TRANSACTION_REQUIRED,
  TRANSACTION_ROLLEDBACK,
  INVALID_TRANSACTION,
  INV_POLICY,
  CODESET_INCOMPATIBLE,
  REBIND,
  TIMEOUT,
  TRANSACTION_UNAVAILABLE,
  TRANSACTION_MODE,
  BAD_QOS,
  INVALID_ACTIVITY,
  ACTIVITY_COMPLETED,
  ACTIVITY_REQUIRED,
  THREAD_CANCELLED,
};

const ID = /^IDL:(?:omg\.org\/)?CORBA\/([A-Z_]+):\d+\.\d+$/u;

/** True for the repository id of a system exception CORBA defines, in any version. */
export function isSystemExceptionId(repositoryId: string): boolean {
  const name = ID.exec(repositoryId)?.[1];
  return name !== undefined && Object.hasOwn(CLASSES, name);
}

/** The exception a peer named; UNKNOWN with minor OMG 2 for an id that is not one of CORBA's. */
export function systemExceptionById(
  repositoryId: string,
  message: string,
  minor: number,
  completed: CompletionStatus,
): SystemException {
  const name = ID.exec(repositoryId)?.[1];
  if (name === undefined || !Object.hasOwn(CLASSES, name)) {
    return new UNKNOWN(`${message} (${repositoryId})`, MINOR.unknownSystemException, completed);
  }
  const Exception = CLASSES[name] ?? UNKNOWN;
  return new Exception(message, minor, completed);
}
