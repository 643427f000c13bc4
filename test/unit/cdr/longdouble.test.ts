import test from "ava";
import fc from "fast-check";
import { CdrInput, CdrOutput, LongDouble } from "../../../orb/cdr/index.ts";
import { BAD_PARAM, MARSHAL } from "../../../orb/exception/index.ts";

function hex(v: LongDouble): string {
  return Buffer.from(v.octets).toString("hex");
}

function fromHex(text: string): LongDouble {
  return new LongDouble(Buffer.from(text.padEnd(32, "0"), "hex"));
}

test("numbers in binary128", (t) => {
  t.is(hex(LongDouble.fromNumber(1)), "3fff0000000000000000000000000000");
  t.is(hex(LongDouble.fromNumber(-2.5)), "c0004000000000000000000000000000");
  t.is(hex(LongDouble.fromNumber(-0)), "80000000000000000000000000000000");
  t.is(hex(LongDouble.fromNumber(Number.NEGATIVE_INFINITY)), "ffff0000000000000000000000000000");
  t.is(hex(LongDouble.fromNumber(Number.MIN_VALUE)), "3bcd0000000000000000000000000000");
  t.is(
    hex(LongDouble.fromNumber(Number.MAX_VALUE)),
    "43feffffffffffff f000000000000000".replace(" ", ""),
  );
});

test("every double survives", (t) => {
  const around = fc.double().map((n) => n * 2 ** -1000);
  fc.assert(
    fc.property(fc.oneof(fc.double(), around), fc.boolean(), (n, littleEndian) => {
      const sent = new CdrOutput({ littleEndian }).octet(1).longdouble(n).finish();
      t.is(sent.length, 24);
      const input = new CdrInput(sent, { littleEndian, position: 1 });
      t.is(input.longdouble().toNumber(), n);
    }),
  );
});

test("more digits than a double has are rounded to the nearest, halves to even", (t) => {
  t.is(fromHex("3fff00000000000008").toNumber(), 1);
  t.is(fromHex("3fff000000000000080000000001").toNumber(), 1 + 2 ** -52);
  t.is(fromHex("3fff00000000000018").toNumber(), 1 + 2 ** -51);
  t.is(fromHex("43feffffffffffffffff").toNumber(), Number.POSITIVE_INFINITY);
  t.is(fromHex("c3ff").toNumber(), Number.NEGATIVE_INFINITY);
  t.is(fromHex("3bcc").toNumber(), 0);
  t.is(fromHex("3bcc8").toNumber(), Number.MIN_VALUE);
  t.is(fromHex("7fff8").toNumber(), Number.NaN);
  t.is(fromHex("80000001").toNumber(), -0);
});

test("the 80-bit image of an x86 peer is understood on demand", (t) => {
  const image = Buffer.from("00000000000000c0ff3f000000000000", "hex");
  const read = new CdrInput(image).longdouble();
  t.is(read.asX87().toNumber(), 1.5);
  const back = new CdrOutput().longdouble(read).finish();
  t.deepEqual([...back], [...image]);
  const of = (text: string): number =>
    new CdrInput(Buffer.from(text.padEnd(32, "0"), "hex")).longdouble().asX87().toNumber();
  t.is(of("000000000000008000c0"), -2);
  t.is(of(""), 0);
  t.is(of("0000000000000080ff7f"), Number.POSITIVE_INFINITY);
  t.is(of("00000000000000c0ff7f"), Number.NaN);
  t.is(of("0100000000000000"), 0);
});

test("numbers for an x86 peer come back, rounded where they have more bits", (t) => {
  const image = new CdrOutput().longdouble(LongDouble.fromNumber(1.5).toX87()).finish();
  t.is(Buffer.from(image).toString("hex"), "00000000000000c0ff3f000000000000");
  fc.assert(
    fc.property(fc.double(), (n) => {
      t.is(LongDouble.fromNumber(n).toX87().asX87().toNumber(), n);
    }),
  );
  const almostTwo = fromHex("3fffffffffffffffffffffffffffffff");
  t.is(hex(almostTwo.toX87().asX87()), "40000000000000000000000000000000");
  const least = fromHex("00000000000000020000000000000000");
  t.is(hex(least.toX87().asX87()), hex(least));
});

test("what is no long double is refused", (t) => {
  t.throws(() => new CdrOutput().longdouble("1" as unknown as number), { instanceOf: BAD_PARAM });
  t.throws(() => new LongDouble(new Uint8Array(8)), { instanceOf: RangeError });
  t.throws(() => new CdrInput(new Uint8Array(15)).longdouble(), { instanceOf: MARSHAL });
});

test("int8 is an octet with a sign", (t) => {
  const sent = new CdrOutput().int8(-128).int8(-1).int8(127).finish();
  t.deepEqual([...sent], [128, 255, 127]);
  const input = new CdrInput(sent);
  t.deepEqual([input.int8(), input.int8(), input.int8()], [-128, -1, 127]);
  for (const wrong of [-129, 128, 0.5, Number.NaN]) {
    t.throws(() => new CdrOutput().int8(wrong), { instanceOf: BAD_PARAM });
  }
});
