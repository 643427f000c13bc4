import test from "ava";
import fc from "fast-check";
import { Any, readAny, readValue, writeAny, writeValue } from "../../../orb/any/index.ts";
import { type CdrContext, CdrInput, CdrOutput } from "../../../orb/cdr/index.ts";
import {
  BAD_PARAM,
  BAD_TYPECODE,
  DATA_CONVERSION,
  MARSHAL,
  MINOR,
  SystemException,
} from "../../../orb/exception/index.ts";
import { tc, TypeCode } from "../../../orb/typecode/index.ts";
import { typed } from "./arbitrary.ts";

const le = { littleEndian: true } as const;
const hex = (octets: Uint8Array): string => Buffer.from(octets).toString("hex");
const unhex = (text: string): Uint8Array =>
  new Uint8Array(Buffer.from(text.replaceAll(" ", ""), "hex"));

function encode(any: Any, littleEndian: boolean = true): Uint8Array {
  const out = new CdrOutput({ littleEndian });
  writeAny(out, any);
  return out.finish();
}

/** Types compare by `equal`, everything else by structure. */
function plain(value: unknown): unknown {
  if (value instanceof Any) return { any: plain(value.value), kind: value.type.kind() };
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null || value instanceof Uint8Array) return value;
  return Object.entries(value).map(([k, v]) => [k, plain(v)]);
}

const sample = typed.chain(({ type, value }) => value.map((v) => new Any(type, v)));

test("an any survives in both orders, and its octets are all read", (t) => {
  fc.assert(
    fc.property(sample, fc.boolean(), (any, littleEndian) => {
      const input = new CdrInput(encode(any, littleEndian), { littleEndian });
      const again = readAny(input);
      t.is(input.remaining, 0);
      t.true(again.type.equal(any.type));
      t.deepEqual(plain(again.value), plain(any.value));
    }),
    { numRuns: 300 },
  );
});

test("every cut of an any is MARSHAL", (t) => {
  fc.assert(
    fc.property(sample, fc.boolean(), (any, littleEndian) => {
      const octets = encode(any, littleEndian);
      for (let n = 0; n < octets.length; n++) {
        const cut = new CdrInput(octets.subarray(0, n), { littleEndian });
        t.throws(() => readAny(cut), { instanceOf: MARSHAL });
      }
    }),
    { numRuns: 40 },
  );
});

test("a flipped octet gives an any or a system exception, never another error", (t) => {
  fc.assert(
    fc.property(sample, fc.nat(), fc.integer({ min: 1, max: 255 }), (any, where, flip) => {
      const octets = encode(any).slice();
      const at = where % octets.length;
      octets[at] = (octets[at] ?? 0) ^ flip;
      try {
        t.true(readAny(new CdrInput(octets)) instanceof Any);
      } catch (thrown) {
        t.true(thrown instanceof SystemException, String(thrown));
      }
    }),
    { numRuns: 300 },
  );
});

const GOLDEN: readonly (readonly [what: string, any: Any, hex: string])[] = [
  ["long 7", new Any(tc.long, 7), "0300000007000000"],
  ['string "hi"', new Any(tc.string(), "hi"), "120000000000000003000000686900"],
  ["boolean true", new Any(tc.boolean, true), "0800000001"],
  ["null", new Any(tc.null, undefined), "00000000"],
];

for (const [what, any, octets] of GOLDEN) {
  test(`any of ${what} has the octets of omniORB 4.2.5`, (t) => {
    t.is(hex(encode(any)), octets);
    t.is(readAny(new CdrInput(unhex(octets))).value, any.value);
  });
}

test("a wstring as omniORB sends it, with a mark, is read", (t) => {
  const any = readAny(new CdrInput(unhex("1b000000 00000000 06000000 fffe68006900")));
  t.is(any.value, "hi");
});

const Ex = tc.exception("IDL:X/Ex:1.0", "Ex", () => [["why", tc.long]]);

test("an exception is written with its id, and read with it or, from omniORB, without", (t) => {
  const octets = encode(new Any(Ex, { why: 7 }));
  t.deepEqual(readAny(new CdrInput(octets)).value, { why: 7 });
  const tail = "0d000000" + hex(Buffer.from("IDL:X/Ex:1.0\0")) + "000000" + "07000000";
  t.true(hex(octets).endsWith(tail));
  const bare = unhex(hex(octets).slice(0, -tail.length) + "07000000");
  const input = new CdrInput(bare);
  t.deepEqual(readAny(input).value, { why: 7 });
  t.is(input.remaining, 0);
});

