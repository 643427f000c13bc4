import type { TypeCode } from "../../orb/index.ts";

/** Members of a value type, those of its bases before them. */
export function valueMembers(
  type: TypeCode,
): readonly { readonly name: string; readonly type: TypeCode }[] {
  const plain = type.unaliased();
  const base = plain.concrete_base_type();
  return base === null ? plain.members() : [...valueMembers(base), ...plain.members()];
}

/** Sequences and arrays of octets are base64. */
export function isOctets(type: TypeCode): boolean {
  return type.content_type().unaliased().kind() === "tk_octet";
}

/** The type of a value that knows it: AnyValue, ValueBox. */
export function typeOfValue(value: object): TypeCode | undefined {
  return "_type" in value ? (value._type as TypeCode) : undefined;
}
