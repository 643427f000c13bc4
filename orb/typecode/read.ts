import { type CdrInput, MAX_NESTING } from "../cdr/index.ts";
import { BAD_TYPECODE, MINOR } from "../exception/index.ts";
import { tc } from "./build.ts";
import { kindFromOrdinal, type TCKind } from "./kind.ts";
import { typeName } from "./text.ts";
import { keyOf, type Label, type Member, TypeCode } from "./typecode.ts";
import { INDIRECTION } from "./write.ts";

const CONSTANTS: ReadonlyMap<TCKind, TypeCode> = new Map(
  [
    tc.null,
    tc.void,
    tc.short,
    tc.long,
    tc.ushort,
    tc.ulong,
    tc.longlong,
    tc.ulonglong,
    tc.float,
    tc.double,
    tc.longdouble,
    tc.boolean,
    tc.char,
    tc.wchar,
    tc.octet,
    tc.any,
    tc.TypeCode,
    tc.Principal,
  ].map((type) => [type.kind(), type]),
);

/** A TypeCode that an indirection can mean. */
interface Known {
  readonly type: TypeCode;
  /** Levels inside it; undefined while it is being read. */
  height: number | undefined;
  /** How many sequences or values were open around it. */
  readonly breaks: number;
  /** How many types with members were open around it. */
  readonly owners: number;
}

/** What all levels of one TypeCode share. */
class Reader {
  readonly known: Map<number, Known> = new Map();
  /** Sequences and values open around the current place: only through them may a type recur. */
  breaks = 0;
  /** Types with members open around the current place: only they have a name to recur by. */
  owners = 0;
  /** Levels of the TypeCode read last. */
  height = 0;
  /** Structs without members. */
  readonly empty: Set<TypeCode> = new Set();
  /** Aliases, sequences and arrays around the current place: what they hold is not known yet. */
  readonly open: Set<TypeCode> = new Set();
}

function illegal(input: CdrInput, message: string, minor: number): BAD_TYPECODE {
  const text = `${message} (at octet ${input.absolutePosition})`;
  return new BAD_TYPECODE(text, minor, input.completed);
}

function readIndirection(input: CdrInput, reader: Reader): TypeCode {
  const offset = input.long();
  const target = input.absolutePosition - 4 + offset;
  const known = offset < -4 ? reader.known.get(target) : undefined;
  if (known === undefined) {
    const text = `indirection by ${offset} to octet ${target}, where no TypeCode of this one begins`;
    throw input.fault(text, MINOR.badTypeCodeIndirection);
  }
  if (known.height === undefined) {
    const isOpen = reader.open.has(known.type);
    if (reader.breaks === known.breaks || (isOpen && reader.owners === known.owners)) {
      const name = isOpen ? known.type.kind() : typeName(known.type);
      const text = `${name} contains itself without a sequence between`;
      throw illegal(input, text, MINOR.illegalMemberTypeCode);
    }
    reader.height = 0;
    return known.type;
  }
  if (input.depth + known.height > MAX_NESTING) {
    throw input.fault(`TypeCodes nested deeper than ${MAX_NESTING}`, MINOR.nestingTooDeep);
  }
  reader.height = known.height;
  return known.type;
}

/** A type without the aliases around it; undefined where that is one still being read. */
function plainOf(reader: Reader, type: TypeCode): TypeCode | undefined {
  if (reader.open.has(type)) return undefined;
  return type.kind() === "tk_alias" ? plainOf(reader, type.content_type()) : type;
}

/** As {@link plainOf}, where no part of the type may be waiting for this one. */
function settled(input: CdrInput, reader: Reader, type: TypeCode): TypeCode {
  const plain = plainOf(reader, type);
  if (plain !== undefined) return plain;
  const text = `${typeName(type)} takes part in its own discriminator or base`;
  throw illegal(input, text, MINOR.illegalParameterType);
}

/**
 * Reads the type of an element or member. Each takes an octet at least, so that no count can ask for
 * work without sending octets for it.
 */
function readContent(input: CdrInput, reader: Reader): TypeCode {
  const type = read(input, reader);
  const plain = plainOf(reader, type);
  if (plain === undefined) return type;
  const kind = plain.kind();
  const alone = kind === "tk_null" || kind === "tk_void" || kind === "tk_except";
  if (alone || reader.empty.has(plain)) {
    const text = `${typeName(type)} cannot be an element or a member`;
    throw illegal(input, text, MINOR.illegalMemberTypeCode);
  }
  return type;
}

