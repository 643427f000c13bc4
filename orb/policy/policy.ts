/** A policy in the OMG form: a type and a value; for those of the POA the name of an enumerator. */
export interface Policy {
  readonly policy_type: number;
  readonly value: unknown;
}
