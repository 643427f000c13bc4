import type {
  BitmaskDcl,
  BitsetDcl,
  EnumDcl,
  ExceptionDcl,
  InterfaceDcl,
  NativeDcl,
  PrimitiveKind,
  StructDcl,
  Type,
  TypeDeclaration,
  TypedefDcl,
  UnionDcl,
  ValueBoxDcl,
  ValueDcl,
} from "../model/index.ts";
import { membersOf } from "./inherited.ts";
import { flavourOf } from "./runtime-types.ts";

/** Declarations that have a `writeX` and a `readX`. */
export type Coded =
  | StructDcl
  | UnionDcl
  | EnumDcl
  | ExceptionDcl
  | TypedefDcl
  | ValueBoxDcl
  | BitsetDcl;

/** The primitives whose codec is a method of the cursor. */
export type CursorPrimitive = Exclude<
  PrimitiveKind,
  "any" | "Object" | "TypeCode" | "ValueBase" | "AbstractBase" | "Principal"
>;

/** How a type travels. A declaration that is undefined stands for any of its kind, or for one that was only announced. */
export type Form =
  | { readonly kind: "primitive"; readonly primitive: CursorPrimitive | "any" | "TypeCode" }
  | Extract<Type, { kind: "string" | "wstring" | "sequence" | "array" | "fixed" | "map" }>
  | { readonly kind: "coded"; readonly declaration: Coded }
  | { readonly kind: "reference"; readonly declaration: InterfaceDcl | undefined }
  | { readonly kind: "abstract"; readonly declaration: InterfaceDcl | undefined }
  | { readonly kind: "value"; readonly declaration: ValueDcl | undefined }
  /** Never leaves the process. */
  | { readonly kind: "local"; readonly declaration: TypeDeclaration };

const OCTETS: Form = {
  kind: "sequence",
  element: { kind: "primitive", primitive: "octet" },
  bound: 0,
};

/** The form of a type, typedefs that only rename left out. */
export function formOf(type: Type): Form {
  if (type.kind === "primitive") return formOfPrimitive(type.primitive);
  if (type.kind !== "declared") return type;
  const { declaration } = type;
  if (isLocal(declaration)) return { kind: "local", declaration };
  switch (declaration.kind) {
    case "typedef":
      return hasOwnCodec(declaration) ? { kind: "coded", declaration } : formOf(declaration.type);
    case "interface": {
      const known = declaration.isIncomplete ? undefined : declaration;
      return {
        kind: flavourOf(declaration) === "abstract" ? "abstract" : "reference",
        declaration: known,
      };
    }
    case "value":
      return { kind: "value", declaration: declaration.isIncomplete ? undefined : declaration };
    case "bitmask":
      return { kind: "primitive", primitive: holderOf(declaration.bitBound) };
    case "native":
      return { kind: "local", declaration };
    case "struct":
    case "union":
    case "enum":
    case "valuebox":
    case "bitset":
      return { kind: "coded", declaration };
  }
}

function formOfPrimitive(primitive: PrimitiveKind): Form {
  if (primitive === "Object") return { kind: "reference", declaration: undefined };
  if (primitive === "AbstractBase") return { kind: "abstract", declaration: undefined };
  if (primitive === "ValueBase") return { kind: "value", declaration: undefined };
  return primitive === "Principal" ? OCTETS : { kind: "primitive", primitive };
}

/** The smallest unsigned integer of at least so many bits. */
export function holderOf(
  bits: number,
): "octet" | "unsigned short" | "unsigned long" | "unsigned long long" {
  if (bits <= 8) return "octet";
  if (bits <= 16) return "unsigned short";
  return bits <= 32 ? "unsigned long" : "unsigned long long";
}

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

const NULLABLE: ReadonlySet<string> = new Set(["Object", "ValueBase", "AbstractBase"]);

/** Whether a value can be null: a nil reference, or no value. */
export function isNullable(type: Type): boolean {
  const at = resolved(type);
  if (at.kind === "primitive") return NULLABLE.has(at.primitive);
  return at.kind === "declared" && ["interface", "value", "valuebox"].includes(at.declaration.kind);
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
  return ["sequence", "array", "map"].includes(typedef.type.kind) && !isLocal(typedef);
}

