import { UserException } from "../exception/index.ts";

/** The manager is INACTIVE, which is final. */
export class AdapterInactive extends UserException {
  override readonly repositoryId: string =
    "IDL:omg.org/PortableServer/POAManager/AdapterInactive:1.0";
}

export class ManagerAlreadyExists extends UserException {
  override readonly repositoryId: string =
    "IDL:omg.org/PortableServer/POAManagerFactory/ManagerAlreadyExists:1.0";
}

/** A policy that cannot be made or used, and why (CORBA 3.3 Part 1, 8.6.2). */
export class PolicyError extends UserException {
  override readonly repositoryId: string = "IDL:omg.org/CORBA/PolicyError:1.0";
  /** BAD_POLICY 0, UNSUPPORTED_POLICY 1, BAD_POLICY_TYPE 2, BAD_POLICY_VALUE 3, UNSUPPORTED_POLICY_VALUE 4. */
  readonly reason: number;

  constructor(message: string, reason: number) {
    super(message);
    this.reason = reason;
  }
}
