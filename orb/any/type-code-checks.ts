import { BAD_PARAM, BAD_TYPECODE, Completion, MINOR } from "../exception/index.ts";
import { type TypeCode, typeName } from "../typecode/index.ts";

const IDENTIFIER = /^[A-Za-z]\w*$/u;
/** A format, then what that format says. */
const REPOSITORY_ID = /^[^:\s]+:\S.*$/u;
const MOST_ULONG = 0xffff_ffff;

/** @throws BAD_PARAM with minor OMG 15; a type may have no name */
export function checkName(name: string): void {
  if (name === "" || IDENTIFIER.test(name)) return;
  const text = `${JSON.stringify(name)} is no IDL identifier`;
  throw new BAD_PARAM(text, MINOR.badTypeCodeName, Completion.no);
}

/** @throws BAD_PARAM with minor OMG 16; only some kinds may be without an id */
export function checkId(id: string, isNeeded: boolean): void {
  if (REPOSITORY_ID.test(id) || (id === "" && !isNeeded)) return;
  const text = `${JSON.stringify(id)} is no repository id such as IDL:Module/Name:1.0`;
  throw new BAD_PARAM(text, MINOR.badTypeCodeRepositoryId, Completion.no);
}

/** @throws BAD_PARAM for what is no unsigned long, or less than `least` */
export function checkSize(size: number, least: number): void {
  if (Number.isInteger(size) && size >= least && size <= MOST_ULONG) return;
  const text = `${size} is no integer from ${least} to ${MOST_ULONG}`;
  throw new BAD_PARAM(text, MINOR.integerOutOfRange, Completion.no);
}

/**
 * IDL does not tell capitals from small letters. Nameless members are many.
 * @param mayRepeat the labels of a union's member come with its name each, in a row
 * @throws BAD_PARAM with minor OMG 17
 */
export function checkMemberNames(
  members: readonly { readonly name: string }[],
  mayRepeat: boolean,
): void {
  const met = new Set<string>();
  members.forEach(({ name }, i) => {
    if (name === "" || (mayRepeat && i > 0 && members[i - 1]?.name === name)) return;
    const isTwice = met.has(name.toLowerCase());
    met.add(name.toLowerCase());
    if (IDENTIFIER.test(name) && !isTwice) return;
    const why = isTwice ? "comes twice" : "is no IDL identifier";
    const text = `member name ${JSON.stringify(name)} ${why}`;
    throw new BAD_PARAM(text, MINOR.badMemberName, Completion.no);
  });
}

function illegal(text: string): BAD_TYPECODE {
  return new BAD_TYPECODE(text, MINOR.illegalMemberTypeCode, Completion.no);
}

/** @throws BAD_TYPECODE for the type of that id, which a member would hold without a sequence or value between */
function checkFinite(type: TypeCode, id: string, met: Set<TypeCode>): void {
  if (met.has(type)) return;
  met.add(type);
  if (type._awaited !== undefined) {
    if (type._awaited === id) throw illegal(`${id} contains itself without a sequence between`);
    return;
  }
  const kind = type.kind();
  if (kind === "tk_alias" || kind === "tk_array") checkFinite(type.content_type(), id, met);
  else if (kind === "tk_struct" || kind === "tk_union") {
    for (const member of type.members()) checkFinite(member.type, id, met);
  }
}

/**
 * @param within id of the struct, exception or union that it is to be a member of
 * @throws BAD_TYPECODE with minor OMG 2 for what cannot be a member or an element
 */
export function checkContent(type: TypeCode, within?: string): void {
  if (type._awaited === undefined) {
    const kind = type.kind();
    if (kind === "tk_null" || kind === "tk_void" || kind === "tk_except") {
      throw illegal(`${typeName(type)} cannot be a member or an element`);
    }
  }
  if (within !== undefined && within !== "") checkFinite(type, within, new Set());
}

/** Every TypeCode a type is made of, those that wait for one as well. */
function partsOf(type: TypeCode): readonly TypeCode[] {
  switch (type.kind() as string) {
    case "tk_sequence":
    case "tk_array":
    case "tk_alias":
    case "tk_value_box":
      return [type.content_type()];
    case "tk_struct":
    case "tk_except":
    case "tk_union":
      return type.members().map((m) => m.type);
    case "tk_value":
    case "tk_event": {
      const base = type.concrete_base_type();
      const members = type.members().map((m) => m.type);
      return base === null ? members : [base, ...members];
    }
    default:
      return [];
  }
}

/** Completes the parts of a type that waited for it. */
export function settle(type: TypeCode): TypeCode {
  const met = new Set<TypeCode>([type]);
  const left = [type];
  const waiting: TypeCode[] = [];
  for (let next = left.pop(); next !== undefined; next = left.pop()) {
    for (const part of partsOf(next)) {
      if (met.has(part)) continue;
      met.add(part);
      if (part._awaited === undefined) left.push(part);
      else if (part._awaited === type.id()) waiting.push(part);
    }
  }
  for (const part of waiting) part._become(type);
  return type;
}
