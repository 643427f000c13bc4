import type { Model } from "../model/index.ts";
import type { EmittedFile } from "./emitted.ts";
import { type ScaffoldFolders, scaffolds } from "./scaffold.ts";
import {
  type ExportDeclarationStructure,
  printStructure,
  type StatementStructures,
  StructureKind,
  type WriterFunction,
} from "ts-morph";
import {
  flavourOf,
  type Item,
  keyOf,
  OutputFile,
  type Scope,
  Scopes,
  type Sides,
} from "../plan/index.ts";
import { bitmaskStatements, bitsetStatements } from "./bits.ts";
import {
  constStatements,
  enumStatements,
  nativeStatements,
  structStatements,
  typedefStatements,
} from "./data.ts";
import { exceptionStatements } from "./exceptions.ts";
import { clientStatements, interfaceStatements } from "./interfaces.ts";
import { unionStatements } from "./unions.ts";
import { boxStatements, valueStatements } from "./values.ts";
import type { Statement } from "./writer.ts";

export interface EmitOptions {
  /** Who writes the files, for their first line: name and version. */
  readonly generator: string;
  /** Also write what included files declare. */
  readonly withIncludes?: boolean;
  /** `both` where absent. */
  readonly sides?: Sides;
  /** Also servants to start from. */
  readonly scaffold?: ScaffoldFolders;
  /** With asynchronous calls; for the first line alone: the model has what they need. */
  readonly ami?: boolean;
  /** Ends relative imports; `.js` where absent. */
  readonly importExtension?: string;
  /** Whether a file is standard IDL, to be imported from `orbweaver/idl`. No file is, where absent. */
  readonly isStandard?: (file: string) => boolean;
}

function itemStatements(file: OutputFile, item: Item): Statement[] {
  switch (item.kind) {
    case "struct":
      return structStatements(file, item);
    case "enum":
      return enumStatements(file, item);
    case "union":
      return unionStatements(file, item);
    case "typedef":
      return typedefStatements(file, item);
    case "exception":
      return exceptionStatements(file, item);
    case "const":
      return constStatements(file, item);
    case "interface":
      return clientStatements(file, item);
    case "value":
      return valueStatements(file, item);
    case "valuebox":
      return boxStatements(file, item);
    case "native":
      return nativeStatements(file, item);
    case "bitmask":
      return bitmaskStatements(file, item);
    case "bitset":
      return bitsetStatements(file, item);
  }
}

function renamed(name: string, alias: string): { name: string; alias?: string } {
  return name === alias ? { name } : { name, alias };
}

/** What a file hands on from the files of inner scopes: all of it under the scope's name, and an interface's classes. */
function reExports(file: OutputFile, inner: Scope): ExportDeclarationStructure[] {
  const { owner } = inner;
  if (owner === undefined || !inner.isEmitted) return [];
  const { names } = file.scope;
  const moduleSpecifier = file.pathTo(inner);
  const whole: ExportDeclarationStructure = {
    kind: StructureKind.ExportDeclaration,
    moduleSpecifier,
    namespaceExport: names.of(keyOf(owner, "self")),
  };
  if (owner.kind === "module") return [whole];
  const specifier = (role: "stub" | "skeleton" | "servant"): { name: string; alias?: string } =>
    renamed(inner.names.of(keyOf(owner, role)), names.of(keyOf(owner, role)));
  if (flavourOf(owner) === "local") return [whole];
  const namedExports = [
    ...(file.hasServants ? [{ ...specifier("servant"), isTypeOnly: true }] : []),
    ...(file.hasServants && flavourOf(owner) === "plain" ? [specifier("skeleton")] : []),
    ...(file.hasClient(owner) ? [specifier("stub")] : []),
  ];
  if (namedExports.length === 0) return [whole];
  return [whole, { kind: StructureKind.ExportDeclaration, moduleSpecifier, namedExports }];
}

/** What ts-morph takes as a statement. */
type Written = StatementStructures | WriterFunction;

/** Statements with an empty line before the first. */
function spaced(statements: readonly Statement[]): Written[] {
  return statements.map((statement, index): Written => {
    if (typeof statement === "string") return (w) => w.blankLineIfLastNot().write(statement);
    if (index > 0) return statement;
    return { ...statement, leadingTrivia: (w) => w.blankLineIfLastNot() };
  });
}

/** All statements of one file, imports first. */
function scopeStatements(file: OutputFile): Written[] {
  const { scope } = file;
  const declarations = scope.items.flatMap((item) => itemStatements(file, item));
  if (scope.owner?.kind === "interface") {
    declarations.push(...interfaceStatements(file, scope.owner));
  }
  const exports = scope.inner.flatMap((inner) => reExports(file, inner));
  return [
    ...spaced([file.imports().join("\n")].filter((text) => text !== "")),
    ...spaced(exports),
    ...declarations.flatMap((d) => spaced([d])),
  ];
}

function baseName(file: string): string {
  return file.slice(Math.max(file.lastIndexOf("/"), file.lastIndexOf("\\")) + 1);
}

/** The first lines: nothing in them changes from run to run or from machine to machine. */
function header(scope: Scope, options: EmitOptions): string {
  const sources = [...new Set(scope.sources.map(baseName))].toSorted().join(", ");
  const flags = [
    ...(options.withIncludes === true ? ["--with-includes"] : []),
    ...(options.ami === true ? ["--ami"] : []),
    ...(options.sides === undefined || options.sides === "both" ? [] : [`--${options.sides}`]),
    ...(options.importExtension === undefined || options.importExtension === ".js"
      ? []
      : ["--import-extension", options.importExtension]),
  ];
  const from = [options.generator, "from", sources, ...flags].join(" ");
  return ["// Generated by ", from, ". Do not edit.\n/* eslint-disable */\n\n"].join("");
}

/**
 * The TypeScript of a model: one file for each IDL scope, in the order of the model. The same model and options
 * give the same text.
 */
export function emit(
  model: Model,
  options: EmitOptions,
): { readonly files: readonly EmittedFile[]; readonly scaffolds: readonly EmittedFile[] } {
  const scopes = new Scopes(model, {
    withIncludes: options.withIncludes ?? false,
    isStandard: options.isStandard ?? (() => false),
    sides: options.sides ?? "both",
  });
  const files = scopes.all
    .filter((scope) => scope.isEmitted)
    .map((scope) => {
      const path = [scope.path, ".ts"].join("");
      const file = new OutputFile(scope, scopes, options.importExtension ?? ".js");
      // Printed, not put into a Project: that would parse every file to build a tree nobody asks for.
      const printed = printStructure(
        { kind: StructureKind.SourceFile, statements: scopeStatements(file) },
        { indentNumberOfSpaces: 2, newLine: "\n" },
      );
      const text = printed.trimStart().replaceAll(/ +$/gm, "");
      return { path, text: header(scope, options) + text, sources: scope.sources };
    });
  const { scaffold, importExtension = ".js" } = options;
  return {
    files,
    scaffolds: scaffold === undefined ? [] : scaffolds(scopes, scaffold, importExtension),
  };
}
