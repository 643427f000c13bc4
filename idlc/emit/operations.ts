import type {
  ExceptionDcl,
  Factory,
  InterfaceDcl,
  Operation,
  Type,
  ValueDcl,
} from "../model/index.ts";
import {
  accessorName,
  interfacesOf,
  methodNames,
  objectType,
  type OutputFile,
  parameterNames,
  quoted,
} from "../plan/index.ts";
import { attributeDocs, type docs, factoryDocs, operationDocs } from "./docs.ts";
import { typeText } from "./types.ts";

/** A value of a call: the result or an argument. */
export interface Slot {
  readonly name: string;
  readonly type: Type;
}

/** A parameter as the IDL has it. */
export interface TypedSlot extends Slot {
  readonly mode: "in" | "out" | "inout";
}

/** One call: an operation, or an attribute's getter or setter. */
export interface Signature {
  /** The name of the method. */
  readonly method: string;
  readonly isOneway: boolean;
  readonly result: Type | undefined;
  /** In the order of the IDL. */
  readonly parameters: readonly TypedSlot[];
  readonly inputs: readonly Slot[];
  /** The result, where there is one, and what comes back beside it; empty when only the result comes back. */
  readonly outputs: readonly Slot[];
  readonly raises: readonly ExceptionDcl[];
  /** Patterns of the names a `context` clause sends. */
  readonly contexts: readonly string[];
  readonly docs: ReturnType<typeof docs>;
}

/** A call as the wire knows it. */
export interface Call extends Signature {
  /** The interface that declares it. */
  readonly owner: InterfaceDcl;
  /** The name in a request. */
  readonly wire: string;
  /** Absent for what an attribute gives rise to. */
  readonly declaration?: Operation;
}

function signatureOf(operation: Operation, method: string): Signature {
  const outs = operation.parameters.filter((p) => p.mode !== "in");
  const isResultTaken = outs.some((p) => p.name === "result");
  const result: Slot[] =
    operation.result === undefined
      ? []
      : [{ name: isResultTaken ? "$result" : "result", type: operation.result }];
  return {
    method,
    isOneway: operation.isOneway,
    result: operation.result,
    parameters: operation.parameters,
    inputs: operation.parameters.filter((p) => p.mode !== "out"),
    outputs: outs.length === 0 ? [] : [...result, ...outs],
    raises: operation.raises,
    contexts: operation.contexts,
    docs: operationDocs(operation),
  };
}

const METHODS: WeakMap<InterfaceDcl | ValueDcl, ReadonlyMap<string, string>> = new WeakMap();

/** The methods of an interface's own operations. */
function methodsOf(owner: InterfaceDcl | ValueDcl): ReadonlyMap<string, string> {
  // Found once: each ancestor asks its own ancestors, which doubles the work with every level.
  const known = METHODS.get(owner);
  if (known !== undefined) return known;
  let inherited: ReadonlySet<string> | undefined;
  const isInherited = (method: string): boolean => {
    inherited ??= new Set(
      (owner.kind === "interface" ? owner.bases : [])
        .flatMap(interfacesOf)
        .flatMap((base) => [...methodsOf(base).values()]),
    );
    return inherited.has(method);
  };
  const found = methodNames(
    owner.operations.map((o) => o.name),
    isInherited,
  );
  METHODS.set(owner, found);
  return found;
}

const CALLS: WeakMap<InterfaceDcl, readonly Call[]> = new WeakMap();

/** The calls of an interface itself: attributes first, then operations, in source order. */
export function callsOf(owner: InterfaceDcl): readonly Call[] {
  const known = CALLS.get(owner);
  if (known !== undefined) return known;
  const plain = { owner, isOneway: false, outputs: [], contexts: [] };
  const attributes = owner.attributes.flatMap((a): Call[] => {
    const get = ["_get_", a.name].join("");
    const set = ["_set_", a.name].join("");
    const getter: Call = {
      ...plain,
      wire: get,
      method: accessorName(get),
      result: a.type,
      parameters: [],
      inputs: [],
      raises: a.getRaises,
      docs: attributeDocs(a, a.getRaises),
    };
    if (a.isReadonly) return [getter];
    const setter: Call = {
      ...plain,
      wire: set,
      method: accessorName(set),
      result: undefined,
      parameters: [{ name: "value", type: a.type, mode: "in" }],
      inputs: [{ name: "value", type: a.type }],
      raises: a.setRaises,
      docs: attributeDocs(a, a.setRaises),
    };
    return [getter, setter];
  });
  const methods = methodsOf(owner);
  const operations = owner.operations.map((o) => ({
    ...signatureOf(o, methods.get(o.name) ?? o.name),
    owner,
    wire: o.name,
    declaration: o,
  }));
  const found = [...attributes, ...operations];
  CALLS.set(owner, found);
  return found;
}

/** A factory of a value type as a call. */
export function factoryCall(factory: Factory): Signature {
  return {
    method: factory.name,
    isOneway: false,
    result: undefined,
    parameters: [],
    inputs: factory.parameters,
    outputs: [],
    raises: factory.raises,
    contexts: [],
    docs: factoryDocs(factory),
  };
}

/** What a local interface or a value type declares: it is called in the process, without promises. */
export type LocalMember =
  | {
      readonly kind: "method";
      readonly structure: {
        name: string;
        parameters: TypedParameter[];
        returnType: string;
        docs: ReturnType<typeof docs>;
      };
    }
  | {
      readonly kind: "property";
      readonly structure: {
        name: string;
        isReadonly: boolean;
        type: string;
        docs: ReturnType<typeof docs>;
      };
    };

/** The own attributes, which are properties, and operations of a local interface or a value type. */
export function localMembers(
  file: OutputFile,
  owner: InterfaceDcl | ValueDcl,
): readonly LocalMember[] {
  const attributes = owner.attributes.map((a): LocalMember => {
    const type = typeText(file, a.type);
    const about = attributeDocs(a, [...a.getRaises, ...a.setRaises]);
    const structure = { name: a.name, isReadonly: a.isReadonly, type, docs: about };
    return { kind: "property", structure };
  });
  const methods = methodsOf(owner);
  const operations = owner.operations.map((o): LocalMember => {
    const of = signatureOf(o, methods.get(o.name) ?? o.name);
    const structure = {
      name: of.method,
      parameters: [...parametersOf(file, of)],
      returnType: resultType(file, of),
      docs: of.docs,
    };
    return { kind: "method", structure };
  });
  return [...attributes, ...operations];
}

/** A method's name where an interface declares it: `new` alone would be a construct signature there. */
export function signatureName(of: { readonly method: string }): string {
  return of.method === "new" ? quoted(of.method) : of.method;
}

/** What a call gives back. */
export function resultType(file: OutputFile, of: Signature): string {
  if (of.outputs.length > 0) {
    return objectType(of.outputs.map((slot) => [slot.name, typeText(file, slot.type)]));
  }
  return of.result === undefined ? "void" : typeText(file, of.result);
}

export interface TypedParameter {
  readonly name: string;
  readonly type: string;
}

/** The parameters of a call's method, without options; what `context` sends is the last. */
export function parametersOf(file: OutputFile, of: Signature): readonly TypedParameter[] {
  const isUsed = (name: string): boolean => name === "options" || file.isKnown(name);
  const wanted = of.inputs.map((slot) => slot.name);
  const names = parameterNames(of.contexts.length === 0 ? wanted : [...wanted, "ctx"], isUsed);
  return names.map((name, index) => {
    const slot = of.inputs[index];
    return {
      name,
      type: slot === undefined ? file.runtimeType("OperationContext") : typeText(file, slot.type),
    };
  });
}
