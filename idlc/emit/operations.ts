import type { ExceptionDcl, InterfaceDcl, Operation, Type } from "../model/index.ts";
import { attributeDocs, type docs, operationDocs } from "./docs.ts";
import type { OutputFile } from "./file.ts";
import { ancestorsOf } from "./kinds.ts";
import { methodNames, parameterNames } from "./reserved.ts";
import { objectType, quoted } from "./text.ts";
import { typeText } from "./types.ts";

/** A value of a call: the result or an argument. */
export interface Slot {
  readonly name: string;
  readonly type: Type;
}

/** One call as the wire knows it: an operation, or an attribute's getter or setter. */
export interface Call {
  /** The interface that declares it. */
  readonly owner: InterfaceDcl;
  /** The name in a request. */
  readonly wire: string;
  /** The name of the method. */
  readonly method: string;
  readonly isOneway: boolean;
  readonly result: Type | undefined;
  readonly inputs: readonly Slot[];
  /** The result, where there is one, and what comes back beside it; empty when only the result comes back. */
  readonly outputs: readonly Slot[];
  readonly raises: readonly ExceptionDcl[];
  readonly docs: ReturnType<typeof docs>;
}

function fromOperation(owner: InterfaceDcl, operation: Operation, method: string): Call {
  const outs = operation.parameters.filter((p) => p.mode !== "in");
  const isResultTaken = outs.some((p) => p.name === "result");
  const result: Slot[] =
    operation.result === undefined
      ? []
      : [{ name: isResultTaken ? "$result" : "result", type: operation.result }];
  return {
    owner,
    wire: operation.name,
    method,
    isOneway: operation.isOneway,
    result: operation.result,
    inputs: operation.parameters.filter((p) => p.mode !== "out"),
    outputs: outs.length === 0 ? [] : [...result, ...outs],
    raises: operation.raises,
    docs: operationDocs(operation),
  };
}

/** The methods of an interface's own operations. */
function methodsOf(owner: InterfaceDcl): ReadonlyMap<string, string> {
  const inherited = new Set(ancestorsOf(owner).flatMap((base) => [...methodsOf(base).values()]));
  return methodNames(
    owner.operations.map((o) => o.name),
    inherited,
  );
}

/** The calls of an interface itself: attributes first, then operations, in source order. */
export function callsOf(owner: InterfaceDcl): readonly Call[] {
  const plain = { owner, isOneway: false, outputs: [], raises: [] };
  const attributes = owner.attributes.flatMap((a): Call[] => {
    const get = ["_get_", a.name].join("");
    const set = ["_set_", a.name].join("");
    const about = attributeDocs(a);
    const getter = { ...plain, wire: get, method: get, result: a.type, inputs: [], docs: about };
    if (a.isReadonly) return [getter];
    const inputs = [{ name: "value", type: a.type }];
    return [getter, { ...plain, wire: set, method: set, result: undefined, inputs, docs: about }];
  });
  const methods = methodsOf(owner);
  const operations = owner.operations.map((o) =>
    fromOperation(owner, o, methods.get(o.name) ?? o.name),
  );
  return [...attributes, ...operations];
}

/** A method's name where an interface declares it: `new` alone would be a construct signature there. */
export function signatureName(of: Call): string {
  return of.method === "new" ? quoted(of.method) : of.method;
}

/** What a call gives back. */
export function resultType(file: OutputFile, of: Call): string {
  if (of.outputs.length > 0) {
    return objectType(of.outputs.map((slot) => [slot.name, typeText(file, slot.type)]));
  }
  return of.result === undefined ? "void" : typeText(file, of.result);
}

export interface TypedParameter {
  readonly name: string;
  readonly type: string;
}

/** The parameters of a call's method, without options. */
export function parametersOf(file: OutputFile, of: Call): readonly TypedParameter[] {
  const isUsed = (name: string): boolean => name === "options" || file.isKnown(name);
  const names = parameterNames(
    of.inputs.map((slot) => slot.name),
    isUsed,
  );
  return of.inputs.map((slot, index) => ({
    name: names[index] ?? slot.name,
    type: typeText(file, slot.type),
  }));
}
