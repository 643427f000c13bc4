import type { Annotation, PrimitiveKind, Type, TypeDeclaration } from "../model/index.ts";
import {
  call,
  fieldsOf,
  isNullable,
  isOctets,
  isWide,
  literal,
  membersOf,
  objectLiteral,
  type OutputFile,
  quoted,
} from "../plan/index.ts";

const ZERO: Readonly<Partial<Record<PrimitiveKind, string>>> = {
  "long long": "0n",
  "unsigned long long": "0n",
  boolean: "false",
  char: quoted("\0"),
  wchar: quoted("\0"),
};

/** The value a member starts with: what `@default` says, else zero, nothing or empty. */
export function defaultExpression(
  file: OutputFile,
  type: Type,
  annotations: readonly Annotation[] = [],
): string {
  const given = annotations.find((a) => a.name === "default")?.parameters["value"];
  if (given !== undefined && typeof given !== "object") return literal(given);
  return zero(file, type);
}

function zero(file: OutputFile, type: Type): string {
  if (isNullable(type)) return "null";
  switch (type.kind) {
    case "primitive":
      return zeroPrimitive(file, type.primitive);
    case "string":
    case "wstring":
      return quoted("");
    case "fixed":
      return call([file.runtime("Fixed"), "parse"].join("."), quoted("0"));
    case "sequence":
      return isOctets(type) ? newOctets(file, 0) : "[]";
    case "array":
      return isOctets(type)
        ? newOctets(file, type.length)
        : call(
            "Array.from",
            objectLiteral([["length", String(type.length)]]),
            arrowTo(zero(file, type.element)),
          );
    case "map":
      return ["new ", file.global("Map"), "()"].join("");
    case "declared":
      return zeroDeclared(file, type.declaration);
  }
}

function arrowTo(value: string): string {
  return ["() => ", value.startsWith("{") ? ["(", value, ")"].join("") : value].join("");
}

function newOctets(file: OutputFile, length: number): string {
  return ["new ", file.global("Uint8Array"), "(", String(length), ")"].join("");
}

function zeroPrimitive(file: OutputFile, primitive: PrimitiveKind): string {
  if (primitive === "any")
    return ["new ", call(file.runtime("Any"), nullTypeCode(file), "null")].join("");
  if (primitive === "TypeCode") return nullTypeCode(file);
  if (primitive === "Principal") return newOctets(file, 0);
  if (primitive === "long double") {
    return call([file.runtime("LongDouble"), "fromNumber"].join("."), "0");
  }
  return ZERO[primitive] ?? "0";
}

function nullTypeCode(file: OutputFile): string {
  return [file.runtime("tc"), "null"].join(".");
}

function zeroDeclared(file: OutputFile, declaration: TypeDeclaration): string {
  switch (declaration.kind) {
    case "typedef":
      return zero(file, declaration.type);
    case "enum": {
      const first = declaration.enumerators[0];
      return first === undefined ? "undefined" : quoted(first.name);
    }
    case "bitmask":
      return isWide(declaration) ? "0n" : "0";
    case "bitset":
      return objectLiteral(fieldsOf(declaration).map((f) => [f.name, zeroPrimitive(file, f.type)]));
    case "struct":
      return objectLiteral(
        membersOf(declaration).map((m) => [m.name, defaultExpression(file, m.type, m.annotations)]),
      );
    case "union": {
      const first = declaration.cases.find((c) => c.labels.length > 0) ?? declaration.cases[0];
      const label = first?.labels[0];
      const $d = label === undefined ? zero(file, declaration.discriminator) : literal(label);
      if (first === undefined) return objectLiteral([["$d", $d]]);
      return objectLiteral([
        ["$d", $d],
        [first.name, zero(file, first.type)],
      ]);
    }
    case "native":
      return "undefined";
    case "interface":
    case "value":
    case "valuebox":
      return "null";
  }
}
