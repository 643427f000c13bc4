import { type FunctionDeclarationStructure, StructureKind } from "ts-morph";
import type {
  ConstDcl,
  ConstantValue,
  EnumDcl,
  Member,
  NativeDcl,
  StructDcl,
  Type,
  TypedefDcl,
} from "../model/index.ts";
import {
  arrow,
  call,
  type Coded,
  hasOwnCodec,
  isLocal,
  type Item,
  literal,
  member,
  membersOf,
  objectLiteral,
  type OutputFile,
  quoted,
  resolved,
  RUNTIME,
  runtimeName,
} from "../plan/index.ts";
import { readExpression, writeExpression } from "./codecs.ts";
import { about, docs, fixedText } from "./docs.ts";
import { typeCodeCall, typeCodeExpression } from "./typecodes.ts";
import { bareTypeText, typeText } from "./types.ts";
import { bodyOf, type Statement } from "./writer.ts";

/** `export const name: type = initializer;` below its comment. */
export function constant(
  name: string,
  type: string | undefined,
  initializer: string,
  {
    comment = [],
    isExported = true,
  }: { comment?: ReturnType<typeof docs>; isExported?: boolean } = {},
): string {
  const declared = type === undefined ? name : [name, type].join(": ");
  const lines = comment.map((doc) => commentOf(String(doc.description)));
  const keyword = isExported ? "export const" : "const";
  return [...lines, [keyword, " ", declared, " = ", initializer, ";"].join("")].join("\n");
}

/** `export const _tc_X: TypeCode = …`; TypeCodes name each other only inside thunks. */
export function typeCodeConstant(
  file: OutputFile,
  item: Item,
  factory: string,
  ...args: readonly string[]
): string {
  const made = typeCodeCall(file, factory, quoted(item.repositoryId), quoted(item.name), ...args);
  const name = file.refer(item, "tc", "value");
  return constant(name, file.runtimeType("TypeCode"), ["/* @__PURE__ */", made].join(" "));
}

