import {
  type FunctionDeclarationStructure,
  type StatementStructures,
  StructureKind,
  VariableDeclarationKind,
  type VariableStatementStructure,
} from "ts-morph";
import type { ConstDcl, EnumDcl, Member, StructDcl, TypedefDcl } from "../model/index.ts";
import { readExpression, writeExpression } from "./codecs.ts";
import { docs } from "./docs.ts";
import type { OutputFile } from "./file.ts";
import { type Coded, hasOwnCodec } from "./kinds.ts";
import type { Item } from "./names.ts";
import { arrow, bodyOf, call, literal, member, objectLiteral, quoted } from "./text.ts";
import { typeCodeCall, typeCodeExpression } from "./typecodes.ts";
import { bareTypeText, typeText } from "./types.ts";

/** `export const name: type = initializer;` */
export function constant(
  name: string,
  type: string | undefined,
  initializer: string,
  extra: Partial<VariableStatementStructure> = {},
): VariableStatementStructure {
  return {
    kind: StructureKind.VariableStatement,
    declarationKind: VariableDeclarationKind.Const,
    isExported: true,
    declarations: [type === undefined ? { name, initializer } : { name, type, initializer }],
    ...extra,
  };
}

/** `export const _tc_X: TypeCode = …`; TypeCodes name each other only inside thunks. */
export function typeCodeConstant(
  file: OutputFile,
  item: Item,
  factory: string,
  ...args: readonly string[]
): VariableStatementStructure {
  const made = typeCodeCall(file, factory, quoted(item.repositoryId), quoted(item.name), ...args);
  const name = file.refer(item, "tc", "value");
  return constant(name, file.runtimeType("TypeCode"), ["/* @__PURE__ */", made].join(" "));
}

/** The TypeCode members of a struct or an exception. */
export function memberThunk(file: OutputFile, members: readonly Member[]): string {
  const entries = members.map((m) => {
    return ["[", quoted(m.name), ", ", typeCodeExpression(file, m.type), "]"].join("");
  });
  return arrow([], bracketed(entries));
}

/** `[a, b]`, one to a line where there are many. */
export function bracketed(entries: readonly string[]): string {
  if (entries.join(", ").length <= 60) return ["[", entries.join(", "), "]"].join("");
  return bodyOf((w) => {
    w.write("[").newLine();
    w.indent(() => {
      for (const entry of entries) w.write(entry).write(",").newLine();
    });
    w.write("]");
  });
}

/** The pair of functions that write and read a type. */
export function codecPair(
  file: OutputFile,
  item: Coded,
  write: string,
  read: string,
): FunctionDeclarationStructure[] {
  const self = file.refer(item, "self", "type");
  const isUsed = (text: string, name: string): string =>
    new RegExp(`\\b${name}\\b`).test(text) ? name : `_${name}`;
  const [out, v, input] = [file.local("out"), file.local("v"), file.local("input")];
  return [
    {
      kind: StructureKind.Function,
      isExported: true,
      name: file.refer(item, "write", "value"),
      parameters: [
        { name: isUsed(write, out), type: file.runtimeType("CdrOutput") },
        { name: isUsed(write, v), type: self },
      ],
      returnType: "void",
      statements: write === "" ? [] : write,
    },
    {
      kind: StructureKind.Function,
      isExported: true,
      name: file.refer(item, "read", "value"),
      parameters: [{ name: isUsed(read, input), type: file.runtimeType("CdrInput") }],
      returnType: self,
      statements: read,
    },
  ];
}

/** The statements that write members one after the other; `properties` are their names in TypeScript. */
export function writeMembers(
  file: OutputFile,
  members: readonly Member[],
  properties: readonly string[],
): string {
  const [out, v] = [file.local("out"), file.local("v")];
  return bodyOf((w) => {
    members.forEach((m, index) => {
      const value = member(v, properties[index] ?? m.name);
      w.write(writeExpression(file, m.type, out, value))
        .write(";")
        .newLine();
    });
  });
}

