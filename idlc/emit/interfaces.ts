import {
  type FunctionDeclarationStructure,
  type InterfaceDeclarationStructure,
  StructureKind,
} from "ts-morph";
import type { InterfaceDcl } from "../model/index.ts";
import {
  arrow,
  call,
  flavourOf,
  isBare,
  objectLiteral,
  objectType,
  type OutputFile,
  quoted,
  remoteBases,
  runtimeName,
} from "../plan/index.ts";
import { bracketed, constant, typeCodeConstant } from "./data.ts";
import { about, docs } from "./docs.ts";
import { callsOf, localMembers, signatureName } from "./operations.ts";
import { servantInterface, servantSignature, skeletonClass } from "./skeletons.ts";
import {
  allCallsOf,
  asyncCallsOf,
  clientSignature,
  operationConstant,
  stubClass,
  asyncSignatures,
} from "./stubs.ts";
import { INTERFACE } from "./typecodes.ts";
import { bodyOf, type Statement } from "./writer.ts";

/** What clients see of an interface, and its TypeCode: they stand in the file of the scope around it. */
export function clientStatements(file: OutputFile, item: InterfaceDcl): Statement[] {
  const code = typeCodeConstant(file, item, INTERFACE[item.flavour]);
  if (!file.hasClient(item)) return [code];
  const ids = isBare(item) ? [bareConstant(file, item)] : [];
  const type: InterfaceDeclarationStructure = {
    kind: StructureKind.Interface,
    isExported: true,
    name: file.declare(item, "self"),
    docs: about(item),
    ...parts(file, item),
  };
  return [type, ...ids, code];
}

/** What stands beside a local interface in which nothing is declared, so that it needs no file of its own. */
function bareConstant(file: OutputFile, item: InterfaceDcl): string {
  const type = objectType([["repositoryId", "string"]]);
  const value = objectLiteral([["repositoryId", quoted(item.repositoryId)]]);
  return constant(file.declare(item, "self"), type, value);
}

type Parts = Pick<InterfaceDeclarationStructure, "extends" | "methods" | "properties">;

function parts(file: OutputFile, item: InterfaceDcl): Parts {
  if (runtimeName(item) !== undefined) return { extends: [file.refer(item, "self", "type")] };
  return flavourOf(item) === "local" ? localParts(file, item) : clientParts(file, item);
}

function clientParts(file: OutputFile, item: InterfaceDcl): Parts {
  const isPlain = flavourOf(item) === "plain";
  const bases = item.bases.map((base) => file.refer(base, "self", "type"));
  const root =
    isPlain && !item.bases.some((base) => flavourOf(base) === "plain")
      ? [file.runtimeType("ObjectReference")]
      : [];
  // What is behind an abstract interface may be a value, which answers at once; a reference never does.
  const narrowed = isPlain
    ? item.bases.filter((base) => flavourOf(base) === "abstract").flatMap(allCallsOf)
    : [];
  return {
    extends: [...root, ...bases],
    methods: [
      ...[...narrowed, ...callsOf(item)].map((of) => clientSignature(file, of, !isPlain)),
      ...asyncCallsOf(file, item, callsOf(item)).flatMap((of) => asyncSignatures(file, of)),
    ],
  };
}

/** A local interface is called in the process; what it inherits from others stands in it. */
function localParts(file: OutputFile, item: InterfaceDcl): Parts {
  const members = localMembers(file, item);
  const foreign = item.bases.filter((base) => flavourOf(base) !== "local").flatMap(allCallsOf);
  return {
    extends: item.bases
      .filter((base) => flavourOf(base) === "local")
      .map((base) => file.refer(base, "self", "type")),
    properties: members.flatMap((m) => (m.kind === "property" ? [m.structure] : [])),
    methods: [
      ...foreign.map((of) => ({ ...servantSignature(file, of), docs: of.docs })),
      ...members.flatMap((m) => (m.kind === "method" ? [m.structure] : [])),
    ].map((m) => ({ ...m, name: signatureName({ method: m.name }) })),
  };
}

function descriptorConstant(file: OutputFile, owner: InterfaceDcl): string {
  const bases = remoteBases(owner).map((base) => file.refer(base, "descriptor", "value"));
  // Only servants look operations up by name.
  const own = file.hasServants
    ? callsOf(owner).map((of) => file.refer(owner, `op ${of.wire}`, "value"))
    : [];
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
    comment: docs("What the interface is at run time."),
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
export function interfaceStatements(file: OutputFile, owner: InterfaceDcl): Statement[] {
  const id = file.refer(owner, "repositoryId", "value");
  const statements: Statement[] = [constant(id, "string", quoted(owner.repositoryId))];
  if (flavourOf(owner) === "local") return statements;
  const isImplemented = file.hasServants && flavourOf(owner) === "plain";
  if (file.hasServants) statements.push(servantInterface(file, owner));
  statements.push(...callsOf(owner).map((of) => operationConstant(file, of)));
  statements.push(descriptorConstant(file, owner));
  if (file.hasClient(owner)) statements.push(stubClass(file, owner));
  if (isImplemented) statements.push(skeletonClass(file, owner));
  if (file.hasClient(owner)) {
    statements.push(narrowFunction(file, owner), uncheckedNarrowFunction(file, owner));
  }
  if (isImplemented) statements.push(tieFunction(file, owner));
  return statements;
}
