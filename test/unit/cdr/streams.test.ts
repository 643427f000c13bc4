import test from "ava";
import fc from "fast-check";
import {
  CdrInput,
  CdrOutput,
  CodeSet,
  decapsulate,
  encapsulate,
  negotiateCodeSets,
  OWN_CODE_SETS,
  supportsCharSet,
  supportsWcharSet,
} from "../../../orb/cdr/index.ts";
import {
  CODESET_INCOMPATIBLE,
  Completion,
  DATA_CONVERSION,
  INTERNAL,
  MARSHAL,
  MINOR,
} from "../../../orb/exception/index.ts";

test("an encapsulation counts alignment anew and carries its own byte order", (t) => {
  const out = new CdrOutput({ littleEndian: true });
  out.octet(1).encapsulation((inner) => inner.octet(2).double(1));
  t.is(
    Buffer.from(out.finish()).toString("hex"),
    "01000000" + "10000000" + "0102000000000000" + "000000000000f03f",
  );
  const input = new CdrInput(out.finish());
  input.octet();
  t.deepEqual(
    input.encapsulation((i) => [i.position, i.octet(), i.double(), i.remaining]),
    [1, 2, 1, 0],
  );
});

test("a big endian encapsulation is read inside a little endian stream", (t) => {
  const inner = encapsulate((out) => out.ulong(5).string("é"), { littleEndian: false });
  const outer = new CdrOutput({ littleEndian: true }).octetSequence(inner).ulong(9).finish();
  const input = new CdrInput(outer);
  t.deepEqual(
    input.encapsulation((i) => [i.littleEndian, i.ulong(), i.string()]),
    [false, 5, "é"],
  );
  t.is(input.ulong(), 9);
  t.is(
    decapsulate(inner, (i) => i.ulong()),
    5,
  );
});

test("octets an encapsulation has too many are skipped, too few are MARSHAL", (t) => {
  const octets = new CdrOutput()
    .encapsulation((out) => out.ulong(1).ulong(2))
    .ulong(3)
    .finish();
  const input = new CdrInput(octets);
  t.is(
    input.encapsulation((i) => i.ulong()),
    1,
  );
  t.is(input.ulong(), 3);
  const greedy = new CdrInput(octets);
  t.throws(() => greedy.encapsulation((i) => [i.ulong(), i.ulong(), i.ulong()]), {
    instanceOf: MARSHAL,
  });
  const empty = new CdrInput(new CdrOutput().ulong(0).finish());
  t.throws(() => empty.encapsulation(() => 0), { instanceOf: MARSHAL });
  t.throws(() => decapsulate(new Uint8Array(0), () => 0), { instanceOf: MARSHAL });
});

test("inside an encapsulation text is ISO 8859-1 and GIOP 1.2; outside the connection's again", (t) => {
  const options = { giopMinor: 0, charSet: CodeSet.utf8, wcharSet: CodeSet.none } as const;
  const out = new CdrOutput(options);
  out.encapsulation((inner) => inner.string("é").wchar("x"));
  t.deepEqual([out.giopMinor, out.charSet, out.wcharSet], [0, CodeSet.utf8, CodeSet.none]);
  const read = new CdrInput(out.finish(), options).encapsulation((i) => [i.string(), i.wchar()]);
  t.deepEqual(read, ["é", "x"]);
  t.throws(() => out.encapsulation((inner) => inner.string("€")), { instanceOf: DATA_CONVERSION });
  t.is(out.charSet, CodeSet.utf8);
});

test("errors say how far the target got, and where in the stream", (t) => {
  const input = new CdrInput(new Uint8Array(6), { completed: Completion.yes, position: 4 });
  const error = t.throws(() => input.ulong(), { instanceOf: MARSHAL });
  t.is(error?.completed, Completion.yes);
  t.is(error?.message, "datum of 4 octets past the end, 2 octets left (at octet 4)");
});

test("a stream without an ORB says so when asked for a reference", (t) => {
  const out = new CdrOutput();
  t.throws(() => out.context.writeObject(out, null), { instanceOf: INTERNAL });
  const input = new CdrInput(new Uint8Array(0));
  t.throws(() => input.context.readObject(input), { instanceOf: INTERNAL });
});

/** Writes the same data as fragments of GIOP 1.1: each restarts alignment at its own octet 0. */
function segments(
  littleEndian: boolean,
  ...parts: readonly ((out: CdrOutput) => void)[]
): Uint8Array[] {
  return parts.map((part) => {
    const out = new CdrOutput({ littleEndian, giopMinor: 1 }).octets(new Uint8Array(12));
    part(out);
    return out.finish();
  });
}

for (const littleEndian of [true, false]) {
  const order = littleEndian ? "little" : "big";
  test(`fragments of GIOP 1.1 read as one stream, ${order} endian`, (t) => {
    const text = new Uint8Array(Buffer.from("hello\0"));
    const parts = segments(
      littleEndian,
      (o) => o.octet(1).ulong(2).octet(3),
      (o) => o.double(4.5).octet(5),
      () => undefined,
      (o) => o.ulong(text.length).octets(text.subarray(0, 2)),
      (o) => o.octets(text.subarray(2, 3)),
      (o) => o.octets(text.subarray(3)).wstring("wé"),
      (o) => o.encapsulation((e) => e.string("whole")).ulong(12),
    );
    const options = { littleEndian, giopMinor: 1 } as const;
    const input = CdrInput.overSegments(parts, 12, 12, options);
    t.is(input.octet(), 1);
    t.is(input.ulong(), 2);
    t.is(input.octet(), 3);
    t.is(input.double(), 4.5);
    t.is(input.octet(), 5);
    t.is(input.string(), "hello");
    t.is(input.wstring(), "wé");
    t.is(
      input.encapsulation((e) => e.string()),
      "whole",
    );
    t.is(input.ulong(), 12);
    t.is(input.remaining, 0);
    t.throws(() => input.octet(), { instanceOf: MARSHAL });
  });
}

