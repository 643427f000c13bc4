import type { InterfaceDcl, PrimitiveKind, Type } from "../model/index.ts";
import { call, member, type OutputFile, quoted } from "../plan/index.ts";

const PRIMITIVE: Readonly<Record<Exclude<PrimitiveKind, "ValueBase" | "AbstractBase">, string>> = {
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
  "long double": "longdouble",
  int8: "octet",
  Principal: "Principal",
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
      return primitiveTypeCode(file, type.primitive);
    case "string":
    case "wstring":
      return typeCodeCall(file, type.kind, bound);
    case "fixed":
      return typeCodeCall(file, "fixed", String(type.digits), String(type.scale));
    case "map":
      return typeCodeCall(file, "sequence", pairTypeCode(file, type), bound);
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
      const isIncomplete = "isIncomplete" in declaration && declaration.isIncomplete;
      if (!isIncomplete) return file.refer(declaration, "tc", "value");
      const [id, name] = [quoted(declaration.repositoryId), quoted(declaration.name)];
      return declaration.kind === "interface"
        ? typeCodeCall(file, INTERFACE[declaration.flavour], id, name)
        : typeCodeCall(file, "value", id, name, "0", "null", "() => []");
    }
  }
}

/** The factories of interfaces' TypeCodes. */
export const INTERFACE: Readonly<Record<InterfaceDcl["flavour"], string>> = {
  plain: "objref",
  abstract: "abstract_interface",
  local: "local_interface",
};

function primitiveTypeCode(file: OutputFile, primitive: PrimitiveKind): string {
  const id = ["IDL:omg.org/CORBA/", primitive, ":1.0"].join("");
  if (primitive === "ValueBase") {
    return typeCodeCall(file, "value", quoted(id), quoted(primitive), "0", "null", "() => []");
  }
  if (primitive === "AbstractBase") {
    return typeCodeCall(file, "abstract_interface", quoted(id), quoted(primitive));
  }
  return member(file.runtime("tc"), PRIMITIVE[primitive]);
}

/** CORBA has no TypeCode for maps: they look like the sequence of pairs they are on the wire. */
function pairTypeCode(file: OutputFile, type: Type & { kind: "map" }): string {
  const members = [
    ["[", quoted("key"), ", ", typeCodeExpression(file, type.key), "]"].join(""),
    ["[", quoted("value"), ", ", typeCodeExpression(file, type.value), "]"].join(""),
  ];
  const thunk = ["() => [", members.join(", "), "]"].join("");
  return typeCodeCall(file, "struct", quoted(""), quoted(""), thunk);
}
