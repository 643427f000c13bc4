import {
  type FunctionDeclarationStructure,
  type InterfaceDeclarationStructure,
  type StatementStructures,
  StructureKind,
} from "ts-morph";
import type { InterfaceDcl } from "../model/index.ts";
import { bracketed, constant, typeCodeConstant } from "./data.ts";
import { docs } from "./docs.ts";
import type { OutputFile } from "./file.ts";
import { callsOf } from "./operations.ts";
import { servantInterface, skeletonClass } from "./skeletons.ts";
import { clientSignature, operationConstant, stubClass } from "./stubs.ts";
import { arrow, bodyOf, call, quoted } from "./text.ts";

/** The client type of an interface and its TypeCode, which stand in the file of the scope around it. */
export function clientStatements(file: OutputFile, item: InterfaceDcl): StatementStructures[] {
  const bases = item.bases.map((base) => file.refer(base, "self", "type"));
  const type: InterfaceDeclarationStructure = {
    kind: StructureKind.Interface,
    isExported: true,
    name: file.declare(item, "self"),
    extends: bases.length === 0 ? [file.runtimeType("ObjectReference")] : bases,
    docs: docs(item.doc),
    methods: callsOf(item).map((of) => clientSignature(file, of)),
  };
  return [type, typeCodeConstant(file, item, "objref")];
}

function descriptorConstant(file: OutputFile, owner: InterfaceDcl): StatementStructures {
  const bases = owner.bases.map((base) => file.refer(base, "descriptor", "value"));
  const own = callsOf(owner).map((of) => file.refer(owner, `op ${of.wire}`, "value"));
  const initializer = bodyOf((w) => {
    w.inlineBlock(() => {
      w.write("repositoryId").write(repositoryIdEntry(file, owner)).write(",").newLine();
      w.write("name: ")
        .write(quoted(owner.scopedName.join("::")))
        .write(",")
        .newLine();
      w.write("bases: ")
        .write(arrow([], bracketed(bases)))
        .write(",")
        .newLine();
      w.write("operations: ").write(bracketed(own)).write(",").newLine();
    });
  });
  const name = file.refer(owner, "descriptor", "value");
  return constant(name, file.runtimeType("InterfaceDescriptor"), initializer, {
    docs: docs("What the interface is at run time."),
  });
}

function repositoryIdEntry(file: OutputFile, owner: InterfaceDcl): string {
  const name = file.refer(owner, "repositoryId", "value");
  return name === "repositoryId" ? "" : [": ", name].join("");
}

function referenceOrNothing(file: OutputFile): string {
  return [file.runtimeType("ObjectReference"), "null", "undefined"].join(" | ");
}

function narrowFunction(file: OutputFile, owner: InterfaceDcl): FunctionDeclarationStructure {
  const self = file.refer(owner, "self", "type");
  const [ref, options] = [file.local("ref"), file.local("options")];
  const stub = file.refer(owner, "stub", "value");
  const descriptor = file.refer(owner, "descriptor", "value");
  return {
    kind: StructureKind.Function,
    isExported: true,
    name: file.refer(owner, "narrow", "value"),
    parameters: [
      { name: ref, type: referenceOrNothing(file) },
      { name: options, type: file.runtimeType("InvokeOptions"), hasQuestionToken: true },
    ],
    returnType: [file.global("Promise"), "<", self, " | null>"].join(""),
    statements: ["return ", call(file.runtime("narrow"), ref, descriptor, stub, options), ";"].join(
      "",
    ),
    docs: docs(
      "The reference as this interface; null for nil, and when the object is not of it. Asks the object where the reference does not say.",
    ),
  };
}

function uncheckedNarrowFunction(
  file: OutputFile,
  owner: InterfaceDcl,
): FunctionDeclarationStructure {
  const self = file.refer(owner, "self", "type");
  const ref = file.local("ref");
  const loose = { name: ref, type: referenceOrNothing(file) };
  const orNull = [self, "null"].join(" | ");
  return {
    kind: StructureKind.Function,
    isExported: true,
    name: file.refer(owner, "uncheckedNarrow", "value"),
    parameters: [loose],
    returnType: orNull,
    overloads: [
      {
        parameters: [{ name: ref, type: file.runtimeType("ObjectReference") }],
        returnType: self,
        docs: docs("The reference as this interface, without asking the object."),
      },
      { parameters: [loose], returnType: orNull },
    ],
    statements: [
      "return ",
      call(file.runtime("uncheckedNarrow"), ref, file.refer(owner, "stub", "value")),
      ";",
    ].join(""),
  };
}

function tieFunction(file: OutputFile, owner: InterfaceDcl): FunctionDeclarationStructure {
  const impl = file.local("impl");
  const descriptor = file.refer(owner, "descriptor", "value");
  return {
    kind: StructureKind.Function,
    isExported: true,
    name: file.refer(owner, "tie", "value"),
    parameters: [{ name: impl, type: file.refer(owner, "servant", "type") }],
    returnType: file.runtimeType("Servant"),
    statements: ["return ", call(file.runtime("tieServant"), impl, descriptor), ";"].join(""),
    docs: docs("A servant that hands every call on to `impl`, which needs no base class."),
  };
}

/** What an interface's own file has beside the types declared inside. */
export function interfaceStatements(file: OutputFile, owner: InterfaceDcl): StatementStructures[] {
  return [
    constant(file.refer(owner, "repositoryId", "value"), "string", quoted(owner.repositoryId)),
    servantInterface(file, owner),
    ...callsOf(owner).map((of) => operationConstant(file, of)),
    descriptorConstant(file, owner),
    stubClass(file, owner),
    skeletonClass(file, owner),
    narrowFunction(file, owner),
    uncheckedNarrowFunction(file, owner),
    tieFunction(file, owner),
  ];
}
