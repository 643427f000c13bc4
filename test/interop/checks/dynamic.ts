import { Any, BAD_PARAM, tc, TypeCode, unlisted } from "../../../orb/index.ts";
import { rebuiltAny } from "../../support/rebuild.ts";
import * as Interop from "../gen/Interop.ts";
import {
  ANY_KINDS,
  chain,
  nestedAny,
  nestingOf,
  octets,
  sampleAny,
  sampleDocument,
  sampleOuter,
  samplePadded,
  TYPE_CODE_NAMES,
  typeCodeNamed,
} from "../samples.ts";
import { type Checks, expect, expectSame, expectThrow, given, type Peer } from "./check.ts";

const unions = async (peer: Peer): Promise<Interop.Unions> =>
  given(await peer.root._get_of_unions());
const dynamics = async (peer: Peer): Promise<Interop.Dynamic> =>
  given(await peer.root._get_of_dynamic());

/** Each value comes back with its discriminator and its member. */
function echoes<T>(
  call: (object: Interop.Unions, v: T) => Promise<T>,
  ...values: readonly T[]
): (peer: Peer) => Promise<void> {
  return async (peer) => {
    const object = await unions(peer);
    for (const v of values) expectSame(await call(object, v), v, "union");
  };
}

const DIGEST: Uint8Array = Uint8Array.from({ length: 16 }, (_, i) => 3 * i);
const GRID: readonly (readonly number[])[] = [
  [1, 2],
  [3, -4],
];
const TRIANGLE: Interop.Triangle = [
  { x: 1, y: 2 },
  { x: 3, y: 4 },
  { x: 5, y: 6 },
];

