import { UserException } from "../exception/index.ts";

/** Why a policy cannot be made (CORBA 3.3 Part 1, 8.6.2). */
export const POLICY_ERROR = {
  /** Nobody knows the type. */
  BAD_POLICY: 0,
  /** The type is known, but not supported here. */
  UNSUPPORTED_POLICY: 1,
  /** The any holds a value of another type. */
  BAD_POLICY_TYPE: 2,
  /** No policy of the type has this value. */
  BAD_POLICY_VALUE: 3,
  /** The value is known, but not supported here. */
  UNSUPPORTED_POLICY_VALUE: 4,
} as const;

/** A policy that cannot be made or used, and why (CORBA 3.3 Part 1, 8.6.2). */
export class PolicyError extends UserException {
  static readonly repositoryId: string = "IDL:omg.org/CORBA/PolicyError:1.0";
  override readonly name: string = "PolicyError";
  override readonly repositoryId: string = PolicyError.repositoryId;
  /** BAD_POLICY 0, UNSUPPORTED_POLICY 1, BAD_POLICY_TYPE 2, BAD_POLICY_VALUE 3, UNSUPPORTED_POLICY_VALUE 4. */
  readonly reason: number;

  constructor(members: { readonly reason: number }, message: string = "CORBA::PolicyError") {
    super(message);
    this.reason = members.reason;
  }
}

/** Policies that cannot override others, or not together (CORBA 3.3 Part 1, 8.7). */
export class InvalidPolicies extends UserException {
  static readonly repositoryId: string = "IDL:omg.org/CORBA/InvalidPolicies:1.0";
  override readonly name: string = "InvalidPolicies";
  override readonly repositoryId: string = InvalidPolicies.repositoryId;
  /** Positions in the list that was given. */
  readonly indices: readonly number[];

  constructor(
    members: { readonly indices: readonly number[] },
    message: string = "CORBA::InvalidPolicies",
  ) {
    super(message);
    this.indices = members.indices;
  }
}
