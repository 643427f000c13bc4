/**
 * A policy in the OMG form: a type and a value, as the standard's `create_policy` takes it; an enumerator is its
 * name. The attribute of the policy's IDL interface is there as well where `create_policy` made it.
 */
export interface Policy {
  readonly policy_type: number;
  readonly value: unknown;
}

/** A policy that `create_policy` made (CORBA::Policy). */
export class CreatedPolicy implements Policy {
  readonly policy_type: number;
  readonly value: unknown;

  constructor(policy_type: number, value: unknown) {
    this.policy_type = policy_type;
    this.value = value;
  }

  /** Another one of the same value. */
  copy(): Policy {
    return this;
  }

  /** Nothing is held that could be given back. */
  destroy(): void {
    return undefined;
  }
}
