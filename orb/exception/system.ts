import { Completion, type CompletionStatus } from "./completion.ts";
import { MINOR } from "./minor.ts";

/** Base of the exceptions CORBA itself defines (CORBA 3.3 Part 1, A.5); the set is closed. */
export abstract class SystemException extends Error {
  /** `IDL:omg.org/CORBA/<name>:1.0`. */
  abstract readonly repositoryId: string;
  /** Unsigned 32-bit: vendor in the upper 20 bits, code in the lower 12; 0 says nothing. */
  readonly minor: number;
  /** Whether the target ran. */
  readonly completed: CompletionStatus;

  constructor(
    message: string,
    minor: number = MINOR.none,
    completed: CompletionStatus = Completion.no,
    options?: ErrorOptions,
  ) {
    super(message, options);
    // Codes that are put together with `|` are negative numbers from 0x80000000 on, and are meant as these.
    this.minor = minor >>> 0;
    this.completed = completed;
  }
}

/** A servant threw something that is no CORBA exception, or an exception nobody listed. */
export class UNKNOWN extends SystemException {
  override readonly name: string = "UNKNOWN";
  override readonly repositoryId: string = "IDL:omg.org/CORBA/UNKNOWN:1.0";
}

/** An argument is out of range. */
export class BAD_PARAM extends SystemException {
  override readonly name: string = "BAD_PARAM";
  override readonly repositoryId: string = "IDL:omg.org/CORBA/BAD_PARAM:1.0";
}

/** Memory ran out. */
export class NO_MEMORY extends SystemException {
  override readonly name: string = "NO_MEMORY";
  override readonly repositoryId: string = "IDL:omg.org/CORBA/NO_MEMORY:1.0";
}

/** A limit of the implementation was hit. */
export class IMP_LIMIT extends SystemException {
  override readonly name: string = "IMP_LIMIT";
  override readonly repositoryId: string = "IDL:omg.org/CORBA/IMP_LIMIT:1.0";
}

/** The connection was lost during a request. */
export class COMM_FAILURE extends SystemException {
  override readonly name: string = "COMM_FAILURE";
  override readonly repositoryId: string = "IDL:omg.org/CORBA/COMM_FAILURE:1.0";
}

/** A reference is malformed or nil. */
export class INV_OBJREF extends SystemException {
  override readonly name: string = "INV_OBJREF";
  override readonly repositoryId: string = "IDL:omg.org/CORBA/INV_OBJREF:1.0";
}

/** Security or a policy forbids it. */
export class NO_PERMISSION extends SystemException {
  override readonly name: string = "NO_PERMISSION";
  override readonly repositoryId: string = "IDL:omg.org/CORBA/NO_PERMISSION:1.0";
}

/** The ORB contradicts itself. */
export class INTERNAL extends SystemException {
  override readonly name: string = "INTERNAL";
  override readonly repositoryId: string = "IDL:omg.org/CORBA/INTERNAL:1.0";
}

/** Octets or values break the rules of CDR. */
export class MARSHAL extends SystemException {
  override readonly name: string = "MARSHAL";
  override readonly repositoryId: string = "IDL:omg.org/CORBA/MARSHAL:1.0";
}

/** The ORB could not start. */
export class INITIALIZE extends SystemException {
  override readonly name: string = "INITIALIZE";
  override readonly repositoryId: string = "IDL:omg.org/CORBA/INITIALIZE:1.0";
}

/** The operation exists and is not implemented. */
export class NO_IMPLEMENT extends SystemException {
  override readonly name: string = "NO_IMPLEMENT";
  override readonly repositoryId: string = "IDL:omg.org/CORBA/NO_IMPLEMENT:1.0";
}

/** A TypeCode is malformed. */
export class BAD_TYPECODE extends SystemException {
  override readonly name: string = "BAD_TYPECODE";
  override readonly repositoryId: string = "IDL:omg.org/CORBA/BAD_TYPECODE:1.0";
}

/** The target does not know the operation. */
export class BAD_OPERATION extends SystemException {
  override readonly name: string = "BAD_OPERATION";
  override readonly repositoryId: string = "IDL:omg.org/CORBA/BAD_OPERATION:1.0";
}

/** A resource is exhausted. */
export class NO_RESOURCES extends SystemException {
  override readonly name: string = "NO_RESOURCES";
  override readonly repositoryId: string = "IDL:omg.org/CORBA/NO_RESOURCES:1.0";
}

/** A deferred reply is not there yet. */
export class NO_RESPONSE extends SystemException {
  override readonly name: string = "NO_RESPONSE";
  override readonly repositoryId: string = "IDL:omg.org/CORBA/NO_RESPONSE:1.0";
}

/** A store failed. */
export class PERSIST_STORE extends SystemException {
  override readonly name: string = "PERSIST_STORE";
  override readonly repositoryId: string = "IDL:omg.org/CORBA/PERSIST_STORE:1.0";
}

/** Calls in the wrong order, or after the ORB was shut down. */
export class BAD_INV_ORDER extends SystemException {
  override readonly name: string = "BAD_INV_ORDER";
  override readonly repositoryId: string = "IDL:omg.org/CORBA/BAD_INV_ORDER:1.0";
}

/** The target cannot be reached now; trying again may help. */
export class TRANSIENT extends SystemException {
  override readonly name: string = "TRANSIENT";
  override readonly repositoryId: string = "IDL:omg.org/CORBA/TRANSIENT:1.0";
}

/** Memory could not be released. */
export class FREE_MEM extends SystemException {
  override readonly name: string = "FREE_MEM";
  override readonly repositoryId: string = "IDL:omg.org/CORBA/FREE_MEM:1.0";
}

