import type { EmptyKind, NamedKind } from "./kind.ts";
import { type Label, type Lazy, type Member, TypeCode } from "./typecode.ts";

/** Name and type of a member. */
export type StructMember = readonly [name: string, type: Lazy<TypeCode>];
/** One label of a union: a member with several labels comes once for each. */
export type UnionMember = readonly [label: Label, name: string, type: Lazy<TypeCode>];
/** Name, type and visibility (0 private, 1 public). */
export type ValueMember = readonly [name: string, type: Lazy<TypeCode>, visibility: number];

function force(type: Lazy<TypeCode>): TypeCode {
  return typeof type === "function" ? type() : type;
}

function empty(kind: EmptyKind): TypeCode {
  return new TypeCode({ kind });
}

function named(kind: NamedKind, id: string, name: string): TypeCode {
  return new TypeCode({ kind, id, name });
}

function structLike(
  kind: "tk_struct" | "tk_except",
  id: string,
  name: string,
  members: () => readonly StructMember[],
): TypeCode {
  const resolve = (): readonly Member[] => members().map(([n, t]) => ({ name: n, type: force(t) }));
  return new TypeCode({ kind, id, name, members: resolve });
}

function valueLike(
  kind: "tk_value" | "tk_event",
  id: string,
  name: string,
  modifier: number,
  base: Lazy<TypeCode> | null,
  members: () => readonly ValueMember[],
): TypeCode {
  const resolve = (): readonly Member[] =>
    members().map(([n, t, visibility]) => ({ name: n, type: force(t), visibility }));
  return new TypeCode({ kind, id, name, modifier, base, members: resolve });
}

function union(
  id: string,
  name: string,
  discriminator: Lazy<TypeCode>,
  defaultIndex: number,
  members: () => readonly UnionMember[],
): TypeCode {
  const resolve = (): readonly Member[] =>
    members().map(([label, n, t]) => ({ label, name: n, type: force(t) }));
  const kind = "tk_union";
  return new TypeCode({ kind, id, name, discriminator, defaultIndex, members: resolve });
}

/** The TypeCodes without parameters, and CORBA::Object. */
export interface TypeCodeConstants {
  readonly null: TypeCode;
  readonly void: TypeCode;
  readonly short: TypeCode;
  readonly long: TypeCode;
  readonly ushort: TypeCode;
  readonly ulong: TypeCode;
  readonly longlong: TypeCode;
  readonly ulonglong: TypeCode;
  readonly float: TypeCode;
  readonly double: TypeCode;
  readonly longdouble: TypeCode;
  readonly boolean: TypeCode;
  readonly char: TypeCode;
  readonly wchar: TypeCode;
  readonly octet: TypeCode;
  readonly any: TypeCode;
  readonly TypeCode: TypeCode;
  readonly Principal: TypeCode;
  readonly Object: TypeCode;
}

const CONSTANTS: TypeCodeConstants = {
  null: empty("tk_null"),
  void: empty("tk_void"),
  short: empty("tk_short"),
  long: empty("tk_long"),
  ushort: empty("tk_ushort"),
  ulong: empty("tk_ulong"),
  longlong: empty("tk_longlong"),
  ulonglong: empty("tk_ulonglong"),
  float: empty("tk_float"),
  double: empty("tk_double"),
  longdouble: empty("tk_longdouble"),
  boolean: empty("tk_boolean"),
  char: empty("tk_char"),
  wchar: empty("tk_wchar"),
  octet: empty("tk_octet"),
  any: empty("tk_any"),
  TypeCode: empty("tk_TypeCode"),
  Principal: empty("tk_Principal"),
  Object: named("tk_objref", "IDL:omg.org/CORBA/Object:1.0", "Object"),
};

const UNBOUNDED_STRING: TypeCode = new TypeCode({ kind: "tk_string", length: 0 });
const UNBOUNDED_WSTRING: TypeCode = new TypeCode({ kind: "tk_wstring", length: 0 });

/**
 * Factories of TypeCodes. What refers to other TypeCodes takes them or functions that give them, called
 * at first use: types may refer to themselves and to constants declared later.
 */
export interface TypeCodeFactories extends TypeCodeConstants {
  /** `bound` in characters, 0 for none. */
  string(bound?: number): TypeCode;
  wstring(bound?: number): TypeCode;
  fixed(digits: number, scale: number): TypeCode;
  sequence(element: Lazy<TypeCode>, bound?: number): TypeCode;
  /** One dimension; several are arrays of arrays, the first dimension outermost. */
  array(element: Lazy<TypeCode>, length: number): TypeCode;
  struct(id: string, name: string, members: () => readonly StructMember[]): TypeCode;
  exception(id: string, name: string, members: () => readonly StructMember[]): TypeCode;
  /** `defaultIndex` counts the entries of `members`, -1 for no default. */
  union(
    id: string,
    name: string,
    discriminator: Lazy<TypeCode>,
    defaultIndex: number,
    members: () => readonly UnionMember[],
  ): TypeCode;
  enum(id: string, name: string, names: readonly string[]): TypeCode;
  alias(id: string, name: string, content: Lazy<TypeCode>): TypeCode;
  objref(id: string, name: string): TypeCode;
  native(id: string, name: string): TypeCode;
  abstract_interface(id: string, name: string): TypeCode;
  local_interface(id: string, name: string): TypeCode;
  component(id: string, name: string): TypeCode;
  home(id: string, name: string): TypeCode;
  value_box(id: string, name: string, content: Lazy<TypeCode>): TypeCode;
  /** `modifier`: 0 none, 1 custom, 2 abstract, 3 truncatable; `base` null for none. */
  value(
    id: string,
    name: string,
    modifier: number,
    base: Lazy<TypeCode> | null,
    members: () => readonly ValueMember[],
  ): TypeCode;
  event(
    id: string,
    name: string,
    modifier: number,
    base: Lazy<TypeCode> | null,
    members: () => readonly ValueMember[],
  ): TypeCode;
}

export const tc: TypeCodeFactories = {
  ...CONSTANTS,
  string: (bound = 0) =>
    bound === 0 ? UNBOUNDED_STRING : new TypeCode({ kind: "tk_string", length: bound }),
  wstring: (bound = 0) =>
    bound === 0 ? UNBOUNDED_WSTRING : new TypeCode({ kind: "tk_wstring", length: bound }),
  fixed: (digits, scale) => new TypeCode({ kind: "tk_fixed", digits, scale }),
  sequence: (content, bound = 0) => new TypeCode({ kind: "tk_sequence", content, length: bound }),
  array: (content, length) => new TypeCode({ kind: "tk_array", content, length }),
  struct: (id, name, members) => structLike("tk_struct", id, name, members),
  exception: (id, name, members) => structLike("tk_except", id, name, members),
  union,
  enum: (id, name, names) => new TypeCode({ kind: "tk_enum", id, name, names }),
  alias: (id, name, content) => new TypeCode({ kind: "tk_alias", id, name, content }),
  objref: (id, name) => named("tk_objref", id, name),
  native: (id, name) => named("tk_native", id, name),
  abstract_interface: (id, name) => named("tk_abstract_interface", id, name),
  local_interface: (id, name) => named("tk_local_interface", id, name),
  component: (id, name) => named("tk_component", id, name),
  home: (id, name) => named("tk_home", id, name),
  value_box: (id, name, content) => new TypeCode({ kind: "tk_value_box", id, name, content }),
  value: (id, name, modifier, base, members) =>
    valueLike("tk_value", id, name, modifier, base, members),
  event: (id, name, modifier, base, members) =>
    valueLike("tk_event", id, name, modifier, base, members),
};
