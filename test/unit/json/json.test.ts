import test from "ava";
import { Any, type ObjectReference, ORB_init, tc, type TypeCode } from "../../../orb/index.ts";
import { readValue, writeValue } from "../../../orb/any/index.ts";
import { CdrInput, CdrOutput } from "../../../orb/cdr/index.ts";
import { fromJson, type Json, JsonError, toJson } from "../../../services/json/index.ts";

const COLOR = tc.enum("IDL:T/Color:1.0", "Color", ["red", "green"]);
const POINT = tc.struct("IDL:T/Point:1.0", "Point", () => [
  ["x", tc.long],
  ["label", tc.string()],
]);
const SHAPE = tc.union("IDL:T/Shape:1.0", "Shape", COLOR, 1, () => [
  ["red", "at", POINT],
  [0, "note", tc.wstring()],
]);
const NUMBERED = tc.union("IDL:T/Numbered:1.0", "Numbered", tc.longlong, -1, () => [
  [7n, "seven", tc.boolean],
]);
const PLACE = tc.value("IDL:T/Place:1.0", "Place", 0, null, () => [["x", tc.long, 1]]);
const TOWN = tc.value(
  "IDL:T/Town:1.0",
  "Town",
  0,
  () => PLACE,
  () => [["name", tc.string(), 1]],
);
const TEXT_BOX = tc.value_box("IDL:T/Text:1.0", "Text", tc.string());
const TYPES: Readonly<Record<string, TypeCode>> = {
  "T::Point": POINT,
  "IDL:T/Point:1.0": POINT,
  "IDL:T/Town:1.0": TOWN,
};

const options = {
  findType: (name: string): TypeCode | undefined => TYPES[name],
  reference: (): Promise<ObjectReference | null> => Promise.reject(new Error("no references here")),
};
const texts = { referenceText: (): string => "IOR:" };

/** Through the wire: what is read of JSON is what a server would get. */
async function through(json: Json, type: TypeCode): Promise<Json> {
  const out = new CdrOutput();
  writeValue(out, type, await fromJson(json, type, options));
  return toJson(readValue(new CdrInput(out.finish(), { littleEndian: true }), type), type, texts);
}

const SAME: readonly (readonly [type: TypeCode, json: Json])[] = [
  [tc.short, -32_768],
  [tc.ushort, 65_535],
  [tc.long, -5],
  [tc.ulong, 4_294_967_295],
  [tc.octet, 255],
  [tc.longlong, "-9223372036854775808"],
  [tc.ulonglong, "18446744073709551615"],
  [tc.float, 0.5],
  [tc.double, 1e300],
  [tc.double, "Infinity"],
  [tc.double, "NaN"],
  [tc.longdouble, "2.5"],
  [tc.fixed(5, 2), "12.50"],
  [tc.boolean, true],
  [tc.char, "a"],
  [tc.wchar, "ã"],
  [tc.string(), "text"],
  [tc.wstring(), "Atenção"],
  [COLOR, "green"],
  [POINT, { x: 1, label: "here" }],
  [SHAPE, { $d: "red", at: { x: 1, label: "p" } }],
  [SHAPE, { $d: "green", note: "n" }],
  [NUMBERED, { $d: "7", seven: true }],
  [NUMBERED, { $d: "8" }],
  [tc.sequence(tc.long), [1, 2, 3]],
  [tc.sequence(tc.octet), "AQL/"],
  [tc.array(tc.octet, 3), "AQL/"],
  [
    tc.array(tc.array(tc.short, 2), 2),
    [
      [1, 2],
      [3, 4],
    ],
  ],
  [tc.any, { type: "long", value: 5 }],
  [tc.any, { type: "IDL:T/Point:1.0", value: { x: 1, label: "p" } }],
  [tc.any, { type: { sequence: { string: 4 }, bound: 2 }, value: ["a", "b"] }],
  [tc.any, { type: "any", value: { type: "boolean", value: false } }],
  [tc.any, { type: { array: "octet", length: 2 }, value: "AQI=" }],
  [tc.any, { type: { fixed: [3, 1] }, value: "1.5" }],
  [tc.any, { type: "null", value: null }],
  [tc.TypeCode, "unsigned long long"],
  [tc.alias("IDL:T/Alias:1.0", "Alias", () => COLOR), "red"],
  [PLACE, null],
  [PLACE, { $type: "IDL:T/Place:1.0", x: 3 }],
  [TEXT_BOX, "boxed"],
  [TEXT_BOX, null],
];

for (const [type, json] of SAME) {
  test(`${type.kind()} ${JSON.stringify(json)} comes back as it was`, async (t) => {
    t.deepEqual(await through(json, type), json);
  });
}

