import {
  type ClassDeclarationStructure,
  type MethodDeclarationStructure,
  type MethodSignatureStructure,
  type OptionalKind,
  StructureKind,
  type VariableStatementStructure,
} from "ts-morph";
import type { InterfaceDcl } from "../model/index.ts";
import { readExpression, writeExpression } from "./codecs.ts";
import { constant } from "./data.ts";
import { docs } from "./docs.ts";
import type { OutputFile } from "./file.ts";
import { ancestorsOf } from "./kinds.ts";
import {
  type Call,
  callsOf,
  parametersOf,
  resultType,
  signatureName,
  type Slot,
} from "./operations.ts";
import { arrow, bodyOf, call, member, objectLiteral, quoted } from "./text.ts";

function promiseOf(file: OutputFile, type: string): string {
  return [file.global("Promise"), "<", type, ">"].join("");
}

/** The calls of an interface with all it inherits, its own last. */
export function allCallsOf(declaration: InterfaceDcl): readonly Call[] {
  return [...ancestorsOf(declaration), declaration].flatMap(callsOf);
}

/** The method of the client type. */
export function clientSignature(
  file: OutputFile,
  of: Call,
): OptionalKind<MethodSignatureStructure> {
  return {
    name: signatureName(of),
    parameters: [
      ...parametersOf(file, of),
      { name: "options", type: file.runtimeType("InvokeOptions"), hasQuestionToken: true },
    ],
    returnType: promiseOf(file, resultType(file, of)),
    docs: of.docs,
  };
}

function stubMethod(file: OutputFile, of: Call): OptionalKind<MethodDeclarationStructure> {
  const invoke = file.runtime("invoke");
  const operation = file.refer(of.owner, `op ${of.wire}`, "value");
  const parameters = parametersOf(file, of);
  const args = ["[", parameters.map((p) => p.name).join(", "), "]"].join("");
  return {
    name: of.method,
    parameters: [
      ...parameters,
      { name: "options", type: file.runtimeType("InvokeOptions"), hasQuestionToken: true },
    ],
    returnType: promiseOf(file, resultType(file, of)),
    statements: ["return ", call(invoke, "this", operation, args, "options"), ";"].join(""),
  };
}

/** The class behind references of an interface. It extends no generated class, whatever the interface inherits. */
export function stubClass(file: OutputFile, declaration: InterfaceDcl): ClassDeclarationStructure {
  return {
    kind: StructureKind.Class,
    isExported: true,
    name: file.refer(declaration, "stub", "value"),
    extends: file.runtime("ObjectReference"),
    implements: [file.refer(declaration, "self", "type")],
    docs: docs("Internal: the class behind references."),
    methods: allCallsOf(declaration).map((of) => stubMethod(file, of)),
  };
}

/** `[n: Name, obj: ObjectReference | null]` */
function tupleType(file: OutputFile, of: Call): string {
  const parts = parametersOf(file, of).map((p) => [p.name, p.type].join(": "));
  return ["readonly [", parts.join(", "), "]"].join("");
}

function writeSlots(file: OutputFile, slots: readonly Slot[], values: readonly string[]): string {
  const out = file.local("out");
  const texts = slots.map((s, index) => writeExpression(file, s.type, out, values[index] ?? ""));
  if (texts.length === 1) return texts.join("");
  return bodyOf((w) => {
    w.inlineBlock(() => {
      for (const text of texts) w.write(text).write(";").newLine();
    });
  });
}

function writeArguments(file: OutputFile, of: Call): string {
  if (of.inputs.length === 0) return arrow([], "undefined");
  const args = file.local("args");
  const values = of.inputs.map((_, index) => [args, "[", String(index), "]"].join(""));
  return arrow([file.local("out"), args], writeSlots(file, of.inputs, values));
}

function readArguments(file: OutputFile, of: Call): string {
  if (of.inputs.length === 0) return arrow([], "[]");
  const input = file.local("input");
  const values = of.inputs.map((slot) => readExpression(file, slot.type, input));
  return arrow([input], ["[", values.join(", "), "]"].join(""));
}

function writeResult(file: OutputFile, of: Call): string {
  const [out, r] = [file.local("out"), file.local("r")];
  if (of.outputs.length > 0) {
    const values = of.outputs.map((slot) => member(r, slot.name));
    return arrow([out, r], writeSlots(file, of.outputs, values));
  }
  if (of.result === undefined) return arrow([], "undefined");
  return arrow([out, r], writeExpression(file, of.result, out, r));
}

function readResult(file: OutputFile, of: Call): string {
  const input = file.local("input");
  if (of.outputs.length > 0) {
    const entries = of.outputs.map((slot): [string, string] => [
      slot.name,
      readExpression(file, slot.type, input),
    ]);
    return arrow([input], ["(", objectLiteral(entries), ")"].join(""));
  }
  if (of.result === undefined) return arrow([], "undefined");
  return arrow([input], readExpression(file, of.result, input));
}

function upcall(file: OutputFile, of: Call): string {
  const [servant, args] = [file.local("servant"), file.local("args")];
  const values = of.inputs.map((_, index) => [args, "[", String(index), "]"].join(""));
  const parameters = of.inputs.length === 0 ? [servant] : [servant, args];
  return arrow(parameters, call(member(servant, of.method), ...values));
}

/** The constant that says how one call travels; stub and skeleton share it. */
export function operationConstant(file: OutputFile, of: Call): VariableStatementStructure {
  const servant = file.refer(of.owner, "servant", "type");
  const parts = [servant, tupleType(file, of), resultType(file, of)];
  const type = [file.runtimeType("Operation"), "<", parts.join(", "), ">"].join("");
  const raises = of.raises.map((e) => file.refer(e, "raises", "value"));
  const entries: [string, string][] = [
    ["name", quoted(of.wire)],
    ...(of.isOneway ? [["oneway", "true"] as [string, string]] : []),
    ["writeArguments", writeArguments(file, of)],
    ["readArguments", readArguments(file, of)],
    ["writeResult", writeResult(file, of)],
    ["readResult", readResult(file, of)],
    ["upcall", upcall(file, of)],
    ...(raises.length === 0
      ? []
      : [["raises", arrow([], ["[", raises.join(", "), "]"].join(""))] as [string, string]]),
  ];
  const initializer = bodyOf((w) => {
    w.inlineBlock(() => {
      for (const [name, value] of entries)
        w.write(name).write(": ").write(value).write(",").newLine();
    });
  });
  return constant(file.refer(of.owner, `op ${of.wire}`, "value"), type, initializer, {
    docs: docs("Internal: how the call travels."),
  });
}