/** Reads what a type consists of, by `readParts`; an indirection inside may mean the type itself. */
function readOpen(reader: Reader, position: number, type: TypeCode, readParts: () => void): void {
  const { breaks, owners } = reader;
  reader.known.set(position, { type, height: undefined, breaks, owners });
  reader.open.add(type);
  readParts();
  reader.open.delete(type);
}

function readList(
  input: CdrInput,
  reader: Reader,
  position: number,
  kind: "tk_sequence" | "tk_array",
): TypeCode {
  const parts: { kind: TCKind; content?: TypeCode; length: number } = { kind, length: 0 };
  const type = new TypeCode(parts);
  readOpen(reader, position, type, () => {
    if (kind === "tk_sequence") reader.breaks++;
    parts.content = readContent(input, reader);
    if (kind === "tk_sequence") reader.breaks--;
    parts.length = input.ulong();
  });
  if (kind === "tk_array" && parts.length === 0) {
    throw illegal(input, "array of length 0", MINOR.illegalParameterType);
  }
  return type;
}

function readAlias(input: CdrInput, reader: Reader, position: number): TypeCode {
  const id = input.string();
  const name = input.string();
  const parts: { kind: TCKind; id: string; name: string; content?: TypeCode } = {
    kind: "tk_alias",
    id,
    name,
  };
  const type = new TypeCode(parts);
  readOpen(reader, position, type, () => {
    parts.content = read(input, reader);
  });
  return type;
}

function readLabel(input: CdrInput, type: TypeCode, isDefault: boolean): Label {
  switch (type.kind() as string) {
    case "tk_short":
      return input.short();
    case "tk_ushort":
      return input.ushort();
    case "tk_long":
      return input.long();
    case "tk_ulong":
      return input.ulong();
    case "tk_longlong":
      return input.longlong();
    case "tk_ulonglong":
      return input.ulonglong();
    case "tk_octet":
      return input.octet();
    case "tk_boolean":
      return input.boolean();
    case "tk_char":
      return input.char();
    case "tk_wchar":
      return input.wchar();
    case "tk_enum": {
      const ordinal = input.ulong();
      const label = type.enumerators()[ordinal];
      if (label !== undefined) return keyOf(label, ordinal);
      if (isDefault) return "";
      const text = `label ${ordinal} of enum ${typeName(type)} with ${type.member_count()} names`;
      throw input.fault(text, MINOR.unknownOrdinal);
    }
    default: {
      const text = `${typeName(type)} cannot discriminate a union`;
      throw illegal(input, text, MINOR.illegalParameterType);
    }
  }
}

/** Least octets of a member: the length of its name and its kind. */
const SMALLEST_MEMBER = 8;
/** Least octets of an enumerator: the length of its name. */
const SMALLEST_NAME = 4;

/** Reads the parts of a type that may contain itself: known before its members are. */
function readRecursive(
  input: CdrInput,
  reader: Reader,
  position: number,
  type: TypeCode,
  breaks: number,
  members: Member[],
  readMember: (i: number) => Member,
): void {
  reader.known.set(position, { type, height: undefined, breaks, owners: reader.owners });
  const count = input.sequenceLength(SMALLEST_MEMBER);
  let height = reader.height;
  reader.owners++;
  for (let i = 0; i < count; i++) {
    members.push(readMember(i));
    height = Math.max(height, reader.height);
  }
  reader.owners--;
  reader.height = height;
}

function readStruct(
  input: CdrInput,
  reader: Reader,
  position: number,
  kind: "tk_struct" | "tk_except",
): TypeCode {
  const members: Member[] = [];
  const id = input.string();
  const name = input.string();
  const type = new TypeCode({ kind, id, name, members: () => members });
  reader.height = 0;
  readRecursive(input, reader, position, type, reader.breaks, members, () => {
    const memberName = input.string();
    return { name: memberName, type: readContent(input, reader) };
  });
  if (members.length === 0) reader.empty.add(type);
  return type;
}

function readUnion(input: CdrInput, reader: Reader, position: number): TypeCode {
  const members: Member[] = [];
  const id = input.string();
  const name = input.string();
  const discriminator = read(input, reader);
  const labels = settled(input, reader, discriminator);
  // omniORB writes -2 where the labels cover every value.
  const defaultIndex = Math.max(input.long(), -1);
  const kind = "tk_union";
  const type = new TypeCode({
    kind,
    id,
    name,
    discriminator,
    defaultIndex,
    members: () => members,
  });
  readRecursive(input, reader, position, type, reader.breaks, members, (i) => {
    const label = readLabel(input, labels, i === defaultIndex);
    const memberName = input.string();
    return { label, name: memberName, type: readContent(input, reader) };
  });
  if (defaultIndex >= members.length) {
    const text = `default member ${defaultIndex} of a union with ${members.length}`;
    throw input.fault(text, MINOR.badTypeCodeParameter);
  }
  return type;
}

