import test from "ava";
import fc from "fast-check";
import { CdrInput, CdrOutput, type GiopMinor } from "../../../orb/cdr/index.ts";
import { BAD_PARAM, DATA_CONVERSION, MARSHAL, MINOR } from "../../../orb/exception/index.ts";

const UTF8 = 0x0501_0001;

test("a ulong after an octet starts at offset 4, the octets between are 0", (t) => {
  const out = new CdrOutput({ littleEndian: false });
  out.octets(new Uint8Array(64).fill(0xee)).reset();
  out.octet(1).ulong(2);
  t.deepEqual([...out.finish()], [1, 0, 0, 0, 0, 0, 0, 2]);
});

test("every primitive has its size, alignment and order", (t) => {
  const write = (littleEndian: boolean): string =>
    Buffer.from(
      new CdrOutput({ littleEndian })
        .octet(0xab)
        .short(-2)
        .boolean(true)
        .ushort(0x1234)
        .char("A")
        .long(-3)
        .octet(1)
        .longlong(-4n)
        .octet(2)
        .double(1.5)
        .float(-0.5)
        .ulong(0xfedc_ba98)
        .ulonglong(0x1122_3344_5566_7788n)
        .finish(),
    ).toString("hex");
  t.is(
    write(false),
    "ab00fffe01001234" +
      "41000000fffffffd" +
      "0100000000000000fffffffffffffffc" +
      "02000000000000003ff8000000000000" +
      "bf000000fedcba981122334455667788",
  );
  t.is(
    write(true),
    "ab00feff01003412" +
      "41000000fdffffff" +
      "0100000000000000fcffffffffffffff" +
      "0200000000000000000000000000f83f" +
      "000000bf98badcfe8877665544332211",
  );
});

interface Primitive {
  readonly name: string;
  readonly values: fc.Arbitrary<unknown>;
  readonly write: (out: CdrOutput, v: never) => unknown;
  readonly read: (input: CdrInput) => unknown;
}

const PRIMITIVES: readonly Primitive[] = [
  {
    name: "octet",
    values: fc.integer({ min: 0, max: 255 }),
    write: (o, v) => o.octet(v),
    read: (i) => i.octet(),
  },
  {
    name: "boolean",
    values: fc.boolean(),
    write: (o, v) => o.boolean(v),
    read: (i) => i.boolean(),
  },
  {
    name: "char",
    values: fc.integer({ min: 0, max: 255 }).map((c) => String.fromCharCode(c)),
    write: (o, v) => o.char(v),
    read: (i) => i.char(),
  },
  {
    name: "wchar",
    values: fc.integer({ min: 0, max: 0xffff }).map((c) => String.fromCharCode(c)),
    write: (o, v) => o.wchar(v),
    read: (i) => i.wchar(),
  },
  {
    name: "short",
    values: fc.integer({ min: -32_768, max: 32_767 }),
    write: (o, v) => o.short(v),
    read: (i) => i.short(),
  },
  {
    name: "ushort",
    values: fc.integer({ min: 0, max: 65_535 }),
    write: (o, v) => o.ushort(v),
    read: (i) => i.ushort(),
  },
  { name: "long", values: fc.integer(), write: (o, v) => o.long(v), read: (i) => i.long() },
  {
    name: "ulong",
    values: fc.integer({ min: 0, max: 0xffff_ffff }),
    write: (o, v) => o.ulong(v),
    read: (i) => i.ulong(),
  },
  {
    name: "longlong",
    values: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
    write: (o, v) => o.longlong(v),
    read: (i) => i.longlong(),
  },
  {
    name: "ulonglong",
    values: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
    write: (o, v) => o.ulonglong(v),
    read: (i) => i.ulonglong(),
  },
  { name: "float", values: fc.float(), write: (o, v) => o.float(v), read: (i) => i.float() },
  { name: "double", values: fc.double(), write: (o, v) => o.double(v), read: (i) => i.double() },
  {
    name: "octetSequence",
    values: fc.uint8Array({ maxLength: 40 }),
    write: (o, v) => o.octetSequence(v),
    read: (i) => i.octetSequence(),
  },
];

