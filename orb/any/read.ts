import type { CdrInput } from "../cdr/index.ts";
import { BAD_PARAM, MINOR } from "../exception/index.ts";
import { keyOf, type Member, readTypeCode, type TypeCode, typeName } from "../typecode/index.ts";
import {
  readAbstract,
  readBox,
  readValue as readValueType,
  type ValueDescriptor,
} from "../value/index.ts";
import { Any } from "./any.ts";
import { AnyValue } from "./any-value.ts";
import { at, deepAsMarshal, unsupported } from "./errors.ts";
import { setMember } from "./members.ts";
import { ValueBox } from "./value-box.ts";
import { ValueTypes } from "./value-types.ts";

/** Sums of sizes end here: more only says "many". */
const MANY_OCTETS = 1 << 20;

const smallestKnown: WeakMap<TypeCode, number> = new WeakMap();

function smallestOfMembers(members: readonly Member[]): number {
  let sum = 0;
  for (const member of members) {
    sum += smallest(member.type);
    if (sum > MANY_OCTETS) return MANY_OCTETS;
  }
  return sum;
}

function measure(type: TypeCode): number {
  switch (type.kind() as string) {
    case "tk_null":
    case "tk_void":
      return 0;
    case "tk_octet":
    case "tk_boolean":
    case "tk_char":
    case "tk_wchar":
    case "tk_union":
      return 1;
    case "tk_short":
    case "tk_ushort":
      return 2;
    case "tk_longlong":
    case "tk_ulonglong":
    case "tk_double":
      return 8;
    case "tk_struct":
    case "tk_except":
      return smallestOfMembers(type.members());
    case "tk_array":
      return Math.min(MANY_OCTETS, type.length() * smallest(type.content_type()));
    case "tk_alias":
      return smallest(type.content_type());
    case "tk_fixed":
      return (type.fixed_digits() >> 1) + 1;
    case "tk_longdouble":
      return 16;
    case "tk_abstract_interface":
      return 1;
    default:
      return 4;
  }
}

/** Least octets a value of the type takes, or fewer. */
function smallest(type: TypeCode): number {
  const known = smallestKnown.get(type);
  if (known !== undefined) return known;
  const size = measure(type);
  smallestKnown.set(type, size);
  return size;
}

function readMembers(input: CdrInput, type: TypeCode): Record<string, unknown> {
  const object: Record<string, unknown> = {};
  let index = 0;
  for (const member of type.members()) {
    const key = keyOf(member.name, index++);
    try {
      setMember(object, key, read(input, member.type));
    } catch (thrown) {
      throw at(`.${key}`, thrown);
    }
  }
  return object;
}

function readElements(input: CdrInput, element: TypeCode, count: number): unknown[] {
  const values: unknown[] = [];
  try {
    while (values.length < count) values.push(read(input, element));
  } catch (thrown) {
    throw at(`[${values.length}]`, thrown);
  }
  return values;
}

function readSequence(input: CdrInput, type: TypeCode): unknown {
  const element = type.content_type().unaliased();
  if (element.kind() === "tk_octet") return input.octetSequence(type.length());
  const count = input.sequenceLength(smallest(element), type.length());
  return readElements(input, element, count);
}

function readArray(input: CdrInput, type: TypeCode): unknown {
  const element = type.content_type().unaliased();
  const count = type.length();
  if (element.kind() === "tk_octet") return input.octets(count).slice();
  if (count * smallest(element) > input.remaining) {
    const text = `${typeName(type)} past the end, ${input.remaining} octets left`;
    throw input.fault(text, MINOR.lengthPastEnd);
  }
  return readElements(input, element, count);
}

function readEnum(input: CdrInput, type: TypeCode): string {
  const ordinal = input.ulong();
  const name = type.enumerators()[ordinal];
  if (name !== undefined) return keyOf(name, ordinal);
  const text = `${ordinal} is not in enum ${typeName(type)} with ${type.member_count()} names`;
  throw input.fault(text, MINOR.unknownOrdinal);
}

function readUnion(input: CdrInput, type: TypeCode): Record<string, unknown> {
  const label = read(input, type.discriminator_type());
  const object: Record<string, unknown> = { $d: label };
  if (
    typeof label !== "number" &&
    typeof label !== "bigint" &&
    typeof label !== "boolean" &&
    typeof label !== "string"
  ) {
    throw input.fault(`${typeName(type)} has no discriminator`, MINOR.badTypeCodeParameter);
  }
  const member = type.memberFor(label);
  if (member === undefined) return object;
  const key = keyOf(member.name, 0);
  try {
    setMember(object, key, read(input, member.type));
  } catch (thrown) {
    throw at(`.${key}`, thrown);
  }
  return object;
}

