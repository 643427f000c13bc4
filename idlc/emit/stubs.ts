import {
  type ClassDeclarationStructure,
  type MethodDeclarationStructure,
  type MethodSignatureStructure,
  type OptionalKind,
  type ParameterDeclarationStructure,
  StructureKind,
} from "ts-morph";
import type { ExceptionDcl, InterfaceDcl } from "../model/index.ts";
import {
  arrow,
  call,
  interfacesOf,
  member,
  objectLiteral,
  type OutputFile,
  quoted,
} from "../plan/index.ts";
import { readExpression, writeExpression } from "./codecs.ts";
import { bracketed, constant, usedName } from "./data.ts";
import { docs } from "./docs.ts";
import { typeCodeExpression } from "./typecodes.ts";
import {
  type Call,
  callsOf,
  parametersOf,
  resultType,
  signatureName,
  type Slot,
} from "./operations.ts";
import { bodyOf } from "./writer.ts";

function promiseOf(file: OutputFile, type: string): string {
  return [file.global("Promise"), "<", type, ">"].join("");
}

/** The calls of an interface with all it inherits, its own last. */
export function allCallsOf(declaration: InterfaceDcl): readonly Call[] {
  return interfacesOf(declaration).flatMap(callsOf);
}

/** The method of the client type. @param mayBeValue it may answer at once, without a promise */
export function clientSignature(
  file: OutputFile,
  of: Call,
  mayBeValue: boolean,
): OptionalKind<MethodSignatureStructure> {
  const result = resultType(file, of);
  const promise = promiseOf(file, result);
  return {
    name: signatureName(of),
    parameters: [
      ...parametersOf(file, of),
      { name: "options", type: file.runtimeType("InvokeOptions"), hasQuestionToken: true },
    ],
    returnType: mayBeValue ? [result, promise].join(" | ") : promise,
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

/** What a call is named in the implied IDL of asynchronous calls: `_get_name` is `get_name` there. */
function asyncName({ wire }: Call): string {
  return wire.replace(/^_/, "");
}

/** What the poller's method is called. */
function pollMethod(of: Call): string {
  return of.wire.startsWith("_") ? asyncName(of) : of.method;
}

/** The operations of a handler that one call's answer goes to. */
function answersOf(of: Call, handlerCalls: readonly Call[]): readonly [Call, Call] | undefined {
  const name = asyncName(of);
  const reply = handlerCalls.find((candidate) => candidate.wire === name);
  const failure = handlerCalls.find((candidate) =>
    /^(?:_ami)*_excep$/u.test(
      candidate.wire.startsWith(name) ? candidate.wire.slice(name.length) : "",
    ),
  );
  return reply === undefined || failure === undefined ? undefined : [reply, failure];
}

/** A call whose answer goes to a handler, or is asked for later. */
interface AsyncCall {
  readonly of: Call;
  /** `sendc_work` */
  readonly name: string;
  /** `sendp_work` */
  readonly pollName: string;
  readonly handler: InterfaceDcl;
  readonly reply: Call;
  readonly failure: Call;
}

/** The asynchronous forms of calls of an interface; none where they are not wanted. */
export function asyncCallsOf(
  file: OutputFile,
  declaration: InterfaceDcl,
  calls: readonly Call[],
): readonly AsyncCall[] {
  const taken = new Set(allCallsOf(declaration).map((of) => of.method));
  return calls.flatMap((of): AsyncCall[] => {
    const handler = file.replyHandlerOf(of.owner) ?? file.replyHandlerOf(declaration);
    if (handler === undefined || of.isOneway) return [];
    const answers = answersOf(of, allCallsOf(handler));
    if (answers === undefined) return [];
    const [reply, failure] = answers;
    const free = (start: string): string => {
      let name = [start, asyncName(of)].join("");
      while (taken.has(name)) name = name.replace(start, [start, "ami_"].join(""));
      return name;
    };
    const [name, pollName] = [free("sendc_"), free("sendp_")];
    return [{ of, name, pollName, handler, reply, failure }];
  });
}

function asyncHead(
  file: OutputFile,
  { of, name, handler }: AsyncCall,
): { name: string; parameters: OptionalKind<ParameterDeclarationStructure>[]; returnType: string } {
  const type = [file.refer(handler, "self", "type"), "null"].join(" | ");
  const options = { name: "options", type: file.runtimeType("InvokeOptions") };
  return {
    name,
    parameters: [
      { name: "ami_handler", type },
      ...parametersOf(file, of),
      { ...options, hasQuestionToken: true },
    ],
    returnType: "void",
  };
}

/** `PollerOf<"work", string>` */
function pollHead(
  file: OutputFile,
  { of, pollName, handler }: AsyncCall,
): { name: string; parameters: OptionalKind<ParameterDeclarationStructure>[]; returnType: string } {
  const about = [quoted(pollMethod(of)), resultType(file, of), file.refer(handler, "self", "type")];
  const options = { name: "options", type: file.runtimeType("InvokeOptions") };
  return {
    name: pollName,
    parameters: [...parametersOf(file, of), { ...options, hasQuestionToken: true }],
    returnType: [file.runtimeType("PollerOf"), "<", about.join(", "), ">"].join(""),
  };
}

/** The `sendc_` and `sendp_` methods of the client type. */
export function asyncSignatures(
  file: OutputFile,
  call: AsyncCall,
): readonly OptionalKind<MethodSignatureStructure>[] {
  const told = ["Calls `", call.of.method, "`; the answer goes to the handler, or to nobody."];
  const asked = ["Calls `", call.of.method, "`; the poller is asked for the answer."];
  return [
    { ...asyncHead(file, call), docs: docs(told.join("")) },
    { ...pollHead(file, call), docs: docs(asked.join("")) },
  ];
}

function asyncMethods(
  file: OutputFile,
  of: AsyncCall,
): readonly OptionalKind<MethodDeclarationStructure>[] {
  const polled = sending(file, of, "sendp", quoted(pollMethod(of.of)));
  return [
    { ...asyncHead(file, of), statements: sending(file, of, "sendc", "ami_handler") },
    { ...pollHead(file, of), statements: ["return ", polled].join("") },
  ];
}

/** @param to the handler, or the name of the poller's method */
function sending(
  file: OutputFile,
  { of, reply, failure }: AsyncCall,
  how: "sendc" | "sendp",
  to: string,
): string {
  const [h, r] = [file.local("h"), file.local("r")];
  const results =
    of.outputs.length > 0
      ? of.outputs.map((slot) => member(r, slot.name))
      : of.result === undefined
        ? []
        : [r];
  const args = [
    "[",
    parametersOf(file, of)
      .map((p) => p.name)
      .join(", "),
    "]",
  ].join("");
  const answer = arrow(
    results.length === 0 ? [h] : [h, r],
    call(member(h, reply.method), ...results),
  );
  const failed = arrow([h, r], call(member(h, failure.method), r));
  const operation = file.refer(of.owner, `op ${of.wire}`, "value");
  return [
    call(file.runtime(how), "this", operation, args, to, answer, failed, "options"),
    ";",
  ].join("");
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
    methods: [
      ...allCallsOf(declaration).map((of) => stubMethod(file, of)),
      ...asyncCallsOf(file, declaration, allCallsOf(declaration)).flatMap((of) =>
        asyncMethods(file, of),
      ),
    ],
  };
}

/** `[n: Name, obj: ObjectReference | null]` */
function tupleType(file: OutputFile, of: Call): string {
  const parts = parametersOf(file, of).map((p) => [p.name, p.type].join(": "));
  return ["readonly [", parts.join(", "), "]"].join("");
}

function writeSlots(file: OutputFile, slots: readonly Slot[], values: readonly string[]): string {
  const out = file.local("out");
  return oneOrBlock(
    slots.map((s, index) => writeExpression(file, s.type, out, values[index] ?? "")),
  );
}

/** The body of an arrow function: one expression, or a block of them. */
function oneOrBlock(texts: readonly string[]): string {
  if (texts.length === 1) return texts.join("");
  return bodyOf((w) => {
    w.inlineBlock(() => {
      for (const text of texts) w.write(text).write(";").newLine();
    });
  });
}

/** An arrow function; what cannot be sent is refused without a look at its value. */
function arrowUsing(parameters: readonly string[], body: string): string {
  return arrow(
    parameters.map((name) => usedName(body, name)),
    body,
  );
}

function writeArguments(file: OutputFile, of: Call): string {
  if (of.inputs.length + of.contexts.length === 0) return arrow([], "undefined");
  const [out, args] = [file.local("out"), file.local("args")];
  const value = (index: number): string => [args, "[", String(index), "]"].join("");
  const texts = of.inputs.map((s, index) => writeExpression(file, s.type, out, value(index)));
  if (of.contexts.length > 0) {
    const patterns = bracketed(of.contexts.map(quoted));
    texts.push(call(file.runtime("writeContext"), out, value(texts.length), patterns));
  }
  return arrowUsing([out, args], oneOrBlock(texts));
}

function readArguments(file: OutputFile, of: Call): string {
  if (of.inputs.length + of.contexts.length === 0) return arrow([], "[]");
  const input = file.local("input");
  const values = of.inputs.map((slot) => readExpression(file, slot.type, input));
  if (of.contexts.length > 0) values.push(call(file.runtime("readContext"), input));
  return arrowUsing([input], ["[", values.join(", "), "]"].join(""));
}

function writeResult(file: OutputFile, of: Call): string {
  const [out, r] = [file.local("out"), file.local("r")];
  if (of.outputs.length > 0) {
    const values = of.outputs.map((slot) => member(r, slot.name));
    return arrowUsing([out, r], writeSlots(file, of.outputs, values));
  }
  if (of.result === undefined) return arrow([], "undefined");
  return arrowUsing([out, r], writeExpression(file, of.result, out, r));
}

function readResult(file: OutputFile, of: Call): string {
  const input = file.local("input");
  if (of.outputs.length > 0) {
    const entries = of.outputs.map((slot): [string, string] => [
      slot.name,
      readExpression(file, slot.type, input),
    ]);
    return arrowUsing([input], ["(", objectLiteral(entries), ")"].join(""));
  }
  if (of.result === undefined) return arrow([], "undefined");
  return arrowUsing([input], readExpression(file, of.result, input));
}

/** A holder that knows what it may hold, so that it can raise it. */
function holding(file: OutputFile, value: string, held: readonly ExceptionDcl[]): string {
  const raises = held.map((e) => file.refer(e, "raises", "value"));
  return call(file.runtime("holding"), value, bracketed(raises));
}

function upcall(file: OutputFile, of: Call): string {
  const [servant, args] = [file.local("servant"), file.local("args")];
  const inputs = of.contexts.length === 0 ? of.inputs : [...of.inputs, of.contexts];
  const held = of.declaration && file.heldBy(of.declaration);
  const values = inputs.map((_, index) => {
    const value = [args, "[", String(index), "]"].join("");
    return held === undefined ? value : holding(file, value, held);
  });
  const parameters = inputs.length === 0 ? [servant] : [servant, args];
  return arrow(parameters, call(member(servant, of.method), ...values));
}

/** What those are told of a call who look at it without knowing the interface. */
function types(file: OutputFile, of: Call): string {
  const parameters = of.parameters.map(({ name, mode, type }) =>
    inBraces([
      ["name", quoted(name)],
      ["mode", quoted(`PARAM_${mode.toUpperCase()}`)],
      ["type", typeCodeExpression(file, type)],
    ]),
  );
  const exceptions = of.raises.map((e) => file.refer(e, "tc", "value"));
  const [first] = of.outputs;
  const isRenamed = of.result !== undefined && first !== undefined && first.name !== "result";
  const result =
    of.result === undefined
      ? member(file.runtime("tc"), "void")
      : typeCodeExpression(file, of.result);
  const entries: [string, string][] = [
    ["parameters", inBrackets(parameters)],
    ["result", result],
    ...(isRenamed ? [entry("resultName", quoted(first.name))] : []),
    ...(exceptions.length === 0 ? [] : [entry("exceptions", inBrackets(exceptions))]),
    ...(of.contexts.length === 0
      ? []
      : [entry("contexts", inBrackets(of.contexts.map((name) => quoted(name))))]),
  ];
  return arrow([], ["(", inBraces(entries), ")"].join(""));
}

function inBrackets(texts: readonly string[]): string {
  return ["[", texts.join(", "), "]"].join("");
}

function inBraces(entries: readonly (readonly [string, string])[]): string {
  return ["{ ", entries.map(([name, value]) => [name, value].join(": ")).join(", "), " }"].join("");
}

function entry(name: string, value: string): [string, string] {
  return [name, value];
}

/** The constant that says how one call travels; stub and skeleton share it. */
export function operationConstant(file: OutputFile, of: Call): string {
  const [isClient, isServant] = [file.hasClient(of.owner), file.hasServants];
  const parts = [tupleType(file, of), resultType(file, of)];
  if (isServant) parts.unshift(file.refer(of.owner, "servant", "type"));
  const kind = isClient ? (isServant ? "Operation" : "ClientOperation") : "ServantOperation";
  const type = [file.runtimeType(kind), "<", parts.join(", "), ">"].join("");
  const raises = of.raises.map((e) => file.refer(e, "raises", "value"));
  const entries: [string, string][] = [
    ["name", quoted(of.wire)],
    ...(of.isOneway ? [["oneway", "true"] as [string, string]] : []),
    ...(isClient ? [entry("writeArguments", writeArguments(file, of))] : []),
    ...(isServant
      ? [
          entry("readArguments", readArguments(file, of)),
          entry("writeResult", writeResult(file, of)),
        ]
      : []),
    ...(isClient ? [entry("readResult", readResult(file, of))] : []),
    ...(isServant ? [entry("upcall", upcall(file, of))] : []),
    ...(raises.length === 0
      ? []
      : [["raises", arrow([], ["[", raises.join(", "), "]"].join(""))] as [string, string]]),
    entry("types", types(file, of)),
  ];
  const initializer = bodyOf((w) => {
    w.inlineBlock(() => {
      for (const [name, value] of entries)
        w.write(name).write(": ").write(value).write(",").newLine();
    });
  });
  return constant(file.refer(of.owner, `op ${of.wire}`, "value"), type, initializer, {
    comment: docs("Internal: how the call travels."),
  });
}