export const unionChecks: Checks = {
  "unions.by_short": echoes<Interop.ByShort>(
    (o, v) => o.echo_by_short(v),
    { $d: -32768, least: 200 },
    { $d: -1, one: -0.5 },
    { $d: 1, one: -0.5 },
    { $d: 32767, most: "" },
    { $d: 0, other: -(2n ** 63n) },
  ),
  "unions.by_unsigned_short": echoes<Interop.ByUnsignedShort>(
    (o, v) => o.echo_by_unsigned_short(v),
    { $d: 0, none: true },
    { $d: 65535, most: { x: 1, y: 2 } },
    { $d: 32768, other: [0, 0, -3] },
  ),
  "unions.by_long": echoes<Interop.ByLong>(
    (o, v) => o.echo_by_long(v),
    { $d: -2_147_483_648, least: "blue" },
    { $d: 0, grid: GRID },
    { $d: 2_147_483_647, most: TRIANGLE },
  ),
  "unions.by_long.no_member": echoes<Interop.ByLong>((o, v) => o.echo_by_long(v), {
    $d: unlisted(17),
  }),
  "unions.by_unsigned_long": echoes<Interop.ByUnsignedLong>(
    (o, v) => o.echo_by_unsigned_long(v),
    { $d: 0, anything: new Any(Interop._tc_Padded, samplePadded()) },
    { $d: 4_294_967_295, most: sampleOuter() },
    { $d: unlisted(5) },
  ),
  "unions.by_long_long": echoes<Interop.ByLongLong>(
    (o, v) => o.echo_by_long_long(v),
    { $d: -9_223_372_036_854_775_808n, least: -1 },
    { $d: 9_223_372_036_854_775_807n, most: "most" },
    { $d: -4_294_967_297n, other: 0.5 },
  ),
  "unions.by_unsigned_long_long": echoes<Interop.ByUnsignedLongLong>(
    (o, v) => o.echo_by_unsigned_long_long(v),
    { $d: 0n, none: DIGEST },
    { $d: 18_446_744_073_709_551_615n, most: 2n ** 63n },
    { $d: unlisted(2n ** 53n + 1n) },
  ),
  "unions.by_char": echoes<Interop.ByChar>(
    (o, v) => o.echo_by_char(v),
    { $d: "a", letter: -1 },
    { $d: "b", letter: -1 },
    { $d: "\0", nothing: "nothing" },
    { $d: "'", quote: 39 },
    { $d: "~", other: "!" },
  ),
  "unions.by_boolean": echoes<Interop.ByBoolean>(
    (o, v) => o.echo_by_boolean(v),
    { $d: true, yes: "yes" },
    { $d: false, no: -7 },
  ),
  "unions.only_true": echoes<Interop.OnlyTrue>((o, v) => o.echo_only_true(v), {
    $d: true,
    values: [0, 9],
  }),
  "unions.only_true.no_member": echoes<Interop.OnlyTrue>((o, v) => o.echo_only_true(v), {
    $d: false,
  }),
  "unions.by_colour": echoes<Interop.ByColour>(
    (o, v) => o.echo_by_colour(v),
    { $d: "red", r: 1 },
    { $d: "green", g: "green" },
    { $d: "blue", b: samplePadded() },
  ),
  "unions.colour_or_else": echoes<Interop.ColourOrElse>(
    (o, v) => o.echo_colour_or_else(v),
    { $d: "green", g: "g" },
    { $d: "red", other: 65535 },
    { $d: "blue", other: 0 },
  ),
  "unions.only_blue": echoes<Interop.OnlyBlue>(
    (o, v) => o.echo_only_blue(v),
    { $d: "blue", b: 1e100 },
    { $d: "green" },
  ),
  "unions.by_inline_enum": echoes<Interop.ByInlineEnum>(
    (o, v) => o.echo_by_inline_enum(v),
    { $d: "sunny", degrees: -40.5 },
    { $d: "rainy", millimetres: 7 },
    { $d: "windy", gale: { $d: true, yes: "gale" } },
  ),
  "unions.document": echoes<Interop.Document>((o, v) => o.echo_document(v), sampleDocument()),
  "unions.reverse_by_shorts": async (peer) => {
    const v: Interop.ByShortSeq = [
      { $d: -32768, least: 1 },
      { $d: -1, one: 2.5 },
      { $d: 32767, most: "three" },
    ];
    expectSame(await (await unions(peer)).reverse_by_shorts(v), v.toReversed(), "reversed");
  },
  "unions.describe": async (peer) => {
    const object = await unions(peer);
    expectSame(await object.describe({ $d: true, yes: "abc" }), "TRUE yes=abc", "described");
    expectSame(await object.describe({ $d: false, no: 7 }), "FALSE no=7", "described");
    const wrong = { $d: true, no: 7 } as unknown as Interop.ByBoolean;
    await expectThrow(BAD_PARAM, () => object.describe(wrong), "the other label's member");
  },
  "unions.change": async (peer) => {
    const object = await unions(peer);
    const other: Interop.ByColour = { $d: "blue", b: samplePadded() };
    const first = await object.change({ $d: true, yes: "four" });
    expectSame(first, { v: { $d: false, no: 4 }, other }, "changed");
    expectSame((await object.change(first.v)).v, { $d: true, yes: "x" }, "changed back");
  },
};

const isWide = (kind: string): boolean => kind === "wchar" || kind === "wstring";

const WAYS: Readonly<Record<string, (object: Interop.Dynamic, kind: string) => Promise<void>>> = {
  make: async (object, kind) => expectSame(await object.make(kind), sampleAny(kind), "made"),
  check: async (object, kind) => {
    const isSame = await object.check(kind, sampleAny(kind));
    expect(isSame, "the server found our any to be another");
  },
  echo_any: async (object, kind) => {
    expectSame(await object.echo_any(sampleAny(kind)), sampleAny(kind), "echo");
  },
  rebuild: async (object, kind) => {
    const sent = sampleAny(kind);
    expectSame(rebuiltAny(sent), sent, "our DynAny");
    expectSame(await object.rebuild(sent), sent, "the server's DynAny");
  },
  type_of: async (object, kind) => {
    expectSame(await object.type_of(sampleAny(kind)), sampleAny(kind).type, "TypeCode");
  },
};

