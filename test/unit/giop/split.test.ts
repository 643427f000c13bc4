import test from "ava";
import fc from "fast-check";
import { CdrOutput } from "../../../orb/cdr/index.ts";
import {
  Assembler,
  beginMessage,
  endMessage,
  Giop11Output,
  type GiopMessage,
  splitMessage,
} from "../../../orb/giop/index.ts";

type Datum =
  | { readonly is: "octet" | "ushort" | "ulong"; readonly value: number }
  | { readonly is: "longlong" | "ulonglong"; readonly value: bigint }
  | { readonly is: "double"; readonly value: number }
  | { readonly is: "string"; readonly value: string }
  | { readonly is: "octetSequence"; readonly value: Uint8Array }
  | { readonly is: "encapsulation"; readonly value: number };

const data: fc.Arbitrary<Datum> = fc.oneof(
  fc.record({ is: fc.constant("octet" as const), value: fc.nat(0xff) }),
  fc.record({ is: fc.constant("ushort" as const), value: fc.nat(0xffff) }),
  fc.record({ is: fc.constant("ulong" as const), value: fc.nat(0xffff_ffff) }),
  fc.record({
    is: fc.constant("ulonglong" as const),
    value: fc.bigInt(0n, 0xffff_ffff_ffff_ffffn),
  }),
  fc.record({ is: fc.constant("longlong" as const), value: fc.bigInt(-5n, 5n) }),
  fc.record({ is: fc.constant("double" as const), value: fc.double({ noNaN: true }) }),
  fc.record({
    is: fc.constant("string" as const),
    value: fc.string({ unit: fc.constant("x"), maxLength: 90 }),
  }),
  fc.record({ is: fc.constant("octetSequence" as const), value: fc.uint8Array({ maxLength: 90 }) }),
  fc.record({ is: fc.constant("encapsulation" as const), value: fc.double({ noNaN: true }) }),
);

function write(out: CdrOutput, datum: Datum): void {
  switch (datum.is) {
    case "encapsulation":
      out.encapsulation((inner) => inner.double(datum.value));
      return;
    case "octetSequence":
      out.octetSequence(datum.value);
      return;
    case "string":
      out.string(datum.value);
      return;
    case "longlong":
    case "ulonglong":
      out[datum.is](datum.value);
      return;
    case "octet":
    case "ushort":
    case "ulong":
    case "double":
      out[datum.is](datum.value);
  }
}

function read({ input }: GiopMessage, { is }: Datum): unknown {
  if (is === "encapsulation") return input.encapsulation((inner) => inner.double());
  if (is === "octetSequence") return Uint8Array.from(input.octetSequence());
  return input[is]();
}

function reassemble(pieces: readonly Uint8Array[]): GiopMessage[] {
  const assembler = new Assembler();
  const messages: GiopMessage[] = [];
  for (const piece of pieces) assembler.consume(Buffer.from(piece), (m) => messages.push(m));
  if (assembler.pending) throw new Error("fragments are missing");
  return messages;
}

for (const minor of [1, 2] as const) {
  test(`a split message of GIOP 1.${minor} reads the same, and no piece is above the limit`, (t) => {
    fc.assert(
      fc.property(
        fc.array(data, { maxLength: 60 }),
        fc.integer({ min: 32, max: 200 }),
        fc.boolean(),
        (values, maxOctets, littleEndian) => {
          const out = new Giop11Output({ littleEndian, giopMinor: minor });
          beginMessage(out, "Reply", minor);
          // Something to be thrown away first: positions start anew as well.
          out.double(1);
          out.reset();
          beginMessage(out, "Reply", minor);
          out.ulong(1);
          for (const value of values) write(out, value);
          const pieces = splitMessage(endMessage(out), maxOctets, out.eightOctetPositions);
          const [message, ...others] = reassemble(pieces);
          t.is(others.length, 0);
          t.is(message?.input.ulong(), 1);
          for (const datum of values) {
            t.deepEqual(message === undefined ? undefined : read(message, datum), datum.value);
          }
          t.is(message?.input.remaining, 0);
          const [first = new Uint8Array(0), ...rest] = pieces;
          // Numbers of eight octets in a row stay together in 1.1.
          const most = minor === 2 ? maxOctets : maxOctets + 16 * out.eightOctetPositions.length;
          t.true(first.length <= most);
          for (let i = 0; i < rest.length; i += 2) {
            t.true((rest[i]?.length ?? 0) + (rest[i + 1]?.length ?? 0) <= most);
          }
        },
      ),
      { numRuns: 200 },
    );
  });
}

test("what cannot or need not be split comes back whole", (t) => {
  const long = (minor: 0 | 1 | 2, type: "Reply" | "LocateReply"): Uint8Array => {
    const out = new CdrOutput();
    beginMessage(out, type, minor);
    return endMessage(out.octets(new Uint8Array(100)));
  };
  t.is(splitMessage(long(0, "Reply"), 32, []).length, 1);
  t.is(splitMessage(long(1, "Reply"), 32).length, 1, "positions are not known");
  t.is(splitMessage(long(1, "LocateReply"), 32, []).length, 1);
  t.is(splitMessage(long(2, "Reply"), 112).length, 1);
  t.true(splitMessage(long(2, "LocateReply"), 111).length > 1);
  t.throws(() => splitMessage(long(2, "Reply"), 31), { instanceOf: RangeError });
});

test("in GIOP 1.1 data goes on at the same alignment, and no double is halved", (t) => {
  const out = new Giop11Output({ giopMinor: 1 });
  beginMessage(out, "Reply", 1);
  out.ulong(1);
  for (let i = 0; i < 20; i++) out.double(i);
  out.octetSequence(new Uint8Array(100));
  const pieces = splitMessage(endMessage(out), 64, out.eightOctetPositions);
  const ends: number[] = [];
  let at = 0;
  for (const [i, piece] of pieces.entries()) {
    if (i % 2 === 1) t.is(piece.length, 12);
    else ends.push((at += piece.length));
  }
  // Doubles are at 16 to 176, octets at 180 to 280.
  t.deepEqual(ends, [180, 228, 280]);
});
