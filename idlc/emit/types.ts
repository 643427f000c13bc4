import type { InterfaceDcl, PrimitiveKind, Type } from "../model/index.ts";
import { isLocal, isNullable, isOctets, type OutputFile, resolved } from "../plan/index.ts";
import { abstractBase } from "./codecs.ts";

/** The primitives that TypeScript has itself. */
const PRIMITIVE: Readonly<Partial<Record<PrimitiveKind, string>>> = {
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
  int8: "number",
};

/** Classes of the runtime by the primitives named otherwise. */
const CLASSES: Readonly<Partial<Record<PrimitiveKind, string>>> = {
  any: "Any",
  Object: "ObjectReference",
  "long double": "LongDouble",
};

function primitiveText(file: OutputFile, primitive: PrimitiveKind): string {
  const plain = PRIMITIVE[primitive];
  if (plain !== undefined) return plain;
  if (primitive === "AbstractBase") return abstractBase(file);
  if (primitive === "Principal") return file.global("Uint8Array");
  return file.runtimeType(CLASSES[primitive] ?? primitive);
}

/** The TypeScript type of a reference to an interface, without null. */
function referenceText(file: OutputFile, declaration: InterfaceDcl): string {
  if (!declaration.isIncomplete) return file.refer(declaration, "self", "type");
  switch (declaration.flavour) {
    case "plain":
      return file.runtimeType("ObjectReference");
    case "abstract":
      return abstractBase(file);
    case "local":
      return "unknown";
  }
}

/** The TypeScript type of values of an IDL type; references and values include null. */
export function typeText(file: OutputFile, type: Type): string {
  const bare = bareTypeText(file, type);
  return isNullable(type) ? [bare, "null"].join(" | ") : bare;
}

/** The same without null: what a typedef names. */
export function bareTypeText(file: OutputFile, type: Type): string {
  switch (type.kind) {
    case "primitive":
      return primitiveText(file, type.primitive);
    case "string":
    case "wstring":
      return "string";
    case "fixed":
      return file.runtimeType("Fixed");
    case "sequence":
    case "array":
      return isOctets(type) ? file.global("Uint8Array") : arrayOf(elementText(file, type.element));
    case "map":
      return [
        file.global("ReadonlyMap"),
        "<",
        typeText(file, type.key),
        ", ",
        typeText(file, type.value),
        ">",
      ].join("");
    case "declared": {
      const { declaration } = type;
      if (declaration.kind === "interface") return referenceText(file, declaration);
      if (declaration.kind === "value" && declaration.isIncomplete) {
        return file.runtimeType("ValueBase");
      }
      return file.refer(declaration, "self", "type");
    }
  }
}

/** The type of the elements of a list: in one of local objects there is no nil. */
function elementText(file: OutputFile, type: Type): string {
  const at = resolved(type);
  const isLocalObject =
    at.kind === "declared" && at.declaration.kind === "interface" && isLocal(at.declaration);
  return isLocalObject ? bareTypeText(file, type) : typeText(file, type);
}

function arrayOf(element: string): string {
  return ["readonly ", element.includes(" ") ? ["(", element, ")"].join("") : element, "[]"].join(
    "",
  );
}
