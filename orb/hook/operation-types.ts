import type { TypeCode } from "../typecode/index.ts";

/** How a parameter travels (CORBA::ParameterMode). */
export type ParameterMode = "PARAM_IN" | "PARAM_OUT" | "PARAM_INOUT";

/** A parameter as the IDL has it. */
export interface ParameterType {
  /** The key of its value in results that hold more than one value. */
  readonly name: string;
  readonly mode: ParameterMode;
  readonly type: TypeCode;
}

/** The types of an operation, for those who look at calls without knowing the interface. */
export interface OperationTypes {
  /** In the order of the IDL. */
  readonly parameters: readonly ParameterType[];
  /** `tc.void` where there is none. */
  readonly result: TypeCode;
  /** The key of the result where it comes with out parameters; `result` by default. */
  readonly resultName?: string;
  /** None where absent. */
  readonly exceptions?: readonly TypeCode[];
  /** Names of context properties, which travel behind the last argument; none where absent. */
  readonly contexts?: readonly string[];
}
