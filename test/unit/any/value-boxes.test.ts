import test from "ava";
import {
  Any,
  AnyValue,
  readAny,
  readValue,
  ValueBox,
  valueDescriptorOf,
  writeAny,
  writeValue,
} from "../../../orb/any/index.ts";
import { type CdrContext, CdrInput, CdrOutput } from "../../../orb/cdr/index.ts";
import { BAD_PARAM, MARSHAL, MINOR, SystemException } from "../../../orb/exception/index.ts";
import { tc, type TypeCode } from "../../../orb/typecode/index.ts";
import {
  readBox,
  readValue as readValueType,
  writeBox,
  writeValue as writeValueType,
} from "../../../orb/value/index.ts";
import fc from "fast-check";

const ANY_VALUE = tc.value("IDL:omg.org/CORBA/ValueBase:1.0", "ValueBase", 0, null, () => []);
const Text = tc.value_box("IDL:V/Text:1.0", "Text", tc.string());
const Longs = tc.value_box("IDL:V/Longs:1.0", "Longs", tc.sequence(tc.long));
const Pair = tc.struct("IDL:V/Pair:1.0", "Pair", () => [
  ["a", tc.octet],
  ["b", tc.double],
]);
const Two = tc.value_box("IDL:V/Two:1.0", "Two", Pair);
const Base = tc.value("IDL:V/Base:1.0", "Base", 0, null, () => [["x", tc.long, 1]]);
const Shelf: TypeCode = tc.value("IDL:V/Shelf:1.0", "Shelf", 3, Base, () => [
  ["text", Text, 1],
  ["longs", Longs, 1],
  ["again", Longs, 1],
  ["two", Two, 1],
  ["more", tc.sequence(Shelf), 1],
  ["row", tc.array(Shelf, 2), 0],
  ["what", tc.any, 1],
]);

function knowing(...types: readonly TypeCode[]): CdrContext {
  const known = new Map(types.map((type) => [type.id(), valueDescriptorOf(type)]));
  return {
    writeObject: (out) => void out.string("reference"),
    readObject: (input) => input.string(),
    findValue: (id) => known.get(id),
  };
}

function shelf(longs: number[] | null, more: readonly AnyValue[] = []): AnyValue {
  return new AnyValue(Shelf, {
    x: 1,
    text: "boxed",
    longs,
    again: longs,
    two: null,
    more,
    row: [more[0] ?? null, null],
    what: new Any(Two, { a: 1, b: 2.5 }),
  });
}

test("boxes in a truncatable value are chunked, shared and null, and cut off with it", (t) => {
  const sent = shelf([1, 2], [shelf(null), shelf([])]);
  const out = new CdrOutput();
  writeValue(out, Shelf, sent);
  out.long(7);
  const whole = new CdrInput(out.finish());
  const got = readValue(whole, Shelf) as AnyValue;
  t.deepEqual(got, sent);
  t.is(got["longs"], got["again"]);
  t.is((got["row"] as unknown[])[0], (got["more"] as unknown[])[0]);
  t.is(whole.long(), 7);
  const cut = new CdrInput(out.finish());
  t.deepEqual(readValue(cut, Base), new AnyValue(Base, { x: 1 }));
  t.is(cut.long(), 7);
});

test("where ValueBase is declared a box is a ValueBox, once it is registered", (t) => {
  for (const [type, content] of [
    [Text, "boxed"],
    [Longs, [1, 2]],
    [Two, { a: 1, b: 0.5 }],
    [Text, ""],
  ] as const) {
    const out = new CdrOutput();
    writeValue(out, ANY_VALUE, new ValueBox(type, content));
    const octets = out.finish();
    const input = new CdrInput(octets, { context: knowing(type) });
    t.deepEqual(readValue(input, ANY_VALUE), new ValueBox(type, content));
    t.is(input.remaining, 0);
    const error = t.throws(() => readValue(new CdrInput(octets), ANY_VALUE), {
      instanceOf: MARSHAL,
    });
    t.is(error?.minor, MINOR.valueFactoryMissing);
    t.deepEqual(readValue(new CdrInput(octets), type), content);
  }
});

