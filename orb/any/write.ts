import { type CdrOutput, type Fixed, LongDouble } from "../cdr/index.ts";
import { BAD_PARAM, MINOR } from "../exception/index.ts";
import { keyOf, type Label, TypeCode, typeName, writeTypeCode } from "../typecode/index.ts";
import { writeAbstract, writeBox, writeValue as writeValueType } from "../value/index.ts";
import { Any } from "./any.ts";
import { at, deepAsMarshal, unsupported, wrongLength, wrongShape } from "./errors.ts";
import { ValueTypes } from "./value-types.ts";

type Fields = Readonly<Record<string, unknown>>;

function number(type: TypeCode, value: unknown): number {
  if (typeof value !== "number") throw wrongShape(type, "a number", value);
  return value;
}

function integer64(type: TypeCode, value: unknown): bigint | number {
  if (typeof value !== "bigint" && typeof value !== "number") {
    throw wrongShape(type, "a bigint", value);
  }
  return value;
}

function text(type: TypeCode, value: unknown): string {
  if (typeof value !== "string") throw wrongShape(type, "a string", value);
  return value;
}

function fields(type: TypeCode, value: unknown): Fields {
  if (typeof value !== "object" || value === null) throw wrongShape(type, "an object", value);
  return value as Fields;
}

function writeMembers(out: CdrOutput, type: TypeCode, value: unknown): void {
  const object = fields(type, value);
  let index = 0;
  for (const member of type.members()) {
    const key = keyOf(member.name, index++);
    try {
      const field = object[key];
      if (field === undefined) {
        throw new BAD_PARAM(`no ${typeName(member.type)} given`, MINOR.missingMember);
      }
      write(out, member.type, field);
    } catch (thrown) {
      throw at(`.${key}`, thrown);
    }
  }
}

function writeElements(out: CdrOutput, type: TypeCode, values: readonly unknown[]): void {
  const element = type.content_type().unaliased();
  let index = 0;
  try {
    for (; index < values.length; index++) write(out, element, values[index]);
  } catch (thrown) {
    throw at(`[${index}]`, thrown);
  }
}

function isOctets(type: TypeCode): boolean {
  return type.content_type().unaliased().kind() === "tk_octet";
}

function writeSequence(out: CdrOutput, type: TypeCode, value: unknown): void {
  if (isOctets(type)) {
    if (!(value instanceof Uint8Array)) throw wrongShape(type, "a Uint8Array", value);
    out.octetSequence(value, type.length());
    return;
  }
  if (!Array.isArray(value)) throw wrongShape(type, "an array", value);
  out.sequenceLength(value.length, type.length());
  writeElements(out, type, value);
}

function writeArray(out: CdrOutput, type: TypeCode, value: unknown): void {
  if (isOctets(type)) {
    if (!(value instanceof Uint8Array)) throw wrongShape(type, "a Uint8Array", value);
    if (value.length !== type.length()) throw wrongLength(type, value.length);
    out.octets(value);
    return;
  }
  if (!Array.isArray(value)) throw wrongShape(type, "an array", value);
  if (value.length !== type.length()) throw wrongLength(type, value.length);
  writeElements(out, type, value);
}

function writeEnum(out: CdrOutput, type: TypeCode, value: unknown): void {
  const ordinal = type.ordinalOf(text(type, value));
  if (ordinal < 0) {
    const names = type.enumerators().slice(0, 20).join(", ");
    const message = `${JSON.stringify(value)} is not in enum ${typeName(type)} { ${names} }`;
    throw new BAD_PARAM(message, MINOR.enumOutOfRange);
  }
  out.ulong(ordinal);
}

function labelOf(discriminator: TypeCode, value: unknown): Label {
  const kind = discriminator.kind();
  const is64 = kind === "tk_longlong" || kind === "tk_ulonglong";
  // Labels of 64 bits are bigint, but a discriminator may be given as a number.
  return is64 && typeof value === "number" ? BigInt(value) : (value as Label);
}

function writeUnion(out: CdrOutput, type: TypeCode, value: unknown): void {
  const object = fields(type, value);
  const discriminator = type.discriminator_type().unaliased();
  try {
    write(out, discriminator, object["$d"]);
  } catch (thrown) {
    throw at(".$d", thrown);
  }
  const member = type.memberFor(labelOf(discriminator, object["$d"]));
  if (member === undefined) return;
  const key = keyOf(member.name, 0);
  try {
    const field = object[key];
    if (field === undefined) {
      const message = `no ${typeName(member.type)} given for $d ${String(object["$d"])}`;
      throw new BAD_PARAM(message, MINOR.missingMember);
    }
    write(out, member.type, field);
  } catch (thrown) {
    throw at(`.${key}`, thrown);
  }
}

function writeNestedAny(out: CdrOutput, type: TypeCode, value: unknown): void {
  if (!(value instanceof Any)) throw wrongShape(type, "an Any", value);
  writeTypeCode(out, value.type);
  out.enter();
  write(out, value.type, value.value);
  out.leave();
}

function writeNestedTypeCode(out: CdrOutput, type: TypeCode, value: unknown): void {
  if (!(value instanceof TypeCode)) throw wrongShape(type, "a TypeCode", value);
  writeTypeCode(out, value);
}