const Item = tc.struct("IDL:Anchor/Item:1.0", "Item", () => [
  ["name", tc.string(5)],
  ["stamp", tc.ulonglong],
]);
const Kind = tc.enum("IDL:Anchor/Kind:1.0", "Kind", ["a", "b"]);
const Choice = tc.union("IDL:Anchor/Choice:1.0", "Choice", Kind, -1, () => [
  ["a", "items", tc.sequence(Item)],
]);

test("what does not fit a type is BAD_PARAM, with the path to it", (t) => {
  const cases: readonly (readonly [TypeCode, unknown, string])[] = [
    [Item, { name: "x", stamp: 1.5 }, "value.stamp: 1.5 is no unsigned long long"],
    [Item, { name: "x" }, "value.stamp: no unsigned long long given"],
    [Item, { name: "sixsix", stamp: 1n }, "value.name: string of length 6, at most 5 allowed"],
    [Item, "x", "Anchor::Item is an object, not string"],
    [Item, null, "Anchor::Item is an object, not null"],
    [
      Choice,
      {
        $d: "a",
        items: [
          { name: "x", stamp: 1n },
          { name: 5, stamp: 1n },
        ],
      },
      "value.items[1].name: string<5> is a string, not number",
    ],
    [Choice, { $d: "a" }, "value.items: no sequence<Anchor::Item> given for $d a"],
    [Choice, { $d: "c" }, 'value.$d: "c" is not in enum Anchor::Kind { a, b }'],
    [Choice, {}, "value.$d: Anchor::Kind is a string, not undefined"],
    [tc.array(tc.long, 2), [1], "long[2] has 2 elements, not 1"],
    [tc.array(tc.octet, 2), new Uint8Array(3), "octet[2] has 2 elements, not 3"],
    [tc.sequence(tc.octet), [1], "sequence<octet> is a Uint8Array, not object"],
    [tc.sequence(tc.long, 1), [1, 2], "sequence of length 2, at most 1 allowed"],
    [tc.sequence(tc.long), new Map(), "sequence<long> is an array, not object"],
    [tc.short, 40_000, "40000 is no short (-32768 to 32767)"],
    [tc.short, 4n, "short is a number, not bigint"],
    [tc.boolean, 1, "boolean is true or false, not number"],
    [tc.longlong, "1", "long long is a bigint, not string"],
    [tc.any, 5, "any is an Any, not number"],
    [tc.TypeCode, 5, "TypeCode is a TypeCode, not number"],
    [tc.Principal, [], "Principal is a Uint8Array, not object"],
  ];
  for (const [type, value, message] of cases) {
    const e = t.throws(() => writeValue(new CdrOutput(), type, value), { instanceOf: BAD_PARAM });
    t.is(e?.message, message);
  }
  t.throws(() => writeAny(new CdrOutput(), 5 as never), { instanceOf: BAD_PARAM });
  const e = t.throws(() => writeValue(new CdrOutput(), Item, { name: "€", stamp: 1n }), {
    instanceOf: DATA_CONVERSION,
  });
  t.is(e?.message, "value.name: U+20AC has no place in ISO 8859-1");
});

test("malformed values are MARSHAL, with the path to them", (t) => {
  const read = (type: TypeCode, octets: string) => () =>
    readValue(new CdrInput(unhex(octets)), type);
  const kind = t.throws(read(tc.sequence(Kind), "0200000000000000 02000000"), {
    instanceOf: MARSHAL,
  });
  t.is(kind?.minor, MINOR.unknownOrdinal);
  t.regex(kind?.message ?? "", /^value\[1\]: 2 is not in enum/u);
  const lying = t.throws(read(tc.sequence(tc.double), "ffffffff 0000000000000000"), {
    instanceOf: MARSHAL,
  });
  t.is(lying?.minor, MINOR.lengthPastEnd);
  t.throws(read(tc.array(tc.long, 0x4000_0000), "00000000"), { instanceOf: MARSHAL });
  t.throws(read(tc.array(tc.octet, 0x4000_0000), "00000000"), { instanceOf: MARSHAL });
});

test("a discriminator of 64 bits may be given as a number", (t) => {
  const U = tc.union("IDL:U:1.0", "U", tc.longlong, -1, () => [[5n, "q", tc.short]]);
  const out = new CdrOutput();
  writeValue(out, U, { $d: 5, q: 3 });
  t.deepEqual(readValue(new CdrInput(out.finish()), U), { $d: 5n, q: 3 });
});

