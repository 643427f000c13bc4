import { BAD_PARAM, MINOR } from "../exception/index.ts";
import type { InvokeOptions } from "../call/index.ts";
import { invoke, type ObjectReference } from "../object/index.ts";
import { tc, type TypeCode } from "../typecode/index.ts";
import { DynamicClientOperation, type Parameter } from "./client-operation.ts";
import type { Context } from "./context.ts";
import { ARG_IN, ARG_INOUT, ARG_OUT } from "./flags.ts";
import { ExceptionList } from "./lists.ts";
import { checkTarget } from "./request.ts";

/** One argument: type and value of an in argument, or the name under which an inout or out argument comes back. */
export type DynamicArgument =
  | readonly [type: TypeCode, value: unknown]
  | { readonly inout: string; readonly type: TypeCode; readonly value: unknown }
  | { readonly out: string; readonly type: TypeCode };

/** What {@link dynamicCall} is told of an operation. */
export interface DynamicCallOptions extends InvokeOptions {
  /** In the order of the IDL. */
  readonly args?: readonly DynamicArgument[];
  /** `void` where absent. */
  readonly result?: TypeCode;
  /** TypeCodes of the exceptions it may raise. */
  readonly raises?: readonly TypeCode[];
  /** No reply is asked for. */
  readonly oneway?: boolean;
  /** Names of context properties its IDL lists, and where they are taken from. */
  readonly context?: { readonly names: readonly string[]; readonly from: Context };
}

function parameterOf(argument: DynamicArgument): Parameter {
  if ("inout" in argument) return { ...argument, name: argument.inout, flags: ARG_INOUT };
  if ("out" in argument) {
    return { name: argument.out, type: argument.type, value: undefined, flags: ARG_OUT };
  }
  return { name: "", type: argument[0], value: argument[1], flags: ARG_IN };
}

/**
 * Calls an operation that is known at run time alone. The promise is for what a stub would give: nothing, the result,
 * or, where there are inout or out arguments, an object with `result` and them under their names.
 * @param operation as on the wire: `_get_x` and `_set_x` for an attribute
 * @throws UnknownUserException for what `raises` lists; BAD_TYPECODE for what is no exception there; BAD_PARAM 31 for a oneway call with results; as `_request`
 */
export async function dynamicCall(
  target: ObjectReference | null,
  operation: string,
  options: DynamicCallOptions = {},
): Promise<unknown> {
  checkTarget(target, operation);
  const { args = [], result = tc.void, raises = [], oneway: isOneway = false, context } = options;
  const parameters = args.map(parameterOf);
  const isVoid = result.unaliased().kind() === "tk_void";
  const exceptions = new ExceptionList();
  for (const type of raises) exceptions.add(type);
  const names = args.flatMap((a) => ("inout" in a ? [a.inout] : "out" in a ? [a.out] : []));
  if (isOneway && (!isVoid || names.length > 0 || raises.length > 0)) {
    const text = `${operation}: a oneway call brings back no result, no out argument and no exception`;
    throw new BAD_PARAM(text, MINOR.onewayWithResult);
  }
  const called = new DynamicClientOperation({
    name: operation,
    isOneway,
    parameters,
    result,
    exceptions: [...exceptions],
    contexts: context?.names ?? [],
    context: context?.from._properties ?? {},
  });
  const results = await invoke(target as ObjectReference, called, [], options);
  if (isOneway) return undefined;
  if (names.length === 0) return results.result;
  const named: Record<string, unknown> = {};
  if (!isVoid) named[names.includes("result") ? "$result" : "result"] = results.result;
  results.outs.forEach((value, i) => {
    named[names[i] ?? `$${i}`] = value;
  });
  return named;
}
