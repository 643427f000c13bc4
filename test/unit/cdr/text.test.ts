import test from "ava";
import fc from "fast-check";
import {
  CdrInput,
  CdrOutput,
  clientOfTargetWithoutWchar,
  type GiopMinor,
  serverWithoutWchar,
} from "../../../orb/cdr/index.ts";
import {
  BAD_PARAM,
  DATA_CONVERSION,
  INV_OBJREF,
  MARSHAL,
  MINOR,
  SystemException,
} from "../../../orb/exception/index.ts";

const LATIN1 = 0x0001_0001;
const UTF8 = 0x0501_0001;
const hex = (octets: Uint8Array): string => Buffer.from(octets).toString("hex");
const unhex = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, "hex"));
const le = { littleEndian: true } as const;
const be = { littleEndian: false } as const;

/** Text without U+0000, of every length class the codec distinguishes. */
const withoutNul = (unit: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc.oneof(
    fc.string({ unit, maxLength: 12 }),
    fc.string({ unit, minLength: 14, maxLength: 40 }),
    fc.string({ unit, minLength: 60, maxLength: 90 }),
  );
const codeUnit = fc.integer({ min: 1, max: 0xffff }).map((c) => String.fromCharCode(c));
const latin1Unit = fc.integer({ min: 1, max: 0xff }).map((c) => String.fromCharCode(c));
const codePoint = fc.oneof(
  fc.integer({ min: 1, max: 0x7f }),
  fc.integer({ min: 0x80, max: 0xd7ff }),
  fc.integer({ min: 0xe000, max: 0x10_ffff }),
);
const scalar = codePoint.map((c) => String.fromCodePoint(c));

test("a string counts its NUL", (t) => {
  t.is(hex(new CdrOutput(le).string("hi").finish()), "03000000686900");
  t.is(hex(new CdrOutput(be).string("").finish()), "0000000100");
  t.is(hex(new CdrOutput({ ...le, charSet: UTF8 }).string("é€").finish()), "06000000c3a9e282ac00");
  t.is(hex(new CdrOutput(le).string("é").finish()), "02000000e900");
});

test("strings of UTF-8 survive in both orders, and every cut is MARSHAL", (t) => {
  fc.assert(
    fc.property(withoutNul(scalar), fc.boolean(), (s, littleEndian) => {
      const options = { littleEndian, charSet: UTF8 };
      const octets = new CdrOutput(options).octet(9).string(s).finish();
      const input = new CdrInput(octets, { ...options, position: 1 });
      t.is(input.string(), s);
      t.is(input.remaining, 0);
      for (let n = 1; n < octets.length; n++) {
        const cut = new CdrInput(octets.subarray(0, n), { ...options, position: 1 });
        t.throws(() => cut.string(), { instanceOf: MARSHAL });
      }
    }),
    { numRuns: 60 },
  );
});

test("strings of ISO 8859-1 survive", (t) => {
  fc.assert(
    fc.property(withoutNul(latin1Unit), (s) => {
      t.is(new CdrInput(new CdrOutput().string(s).finish()).string(), s);
    }),
  );
});

test("long strings survive, of one and of many octets a character", (t) => {
  for (const s of ["a".repeat(300_000), "ä€😀".repeat(100_000)]) {
    const options = { charSet: UTF8 };
    t.true(new CdrInput(new CdrOutput(options).string(s).finish(), options).string() === s);
    t.true(new CdrInput(new CdrOutput().wstring(s).finish()).wstring() === s);
  }
});

test("a length of 0, which old ORBs send, is the empty string", (t) => {
  t.is(new CdrInput(unhex("00000000")).string(), "");
});

test("U+0000 inside a string cannot be sent, short or long, wide or not", (t) => {
  for (const s of ["a\0b", "\0", `${"a".repeat(100)}\0`]) {
    const narrow = t.throws(() => new CdrOutput().string(s), { instanceOf: BAD_PARAM });
    t.is(narrow?.minor, MINOR.nulInString);
    t.throws(() => new CdrOutput().wstring(s), { instanceOf: BAD_PARAM });
  }
});

test("a string without its NUL, or with another, is MARSHAL", (t) => {
  const read = (text: string) => () => new CdrInput(unhex(text)).string();
  t.is(t.throws(read("02000000" + "6161"), { instanceOf: MARSHAL })?.minor, 0xffff_f001);
  t.is(t.throws(read("04000000" + "61006100"), { instanceOf: MARSHAL })?.minor, MINOR.nulInString);
  t.is(t.throws(read("ffffffff" + "61006100"), { instanceOf: MARSHAL })?.minor, 0xffff_f002);
});

test("characters the code set lacks are DATA_CONVERSION with OMG minor 1", (t) => {
  for (const s of ["€", `${"a".repeat(50)}€`]) {
    const e = t.throws(() => new CdrOutput({ charSet: LATIN1 }).string(s), {
      instanceOf: DATA_CONVERSION,
    });
    t.is(e?.minor, 0x4f4d_0001);
    t.is(e?.message, "U+20AC has no place in ISO 8859-1");
  }
  t.throws(() => new CdrOutput({ charSet: 0x0001_0020 }).string("é"), {
    instanceOf: DATA_CONVERSION,
  });
  for (const s of ["\ud800", `${"a".repeat(50)}\udc00b`]) {
    t.throws(() => new CdrOutput({ charSet: UTF8 }).string(s), { instanceOf: DATA_CONVERSION });
  }
});

test("octets that are no UTF-8 are DATA_CONVERSION, a U+FFFD that was sent is not", (t) => {
  const utf8 = { charSet: UTF8 };
  for (const bad of ["02000000ff00", "04000000eda08000", "02000000c300"]) {
    const read = () => new CdrInput(unhex(bad), utf8).string();
    t.throws(read, { instanceOf: DATA_CONVERSION });
  }
  t.is(new CdrInput(new CdrOutput(utf8).string("a\ufffdb").finish(), utf8).string(), "a\ufffdb");
});

test("bounds count characters: BAD_PARAM to write more, MARSHAL to read more", (t) => {
  const utf8 = { charSet: UTF8 };
  const octets = new CdrOutput(utf8).string("éé", 2).wstring("éé", 2).finish();
  const input = new CdrInput(octets, utf8);
  t.is(input.string(2), "éé");
  t.is(input.wstring(2), "éé");
  t.throws(() => new CdrOutput().string("abc", 2), { instanceOf: BAD_PARAM });
  t.throws(() => new CdrOutput().wstring("abc", 2), { instanceOf: BAD_PARAM });
  const narrow = t.throws(() => new CdrInput(octets, utf8).string(1), { instanceOf: MARSHAL });
  t.is(narrow?.minor, MINOR.boundExceeded);
  const skipped = new CdrInput(octets, utf8);
  skipped.string();
  t.throws(() => skipped.wstring(1), { instanceOf: MARSHAL });
});

test("wchar has no byte order mark in GIOP 1.2 and is two octets in stream order in 1.1", (t) => {
  t.is(hex(new CdrOutput(le).wchar("x").finish()), "020078");
  t.is(hex(new CdrOutput(le).wchar("€").finish()), "0220ac");
  t.is(hex(new CdrOutput({ ...le, giopMinor: 1 }).octet(1).wchar("€").finish()), "0100ac20");
  t.is(hex(new CdrOutput({ ...be, giopMinor: 1 }).wchar("€").finish()), "20ac");
});

test("wchar is read with a mark of either order, and without", (t) => {
  const read = (text: string): string => new CdrInput(unhex(text), le).wchar();
  t.is(read("0220ac"), "€");
  t.is(read("04feff20ac"), "€");
  t.is(read("04fffeac20"), "€");
  t.is(read("02feff"), "\ufeff");
  t.throws(() => read("04d83dde00"), { instanceOf: DATA_CONVERSION });
  for (const bad of ["00", "0161", "03000061"]) {
    t.is(t.throws(() => read(bad), { instanceOf: MARSHAL })?.minor, MINOR.badWcharLength);
  }
  t.throws(() => new CdrOutput().wchar("😀"), { instanceOf: DATA_CONVERSION });
});

test("wstring is big endian without a mark in 1.2, terminated and in stream order in 1.1", (t) => {
  t.is(hex(new CdrOutput(le).wstring("hi").finish()), "0400000000680069");
  t.is(hex(new CdrOutput(le).wstring("").finish()), "00000000");
  const le11 = { ...le, giopMinor: 1 } as const;
  t.is(hex(new CdrOutput(le11).wstring("hi").finish()), "03000000680069000000");
  t.is(hex(new CdrOutput({ ...be, giopMinor: 1 }).wstring("h").finish()), "0000000200680000");
  t.is(hex(new CdrOutput(le11).wstring("").finish()), "010000000000");
});

test("wstring is read with a mark of either order, and without", (t) => {
  const read = (text: string): string => new CdrInput(unhex(text), le).wstring();
  t.is(read("06000000fffe68006900"), "hi");
  t.is(read("06000000feff00680069"), "hi");
  t.is(read("0400000000680069"), "hi");
  t.is(read("00000000"), "");
  t.is(read("02000000feff"), "");
  t.is(read("04000000fefffeff"), "\ufeff");
  t.is(t.throws(() => read("03000000006800"), { instanceOf: MARSHAL })?.minor, 0xffff_f009);
  t.is(t.throws(() => read("0200000000000000"), { instanceOf: MARSHAL })?.minor, MINOR.nulInString);
  const read11 = (text: string) => () =>
    new CdrInput(unhex(text), { ...le, giopMinor: 1 }).wstring();
  t.is(read11("00000000")(), "");
  t.is(t.throws(read11("0100000041000000"), { instanceOf: MARSHAL })?.minor, 0xffff_f001);
});

test("wide strings of any code units survive in 1.1 and 1.2, and every cut is MARSHAL", (t) => {
  fc.assert(
    fc.property(
      withoutNul(fc.oneof(codeUnit, fc.constantFrom("\ufeff", "\ufffe"))),
      fc.boolean(),
      fc.constantFrom<GiopMinor>(1, 2),
      (s, littleEndian, giopMinor) => {
        const options = { littleEndian, giopMinor };
        const octets = new CdrOutput(options).octet(9).wstring(s).finish();
        const input = new CdrInput(octets, { ...options, position: 1 });
        t.is(input.wstring(), s);
        t.is(input.remaining, 0);
        for (let n = 1; n < octets.length; n++) {
          const cut = new CdrInput(octets.subarray(0, n), { ...options, position: 1 });
          t.throws(() => cut.wstring(), { instanceOf: MARSHAL });
        }
      },
    ),
    { numRuns: 60 },
  );
});

test("where wide characters cannot be, the error is that of the role", (t) => {
  const minorOf = (act: () => unknown): number | undefined => {
    const error = t.throws(act);
    return error instanceof SystemException ? error.minor : undefined;
  };
  const minors = (options: object): (number | undefined)[] => [
    minorOf(() => new CdrOutput(options).wstring("x")),
    minorOf(() => new CdrInput(new Uint8Array(8), options).wchar()),
  ];
  const [five, six] = [0x4f4d_0005, 0x4f4d_0006];
  t.deepEqual(minors({ giopMinor: 0 }), [five, six]);
  t.deepEqual(minors({ giopMinor: 0, noWchar: serverWithoutWchar }), [six, five]);
  t.deepEqual(minors({ giopMinor: 0, noWchar: clientOfTargetWithoutWchar }), [five, six]);
  t.throws(() => new CdrOutput({ wcharSet: 0 }).wstring("x"), { instanceOf: INV_OBJREF });
  t.is(minors({ wcharSet: 0 })[0], 0x4f4d_0002);
  t.is(minors({ wcharSet: 0, noWchar: clientOfTargetWithoutWchar })[0], 0x4f4d_0001);
  const server = { wcharSet: 0, noWchar: serverWithoutWchar };
  t.throws(() => new CdrInput(new Uint8Array(8), server).wstring(), { instanceOf: BAD_PARAM });
  t.is(minors(server)[1], 0x4f4d_0017);
});

test("a string is skipped only if it is the expected one", (t) => {
  const octets = new CdrOutput().octet(1).string("abc").finish();
  const input = new CdrInput(octets, { position: 1 });
  t.false(input.skipString("abd"));
  t.false(input.skipString("abcd"));
  t.is(input.position, 1);
  t.true(input.skipString("abc"));
  t.is(input.remaining, 0);
  t.false(input.skipString(""));
});
