import { keyOf, type Label, type TypeCode } from "../typecode/index.ts";
import { getMember, setMember } from "./members.ts";

function ofMembers(value: object, from: TypeCode, to: TypeCode): object {
  const object = {};
  to.members().forEach((member, i) => {
    const before = from.members()[i];
    if (before === undefined) return;
    const held = getMember(value, keyOf(before.name, i));
    setMember(object, keyOf(member.name, i), converted(held, before.type, member.type));
  });
  return object;
}

function ofUnion(value: object, from: TypeCode, to: TypeCode): object {
  const label = getMember(value, "$d");
  const $d = converted(label, from.discriminator_type(), to.discriminator_type());
  const object = { $d };
  const [before, member] = [from.memberFor(label as Label), to.memberFor($d as Label)];
  if (before === undefined || member === undefined) return object;
  const held = getMember(value, keyOf(before.name, 0));
  setMember(object, keyOf(member.name, 0), converted(held, before.type, member.type));
  return object;
}

/**
 * A value of one type as one of an equivalent type: members and enumerators may be called otherwise there,
 * or have no names at all. What does not fit its type is left as it is.
 */
export function converted(value: unknown, from: TypeCode, to: TypeCode): unknown {
  const [before, after] = [from.unaliased(), to.unaliased()];
  if (before.equal(after)) return value;
  const kind: string = before.kind();
  if (kind === "tk_enum" && typeof value === "string") {
    const ordinal = before.ordinalOf(value);
    const name = after.enumerators()[ordinal];
    return name === undefined ? value : keyOf(name, ordinal);
  }
  if (typeof value !== "object" || value === null) return value;
  if (kind === "tk_struct" || kind === "tk_except") return ofMembers(value, before, after);
  if (kind === "tk_union") return ofUnion(value, before, after);
  if (Array.isArray(value) && (kind === "tk_sequence" || kind === "tk_array")) {
    return value.map((v) => converted(v, before.content_type(), after.content_type()));
  }
  return value;
}