function longDouble(type: TypeCode, value: unknown): LongDouble | number {
  if (typeof value === "number" || value instanceof LongDouble) return value;
  throw wrongShape(type, "a number or a LongDouble", value);
}

function object(type: TypeCode, value: unknown): object | null {
  if (typeof value === "object") return value;
  throw wrongShape(type, "an object or null", value);
}

function writeBoxed(out: CdrOutput, type: TypeCode, value: unknown): void {
  const content = type.content_type();
  if (value === undefined) throw wrongShape(type, `${typeName(content)} or null`, value);
  writeBox(out, value, type.id(), (inner, v) => write(inner, content, v));
}

function writeValueMember(out: CdrOutput, type: TypeCode, key: string, v: object): void {
  try {
    const field = (v as Fields)[key];
    if (field === undefined) {
      throw new BAD_PARAM(`no ${typeName(type)} given`, MINOR.missingMember);
    }
    write(out, type, field);
  } catch (thrown) {
    throw at(`.${key}`, thrown);
  }
}

/** Internal: value types as they are written; nothing is read by these. */
export const VALUE_TYPES: ValueTypes = new ValueTypes({
  write: writeValueMember,
  read: () => undefined,
  create: () => ({}),
  writeContent: (out, type, content) => write(out, type, content),
  readContent: () => undefined,
  wrap: () => ({}),
});

function write(out: CdrOutput, type: TypeCode, value: unknown): void {
  switch (type.kind() as string) {
    case "tk_null":
    case "tk_void":
      return;
    case "tk_short":
      return void out.short(number(type, value));
    case "tk_long":
      return void out.long(number(type, value));
    case "tk_ushort":
      return void out.ushort(number(type, value));
    case "tk_ulong":
      return void out.ulong(number(type, value));
    case "tk_float":
      return void out.float(number(type, value));
    case "tk_double":
      return void out.double(number(type, value));
    case "tk_octet":
      return void out.octet(number(type, value));
    case "tk_longlong":
      return void out.longlong(integer64(type, value));
    case "tk_ulonglong":
      return void out.ulonglong(integer64(type, value));
    case "tk_boolean":
      if (typeof value !== "boolean") throw wrongShape(type, "true or false", value);
      return void out.boolean(value);
    case "tk_char":
      return void out.char(text(type, value));
    case "tk_wchar":
      return void out.wchar(text(type, value));
    case "tk_string":
      return void out.string(text(type, value), type.length());
    case "tk_wstring":
      return void out.wstring(text(type, value), type.length());
    case "tk_enum":
      return writeEnum(out, type, value);
    case "tk_struct":
      return writeMembers(out, type, value);
    case "tk_except":
      out.string(type.id());
      return writeMembers(out, type, value);
    case "tk_union":
      return writeUnion(out, type, value);
    case "tk_sequence":
      return writeSequence(out, type, value);
    case "tk_array":
      return writeArray(out, type, value);
    case "tk_alias":
      return write(out, type.content_type(), value);
    case "tk_any":
      return writeNestedAny(out, type, value);
    case "tk_TypeCode":
      return writeNestedTypeCode(out, type, value);
    case "tk_Principal":
      if (!(value instanceof Uint8Array)) throw wrongShape(type, "a Uint8Array", value);
      return void out.octetSequence(value);
    case "tk_objref":
    case "tk_component":
    case "tk_home":
      return out.context.writeObject(out, value);
    case "tk_fixed":
      return void out.fixed(value as Fixed, type.fixed_digits(), type.fixed_scale());
    case "tk_longdouble":
      return void out.longdouble(longDouble(type, value));
    case "tk_value":
    case "tk_event":
      return writeValueType(out, object(type, value), VALUE_TYPES.of(type));
    case "tk_value_box":
      return writeBoxed(out, type, value);
    case "tk_abstract_interface":
      return writeAbstract(out, object(type, value));
    default:
      throw unsupported(type);
  }
}

/**
 * Writes `value` as `type` says: objects for structs, `{ $d, member }` for unions, names for enums,
 * `Uint8Array` for octets. An exception is its id and its members. Where the TypeCode has no names,
 * members and enumerators are called `$0`, `$1` …, a union's member always `$0`.
 * A value type is an instance of its class, an AnyValue or an object with its members; a value box
 * is its content; null stands for no value.
 * @throws BAD_PARAM with the path to what does not fit the type; MARSHAL for local interfaces and natives
 */
export function writeValue(out: CdrOutput, type: TypeCode, value: unknown): void {
  try {
    write(out, type, value);
  } catch (thrown) {
    throw deepAsMarshal(thrown);
  }
}

/**
 * Writes an any: its TypeCode, then its value.
 * @throws BAD_PARAM as {@link writeValue}; MARSHAL when anys nest deeper than 256
 */
export function writeAny(out: CdrOutput, any: Any): void {
  if (!(any instanceof Any)) {
    throw new BAD_PARAM(`an Any is expected, not ${typeof any}`, MINOR.wrongJavaScriptType);
  }
  writeTypeCode(out, any.type);
  out.enter();
  writeValue(out, any.type, any.value);
  out.leave();
}