/** An object literal that reads members in the order of the wire. */
export function readMembers(
  file: OutputFile,
  members: readonly Member[],
  properties: readonly string[],
): string {
  const input = file.local("input");
  const entries = members.map((m, index): [string, string] => [
    properties[index] ?? m.name,
    readExpression(file, m.type, input),
  ]);
  if (objectLiteral(entries).length <= 80) return objectLiteral(entries);
  return bodyOf((w) => {
    w.inlineBlock(() => {
      for (const [name, value] of entries) {
        w.write(objectLiteral([[name, value]]).slice(2, -2))
          .write(",")
          .newLine();
      }
    });
  });
}

export function structStatements(file: OutputFile, item: StructDcl): StatementStructures[] {
  const names = item.members.map((m) => m.name);
  return [
    {
      kind: StructureKind.Interface,
      isExported: true,
      name: file.refer(item, "self", "type"),
      docs: docs(item.doc),
      properties: item.members.map((m) => ({
        name: m.name,
        isReadonly: true,
        type: typeText(file, m.type),
        docs: docs(m.doc),
      })),
    },
    typeCodeConstant(file, item, "struct", memberThunk(file, item.members)),
    ...codecPair(
      file,
      item,
      writeMembers(file, item.members, names),
      ["return ", readMembers(file, item.members, names), ";"].join(""),
    ),
  ];
}

export function enumStatements(file: OutputFile, item: EnumDcl): StatementStructures[] {
  const self = file.refer(item, "self", "value");
  const names = file.refer(item, "names", "value");
  const ordinals = item.enumerators.map((e) => quoted(e.name));
  const record = bodyOf((w) => {
    w.inlineBlock(() => {
      for (const e of item.enumerators) {
        const [doc] = docs(e.doc);
        if (doc !== undefined) w.write(commentOf(String(doc.description))).newLine();
        w.write(objectLiteral([[e.name, quoted(e.name)]]).slice(2, -2))
          .write(",")
          .newLine();
      }
    });
    w.write(" as const");
  });
  const [out, v, input] = [file.local("out"), file.local("v"), file.local("input")];
  const thunk = call(file.runtime("writeEnum"), out, names, v);
  return [
    constant(self, undefined, record, { docs: docs(item.doc) }),
    {
      kind: StructureKind.TypeAlias,
      isExported: true,
      name: self,
      type: ordinals.join(" | "),
    },
    constant(names, ["readonly ", self, "[]"].join(""), bracketed(ordinals), {
      isExported: false,
    }),
    typeCodeConstant(file, item, "enum", names),
    ...codecPair(
      file,
      item,
      [thunk, ";"].join(""),
      ["return ", call(file.runtime("readEnum"), input, names), ";"].join(""),
    ),
  ];
}

function commentOf(description: string): string {
  const lines = description.trim().split("\n");
  if (lines.length === 1) return ["/** ", lines[0], " */"].join("");
  return ["/**", ...lines.map((line) => [" *", line].join(line === "" ? "" : " ")), " */"].join(
    "\n",
  );
}

export function typedefStatements(file: OutputFile, item: TypedefDcl): StatementStructures[] {
  const statements: StatementStructures[] = [
    {
      kind: StructureKind.TypeAlias,
      isExported: true,
      name: file.refer(item, "self", "type"),
      type: bareTypeText(file, item.type),
      docs: docs(item.doc),
    },
    typeCodeConstant(file, item, "alias", arrow([], typeCodeExpression(file, item.type))),
  ];
  if (!hasOwnCodec(item)) return statements;
  const write = writeExpression(file, item.type, file.local("out"), file.local("v"));
  const read = readExpression(file, item.type, file.local("input"));
  statements.push(...codecPair(file, item, [write, ";"].join(""), ["return ", read, ";"].join("")));
  return statements;
}

export function constStatements(file: OutputFile, item: ConstDcl): StatementStructures[] {
  const name = file.refer(item, "self", "value");
  return [constant(name, typeText(file, item.type), literal(item.value), { docs: docs(item.doc) })];
}
