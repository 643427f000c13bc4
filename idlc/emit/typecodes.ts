import type { PrimitiveKind, Type } from "../model/index.ts";
import type { OutputFile } from "./file.ts";
import { call, member, quoted } from "./text.ts";

const PRIMITIVE: Readonly<Record<PrimitiveKind, string>> = {
  short: "short",
  long: "long",
  "long long": "longlong",
  "unsigned short": "ushort",
  "unsigned long": "ulong",
  "unsigned long long": "ulonglong",
  float: "float",
  double: "double",
  boolean: "boolean",
  char: "char",
  wchar: "wchar",
  octet: "octet",
  any: "any",
  Object: "Object",
  TypeCode: "TypeCode",
};

/** A call of one of the runtime's TypeCode factories. */
export function typeCodeCall(
  file: OutputFile,
  factory: string,
  ...args: readonly (string | undefined)[]
): string {
  return call(member(file.runtime("tc"), factory), ...args);
}

/** The expression of a type's TypeCode; it names other generated constants, so it stands inside a thunk. */
export function typeCodeExpression(file: OutputFile, type: Type): string {
  const bound = "bound" in type && type.bound !== 0 ? String(type.bound) : undefined;
  switch (type.kind) {
    case "primitive":
      return member(file.runtime("tc"), PRIMITIVE[type.primitive]);
    case "string":
    case "wstring":
      return typeCodeCall(file, type.kind, bound);
    case "sequence":
      return typeCodeCall(file, "sequence", typeCodeExpression(file, type.element), bound);
    case "array":
      return typeCodeCall(
        file,
        "array",
        typeCodeExpression(file, type.element),
        String(type.length),
      );
    case "declared": {
      const { declaration } = type;
      return declaration.kind === "interface" && declaration.isIncomplete
        ? typeCodeCall(file, "objref", quoted(declaration.repositoryId), quoted(declaration.name))
        : file.refer(declaration, "tc", "value");
    }
  }
}