function readNestedAny(input: CdrInput): Any {
  const type = readTypeCode(input);
  input.enter();
  const value = read(input, type);
  input.leave();
  return new Any(type, value);
}

function readValueMember(input: CdrInput, type: TypeCode, key: string, v: object): void {
  try {
    setMember(v as Record<string, unknown>, key, read(input, type));
  } catch (thrown) {
    throw at(`.${key}`, thrown);
  }
}

/** Value types as they are read; instances write themselves by their own. */
const VALUE_TYPES: ValueTypes = new ValueTypes({
  write: () => undefined,
  read: readValueMember,
  create: (type) => new AnyValue(type),
  writeContent: () => undefined,
  readContent: (input, type) => read(input, type),
  wrap: (type, content) => new ValueBox(type, content),
});

/**
 * What streams need to know of a value type that is known by its TypeCode alone; its values are AnyValue,
 * its boxes ValueBox.
 * @param type of kind tk_value, tk_event or tk_value_box
 * @throws BAD_PARAM for another kind
 */
export function valueDescriptorOf(type: TypeCode): ValueDescriptor {
  const plain = type.unaliased();
  if (["tk_value", "tk_event", "tk_value_box"].includes(plain.kind())) {
    return VALUE_TYPES.describe(plain);
  }
  throw new BAD_PARAM(`${typeName(type)} is no value type`, MINOR.wrongJavaScriptType);
}

function readBoxed(input: CdrInput, type: TypeCode): unknown {
  const content = type.content_type();
  return readBox(input, type.id(), (inner) => read(inner, content));
}

function read(input: CdrInput, type: TypeCode): unknown {
  switch (type.kind() as string) {
    case "tk_null":
    case "tk_void":
      return undefined;
    case "tk_short":
      return input.short();
    case "tk_long":
      return input.long();
    case "tk_ushort":
      return input.ushort();
    case "tk_ulong":
      return input.ulong();
    case "tk_float":
      return input.float();
    case "tk_double":
      return input.double();
    case "tk_octet":
      return input.octet();
    case "tk_longlong":
      return input.longlong();
    case "tk_ulonglong":
      return input.ulonglong();
    case "tk_boolean":
      return input.boolean();
    case "tk_char":
      return input.char();
    case "tk_wchar":
      return input.wchar();
    case "tk_string":
      return input.string(type.length());
    case "tk_wstring":
      return input.wstring(type.length());
    case "tk_enum":
      return readEnum(input, type);
    case "tk_struct":
      return readMembers(input, type);
    case "tk_except":
      // omniORB leaves the id out inside an any, the others write it.
      input.skipString(type.id());
      return readMembers(input, type);
    case "tk_union":
      return readUnion(input, type);
    case "tk_sequence":
      return readSequence(input, type);
    case "tk_array":
      return readArray(input, type);
    case "tk_alias":
      return read(input, type.content_type());
    case "tk_any":
      return readNestedAny(input);
    case "tk_TypeCode":
      return readTypeCode(input);
    case "tk_Principal":
      return input.octetSequence();
    case "tk_objref":
    case "tk_component":
    case "tk_home":
      return input.context.readObject(input);
    case "tk_fixed":
      return input.fixed(type.fixed_digits(), type.fixed_scale());
    case "tk_longdouble":
      return input.longdouble();
    case "tk_value":
    case "tk_event":
      return readValueType(input, VALUE_TYPES.of(type));
    case "tk_value_box":
      return readBoxed(input, type);
    case "tk_abstract_interface":
      return readAbstract(input);
    default:
      throw unsupported(type);
  }
}

/**
 * Reads what {@link writeValue} writes; an exception also without its id, as omniORB sends it.
 * A value type that was not registered with the ORB becomes an AnyValue.
 * @throws MARSHAL with the path to what is malformed, and for local interfaces and natives
 */
export function readValue(input: CdrInput, type: TypeCode): unknown {
  try {
    return read(input, type);
  } catch (thrown) {
    throw deepAsMarshal(thrown);
  }
}

/**
 * Reads an any: its TypeCode, then its value.
 * @throws MARSHAL or BAD_TYPECODE when malformed, or when anys nest deeper than 256
 */
export function readAny(input: CdrInput): Any {
  try {
    return readNestedAny(input);
  } catch (thrown) {
    throw deepAsMarshal(thrown);
  }
}
