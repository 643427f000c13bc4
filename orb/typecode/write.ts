import type { CdrOutput } from "../cdr/index.ts";
import { BAD_PARAM, BAD_TYPECODE, MARSHAL, MINOR } from "../exception/index.ts";
import { kindToOrdinal } from "./kind.ts";
import { typeName } from "./text.ts";
import type { Label, TypeCode } from "./typecode.ts";

/** Marks an offset in place of a kind. */
export const INDIRECTION = 0xffff_ffff;
/** A TypeCode that shares parts many times over grows when written out; this is where it ends. */
const MOST_OCTETS = 4 * 1024 * 1024;

/** A type being written, and where its kind is. */
interface Enclosing {
  readonly type: TypeCode;
  readonly position: number;
  readonly outer: Enclosing | undefined;
}

interface Writer {
  readonly start: number;
  enclosing: Enclosing | undefined;
}

function writeLabel(out: CdrOutput, type: TypeCode, label: Label | undefined): void {
  switch (type.kind() as string) {
    case "tk_short":
      return void out.short(Number(label ?? 0));
    case "tk_ushort":
      return void out.ushort(Number(label ?? 0));
    case "tk_long":
      return void out.long(Number(label ?? 0));
    case "tk_ulong":
      return void out.ulong(Number(label ?? 0));
    case "tk_longlong":
      return void out.longlong(BigInt(label ?? 0));
    case "tk_ulonglong":
      return void out.ulonglong(BigInt(label ?? 0));
    case "tk_octet":
      return void out.octet(Number(label ?? 0));
    case "tk_boolean":
      return void out.boolean(label === true);
    case "tk_char":
      return void out.char(typeof label === "string" ? label : "\0");
    case "tk_wchar":
      return void out.wchar(typeof label === "string" ? label : "\0");
    case "tk_enum":
      return writeEnumLabel(out, type, label);
    default:
      throw new BAD_TYPECODE(
        `${typeName(type)} cannot discriminate a union`,
        MINOR.illegalParameterType,
      );
  }
}

function writeEnumLabel(out: CdrOutput, type: TypeCode, label: Label | undefined): void {
  const ordinal = label === undefined ? 0 : type.ordinalOf(String(label));
  if (ordinal < 0) {
    const text = `label ${String(label)} is not in enum ${typeName(type)}`;
    throw new BAD_PARAM(text, MINOR.labelTypeDiffers);
  }
  out.ulong(ordinal);
}

function writeUnion(out: CdrOutput, type: TypeCode, writer: Writer): void {
  const discriminator = type.discriminator_type();
  const fallback = type.default_index();
  const labels = discriminator.unaliased();
  write(out, discriminator, writer);
  out.long(fallback).ulong(type.members().length);
  type.members().forEach((m, i) => {
    writeLabel(out, labels, i === fallback ? undefined : m.label);
    write(out.string(m.name), m.type, writer);
  });
}

function writeValueType(out: CdrOutput, type: TypeCode, writer: Writer): void {
  const base = type.concrete_base_type();
  out.short(type.type_modifier());
  if (base === null) out.ulong(0);
  else write(out, base, writer);
  out.ulong(type.members().length);
  for (const m of type.members()) {
    write(out.string(m.name), m.type, writer);
    out.short(m.visibility ?? 1);
  }
}

function writeMembers(out: CdrOutput, type: TypeCode, writer: Writer): void {
  out.ulong(type.members().length);
  for (const m of type.members()) write(out.string(m.name), m.type, writer);
}

function writeParameters(out: CdrOutput, type: TypeCode, writer: Writer): void {
  if (type.hasId()) out.string(type.id()).string(type.name());
  switch (type.kind() as string) {
    case "tk_sequence":
    case "tk_array":
      write(out, type.content_type(), writer);
      return void out.ulong(type.length());
    case "tk_alias":
    case "tk_value_box":
      return write(out, type.content_type(), writer);
    case "tk_struct":
    case "tk_except":
      return writeMembers(out, type, writer);
    case "tk_union":
      return writeUnion(out, type, writer);
    case "tk_enum":
      out.ulong(type.enumerators().length);
      for (const name of type.enumerators()) out.string(name);
      return;
    case "tk_value":
    case "tk_event":
      return writeValueType(out, type, writer);
    default:
  }
}

/** Kinds that may contain themselves. */
function mayRecur(type: TypeCode): boolean {
  const kind = type.kind();
  return kind === "tk_struct" || kind === "tk_union" || kind === "tk_value" || kind === "tk_event";
}

function writeIndirection(out: CdrOutput, type: TypeCode, writer: Writer): boolean {
  for (let e = writer.enclosing; e !== undefined; e = e.outer) {
    if (!e.type._isSameAs(type)) continue;
    out.ulong(INDIRECTION);
    out.long(e.position - out.absolutePosition);
    return true;
  }
  return false;
}

function writeComplex(out: CdrOutput, type: TypeCode, writer: Writer): void {
  const { enclosing } = writer;
  if (mayRecur(type)) {
    if (writeIndirection(out, type, writer)) return;
    writer.enclosing = { type, position: out.absolutePosition, outer: enclosing };
  }
  if (out.absolutePosition - writer.start > MOST_OCTETS) {
    throw new MARSHAL(`a TypeCode takes more than ${MOST_OCTETS} octets`, MINOR.messageTooLarge);
  }
  out.ulong(kindToOrdinal(type.kind()));
  out.encapsulation((inner) => writeParameters(inner, type, writer));
  writer.enclosing = enclosing;
}

function write(out: CdrOutput, type: TypeCode, writer: Writer): void {
  out.enter();
  out.align(4);
  const kind = type.kind();
  switch (kind as string) {
    case "tk_string":
    case "tk_wstring":
      out.ulong(kindToOrdinal(kind)).ulong(type.length());
      break;
    case "tk_fixed":
      out.ulong(kindToOrdinal(kind)).ushort(type.fixed_digits()).short(type.fixed_scale());
      break;
    case "tk_sequence":
    case "tk_array":
      writeComplex(out, type, writer);
      break;
    default:
      if (type.hasId()) writeComplex(out, type, writer);
      else out.ulong(kindToOrdinal(kind));
  }
  out.leave();
}

/**
 * Writes a TypeCode (CORBA 3.3 Part 2, 9.3.5). Only recursion becomes an indirection: parts that repeat
 * are written again, as every reader understands.
 * @throws MARSHAL when it nests deeper than 256 or takes more than 4 MiB
 */
export function writeTypeCode(out: CdrOutput, type: TypeCode): void {
  write(out, type, { start: out.absolutePosition, enclosing: undefined });
}
