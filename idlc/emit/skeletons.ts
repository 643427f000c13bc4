import {
  type ClassDeclarationStructure,
  type InterfaceDeclarationStructure,
  type OptionalKind,
  type ParameterDeclarationStructure,
  StructureKind,
} from "ts-morph";
import type { InterfaceDcl } from "../model/index.ts";
import { call, type OutputFile, remoteBases } from "../plan/index.ts";
import { docs } from "./docs.ts";
import { type Call, callsOf, parametersOf, resultType, signatureName } from "./operations.ts";
import { allCallsOf } from "./stubs.ts";

/** The method of a servant: it returns its result or a promise of it. */
export function servantSignature(
  file: OutputFile,
  of: Call,
): { name: string; parameters: OptionalKind<ParameterDeclarationStructure>[]; returnType: string } {
  const result = resultType(file, of);
  const promise = [file.global("Promise"), "<", result, ">"].join("");
  return {
    name: of.method,
    parameters: [...parametersOf(file, of)],
    returnType: [result, promise].join(" | "),
  };
}

/** What a servant of an interface has to offer, whatever its class. */
export function servantInterface(
  file: OutputFile,
  declaration: InterfaceDcl,
): InterfaceDeclarationStructure {
  return {
    kind: StructureKind.Interface,
    isExported: true,
    name: file.refer(declaration, "servant", "type"),
    extends: remoteBases(declaration).map((base) => file.refer(base, "servant", "type")),
    docs: docs(["What implements ", declaration.scopedName.join("::"), "."].join("")),
    methods: callsOf(declaration).map((of) => ({
      ...servantSignature(file, of),
      name: signatureName(of),
      docs: of.docs,
    })),
  };
}

/** The base of servants of an interface. It extends no generated class, whatever the interface inherits. */
export function skeletonClass(
  file: OutputFile,
  declaration: InterfaceDcl,
): ClassDeclarationStructure {
  const hasClient = file.hasClient(declaration);
  const reference = call("this._reference");
  return {
    kind: StructureKind.Class,
    isExported: true,
    isAbstract: true,
    name: file.refer(declaration, "skeleton", "value"),
    extends: file.runtime("Servant"),
    implements: [file.refer(declaration, "servant", "type")],
    docs: docs(["Base of servants of ", declaration.scopedName.join("::"), "."].join("")),
    getAccessors: [
      {
        name: "_descriptor",
        returnType: file.runtimeType("InterfaceDescriptor"),
        statements: ["return ", file.refer(declaration, "descriptor", "value"), ";"].join(""),
      },
    ],
    methods: [
      {
        name: "_this",
        returnType: hasClient
          ? file.refer(declaration, "self", "type")
          : file.runtimeType("ObjectReference"),
        docs: docs("A reference to the object this servant is active for."),
        statements: [
          "return ",
          hasClient
            ? call(
                file.runtime("uncheckedNarrow"),
                reference,
                file.refer(declaration, "stub", "value"),
              )
            : reference,
          ";",
        ].join(""),
      },
      ...allCallsOf(declaration).map((of) => ({
        ...servantSignature(file, of),
        isAbstract: true,
      })),
    ],
  };
}
