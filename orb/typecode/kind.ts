/** The kinds of TypeCodes by number (CORBA 3.3 Part 2, 9.3.5.1). */
export const TC_KINDS = [
  "tk_null",
  "tk_void",
  "tk_short",
  "tk_long",
  "tk_ushort",
  "tk_ulong",
  "tk_float",
  "tk_double",
  "tk_boolean",
  "tk_char",
  "tk_octet",
  "tk_any",
  "tk_TypeCode",
  "tk_Principal",
  "tk_objref",
  "tk_struct",
  "tk_union",
  "tk_enum",
  "tk_string",
  "tk_sequence",
  "tk_array",
  "tk_alias",
  "tk_except",
  "tk_longlong",
  "tk_ulonglong",
  "tk_longdouble",
  "tk_wchar",
  "tk_wstring",
  "tk_fixed",
  "tk_value",
  "tk_value_box",
  "tk_native",
  "tk_abstract_interface",
  "tk_local_interface",
  "tk_component",
  "tk_home",
  "tk_event",
] as const;

export type TCKind = (typeof TC_KINDS)[number];

/** Kinds without parameters. */
export type EmptyKind =
  | "tk_null"
  | "tk_void"
  | "tk_short"
  | "tk_long"
  | "tk_ushort"
  | "tk_ulong"
  | "tk_float"
  | "tk_double"
  | "tk_boolean"
  | "tk_char"
  | "tk_octet"
  | "tk_any"
  | "tk_TypeCode"
  | "tk_Principal"
  | "tk_longlong"
  | "tk_ulonglong"
  | "tk_longdouble"
  | "tk_wchar";

/** Kinds that have an id and a name and nothing else. */
export type NamedKind =
  | "tk_objref"
  | "tk_native"
  | "tk_abstract_interface"
  | "tk_local_interface"
  | "tk_component"
  | "tk_home";

const ORDINALS: ReadonlyMap<TCKind, number> = new Map(TC_KINDS.map((kind, i) => [kind, i]));

/** The number that stands for `kind` on the wire. */
export function kindToOrdinal(kind: TCKind): number {
  return ORDINALS.get(kind) ?? 0;
}

/** Undefined when `ordinal` stands for none. */
export function kindFromOrdinal(ordinal: number): TCKind | undefined {
  return TC_KINDS[ordinal];
}