test("a box and the same box as any value are one, in either order", (t) => {
  const longs = [1, 2];
  const box = new ValueBox(Longs, longs);
  const out = new CdrOutput();
  for (const [type, v] of [
    [Longs, longs],
    [ANY_VALUE, box],
    [Longs, longs],
    [ANY_VALUE, new ValueBox(Longs, longs)],
  ] as const)
    writeValue(out, type, v);
  const input = new CdrInput(out.finish(), { context: knowing(Longs) });
  const content = readValue(input, Longs);
  const first = readValue(input, ANY_VALUE) as ValueBox;
  t.is(first.content, content);
  t.is(readValue(input, Longs), content);
  t.is(readValue(input, ANY_VALUE), first);
  t.is(input.remaining, 0);
  const unknown = new CdrInput(out.finish());
  readValue(unknown, Longs);
  t.throws(() => readValue(unknown, ANY_VALUE), { instanceOf: MARSHAL });
});

test("one box of a text stays one where it is given as a ValueBox", (t) => {
  const text = new ValueBox(Text, "boxed");
  const out = new CdrOutput();
  for (const v of [text, text, new ValueBox(Text, "boxed")]) writeValue(out, ANY_VALUE, v);
  const input = new CdrInput(out.finish(), { context: knowing(Text) });
  const first = readValue(input, ANY_VALUE);
  t.is(readValue(input, ANY_VALUE), first);
  t.not(readValue(input, ANY_VALUE), first);
});

test("a box that holds what leads back to it is written, and refused when read", (t) => {
  const kids: unknown[] = [];
  const Kids: TypeCode = tc.value_box("IDL:V/Kids:1.0", "Kids", tc.sequence(ANY_VALUE));
  const out = new CdrOutput();
  kids.push(new ValueBox(Kids, kids));
  writeValue(out, Kids, kids);
  const input = new CdrInput(out.finish(), { context: knowing(Kids) });
  const error = t.throws(() => readValue(input, Kids), { instanceOf: MARSHAL });
  t.is(error?.minor, MINOR.badValueIndirection);
});

test("a box where another type is declared, and another type where a box is, are refused", (t) => {
  const context = knowing(Text, Base);
  const out = new CdrOutput();
  writeValue(out, ANY_VALUE, new ValueBox(Text, "boxed"));
  const asBase = t.throws(() => readValue(new CdrInput(out.finish(), { context }), Base), {
    instanceOf: MARSHAL,
  });
  t.is(asBase?.minor, MINOR.wrongValueType);
  t.throws(() => writeValue(new CdrOutput(), Base, new ValueBox(Text, "boxed")), {
    instanceOf: BAD_PARAM,
  });
  t.throws(() => valueDescriptorOf(tc.long), { instanceOf: BAD_PARAM });
  const shared = new CdrOutput();
  writeValueType(shared, new AnyValue(Base, { x: 1 }));
  shared.ulong(0xffff_ffff).long(-36);
  const input = new CdrInput(shared.finish(), { context });
  readValueType(input);
  t.throws(() => readBox(input, Text.id(), (i) => i.string()), { instanceOf: MARSHAL });
  const box = new CdrOutput();
  writeBox(box, "boxed", Text.id(), (o, v) => void o.string(v));
  t.is(
    readBox(new CdrInput(box.finish()), Text.id(), (i) => i.string()),
    "boxed",
  );
});

test("octets of an any with values and boxes changed anywhere give an any or a system exception", (t) => {
  const out = new CdrOutput();
  writeAny(out, new Any(Shelf, shelf([1, 2], [shelf(null), shelf([])])));
  const sent = out.finish().slice();
  const changes = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 3 });
  fc.assert(
    fc.property(changes, fc.boolean(), (places, isKnown) => {
      const octets = sent.slice();
      for (const [place, octet] of places) octets[place % octets.length] = octet;
      const context = isKnown ? knowing(Shelf, Base, Text, Longs, Two) : knowing();
      try {
        readAny(new CdrInput(octets, { context }));
      } catch (thrown) {
        t.true(thrown instanceof SystemException, String(thrown));
      }
    }),
    { numRuns: 400 },
  );
  t.pass();
});
