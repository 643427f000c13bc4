import test from "ava";
import fc from "fast-check";
import { CdrInput, CdrOutput, Fixed } from "../../../orb/cdr/index.ts";
import { BAD_PARAM, DATA_CONVERSION, MARSHAL } from "../../../orb/exception/index.ts";

function octets(text: string, digits: number, scale: number): string {
  const out = new CdrOutput().fixed(Fixed.parse(text), digits, scale);
  return Buffer.from(out.finish()).toString("hex");
}

function read(hex: string, digits: number, scale: number): string {
  return new CdrInput(Buffer.from(hex, "hex")).fixed(digits, scale).toString();
}

test("octets as omniORB 4.2.5 sends them", (t) => {
  t.is(octets("12.34", 4, 2), "01234c");
  t.is(octets("0", 3, 0), "000c");
  t.is(octets("-123.45", 5, 2), "12345d");
  t.is(read("01234c", 4, 2), "12.34");
  t.is(read("000c", 3, 0), "0");
  t.is(read("12345d", 5, 2), "-123.45");
});

test("a number is rescaled where no digit is lost, and refused elsewhere", (t) => {
  t.is(octets("1.5", 5, 2), "00150c");
  t.is(octets("1.500", 3, 1), "015c");
  t.is(octets("4000", 2, -3), "004c");
  t.is(read("004c", 2, -3), "4000");
  for (const [text, digits, scale] of [
    ["1.23", 5, 1],
    ["1000", 3, 0],
    ["10", 3, 2],
  ] as const) {
    const error = t.throws(() => octets(text, digits, scale), { instanceOf: DATA_CONVERSION });
    t.is(error?.message, `${text} does not fit into fixed<${digits}, ${scale}>`);
  }
});

test("what is no fixed number is refused", (t) => {
  const wrong = 1.5 as unknown as Fixed;
  t.throws(() => new CdrOutput().fixed(wrong, 3, 1), { instanceOf: BAD_PARAM });
  t.throws(() => new CdrOutput().fixed(Fixed.parse("1"), 32, 0), { instanceOf: BAD_PARAM });
  t.throws(() => Fixed.parse("1e5"), { instanceOf: TypeError });
  t.throws(() => Fixed.parse("."), { instanceOf: TypeError });
  t.throws(() => Fixed.parse(""), { instanceOf: TypeError });
});

test("octets that are no packed decimal are MARSHAL", (t) => {
  for (const [hex, digits] of [
    ["0a1c", 3],
    ["0011", 3],
    ["11234c", 4],
    ["001c", 0],
    ["001c", 32],
    ["00", 3],
  ] as const) {
    t.throws(() => read(hex, digits, 0), { instanceOf: MARSHAL }, hex);
  }
});

test("a text keeps its digits, and numbers compare by what they are worth", (t) => {
  t.is(Fixed.parse("-0.50d").toString(), "-0.50");
  t.is(Fixed.parse(".5").toString(), "0.5");
  t.is(Fixed.parse("5.").toString(), "5");
  t.is(Fixed.parse("-0").toString(), "0");
  t.true(Fixed.parse("0.50").equals(Fixed.parse(".5")));
  t.false(Fixed.parse("0.51").equals(Fixed.parse(".5")));
  t.is(Fixed.parse("0.001").digits, 3);
  t.is(Fixed.parse("123.4").digits, 4);
  t.is(Fixed.parse("-12.25").toNumber(), -12.25);
});

test("31 digits survive, and every cut is MARSHAL", (t) => {
  const sizes = fc.bigInt({ min: -(10n ** 31n) + 1n, max: 10n ** 31n - 1n });
  fc.assert(
    fc.property(sizes, fc.integer({ min: 1, max: 31 }), fc.nat(31), (size, digits, scale) => {
      const v = new Fixed(size % 10n ** BigInt(digits), scale);
      const sent = new CdrOutput().fixed(v, digits, scale).finish();
      const back = new CdrInput(sent).fixed(digits, scale);
      t.is(back.unscaled, v.unscaled);
      t.true(Fixed.parse(v.toString()).equals(v));
      for (let n = 0; n < sent.length; n++) {
        t.throws(() => new CdrInput(sent.subarray(0, n)).fixed(digits, scale), {
          instanceOf: MARSHAL,
        });
      }
    }),
  );
});
