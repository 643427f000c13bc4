import type { Dynamic } from "../../idl/index.ts";
import type { OperationTypes } from "../../orb/hook/index.ts";
import { Any, Completion, MINOR, NO_RESOURCES, tc } from "../../orb/index.ts";

const NOT_YET: Any = new Any(tc.null, undefined);

/** What is known of the values of one call. */
export interface CallValues {
  readonly operation: string;
  readonly types: (() => OperationTypes) | undefined;
  readonly args: readonly unknown[];
}

/** @throws NO_RESOURCES 1 where nobody knows them: the call is by a stub without types, or dynamic */
export function typesOf({ operation, types }: CallValues): OperationTypes {
  if (types !== undefined) return types();
  throw unknownValues(`the types of ${operation}`);
}

export function unknownValues(what: string): NO_RESOURCES {
  return new NO_RESOURCES(`${what} are not known here`, MINOR.unsupportedByBinding, Completion.no);
}

/**
 * All parameters in the order of the IDL. Without results, out parameters have no value yet: an any of tk_null.
 * @throws NO_RESOURCES 1
 */
export function argumentsOf(
  call: CallValues,
  results: { readonly value: unknown } | undefined,
): Dynamic.ParameterList {
  const { parameters } = typesOf(call);
  let input = 0;
  return parameters.map(({ name, mode, type }) => {
    const given = mode === "PARAM_OUT" ? undefined : new Any(type, call.args[input++]);
    if (mode === "PARAM_IN" || results === undefined) return { argument: given ?? NOT_YET, mode };
    return { argument: new Any(type, memberOf(results.value, name)), mode };
  });
}

/** @throws NO_RESOURCES 1 */
export function resultOf(call: CallValues, results: { readonly value: unknown }): Any {
  const { parameters, result, resultName = "result" } = typesOf(call);
  if (result.unaliased().kind() === "tk_void") return new Any(result, undefined);
  const isAlone = parameters.every(({ mode }) => mode === "PARAM_IN");
  return new Any(result, isAlone ? results.value : memberOf(results.value, resultName));
}

/** Names and values of the context properties that travel with the call. @throws NO_RESOURCES 1 */
export function operationContextOf(call: CallValues): Dynamic.RequestContext {
  const { parameters, contexts = [] } = typesOf(call);
  if (contexts.length === 0) return [];
  const context = call.args[parameters.filter(({ mode }) => mode !== "PARAM_OUT").length];
  if (typeof context !== "object" || context === null) return [];
  return Object.entries(context)
    .filter(([name]) => contexts.some((pattern) => matches(name, pattern)))
    .flatMap(([name, value]) => [name, String(value)]);
}

function memberOf(value: unknown, name: string): unknown {
  return (value as Readonly<Record<string, unknown>> | undefined)?.[name];
}

function matches(name: string, pattern: string): boolean {
  return pattern.endsWith("*") ? name.startsWith(pattern.slice(0, -1)) : name === pattern;
}
