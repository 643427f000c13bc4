import type { PrimitiveKind, Type } from "../../idlc/model/index.ts";
import { CORBA } from "../../idl/index.ts";
import type { Servant } from "../../orb/index.ts";
import type { Holdings } from "./holdings.ts";
import { refuse } from "./read-only.ts";

/** A type that no declaration names. */
export type UnnamedType = Exclude<Type, { readonly kind: "declared" }>;

const KINDS: Readonly<Record<PrimitiveKind, CORBA.PrimitiveKind>> = {
  short: "pk_short",
  long: "pk_long",
  "long long": "pk_longlong",
  "unsigned short": "pk_ushort",
  "unsigned long": "pk_ulong",
  "unsigned long long": "pk_ulonglong",
  float: "pk_float",
  double: "pk_double",
  boolean: "pk_boolean",
  char: "pk_char",
  wchar: "pk_wchar",
  octet: "pk_octet",
  int8: "pk_octet",
  any: "pk_any",
  Object: "pk_objref",
  // The standard has no kind for it; at run time it is an object or a value.
  AbstractBase: "pk_objref",
  TypeCode: "pk_TypeCode",
  "long double": "pk_longdouble",
  ValueBase: "pk_value_base",
  Principal: "pk_Principal",
};

/** The kind of a primitive type, unbounded strings among them; undefined for a type that is put together. */
export function primitiveKindOf(type: Type): CORBA.PrimitiveKind | undefined {
  if (type.kind === "primitive") return KINDS[type.primitive];
  if (type.kind === "string" && type.bound === 0) return "pk_string";
  return type.kind === "wstring" && type.bound === 0 ? "pk_wstring" : undefined;
}

/** The type of a primitive kind; undefined for void and null, which are no types of values. */
export function primitiveTypeOf(kind: CORBA.PrimitiveKind): UnnamedType | undefined {
  if (kind === "pk_string" || kind === "pk_wstring") {
    return { kind: kind === "pk_string" ? "string" : "wstring", bound: 0 };
  }
  const found = Object.entries(KINDS).find(([, candidate]) => candidate === kind);
  return found === undefined
    ? undefined
    : { kind: "primitive", primitive: found[0] as PrimitiveKind };
}

/** Equal for equal types: it stands in object ids. */
export function typeKey(type: Type): string {
  switch (type.kind) {
    case "declared":
      return `<${type.declaration.repositoryId}>`;
    case "primitive":
      return KINDS[type.primitive];
    case "string":
    case "wstring":
      return primitiveKindOf(type) ?? `${type.kind}/${type.bound}`;
    case "fixed":
      return `fixed/${type.digits}/${type.scale}`;
    case "sequence":
      return `sequence/${type.bound}/${typeKey(type.element)}`;
    case "array":
      return `array/${type.length}/${typeKey(type.element)}`;
    case "map":
      return `map/${type.bound}/${typeKey(type.key)}/${typeKey(type.value)}`;
  }
}

/** Makes the objects of types without a name. */
export class UnnamedTypes {
  readonly #holdings: Holdings;

  constructor(holdings: Holdings) {
    this.#holdings = holdings;
  }

  of(type: UnnamedType): Servant {
    const kind = primitiveKindOf(type);
    if (kind !== undefined) return this.primitive(kind, type);
    switch (type.kind) {
      case "string":
        return CORBA.StringDef.tie({ ...this.#idlType("dk_String", type), ...bounded(type) });
      case "wstring":
        return CORBA.WstringDef.tie({ ...this.#idlType("dk_Wstring", type), ...bounded(type) });
      case "fixed":
        return CORBA.FixedDef.tie({
          ...this.#idlType("dk_Fixed", type),
          _get_digits: () => type.digits,
          _set_digits: refuse,
          _get_scale: () => type.scale,
          _set_scale: refuse,
        });
      case "array":
        return CORBA.ArrayDef.tie({
          ...this.#idlType("dk_Array", type),
          _get_length: () => type.length,
          _set_length: refuse,
          ...this.#element(type, () => this.#holdings.typeDef(type.element)),
        });
      case "sequence":
        return CORBA.SequenceDef.tie({
          ...this.#idlType("dk_Sequence", type),
          ...bounded(type),
          ...this.#element(type, () => this.#holdings.typeDef(type.element)),
        });
      // A map is the sequence of pairs it is on the wire; nothing in the repository describes the pair.
      case "map":
        return CORBA.SequenceDef.tie({
          ...this.#idlType("dk_Sequence", type),
          ...bounded(type),
          ...this.#element(type, () => null),
        });
      case "primitive":
        return this.primitive(KINDS[type.primitive], type);
    }
  }

  /** @param type undefined for void */
  primitive(kind: CORBA.PrimitiveKind, type: UnnamedType | undefined): Servant {
    return CORBA.PrimitiveDef.tie({
      ...this.#idlType("dk_Primitive", type),
      _get_kind: () => kind,
    });
  }

  #idlType(kind: CORBA.DefinitionKind, type: UnnamedType | undefined): CORBA.IDLTypeServant {
    return {
      _get_def_kind: () => kind,
      destroy: refuse,
      _get_type: () => this.#holdings.typeCodes.of(type),
    };
  }

  #element(
    type: UnnamedType,
    typeDef: () => CORBA.IDLType | null,
  ): Pick<
    CORBA.ArrayDefServant,
    "_get_element_type" | "_get_element_type_def" | "_set_element_type_def"
  > {
    return {
      _get_element_type: () => this.#holdings.typeCodes.of(type).content_type(),
      _get_element_type_def: typeDef,
      _set_element_type_def: refuse,
    };
  }
}

function bounded({
  bound,
}: {
  readonly bound: number;
}): Pick<CORBA.StringDefServant, "_get_bound" | "_set_bound"> {
  return { _get_bound: () => bound, _set_bound: refuse };
}
