import test from "ava";
import { Any, AnyValue, readAny, readValue, writeAny } from "../../../orb/any/index.ts";
import { type CdrContext, CdrInput, CdrOutput } from "../../../orb/cdr/index.ts";
import {
  readValue as readValueType,
  ValueBase,
  type ValueDescriptor,
  writeValue as writeValueType,
} from "../../../orb/value/index.ts";
import { BAD_PARAM, MARSHAL, MINOR } from "../../../orb/exception/index.ts";
import { tc, type TypeCode, writeTypeCode } from "../../../orb/typecode/index.ts";

const NONE = 0;
const CUSTOM = 1;
const TRUNCATABLE = 3;

const VA = tc.value("IDL:X/VA:1.0", "VA", NONE, null, () => [["z", tc.short, 1]]);
const Base = tc.value("IDL:V/Base:1.0", "Base", NONE, null, () => [["x", tc.long, 1]]);
const Der: TypeCode = tc.value("IDL:V/Der:1.0", "Der", TRUNCATABLE, Base, () => [
  ["s", tc.string(), 1],
  ["other", Base, 1],
  ["d", tc.double, 0],
]);
const Node: TypeCode = tc.value("IDL:V/Node:1.0", "Node", NONE, null, () => [
  ["weight", tc.long, 1],
  ["left", Node, 1],
  ["right", Node, 1],
]);

class Weighted extends ValueBase {
  weight = 0;
  left: Weighted | null = null;
  right: Weighted | null = null;
  override get _value(): ValueDescriptor {
    return WEIGHTED;
  }
}

const WEIGHTED: ValueDescriptor = {
  repositoryId: "IDL:V/Node:1.0",
  name: "V::Node",
  base: undefined,
  isTruncatable: false,
  isCustom: false,
  writeState: (out, v: Weighted) => {
    out.long(v.weight);
    writeValueType(out, v.left, WEIGHTED);
    writeValueType(out, v.right, WEIGHTED);
  },
  readState: (input, v: Weighted) => {
    v.weight = input.long();
    v.left = readValueType<Weighted>(input, WEIGHTED);
    v.right = readValueType<Weighted>(input, WEIGHTED);
  },
  create: () => new Weighted(),
};

const registered: CdrContext = {
  writeObject: (out) => void out.string("reference"),
  readObject: (input) => input.string(),
  findValue: (id) => (id === WEIGHTED.repositoryId ? WEIGHTED : undefined),
};

function encode(any: Any): Uint8Array {
  const out = new CdrOutput();
  writeAny(out, any);
  return out.finish();
}

function decode(octets: Uint8Array): Any {
  const input = new CdrInput(octets);
  const any = readAny(input);
  if (input.remaining > 0) throw new RangeError(`${input.remaining} octets are left`);
  return any;
}

test("a value without its id, as omniORB sends it in an any, and as we do", (t) => {
  const out = new CdrOutput();
  writeTypeCode(out, VA);
  const typeOctets = out.position;
  out.ulong(0x7fff_ff00).short(3);
  const { value } = readAny(new CdrInput(out.finish()));
  t.true(value instanceof AnyValue);
  t.is((value as AnyValue)["z"], 3);
  const octets = encode(new Any(VA, value));
  const id = Buffer.from("IDL:X/VA:1.0\0").toString("hex");
  const sent = Buffer.from(octets.subarray((typeOctets + 3) & ~3)).toString("hex");
  t.is(sent, `02ffff7f0d000000${id}000300`);
});

test("a value of a type nobody registered is kept, written again and read again", (t) => {
  const base = new AnyValue(Base, { x: 5 });
  const der = new AnyValue(Der, { x: 1, s: "hi", other: base, d: 2.5 });
  const octets = encode(new Any(Der, der));
  const { value } = decode(octets);
  t.deepEqual(value, der);
  t.deepEqual(encode(new Any(Der, value)), octets);
});

test("in an any of a base a derived value is that base, where the type is not known", (t) => {
  const der = new AnyValue(Der, { x: 1, s: "hi", other: null, d: 2.5 });
  t.deepEqual(decode(encode(new Any(Base, der))).value, new AnyValue(Base, { x: 1 }));
});

test("a registered type gives its class, also inside a structure", (t) => {
  const pair = tc.struct("IDL:V/Pair:1.0", "Pair", () => [
    ["a", Node],
    ["b", Node],
  ]);
  const node = { weight: 1, left: null, right: null };
  const octets = encode(new Any(pair, { a: node, b: node }));
  const { value } = readAny(new CdrInput(octets, { context: registered }));
  const { a, b } = value as { readonly a: unknown; readonly b: unknown };
  t.true(a instanceof Weighted);
  t.is(a, b);
  t.deepEqual(encode(new Any(pair, value)), octets);
});

