import type { PrimitiveKind, Type } from "../model/index.ts";
import type { OutputFile } from "./file.ts";
import { interfaceOf, isOctets, isReference } from "./kinds.ts";

const PRIMITIVE: Readonly<Record<Exclude<PrimitiveKind, "any" | "Object" | "TypeCode">, string>> = {
  short: "number",
  long: "number",
  "long long": "bigint",
  "unsigned short": "number",
  "unsigned long": "number",
  "unsigned long long": "bigint",
  float: "number",
  double: "number",
  boolean: "boolean",
  char: "string",
  wchar: "string",
  octet: "number",
};

/** The TypeScript type of a reference, without null. */
export function referenceType(file: OutputFile, type: Type): string {
  const declaration = interfaceOf(type);
  return declaration === undefined
    ? file.runtimeType("ObjectReference")
    : file.refer(declaration, "self", "type");
}

/** The TypeScript type of values of an IDL type; references include null. */
export function typeText(file: OutputFile, type: Type): string {
  const bare = bareTypeText(file, type);
  return isReference(type) ? [bare, "null"].join(" | ") : bare;
}

/** The same without null: what a typedef names. */
export function bareTypeText(file: OutputFile, type: Type): string {
  switch (type.kind) {
    case "primitive":
      if (type.primitive === "any") return file.runtimeType("Any");
      if (type.primitive === "TypeCode") return file.runtimeType("TypeCode");
      return type.primitive === "Object" ? referenceType(file, type) : PRIMITIVE[type.primitive];
    case "string":
    case "wstring":
      return "string";
    case "sequence":
    case "array":
      return isOctets(type) ? file.global("Uint8Array") : arrayOf(typeText(file, type.element));
    case "declared":
      return type.declaration.kind === "interface"
        ? referenceType(file, type)
        : file.refer(type.declaration, "self", "type");
  }
}

function arrayOf(element: string): string {
  return ["readonly ", element.includes(" ") ? ["(", element, ")"].join("") : element, "[]"].join(
    "",
  );
}
