// Values that client and server both know, the same ones as in cpp/samples.cc.
import { isDeepStrictEqual } from "node:util";
import { Any, BAD_PARAM, ObjectReference, tc, TypeCode, unlisted } from "../../orb/index.ts";
import * as Interop from "./gen/Interop.ts";

export function samplePadded(): Interop.Padded {
  return {
    a: 1,
    b: -2.5,
    c: true,
    d: -4_000_000_000_000_000_004n,
    e: "e",
    f: -6,
    g: 7,
    h: 4_000_000_008,
    i: 9,
    j: 10.25,
    k: 60_011,
    l: 18_000_000_000_000_000_012n,
    m: 13,
  };
}

export function sampleOuter(): Interop.Outer {
  const first = { label: "first", counts: [0, 1, 2, 3] };
  return {
    first,
    second: { label: "", counts: [0, -1, -2, -3] },
    mac: Uint8Array.of(250, 251, 252, 253, 254, 255),
    more: [first, { label: "third", counts: [0, 1_000_000, 2_000_000, 3_000_000] }],
    fit: "large",
    where: { x: 0.1, y: -1e300 },
    nick: "12345678",
    some: [1, 2, 4, 8],
  };
}

/** Values 1 to `depth`, from the root down, one child each. */
export function chain(depth: number): Interop.Node {
  let node: Interop.Node = { value: depth, children: [] };
  for (let value = depth - 1; value >= 1; value--) node = { value, children: [node] };
  return node;
}

export function sampleDocument(): Interop.Document {
  const number: Interop.Document = { $d: 1, number: -0.5 };
  const text: Interop.Document = { $d: 2, text: "text" };
  return { $d: 3, list: [number, { $d: 3, list: [number, text] }, { $d: unlisted(4) }] };
}

/** Octet i is i modulo 251. */
export function octets(count: number): Uint8Array {
  return Uint8Array.from({ length: count }, (_, i) => i % 251);
}

/** `depth` anys around a long. */
export function nestedAny(depth: number): Any {
  let any = new Any(tc.long, 42);
  for (let i = 0; i < depth; i++) any = new Any(tc.any, any);
  return any;
}

/** How many anys are around the long. */
export function nestingOf(any: Any): number {
  let depth = 0;
  let at = any;
  while (at.value instanceof Any) {
    at = at.value;
    depth++;
  }
  if (at.value !== 42) throw new BAD_PARAM("the innermost any holds no 42");
  return depth;
}

const ANYS: Readonly<Record<string, () => Any>> = {
  null: () => new Any(tc.null, undefined),
  short: () => new Any(tc.short, -12345),
  long: () => new Any(tc.long, -2_000_000_000),
  ushort: () => new Any(tc.ushort, 65535),
  ulong: () => new Any(tc.ulong, 4_294_967_295),
  longlong: () => new Any(tc.longlong, -9_007_199_254_740_993n),
  ulonglong: () => new Any(tc.ulonglong, 18_446_744_073_709_551_615n),
  float: () => new Any(tc.float, -0.25),
  double: () => new Any(tc.double, 6.02214076e23),
  boolean: () => new Any(tc.boolean, true),
  char: () => new Any(tc.char, "Z"),
  octet: () => new Any(tc.octet, 255),
  string: () => new Any(tc.string(), "café"),
  bounded: () => new Any(tc.string(8), "brief"),
  wchar: () => new Any(tc.wchar, "€"),
  wstring: () => new Any(tc.wstring(), "\ud83d\ude00x"),
  enum: () => new Any(Interop._tc_Colour, "blue"),
  struct: () => new Any(Interop._tc_Padded, samplePadded()),
  nested: () => new Any(Interop._tc_Outer, sampleOuter()),
  union: () => new Any(Interop._tc_ByShort, { $d: 32767, most: "many" }),
  sequence: () => new Any(Interop._tc_LongSeq, [1, -2, 2_147_483_647]),
  strings: () => new Any(Interop._tc_StringSeq, ["", "one", "café"]),
  octets: () => new Any(Interop._tc_OctetSeq, octets(1000)),
  array: () =>
    new Any(Interop._tc_Grid, [
      [1, 2, 3],
      [-4, -5, -6],
    ]),
  alias: () => new Any(Interop._tc_Position, { x: 1.5, y: -0 }),
  exception: () => new Any(Interop._tc_Refused, { code: 7, why: "no" }),
  typecode: () => new Any(tc.TypeCode, Interop._tc_Padded),
  any: () => nestedAny(2),
  nil: () => new Any(Interop._tc_Top, null),
  recursive: () => new Any(Interop._tc_Node, chain(3)),
  document: () => new Any(Interop._tc_Document, sampleDocument()),
};

export const ANY_KINDS: readonly string[] = Object.keys(ANYS).toSorted();

/** @throws BAD_PARAM for a kind that is not there */
export function sampleAny(kind: string): Any {
  const make = ANYS[kind];
  if (make === undefined) throw new BAD_PARAM(`no any of kind "${kind}"`);
  return make();
}