/** A value type may be a member of itself: values can be null. */
const ANYWHERE = -1;

function readValueType(
  input: CdrInput,
  reader: Reader,
  position: number,
  kind: "tk_value" | "tk_event",
): TypeCode {
  const members: Member[] = [];
  const id = input.string();
  const name = input.string();
  const modifier = input.short();
  const base = read(input, reader);
  const plain = settled(input, reader, base).kind();
  if (plain !== "tk_null" && plain !== kind && plain !== "tk_value") {
    const text = `${typeName(base)} cannot be the base of a value type`;
    throw illegal(input, text, MINOR.illegalParameterType);
  }
  const parts = { kind, id, name, modifier, members: (): readonly Member[] => members };
  const type = new TypeCode({ ...parts, base: plain === "tk_null" ? null : base });
  reader.breaks++;
  readRecursive(input, reader, position, type, ANYWHERE, members, () => {
    const memberName = input.string();
    const memberType = readContent(input, reader);
    return { name: memberName, type: memberType, visibility: input.short() };
  });
  reader.breaks--;
  return type;
}

function readEnum(input: CdrInput): TypeCode {
  const id = input.string();
  const name = input.string();
  const count = input.sequenceLength(SMALLEST_NAME);
  const names: string[] = [];
  for (let i = 0; i < count; i++) names.push(input.string());
  return tc.enum(id, name, names);
}

function readParameters(input: CdrInput, reader: Reader, position: number, kind: TCKind): TypeCode {
  if (kind === "tk_sequence" || kind === "tk_array") return readList(input, reader, position, kind);
  if (kind === "tk_alias") return readAlias(input, reader, position);
  if (kind === "tk_struct" || kind === "tk_except") {
    return readStruct(input, reader, position, kind);
  }
  if (kind === "tk_union") return readUnion(input, reader, position);
  if (kind === "tk_value" || kind === "tk_event") {
    return readValueType(input, reader, position, kind);
  }
  if (kind === "tk_enum") return readEnum(input);
  const id = input.string();
  const name = input.string();
  if (kind === "tk_value_box") return tc.value_box(id, name, readContent(input, reader));
  return new TypeCode({ kind, id, name });
}

/** Kinds whose parameters, if any, stand in the stream itself; undefined for the others. */
function readSimple(input: CdrInput, kind: TCKind): TypeCode | undefined {
  switch (kind as string) {
    case "tk_string":
      return tc.string(input.ulong());
    case "tk_wstring":
      return tc.wstring(input.ulong());
    case "tk_fixed":
      return tc.fixed(input.ushort(), input.short());
    default:
      return CONSTANTS.get(kind);
  }
}

function readKind(input: CdrInput, ordinal: number): TCKind {
  const kind = kindFromOrdinal(ordinal);
  if (kind !== undefined) return kind;
  throw input.fault(`TypeCode of kind ${ordinal}, 0 to 36 expected`, MINOR.badTypeCodeKind);
}

function readComplex(input: CdrInput, reader: Reader, kind: TCKind): TypeCode {
  const position = input.absolutePosition - 4;
  const type =
    readSimple(input, kind) ??
    input.encapsulation((inner) => readParameters(inner, reader, position, kind));
  reader.height++;
  const known = reader.known.get(position);
  if (known !== undefined) known.height = reader.height;
  else reader.known.set(position, { type, height: reader.height, breaks: 0, owners: 0 });
  return type;
}

function read(input: CdrInput, reader: Reader): TypeCode {
  input.enter();
  const ordinal = input.ulong();
  reader.height = 0;
  const type =
    ordinal === INDIRECTION
      ? readIndirection(input, reader)
      : readComplex(input, reader, readKind(input, ordinal));
  input.leave();
  return type;
}

/**
 * Reads a TypeCode with its indirections (CORBA 3.3 Part 2, 9.3.5).
 * @throws MARSHAL when it is malformed or nests deeper than 256; BAD_TYPECODE when it is well formed but
 *   no type of IDL: an illegal discriminator, a struct inside itself, a member without a value
 */
export function readTypeCode(input: CdrInput): TypeCode {
  input.enter();
  const kind = readKind(input, input.ulong());
  const type = readSimple(input, kind) ?? readComplex(input, new Reader(), kind);
  input.leave();
  return type;
}
