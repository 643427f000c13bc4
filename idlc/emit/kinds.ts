import type {
  EnumDcl,
  ExceptionDcl,
  InterfaceDcl,
  PrimitiveKind,
  StructDcl,
  Type,
  TypedefDcl,
  UnionDcl,
} from "../model/index.ts";

/** Declarations that have a `writeX` and a `readX`. */
export type Coded = StructDcl | UnionDcl | EnumDcl | ExceptionDcl | TypedefDcl;

/** The type behind all typedefs. */
export function resolved(type: Type): Type {
  let at = type;
  while (at.kind === "declared" && at.declaration.kind === "typedef") at = at.declaration.type;
  return at;
}

/** Whether values are octets in a row, which the mapping has as Uint8Array. */
export function isOctets(type: Type): boolean {
  const at = resolved(type);
  if (at.kind !== "sequence" && at.kind !== "array") return false;
  const element = resolved(at.element);
  return element.kind === "primitive" && element.primitive === "octet";
}

/** Whether values are object references, which can be nil. */
export function isReference(type: Type): boolean {
  const at = resolved(type);
  return at.kind === "primitive"
    ? at.primitive === "Object"
    : at.kind === "declared" && at.declaration.kind === "interface";
}

/** The interface of a reference; undefined for `Object` and where the interface was only announced. */
export function interfaceOf(type: Type): InterfaceDcl | undefined {
  const at = resolved(type);
  if (at.kind !== "declared" || at.declaration.kind !== "interface") return undefined;
  return at.declaration.isIncomplete ? undefined : at.declaration;
}

export function isText(type: Type): boolean {
  const at = resolved(type);
  return (
    at.kind === "string" ||
    at.kind === "wstring" ||
    (at.kind === "primitive" && (at.primitive === "char" || at.primitive === "wchar"))
  );
}

/** Whether a typedef has codec functions of its own; one that only renames uses those of the type it renames. */
export function hasOwnCodec(typedef: TypedefDcl): boolean {
  return typedef.type.kind === "sequence" || typedef.type.kind === "array";
}

/** The declaration whose `writeX` and `readX` serve a type; undefined where none is needed. */
export function codecOf(type: Type): Coded | undefined {
  if (type.kind !== "declared" || type.declaration.kind === "interface") return undefined;
  if (type.declaration.kind !== "typedef") return type.declaration;
  return hasOwnCodec(type.declaration) ? type.declaration : codecOf(type.declaration.type);
}

/** All interfaces an interface inherits from, each once and after its own bases. */
export function ancestorsOf(declaration: InterfaceDcl): readonly InterfaceDcl[] {
  const found = new Map<string, InterfaceDcl>();
  const visit = (base: InterfaceDcl): void => {
    for (const above of base.bases) visit(above);
    found.set(base.scopedName.join("::"), base);
  };
  for (const base of declaration.bases) visit(base);
  return [...found.values()];
}

const SMALLEST: Readonly<Record<PrimitiveKind, number>> = {
  short: 2,
  long: 4,
  "long long": 8,
  "unsigned short": 2,
  "unsigned long": 4,
  "unsigned long long": 8,
  float: 4,
  double: 8,
  boolean: 1,
  char: 1,
  wchar: 1,
  octet: 1,
  any: 4,
  Object: 8,
  TypeCode: 4,
};

/**
 * The least octets a value can take in CDR, without padding: what a peer's sequence length is checked against.
 * Only sequences make a type recursive, and an empty one takes 4 octets, so this ends.
 */
export function smallestOctets(type: Type): number {
  switch (type.kind) {
    case "primitive":
      return SMALLEST[type.primitive];
    case "string":
    case "wstring":
    case "sequence":
      return 4;
    case "array":
      return Math.max(1, type.length * smallestOctets(type.element));
    case "declared":
      return smallestOfDeclared(type.declaration);
  }
}

function smallestOfDeclared(declaration: (Type & { kind: "declared" })["declaration"]): number {
  switch (declaration.kind) {
    case "interface":
      return SMALLEST.Object;
    case "enum":
      return 4;
    case "typedef":
      return smallestOctets(declaration.type);
    case "struct":
      return Math.max(
        1,
        declaration.members.reduce((sum, m) => sum + smallestOctets(m.type), 0),
      );
    case "union": {
      const cases = declaration.cases.map((c) => smallestOctets(c.type));
      const hasEmpty =
        !declaration.cases.some((c) => c.isDefault) && declaration.uncovered?.length !== 0;
      return (
        smallestOctets(declaration.discriminator) + Math.min(...cases, ...(hasEmpty ? [0] : []))
      );
    }
  }
}