test("several forms are accepted", async (t) => {
  t.is(await through(12, tc.longlong), "12");
  t.is(await through("12", tc.long), 12);
  t.is(await through([1, 2, 255], tc.sequence(tc.octet)), "AQL/");
  t.is(await through(1.5, tc.fixed(3, 1)), "1.5");
  t.deepEqual(await through({ type: "T::Point", value: { x: 1, label: "" } }, tc.any), {
    type: "IDL:T/Point:1.0",
    value: { x: 1, label: "" },
  });
  t.deepEqual(await through({ x: 3 }, PLACE), { $type: "IDL:T/Place:1.0", x: 3 });
});

const WRONG: readonly (readonly [type: TypeCode, json: Json, message: RegExp])[] = [
  [tc.short, 32_768, /^\$: a whole number -32768 to 32767 is needed, not number 32768$/],
  [tc.long, 1.5, /whole number/],
  [tc.longlong, 2 ** 60, /a string beyond 2\^53/],
  [tc.ulonglong, "-1", /0 to 18446744073709551615/],
  [tc.double, "much", /"NaN", "Infinity"/],
  [tc.boolean, 1, /true or false is needed, not number 1/],
  [tc.char, "ab", /one character/],
  [tc.string(), 5, /a string is needed, not number 5/],
  [COLOR, "blue", /one of red, green is needed, not string "blue"/],
  [POINT, { x: 1 }, /\$: label is missing/],
  [POINT, { x: 1, label: "", y: 2 }, /there is no y; allowed: x, label/],
  [POINT, [], /an object with x, label is needed, not an array/],
  [SHAPE, { at: 1 }, /an object with \$d is needed/],
  [SHAPE, { $d: "red", at: { x: "no", label: "" } }, /^\$\.at\.x: a whole number/],
  [tc.sequence(tc.long), [1, "a"], /^\$\[1\]: /],
  [tc.sequence(tc.long, 1), [1, 2], /2 elements, at most 1 are allowed/],
  [tc.array(tc.long, 2), [1], /1 elements, exactly 2 are allowed/],
  [tc.sequence(tc.octet), "%%", /base64/],
  [tc.fixed(5, 2), "1,5", /no decimal/],
  [tc.any, 5, /\{"type": …, "value": …\}/],
  [tc.any, { type: "T::Nothing", value: 1 }, /^\$\.type: no type "T::Nothing" is known/],
  [tc.any, { type: 5, value: 1 }, /number 5 is no type; allowed: a name/],
  [tc.Object, "IOR:", /no references here/],
  [PLACE, { $type: "IDL:T/Point:1.0", x: 1 }, /\$type must name the value's type/],
];

for (const [type, json, message] of WRONG) {
  test(`refused: ${type.kind()} ${JSON.stringify(json)}`, async (t) => {
    const error = await t.throwsAsync(fromJson(json, type, options), { instanceOf: JsonError });
    t.regex(error?.message ?? "", message);
  });
}

test("a derived value is told by its type, nil is null", async (t) => {
  const town = { $type: "IDL:T/Town:1.0", x: 3, name: "Trindade" };
  t.deepEqual(toJson(await fromJson(town, PLACE, options), PLACE, texts), town);
  t.is(toJson(await fromJson(null, tc.Object, options), tc.Object, texts), null);
});

test("references are texts both ways", async (t) => {
  await using orb = await ORB_init([]);
  const both = {
    findType: options.findType,
    reference: (text: string) => orb.string_to_object(text),
    referenceText: (reference: ObjectReference) => orb.object_to_string(reference),
  };
  const value = await fromJson("corbaloc:iiop:1.2@h:1/key", tc.Object, both);
  const json = toJson(value, tc.Object, both);
  t.regex(JSON.stringify(json), /^"IOR:/);
  t.is(toJson(await fromJson(json, tc.Object, both), tc.Object, both), json);
});

test("what contains itself or is nested without end is refused", async (t) => {
  const node = tc.value("IDL:T/Node:1.0", "Node", 0, null, () => [["next", node, 1]]);
  const value = (await fromJson({ next: null }, node, options)) as { next: unknown };
  value.next = value;
  t.throws(() => toJson(value, node, texts), { message: /contains itself/ });
  let deep: Json = { type: "long", value: 1 };
  for (let i = 0; i < 300; i++) deep = { type: "any", value: deep };
  await t.throwsAsync(fromJson(deep, tc.any, options), { message: /deeper than 256/ });
  t.true((await fromJson({ type: "long", value: 1 }, tc.any, options)) instanceof Any);
});