/** Hands on what the runtime has in place of a declaration; undefined where it has nothing. */
export function runtimeStatement(file: OutputFile, item: Item): Statement | undefined {
  const own = runtimeName(item);
  if (own === undefined) return undefined;
  const name = file.declare(item, "self");
  return {
    kind: StructureKind.ExportDeclaration,
    moduleSpecifier: RUNTIME,
    namedExports: [name === own ? { name } : { name: own, alias: name }],
  };
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

/** The name of a parameter; `_name` where the body has no use for it. */
export function usedName(body: string, name: string): string {
  return new RegExp(`\\b${name}\\b`).test(body) ? name : `_${name}`;
}

/** The pair of functions that write and read a type. */
export function codecPair(
  file: OutputFile,
  item: Coded,
  write: string,
  read: string,
  self: string = file.refer(item, "self", "type"),
): FunctionDeclarationStructure[] {
  const [out, v, input] = [file.local("out"), file.local("v"), file.local("input")];
  return [
    {
      kind: StructureKind.Function,
      isExported: true,
      name: file.refer(item, "write", "value"),
      parameters: [
        { name: usedName(write, out), type: file.runtimeType("CdrOutput") },
        { name: usedName(write, v), type: self },
      ],
      returnType: "void",
      statements: write === "" ? [] : write,
    },
    {
      kind: StructureKind.Function,
      isExported: true,
      name: file.refer(item, "read", "value"),
      parameters: [{ name: usedName(read, input), type: file.runtimeType("CdrInput") }],
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

export function structStatements(file: OutputFile, item: StructDcl): Statement[] {
  const members = membersOf(item);
  const names = members.map((m) => m.name);
  const declared: Statement[] = [
    {
      kind: StructureKind.Interface,
      isExported: true,
      name: file.refer(item, "self", "type"),
      extends: item.base === undefined ? [] : [file.refer(item.base, "self", "type")],
      docs: about(item),
      properties: item.members.map((m) => ({
        name: m.name,
        isReadonly: true,
        type: typeText(file, m.type),
        docs: about(m),
      })),
    },
    typeCodeConstant(file, item, "struct", memberThunk(file, members)),
  ];
  if (isLocal(item)) return declared;
  return [
    ...declared,
    ...codecPair(
      file,
      item,
      writeMembers(file, members, names),
      ["return ", readMembers(file, members, names), ";"].join(""),
    ),
  ];
}

export function enumStatements(file: OutputFile, item: EnumDcl): Statement[] {
  const self = file.refer(item, "self", "value");
  const names = file.refer(item, "names", "value");
  const ordinals = item.enumerators.map((e) => quoted(e.name));
  const [out, v, input] = [file.local("out"), file.local("v"), file.local("input")];
  const isPlain = item.enumerators.every((e, index) => e.value === index);
  const record = recordOf(
    item.enumerators.map(({ name, doc, value }) => {
      const said = isPlain ? "" : ["On the wire: ", literal(value), "."].join("");
      return { name, text: quoted(name), doc: [doc ?? "", said].join("\n\n").trim() };
    }),
  );
  const [write, read] = isPlain
    ? [
        [call(file.runtime("writeEnum"), out, names, v), ";"].join(""),
        ["return ", call(file.runtime("readEnum"), input, names), ";"].join(""),
      ]
    : numberedBodies(file, item);
  return [
    constant(self, undefined, record, { comment: about(item) }),
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
    ...codecPair(file, item, write, read),
  ];
}

/** The record of a type's named values, their comments above them. */
export function recordOf(
  entries: readonly {
    readonly name: string;
    readonly text: string;
    readonly doc: string | undefined;
  }[],
): string {
  return bodyOf((w) => {
    w.inlineBlock(() => {
      for (const { name, text, doc } of entries) {
        const [comment] = docs(doc);
        if (comment !== undefined) w.write(commentOf(String(comment.description))).newLine();
        w.write(objectLiteral([[name, text]]).slice(2, -2))
          .write(",")
          .newLine();
      }
    });
    w.write(" as const");
  });
}

/** Bodies of the codec of an enumeration whose numbers on the wire are not the positions. */
function numberedBodies(file: OutputFile, item: EnumDcl): readonly [string, string] {
  const [out, v, input] = [file.local("out"), file.local("v"), file.local("input")];
  const name = item.scopedName.join("::");
  const refuse = (error: string, what: string): string =>
    ["throw new ", call(file.runtime(error), quoted(what)), ";"].join("");
  const write = bodyOf((w) => {
    w.write("switch (")
      .write(v)
      .write(")")
      .space()
      .inlineBlock(() => {
        for (const e of item.enumerators) {
          w.write("case ").write(quoted(e.name)).write(":").newLine();
          w.indent(() => {
            w.write(call(member(out, "ulong"), literal(e.value)))
              .write(";")
              .newLine();
            w.write("return;").newLine();
          });
        }
        w.write("default:").newLine();
        w.indent(() =>
          w.write(refuse("BAD_PARAM", ["no enumerator of", name].join(" "))).newLine(),
        );
      });
  });
  const read = bodyOf((w) => {
    w.write("switch (")
      .write(call(member(input, "ulong")))
      .write(")")
      .space()
      .inlineBlock(() => {
        for (const e of item.enumerators) {
          w.write("case ").write(literal(e.value)).write(":").newLine();
          w.indent(() => w.write("return ").write(quoted(e.name)).write(";").newLine());
        }
        w.write("default:").newLine();
        w.indent(() => w.write(refuse("MARSHAL", ["no number of", name].join(" "))).newLine());
      });
  });
  return [write, read];
}

function commentOf(description: string): string {
  const lines = description.trim().split("\n");
  if (lines.length === 1) return ["/** ", lines[0], " */"].join("");
  return ["/**", ...lines.map((line) => [" *", line].join(line === "" ? "" : " ")), " */"].join(
    "\n",
  );
}

export function typedefStatements(file: OutputFile, item: TypedefDcl): Statement[] {
  const statements: Statement[] = [
    {
      kind: StructureKind.TypeAlias,
      isExported: true,
      name: file.refer(item, "self", "type"),
      type: bareTypeText(file, item.type),
      docs: about(item),
    },
    typeCodeConstant(file, item, "alias", arrow([], typeCodeExpression(file, item.type))),
  ];
  if (!hasOwnCodec(item)) return statements;
  const write = writeExpression(file, item.type, file.local("out"), file.local("v"));
  const read = readExpression(file, item.type, file.local("input"));
  statements.push(...codecPair(file, item, [write, ";"].join(""), ["return ", read, ";"].join("")));
  return statements;
}

/**
 * A constant has the type of its value alone, so that it narrows a union when it is compared with `$d`. Nothing is
 * written beside a number or a text: a variable that starts with the constant is then a `number` or a `string`.
 */
export function constStatements(file: OutputFile, item: ConstDcl): Statement[] {
  const name = file.refer(item, "self", "value");
  const { type, value } = item;
  const text = constantText(file, type, value);
  const isLiteral = typeof value !== "object" && text === literal(value);
  // An enumerator without its type would become a string in a variable.
  const literalType = resolved(type).kind === "declared" ? text : undefined;
  const written = isLiteral ? literalType : typeText(file, type);
  return [constant(name, written, text, { comment: about(item) })];
}

function constantText(file: OutputFile, type: Type, value: ConstantValue): string {
  const made = (name: string, maker: string, argument: string): string => {
    return ["/* @__PURE__ */", call(member(file.runtime(name), maker), argument)].join(" ");
  };
  if (typeof value === "object") return made("Fixed", "parse", quoted(fixedText(value)));
  const at = resolved(type);
  if (at.kind === "primitive" && at.primitive === "long double") {
    return made("LongDouble", "fromNumber", literal(value));
  }
  return literal(value);
}

/** What only the programming language knows. */
export function nativeStatements(file: OutputFile, item: NativeDcl): Statement[] {
  const own = runtimeStatement(file, item);
  if (own !== undefined) return [own, typeCodeConstant(file, item, "native")];
  return [
    {
      kind: StructureKind.TypeAlias,
      isExported: true,
      name: file.refer(item, "self", "type"),
      type: "unknown",
      docs: about(item),
    },
    typeCodeConstant(file, item, "native"),
  ];
}