for (const primitive of PRIMITIVES) {
  test(`${primitive.name} survives at every offset, in both orders, and every cut is MARSHAL`, (t) => {
    fc.assert(
      fc.property(
        primitive.values,
        fc.boolean(),
        fc.integer({ min: 0, max: 8 }),
        fc.constantFrom<GiopMinor>(1, 2),
        (v, littleEndian, before, giopMinor) => {
          const options = { littleEndian, giopMinor };
          const out = new CdrOutput(options).octets(new Uint8Array(before));
          primitive.write(out, v as never);
          const octets = out.finish();
          const input = new CdrInput(octets, { ...options, position: before });
          t.deepEqual(primitive.read(input), v);
          t.is(input.remaining, 0);
          for (let n = before; n < octets.length; n++) {
            const cut = new CdrInput(octets.subarray(0, n), { ...options, position: before });
            const error = t.throws(() => primitive.read(cut), { instanceOf: MARSHAL });
            t.is(error?.minor, MINOR.lengthPastEnd);
          }
        },
      ),
      { numRuns: 60 },
    );
  });
}

test("numbers out of range and values of another type are BAD_PARAM", (t) => {
  const wrong: readonly (() => unknown)[] = [
    () => new CdrOutput().octet(256),
    () => new CdrOutput().octet(-1),
    () => new CdrOutput().short(32_768),
    () => new CdrOutput().short(1.5),
    () => new CdrOutput().ushort(-1),
    () => new CdrOutput().ushort(65_536),
    () => new CdrOutput().long(2 ** 31),
    () => new CdrOutput().long(Number.NaN),
    () => new CdrOutput().long("5" as never),
    () => new CdrOutput().ulong(2 ** 32),
    () => new CdrOutput().ulong(-1),
    () => new CdrOutput().ulong(undefined as never),
    () => new CdrOutput().longlong(2n ** 63n),
    () => new CdrOutput().longlong(2 ** 60),
    () => new CdrOutput().ulonglong(-1n),
    () => new CdrOutput().ulonglong("1" as never),
    () => new CdrOutput().boolean(1 as never),
    () => new CdrOutput().double("1" as never),
    () => new CdrOutput().float(1n as never),
    () => new CdrOutput().char(""),
    () => new CdrOutput().char("ab"),
    () => new CdrOutput().char(65 as never),
    () => new CdrOutput().wchar("ab"),
    () => new CdrOutput().string(5 as never),
    () => new CdrOutput().wstring(null as never),
    () => new CdrOutput().octetSequence([1] as never),
    () => new CdrOutput().sequenceLength(4, 3),
  ];
  for (const write of wrong) t.throws(write, { instanceOf: BAD_PARAM }, write.toString());
});

test("64-bit integers may be given as safe numbers", (t) => {
  const input = new CdrInput(new CdrOutput().longlong(-5).ulonglong(6).finish());
  t.is(input.longlong(), -5n);
  t.is(input.ulonglong(), 6n);
});

test("any octet but 0 is true", (t) => {
  const input = new CdrInput(new Uint8Array([0, 1, 0xff]));
  t.deepEqual([input.boolean(), input.boolean(), input.boolean()], [false, true, true]);
});

test("a char must fit one octet of the code set", (t) => {
  t.deepEqual([...new CdrOutput().char("ÿ").finish()], [255]);
  t.throws(() => new CdrOutput().char("€"), { instanceOf: DATA_CONVERSION });
  const utf8 = { charSet: UTF8 };
  const error = t.throws(() => new CdrOutput(utf8).char("ÿ"), { instanceOf: DATA_CONVERSION });
  t.is(error?.minor, 0x4f4d_0001);
  t.throws(() => new CdrInput(new Uint8Array([0x80]), utf8).char(), {
    instanceOf: DATA_CONVERSION,
  });
});