/** The bases that have servants and descriptors: all but CORBA::Current, the one local base an interface may have. */
export function remoteBases(declaration: InterfaceDcl): readonly InterfaceDcl[] {
  return declaration.bases.filter((base) => flavourOf(base) !== "local");
}

const LOCAL: WeakMap<TypeDeclaration, boolean> = new WeakMap();

/** Whether values of a declared type cannot be sent: local interfaces, natives, and what holds one. */
export function isLocal(declaration: TypeDeclaration): boolean {
  const known = LOCAL.get(declaration);
  if (known !== undefined) return known;
  // Recursive types come back here; what makes one local is found on another way.
  LOCAL.set(declaration, false);
  const found = partsOf(declaration).some(isLocalType) || isLocalItself(declaration);
  LOCAL.set(declaration, found);
  return found;
}

function isLocalItself(d: TypeDeclaration): d is InterfaceDcl | NativeDcl {
  return d.kind === "native" || (d.kind === "interface" && flavourOf(d) === "local");
}

function isLocalType(type: Type): boolean {
  if (type.kind === "sequence" || type.kind === "array") return isLocalType(type.element);
  if (type.kind === "map") return isLocalType(type.key) || isLocalType(type.value);
  return type.kind === "declared" && isLocal(type.declaration);
}

/** The types a declared type is made of. */
function partsOf(declaration: TypeDeclaration): readonly Type[] {
  if (declaration.kind === "struct") return membersOf(declaration).map((m) => m.type);
  if (declaration.kind === "union") return declaration.cases.map((c) => c.type);
  if (declaration.kind === "typedef") return [declaration.type];
  return declaration.kind === "valuebox" ? [declaration.boxed] : [];
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
  "long double": 16,
  boolean: 1,
  char: 1,
  wchar: 1,
  octet: 1,
  int8: 1,
  any: 4,
  Object: 8,
  TypeCode: 4,
  // The boolean and a null value.
  AbstractBase: 5,
  ValueBase: 4,
  Principal: 4,
};

const SMALLEST_DECLARED: WeakMap<TypeDeclaration, number> = new WeakMap();

/**
 * The least octets a value can take in CDR, without padding: what a peer's sequence length is checked against.
 * Only sequences and values make a type recursive, and an empty one takes 4 octets, so this ends.
 */
export function smallestOctets(type: Type): number {
  switch (type.kind) {
    case "primitive":
      return SMALLEST[type.primitive];
    case "string":
    case "wstring":
    case "sequence":
    case "map":
      return 4;
    case "array":
      return Math.max(1, type.length * smallestOctets(type.element));
    case "fixed":
      return (type.digits + 2) >> 1;
    case "declared": {
      const known = SMALLEST_DECLARED.get(type.declaration);
      const found = known ?? Math.min(smallestOfDeclared(type.declaration), 0xffff_ffff);
      if (known === undefined) SMALLEST_DECLARED.set(type.declaration, found);
      return found;
    }
  }
}

function smallestOfDeclared(declaration: TypeDeclaration): number {
  switch (declaration.kind) {
    case "interface":
      return declaration.flavour === "abstract" ? SMALLEST.AbstractBase : SMALLEST.Object;
    case "value":
    case "valuebox":
    case "enum":
      return 4;
    case "native":
      return 1;
    case "bitmask":
      return SMALLEST[holderOf(declaration.bitBound)];
    case "bitset":
      return SMALLEST[holderOf(declaration.bits)];
    case "typedef":
      return smallestOctets(declaration.type);
    case "struct":
      return Math.max(
        1,
        membersOf(declaration).reduce((sum, m) => sum + smallestOctets(m.type), 0),
      );
    case "union":
      return smallestOfUnion(declaration);
  }
}

function smallestOfUnion(declaration: UnionDcl): number {
  const cases = declaration.cases.map((c) => smallestOctets(c.type));
  const hasEmpty =
    !declaration.cases.some((c) => c.isDefault) && declaration.uncovered?.length !== 0;
  return smallestOctets(declaration.discriminator) + Math.min(...cases, ...(hasEmpty ? [0] : []));
}

/** Whether flags do not fit a number. */
export function isWide(declaration: BitmaskDcl | BitsetDcl): boolean {
  return (declaration.kind === "bitmask" ? declaration.bitBound : declaration.bits) > 32;
}