/** For each kind of any: made there, known there, sent there and back, and its TypeCode. */
function anyChecks(): Checks {
  const all: Record<string, (peer: Peer) => Promise<void>> = {};
  for (const [way, run] of Object.entries(WAYS))
    for (const kind of ANY_KINDS)
      all[`${isWide(kind) ? "wide" : "dynamic"}.${way}.${kind}`] = async (peer) =>
        await run(await dynamics(peer), kind);
  for (const name of TYPE_CODE_NAMES)
    all[`dynamic.typecode.${name}`] = async (peer) => {
      const object = await dynamics(peer);
      const ours = typeCodeNamed(name);
      expectSame(await object.typecode_named(name), ours, "the server's TypeCode");
      expect(await object.same_typecode(name, ours), "the server found our TypeCode to be another");
      expectSame(await object.echo_typecode(ours), ours, "echo");
      const any = new Any(tc.TypeCode, ours);
      expectSame(await object.echo_any(any), any, "echo in an any");
    };
  return all;
}

/** TypeCodes that omniORB's library cannot make but read; those of native types, components, homes and events it cannot. */
const FOREIGN: Readonly<Record<string, TypeCode>> = {
  abstract_interface: tc.abstract_interface("IDL:test.orbweaver/Kinds/Abstract:1.0", "Abstract"),
  local_interface: tc.local_interface("IDL:test.orbweaver/Kinds/Local:1.0", "Local"),
  union_by_octet: tc.union("IDL:test.orbweaver/Kinds/ByOctet:1.0", "ByOctet", tc.octet, 1, () => [
    [255, "most", tc.long],
    [0, "other", tc.string()],
  ]),
  union_by_alias: tc.union(
    "IDL:test.orbweaver/Kinds/ByAlias:1.0",
    "ByAlias",
    tc.alias("IDL:test.orbweaver/Kinds/Tint:1.0", "Tint", Interop._tc_Colour),
    -1,
    () => [["blue", "b", tc.long]],
  ),
};

function foreignChecks(): Checks {
  const checks = Object.entries(FOREIGN).map(([name, type]) => {
    const check = async (peer: Peer): Promise<void> => {
      const object = await dynamics(peer);
      expectSame(await object.echo_typecode(type), type, "echo");
      const any = new Any(tc.TypeCode, type);
      expectSame(await object.echo_any(any), any, "echo in an any");
    };
    return [`dynamic.foreign_typecode.${name}`, check] as const;
  });
  return Object.fromEntries(checks);
}

export const dynamicChecks: Checks = {
  ...anyChecks(),
  ...foreignChecks(),
  "dynamic.reverse_anys": async (peer) => {
    const padded = new Any(Interop._tc_Padded, samplePadded());
    const v = [padded, new Any(tc.null, undefined), new Any(tc.string(), "text")];
    expectSame(await (await dynamics(peer)).reverse_anys(v), v.toReversed(), "anys");
  },
  "dynamic.any_inout": async (peer) => {
    const padded = new Any(Interop._tc_Padded, samplePadded());
    const { v, was } = await (await dynamics(peer)).any_inout(padded);
    expect(v.value instanceof TypeCode && v.value.equal(Interop._tc_Padded), "TypeCode");
    expectSame(was, padded, "what the any was");
  },
  "dynamic.nest.12": async (peer) => {
    expectSame(nestingOf(await (await dynamics(peer)).nest(12)), 12, "depth");
  },
  "dynamic.nesting.12": async (peer) => {
    expectSame(await (await dynamics(peer)).nesting(nestedAny(12)), 12, "depth");
  },
  "dynamic.echo_any.chain200": async (peer) => {
    const v = new Any(Interop._tc_Node, chain(200));
    expectSame(await (await dynamics(peer)).echo_any(v), v, "200 nodes");
  },
  "dynamic.echo_any.1m": async (peer) => {
    const v = new Any(Interop._tc_OctetSeq, octets(1 << 20));
    expectSame(await (await dynamics(peer)).echo_any(v), v, "1 MiB");
  },
};