/** Values of one type, TypeCodes and references in them by what they mean. */
export function sameValue(a: unknown, b: unknown): boolean {
  if (a instanceof TypeCode) return b instanceof TypeCode && a.equal(b);
  if (a instanceof Any) return b instanceof Any && sameAny(a, b);
  if (a instanceof ObjectReference) return b instanceof ObjectReference && a._is_equivalent(b);
  if (a instanceof Uint8Array) return b instanceof Uint8Array && Buffer.compare(a, b) === 0;
  if (typeof a !== "object" || a === null || typeof b !== "object" || b === null)
    return isDeepStrictEqual(a ?? null, b ?? null);
  const [left, right] = [Object.entries(a), Object.entries(b)];
  if (left.length !== right.length) return false;
  const others = new Map(right);
  return left.every(([key, value]) => others.has(key) && sameValue(value, others.get(key)));
}

/** Whether both hold the same value of the same type. */
export function sameAny(a: Any, b: Any): boolean {
  return a.type.equal(b.type) && sameValue(a.value, b.value);
}

const Chain: TypeCode = tc.value("IDL:test.orbweaver/Kinds/Chain:1.0", "Chain", 0, null, () => [
  ["count", tc.long, 1],
  ["next", Chain, 0],
]);
const Derived: TypeCode = tc.value(
  "IDL:test.orbweaver/Kinds/Derived:1.0",
  "Derived",
  3,
  Chain,
  () => [
    ["count", tc.long, 1],
    ["next", tc.wstring(), 0],
  ],
);

/** One for each kind that omniORB has, and some without names. */
const KINDS: Readonly<Record<string, TypeCode>> = {
  kind_null: tc.null,
  kind_void: tc.void,
  kind_short: tc.short,
  kind_long: tc.long,
  kind_ushort: tc.ushort,
  kind_ulong: tc.ulong,
  kind_float: tc.float,
  kind_double: tc.double,
  kind_boolean: tc.boolean,
  kind_char: tc.char,
  kind_octet: tc.octet,
  kind_any: tc.any,
  kind_TypeCode: tc.TypeCode,
  kind_Principal: tc.Principal,
  kind_objref: tc.Object,
  kind_longlong: tc.longlong,
  kind_ulonglong: tc.ulonglong,
  kind_longdouble: tc.longdouble,
  kind_wchar: tc.wchar,
  kind_string: tc.string(),
  kind_wstring: tc.wstring(),
  kind_fixed: tc.fixed(31, 4),
  kind_value: Chain,
  kind_value_derived: Derived,
  kind_value_box: tc.value_box("IDL:test.orbweaver/Kinds/Box:1.0", "Box", Interop._tc_Padded),
  compact_Padded: Interop._tc_Padded.get_compact_typecode(),
  compact_Outer: Interop._tc_Outer.get_compact_typecode(),
  compact_Tree: Interop._tc_Tree.get_compact_typecode(),
  compact_ByColour: Interop._tc_ByColour.get_compact_typecode(),
};

const TYPE_CODES: Readonly<Record<string, TypeCode>> = {
  ...KINDS,
  OctetSeq: Interop._tc_OctetSeq,
  StringSeq: Interop._tc_StringSeq,
  ShortList: Interop._tc_ShortList,
  ShortName: Interop._tc_ShortName,
  ShortWide: Interop._tc_ShortWide,
  ShortSeqSeq: Interop._tc_ShortSeqSeq,
  AnySeq: Interop._tc_AnySeq,
  Colour: Interop._tc_Colour,
  Point: Interop._tc_Point,
  Position: Interop._tc_Position,
  Padded: Interop._tc_Padded,
  Grid: Interop._tc_Grid,
  Cube: Interop._tc_Cube,
  Digest: Interop._tc_Digest,
  Words: Interop._tc_Words,
  Triangle: Interop._tc_Triangle,
  Outer: Interop._tc_Outer,
  Node: Interop._tc_Node,
  Tree: Interop._tc_Tree,
  TreeSeq: Interop._tc_TreeSeq,
  ByShort: Interop._tc_ByShort,
  ByUnsignedShort: Interop._tc_ByUnsignedShort,
  ByLong: Interop._tc_ByLong,
  ByUnsignedLong: Interop._tc_ByUnsignedLong,
  ByLongLong: Interop._tc_ByLongLong,
  ByUnsignedLongLong: Interop._tc_ByUnsignedLongLong,
  ByChar: Interop._tc_ByChar,
  ByBoolean: Interop._tc_ByBoolean,
  OnlyTrue: Interop._tc_OnlyTrue,
  ByColour: Interop._tc_ByColour,
  ColourOrElse: Interop._tc_ColourOrElse,
  OnlyBlue: Interop._tc_OnlyBlue,
  ByInlineEnum: Interop._tc_ByInlineEnum,
  Document: Interop._tc_Document,
  Empty: Interop._tc_Empty,
  Refused: Interop._tc_Refused,
  Awkward: Interop._tc_Awkward,
  Primitives: Interop._tc_Primitives,
  Bottom: Interop._tc_Bottom,
  Stranger: Interop._tc_Stranger,
  Holder: Interop._tc_Holder,
  LeftSeq: Interop._tc_LeftSeq,
};

export const TYPE_CODE_NAMES: readonly string[] = Object.keys(TYPE_CODES).toSorted();

/** @throws BAD_PARAM for a name that is not there */
export function typeCodeNamed(name: string): TypeCode {
  const found = TYPE_CODES[name];
  if (found === undefined) throw new BAD_PARAM(`no TypeCode named "${name}"`);
  return found;
}