/** An identifier is not one of IDL. */
export class INV_IDENT extends SystemException {
  override readonly name: string = "INV_IDENT";
  override readonly repositoryId: string = "IDL:omg.org/CORBA/INV_IDENT:1.0";
}

/** A flag is not known. */
export class INV_FLAG extends SystemException {
  override readonly name: string = "INV_FLAG";
  override readonly repositoryId: string = "IDL:omg.org/CORBA/INV_FLAG:1.0";
}

/** The interface repository failed. */
export class INTF_REPOS extends SystemException {
  override readonly name: string = "INTF_REPOS";
  override readonly repositoryId: string = "IDL:omg.org/CORBA/INTF_REPOS:1.0";
}

/** A context is malformed or expired. */
export class BAD_CONTEXT extends SystemException {
  override readonly name: string = "BAD_CONTEXT";
  override readonly repositoryId: string = "IDL:omg.org/CORBA/BAD_CONTEXT:1.0";
}

/** The object adapter failed. */
export class OBJ_ADAPTER extends SystemException {
  override readonly name: string = "OBJ_ADAPTER";
  override readonly repositoryId: string = "IDL:omg.org/CORBA/OBJ_ADAPTER:1.0";
}

/** A character or a priority has no counterpart. */
export class DATA_CONVERSION extends SystemException {
  override readonly name: string = "DATA_CONVERSION";
  override readonly repositoryId: string = "IDL:omg.org/CORBA/DATA_CONVERSION:1.0";
}

/** The object is gone for good. */
export class OBJECT_NOT_EXIST extends SystemException {
  override readonly name: string = "OBJECT_NOT_EXIST";
  override readonly repositoryId: string = "IDL:omg.org/CORBA/OBJECT_NOT_EXIST:1.0";
}

/** A transaction is required. */
export class TRANSACTION_REQUIRED extends SystemException {
  override readonly name: string = "TRANSACTION_REQUIRED";
  override readonly repositoryId: string = "IDL:omg.org/CORBA/TRANSACTION_REQUIRED:1.0";
}

/** The transaction was rolled back. */
export class TRANSACTION_ROLLEDBACK extends SystemException {
  override readonly name: string = "TRANSACTION_ROLLEDBACK";
  override readonly repositoryId: string = "IDL:omg.org/CORBA/TRANSACTION_ROLLEDBACK:1.0";
}

/** The transaction context is malformed. */
export class INVALID_TRANSACTION extends SystemException {
  override readonly name: string = "INVALID_TRANSACTION";
  override readonly repositoryId: string = "IDL:omg.org/CORBA/INVALID_TRANSACTION:1.0";
}

/** Policies cannot be reconciled. */
export class INV_POLICY extends SystemException {
  override readonly name: string = "INV_POLICY";
  override readonly repositoryId: string = "IDL:omg.org/CORBA/INV_POLICY:1.0";
}

/** No common code set. */
export class CODESET_INCOMPATIBLE extends SystemException {
  override readonly name: string = "CODESET_INCOMPATIBLE";
  override readonly repositoryId: string = "IDL:omg.org/CORBA/CODESET_INCOMPATIBLE:1.0";
}

/** A policy forbids to rebind. */
export class REBIND extends SystemException {
  override readonly name: string = "REBIND";
  override readonly repositoryId: string = "IDL:omg.org/CORBA/REBIND:1.0";
}

/** A time-out policy expired. */
export class TIMEOUT extends SystemException {
  override readonly name: string = "TIMEOUT";
  override readonly repositoryId: string = "IDL:omg.org/CORBA/TIMEOUT:1.0";
}

/** The transaction service cannot be reached. */
export class TRANSACTION_UNAVAILABLE extends SystemException {
  override readonly name: string = "TRANSACTION_UNAVAILABLE";
  override readonly repositoryId: string = "IDL:omg.org/CORBA/TRANSACTION_UNAVAILABLE:1.0";
}

/** The transaction policy does not fit. */
export class TRANSACTION_MODE extends SystemException {
  override readonly name: string = "TRANSACTION_MODE";
  override readonly repositoryId: string = "IDL:omg.org/CORBA/TRANSACTION_MODE:1.0";
}

/** The quality of service cannot be met. */
export class BAD_QOS extends SystemException {
  override readonly name: string = "BAD_QOS";
  override readonly repositoryId: string = "IDL:omg.org/CORBA/BAD_QOS:1.0";
}

/** The activity context is not valid here. */
export class INVALID_ACTIVITY extends SystemException {
  override readonly name: string = "INVALID_ACTIVITY";
  override readonly repositoryId: string = "IDL:omg.org/CORBA/INVALID_ACTIVITY:1.0";
}

/** The activity has ended. */
export class ACTIVITY_COMPLETED extends SystemException {
  override readonly name: string = "ACTIVITY_COMPLETED";
  override readonly repositoryId: string = "IDL:omg.org/CORBA/ACTIVITY_COMPLETED:1.0";
}

/** An activity context is required. */
export class ACTIVITY_REQUIRED extends SystemException {
  override readonly name: string = "ACTIVITY_REQUIRED";
  override readonly repositoryId: string = "IDL:omg.org/CORBA/ACTIVITY_REQUIRED:1.0";
}

/** The distributable thread was cancelled. */
export class THREAD_CANCELLED extends SystemException {
  override readonly name: string = "THREAD_CANCELLED";
  override readonly repositoryId: string = "IDL:omg.org/CORBA/THREAD_CANCELLED:1.0";
}
