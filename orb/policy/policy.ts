/** A policy in the OMG form: a type and a value of the enum that the type stands for. */
export interface Policy {
  readonly policy_type: number;
  readonly value: string;
}