test("TypeCodes and references travel in anys; a nil is null", (t) => {
  const context: CdrContext = {
    writeObject: (out, reference) =>
      void out.string(typeof reference === "string" ? reference : ""),
    readObject: (input) => input.string() || null,
  };
  const options = { ...le, context };
  for (const [type, value] of [
    [tc.Object, "ref"],
    [tc.objref("IDL:M/I:1.0", "I"), null],
    [tc.component("IDL:M/C:1.0", "C"), "component"],
  ] as const) {
    const out = new CdrOutput(options);
    writeAny(out, new Any(type, value));
    t.is(readAny(new CdrInput(out.finish(), options)).value, value);
  }
  const octets = encode(new Any(tc.TypeCode, Item));
  const { value } = readAny(new CdrInput(octets));
  t.true(value instanceof TypeCode && value.equal(Item));
});

test("kinds without values on streams are refused by name", (t) => {
  for (const type of [tc.local_interface("IDL:L:1.0", "L"), tc.native("IDL:L:1.0", "L")]) {
    const writing = t.throws(() => encode(new Any(type, {})), { instanceOf: MARSHAL });
    t.is(writing?.message, `L (${type.kind()}) exists in one process only`);
    t.is(writing?.minor, 0x4f4d_0004);
    t.throws(() => readValue(new CdrInput(new Uint8Array(64)), type), { instanceOf: MARSHAL });
  }
});

function nestedAny(levels: number): Any {
  let any = new Any(tc.long, 5);
  for (let i = 1; i < levels; i++) any = new Any(tc.any, any);
  return any;
}

test("256 anys inside each other are read and written, 257 are MARSHAL", (t) => {
  const octets = encode(nestedAny(256));
  let any: unknown = readAny(new CdrInput(octets));
  for (let i = 1; i < 256; i++) any = any instanceof Any ? any.value : undefined;
  t.true(any instanceof Any && any.value === 5);
  const writing = t.throws(() => encode(nestedAny(257)), { instanceOf: MARSHAL });
  t.is(writing?.minor, MINOR.nestingTooDeep);
  const deeper = new Uint8Array([...new Uint8Array([11, 0, 0, 0]), ...octets]);
  const reading = t.throws(() => readAny(new CdrInput(deeper)), { instanceOf: MARSHAL });
  t.is(reading?.minor, MINOR.nestingTooDeep);
});

const Tree: TypeCode = tc.struct("IDL:T:1.0", "T", () => [["kids", tc.sequence(() => Tree)]]);

test("values nested deeper than the stack holds are MARSHAL, and the stream's owner lives on", (t) => {
  const octets = new Uint8Array(4 * 200_000);
  for (let i = 0; i < octets.length; i += 4) octets[i] = 1;
  const e = t.throws(() => readValue(new CdrInput(octets), Tree), { instanceOf: MARSHAL });
  t.is(e?.minor, MINOR.nestingTooDeep);
  let deep: { kids: unknown[] } = { kids: [] };
  for (let i = 0; i < 200_000; i++) deep = { kids: [deep] };
  t.throws(() => writeValue(new CdrOutput(), Tree, deep), { instanceOf: MARSHAL });
});

test("a deep value that fits the stack survives", (t) => {
  let deep: { kids: unknown[] } = { kids: [] };
  for (let i = 0; i < 500; i++) deep = { kids: [deep] };
  const out = new CdrOutput();
  writeValue(out, Tree, deep);
  t.is(JSON.stringify(readValue(new CdrInput(out.finish()), Tree)), JSON.stringify(deep));
});

test("values of TypeCodes without names have members and enumerators by number", (t) => {
  const bare = tc.enum("", "", ["", ""]);
  const union = tc.union("", "", bare, -1, () => [
    ["$0", "", tc.long],
    ["$1", "", tc.string()],
  ]);
  const type = tc.struct("", "", () => [
    ["", bare],
    ["", union],
  ]);
  const value = { $0: "$1", $1: { $d: "$1", $0: "text" } };
  const again = readAny(new CdrInput(encode(new Any(type, value))));
  t.deepEqual(again.value, value);
  t.true(again.type.equal(type));
  t.throws(() => encode(new Any(bare, "")), { instanceOf: BAD_PARAM });
  t.throws(() => encode(new Any(bare, "$2")), { instanceOf: BAD_PARAM });
});

test("no count makes work without octets", (t) => {
  // sequence of a struct without members: refused with its TypeCode.
  const nothing = tc.struct("", "", () => []);
  const octets = encode(new Any(tc.sequence(nothing), []));
  t.throws(() => readAny(new CdrInput(octets)), { instanceOf: BAD_TYPECODE });
});