test("single octets cross from one fragment to the next", (t) => {
  const parts = segments(
    true,
    (o) => o.octet(7).char("a"),
    (o) => o.octet(8).boolean(false).char("b"),
  );
  const input = CdrInput.overSegments(parts, 12, 12, { giopMinor: 1 });
  t.deepEqual(
    [input.octet(), input.char(), input.octet(), input.boolean(), input.char()],
    [7, "a", 8, false, "b"],
  );
  const other = CdrInput.overSegments(
    segments(
      true,
      () => undefined,
      (o) => o.boolean(true),
    ),
    12,
    12,
  );
  t.true(other.boolean());
});

test("an encapsulation and octets cut anywhere by fragments come together again", (t) => {
  fc.assert(
    fc.property(fc.integer({ min: 4, max: 40 }), fc.integer({ min: 4, max: 40 }), (a, b) => {
      const whole = new CdrOutput({ giopMinor: 1 })
        .octets(new Uint8Array(12))
        .encapsulation((e) => e.string("inside").ulong(77).octetSequence(new Uint8Array(9).fill(6)))
        .finish();
      const from = Math.min(a, b) + 12;
      const to = Math.max(a, b) + 12;
      const pieces = [whole.subarray(12, from), whole.subarray(from, to), whole.subarray(to)];
      const parts = pieces.map((p) =>
        new CdrOutput().octets(new Uint8Array(12)).octets(p).finish(),
      );
      const input = CdrInput.overSegments(parts, 12, 12, { giopMinor: 1 });
      const read = input.encapsulation((e) => [e.string(), e.ulong(), e.octetSequence()]);
      t.deepEqual(read, ["inside", 77, new Uint8Array(9).fill(6)]);
      t.is(input.remaining, 0);
    }),
  );
});

test("a length that lies over fragments is MARSHAL", (t) => {
  const parts = segments(
    true,
    (o) => o.ulong(100).octet(1),
    (o) => o.octet(2),
  );
  for (const read of [
    (i: CdrInput) => i.string(),
    (i: CdrInput) => i.octetSequence(),
    (i: CdrInput) => i.encapsulation(() => 0),
    (i: CdrInput) => i.skip(50),
  ]) {
    const input = CdrInput.overSegments(parts, 12, 12, { giopMinor: 1 });
    const e = t.throws(() => read(input), { instanceOf: MARSHAL });
    t.true(e === undefined || e.minor === MINOR.lengthPastEnd);
  }
});

test("a string is only skipped over fragments when it is the expected one", (t) => {
  const parts = segments(
    true,
    (o) => o.ulong(4).octets(Buffer.from("ab")),
    (o) => o.octets(Buffer.from("c\0")).octet(9),
  );
  const input = CdrInput.overSegments(parts, 12, 12, { giopMinor: 1 });
  t.false(input.skipString("abd"));
  t.is(input.remaining, 9);
  t.true(input.skipString("abc"));
  t.is(input.octet(), 9);
});

test("code sets are agreed in the order of the specification", (t) => {
  const { utf8, utf16, iso8859_1: latin1, ucs2Level1: ucs2 } = CodeSet;
  const agreed = (
    native: number,
    conversions: number[],
    wide: number = utf16,
    wides: number[] = [],
  ) => {
    const server = {
      char: { native, conversions },
      wchar: { native: wide, conversions: wides },
    };
    const { charSet, wcharSet } = negotiateCodeSets(server);
    return [charSet, wcharSet];
  };
  t.deepEqual(agreed(utf8, []), [utf8, utf16]);
  t.deepEqual(agreed(latin1, [utf8]), [latin1, utf16]);
  t.deepEqual(agreed(0x0001_000f, [utf8, latin1]), [utf8, utf16]);
  t.deepEqual(agreed(0x0001_000f, [latin1]), [latin1, utf16]);
  t.deepEqual(agreed(0x0001_000f, []), [utf8, utf16]);
  t.deepEqual(agreed(0, []), [latin1, utf16]);
  t.deepEqual(agreed(latin1, [], ucs2), [latin1, ucs2]);
  t.deepEqual(agreed(latin1, [], 0x0001_0104, [0x0001_0102]), [latin1, 0x0001_0102]);
  t.deepEqual(agreed(latin1, [], 0, []), [latin1, 0]);
  t.deepEqual(agreed(latin1, [], 0, [utf16]), [latin1, utf16]);
  const error = t.throws(() => agreed(0x7777_0001, []), { instanceOf: CODESET_INCOMPATIBLE });
  t.is(error?.minor, 0x4f4d_0001);
});

test("without a component it is ISO 8859-1 and no wide characters", (t) => {
  t.deepEqual(negotiateCodeSets(undefined), { charSet: 0x0001_0001, wcharSet: 0 });
});

test("what is published is supported", (t) => {
  const { char, wchar } = OWN_CODE_SETS;
  for (const id of [char.native, ...char.conversions]) t.true(supportsCharSet(id));
  for (const id of [wchar.native, ...wchar.conversions]) t.true(supportsWcharSet(id));
  t.false(supportsCharSet(0));
  t.false(supportsWcharSet(0));
});