test("graphs with cycles survive, and take a name that objects have", (t) => {
  const Odd: TypeCode = tc.value("IDL:V/Odd:1.0", "Odd", NONE, null, () => [
    ["_value", Odd, 1],
    ["__proto__", tc.long, 1],
    ["_type", tc.any, 1],
  ]);
  const odd: Record<string, unknown> = { __proto___: 7, _type_: new Any(tc.long, 1) };
  odd["_value_"] = odd;
  const { value } = decode(encode(new Any(Odd, odd)));
  const read = value as Record<string, unknown>;
  t.is(read["_value_"], value);
  t.is(read["__proto___"], 7);
  t.deepEqual(read["_type_"], new Any(tc.long, 1));
  t.deepEqual(encode(new Any(Odd, value)), encode(new Any(Odd, odd)));
});

test("a chain of 50,000 values in an any survives", (t) => {
  let first: unknown = null;
  for (let weight = 0; weight < 50_000; weight++) first = { weight, left: null, right: first };
  let count = 0;
  let at: unknown = decode(encode(new Any(Node, first))).value;
  for (; at !== null; at = (at as AnyValue)["right"]) count++;
  t.is(count, 50_000);
});

test("boxes, events, abstract interfaces and null", (t) => {
  const box = tc.value_box("IDL:V/Box:1.0", "Box", tc.string());
  t.is(decode(encode(new Any(box, "boxed"))).value, "boxed");
  t.is(decode(encode(new Any(box, null))).value, null);
  t.is(decode(encode(new Any(Node, null))).value, null);
  const event = tc.event("IDL:V/Ev:1.0", "Ev", NONE, Base, () => [["y", tc.long, 1]]);
  const happened = new AnyValue(event, { x: 1, y: 2 });
  t.deepEqual(decode(encode(new Any(event, happened))).value, happened);
  const abstract = tc.abstract_interface("IDL:V/A:1.0", "A");
  const out = new CdrOutput({ context: registered });
  const node = Object.assign(new Weighted(), { weight: 3 });
  for (const v of [node, null, {}]) writeAny(out, new Any(abstract, v));
  const input = new CdrInput(out.finish(), { context: registered });
  t.deepEqual(readAny(input).value, node);
  t.is(readAny(input).value, null);
  t.is(readAny(input).value, "reference");
});

test("any value, where the type says no more than that it is one", (t) => {
  const any = tc.value("IDL:omg.org/CORBA/ValueBase:1.0", "ValueBase", NONE, null, () => []);
  const node = Object.assign(new Weighted(), { weight: 3 });
  const octets = encode(new Any(any, node));
  t.deepEqual(readAny(new CdrInput(octets, { context: registered })).value, node);
  const error = t.throws(() => decode(octets), { instanceOf: MARSHAL });
  t.is(error?.minor, MINOR.valueFactoryMissing);
});

test("one value in two anys of a message is one value", (t) => {
  const value = new AnyValue(Base, { x: 5 });
  const out = new CdrOutput();
  writeAny(out, new Any(Base, value));
  writeAny(out, new Any(Base, value));
  const input = new CdrInput(out.finish());
  const first = readAny(input);
  t.is(readAny(input).value, first.value);
});

test("a custom value without its class is MARSHAL with minor OMG 1", (t) => {
  const custom = tc.value("IDL:V/C:1.0", "C", CUSTOM, null, () => []);
  const octets = Buffer.from("08ffff7f0400000001000000ffffffff", "hex");
  const error = t.throws(() => readValue(new CdrInput(octets), custom), { instanceOf: MARSHAL });
  t.is(error?.minor, MINOR.valueFactoryMissing);
});

test("what is no value of the type is BAD_PARAM", (t) => {
  const wrong: readonly (readonly [TypeCode, unknown])[] = [
    [Base, 5],
    [Base, undefined],
    [Base, { x: "5" }],
    [Base, {}],
    [Base, new AnyValue(VA, { z: 1 })],
    [Der, new AnyValue(Base, { x: 1 })],
    [tc.value_box("IDL:V/Box:1.0", "Box", tc.string()), 5],
    [tc.value_box("IDL:V/Box:1.0", "Box", tc.string()), undefined],
    [tc.abstract_interface("IDL:V/A:1.0", "A"), 5],
    [tc.fixed(3, 1), 1.5],
    [tc.longdouble, "1"],
  ];
  for (const [type, value] of wrong) {
    t.throws(() => encode(new Any(type, value)), { instanceOf: BAD_PARAM }, String(value));
  }
});