test("a sequence longer than its octets is refused before it is read", (t) => {
  const lying = (count: number, smallest: number, bound?: number) => () =>
    new CdrInput(new CdrOutput().ulong(count).octets(new Uint8Array(16)).finish()).sequenceLength(
      smallest,
      bound,
    );
  t.is(lying(4, 4)(), 4);
  t.is(t.throws(lying(5, 4), { instanceOf: MARSHAL })?.minor, MINOR.lengthPastEnd);
  t.is(t.throws(lying(0xffff_ffff, 1), { instanceOf: MARSHAL })?.minor, MINOR.lengthPastEnd);
  t.is(t.throws(lying(3, 1, 2), { instanceOf: MARSHAL })?.minor, MINOR.boundExceeded);
  t.is(t.throws(lying(0xffff_ffff, 0), { instanceOf: MARSHAL })?.minor, MINOR.sequenceTooLong);
});

test("few octets are copied, many are a view of the message", (t) => {
  const small = new CdrOutput().octetSequence(new Uint8Array(10).fill(1)).finish().slice();
  const large = new CdrOutput().octetSequence(new Uint8Array(5000).fill(1)).finish().slice();
  t.not(new CdrInput(small).octetSequence().buffer, small.buffer);
  const view = new CdrInput(large).octetSequence();
  t.is(view.buffer, large.buffer);
  t.is(view.constructor, Uint8Array);
  t.is(view.byteOffset, large.byteOffset + 4);
});

test("an output grows, patches, and starts anew in the same buffer", (t) => {
  const out = new CdrOutput();
  out.ulong(0);
  for (let i = 0; i < 10_000; i++) out.ulong(i);
  out.patchUlong(0, 10_000);
  const input = new CdrInput(out.finish());
  t.is(input.ulong(), 10_000);
  for (let i = 0; i < 10_000; i++) if (input.ulong() !== i) t.fail(`element ${i}`);
  t.throws(() => out.patchUlong(40_001, 0), { instanceOf: RangeError });
  out.reset();
  t.is(out.position, 0);
  t.deepEqual([...out.octet(7).finish()], [7]);
  out.octets(new Uint8Array(5 * 1024 * 1024)).reset();
  t.deepEqual([...out.octet(8).finish()], [8]);
});

test("what was finished can be kept as a slice", (t) => {
  const out = new CdrOutput().ulong(1);
  const kept = out.finish().slice();
  out.reset();
  out.ulong(2);
  t.deepEqual(kept, new Uint8Array([1, 0, 0, 0]));
});

test("no octet is lost where the buffer grows, whatever is written there", (t) => {
  for (const primitive of PRIMITIVES) {
    const [sample] = fc.sample(primitive.values, { numRuns: 1, seed: 5 });
    for (let before = 500; before < 516; before++) {
      const out = new CdrOutput().octets(new Uint8Array(before));
      primitive.write(out, sample as never);
      const input = new CdrInput(out.finish(), { position: before });
      t.deepEqual(primitive.read(input), sample, primitive.name);
    }
  }
});

test("aligning stops at the end where pad octets are missing", (t) => {
  const input = new CdrInput(new Uint8Array(5), { position: 5 });
  t.is(input.align(8).position, 5);
  t.is(new CdrInput(new Uint8Array(8), { position: 5 }).align(8).remaining, 0);
  t.throws(() => new CdrInput(new Uint8Array(3)).skip(4), { instanceOf: MARSHAL });
  t.is(new CdrInput(new Uint8Array(3)).skip(2).remaining, 1);
});

test("nesting ends at 256", (t) => {
  const out = new CdrOutput();
  const input = new CdrInput(new Uint8Array(0));
  for (let i = 0; i < 256; i++) {
    out.enter();
    input.enter();
  }
  t.is(t.throws(() => out.enter(), { instanceOf: MARSHAL })?.minor, MINOR.nestingTooDeep);
  t.is(t.throws(() => input.enter(), { instanceOf: MARSHAL })?.minor, MINOR.nestingTooDeep);
});
