import test from "ava";
import { CdrInput, CdrOutput } from "../../../orb/cdr/index.ts";
import { readTypeCode, tc, type TypeCode, writeTypeCode } from "../../../orb/typecode/index.ts";

const E = tc.enum("IDL:V/E:1.0", "E", ["e0", "e1", "e2"]);
const U = tc.union("IDL:V/U:1.0", "U", E, 2, () => [
  ["e0", "a", tc.long],
  ["e1", "b", tc.string()],
  ["e0", "c", tc.octet],
]);
const S: TypeCode = tc.struct("IDL:V/S:1.0", "S", () => [
  ["n", tc.string()],
  ["kids", SSeq],
]);
const SSeq: TypeCode = tc.alias("IDL:V/SSeq:1.0", "SSeq", tc.sequence(S));

/** As captured: an encapsulation, byte order octet first, the TypeCode at index 4. */
function encode(type: TypeCode): Buffer {
  const out = new CdrOutput({ littleEndian: true }).octet(1);
  writeTypeCode(out, type);
  return Buffer.from(out.finish());
}

function decode(octets: Uint8Array): TypeCode {
  return readTypeCode(new CdrInput(octets, { position: 1 }));
}

function text(s: string): string {
  return Buffer.from(`${s}\0`).toString("hex");
}

const TYPES: readonly (readonly [what: string, from: string, type: TypeCode, hex: string])[] = [
  [
    "union U",
    "omniORB 4.2.5",
    U,
    "01000000 10000000 98000000" +
      `01000000 0c000000 ${text("IDL:V/U:1.0")} 02000000 ${text("U")} 0000` +
      "11000000 37000000" +
      `01000000 0c000000 ${text("IDL:V/E:1.0")} 02000000 ${text("E")} 0000 03000000` +
      `03000000 ${text("e0")} 00 03000000 ${text("e1")} 00 03000000 ${text("e2")} 00` +
      "02000000 03000000" +
      `00000000 02000000 ${text("a")} 0000 03000000` +
      `01000000 02000000 ${text("b")} 0000 12000000 00000000` +
      `00000000 02000000 ${text("c")} 0000 0a000000`,
  ],
  [
    "array of arrays",
    "omniORB 4.2.5",
    tc.array(tc.array(tc.long, 3), 2),
    "01000000 14000000 1c000000 01000000 14000000 0c000000 01000000 03000000 03000000 02000000",
  ],
  ["fixed", "omniORB 4.2.5", tc.fixed(4, 2), "01000000 1c000000 04000200"],
  [
    "CORBA::Object",
    "omniORB 4.2.5",
    tc.Object,
    `01000000 0e000000 33000000 01000000 1d000000 ${text("IDL:omg.org/CORBA/Object:1.0")} 000000` +
      `07000000 ${text("Object")}`,
  ],
];

for (const [what, from, type, hex] of TYPES) {
  test(`TypeCode of ${what} has the octets of ${from}`, (t) => {
    const octets = Buffer.from(hex.replaceAll(" ", ""), "hex");
    t.is(encode(type).toString("hex"), octets.toString("hex"));
    t.true(decode(octets).equal(type));
  });
}

test("the recursive S of omniORB: kind at 4, indirection at 128, its offset -128 at 132", (t) => {
  const octets = encode(S);
  t.is(octets.readUInt32LE(4), 15);
  t.is(octets.readUInt32LE(128), 0xffff_ffff);
  t.is(octets.readInt32LE(132), -128);
  const again = decode(octets);
  t.true(again.equal(S));
  const inner = again.member_type(1).content_type().content_type();
  t.is(inner, again);
});

test("a label of 64 bits is aligned in its own encapsulation: index 40", (t) => {
  const type = tc.union("IDL:X/L:1.0", "L", tc.longlong, -1, () => [[5n, "q", tc.short]]);
  const octets = encode(type);
  // The encapsulation of the parameters begins behind its length, at index 12.
  t.is(octets.readBigInt64LE(12 + 40), 5n);
  t.true(decode(octets).equal(type));
});

test("a big endian encapsulation inside a little endian one, with an indirection across", (t) => {
  // struct N { sequence<N> n; }, the sequence's parameters in the other byte order.
  const hex =
    "01000000 0f000000 34000000" +
    "01000000 01000000 00 000000 01000000 00 000000 01000000 02000000 6e00 0000 13000000 10000000";
  const head = Buffer.from(hex.replaceAll(" ", ""), "hex");
  const at = head.length;
  const sequence = Buffer.alloc(16);
  sequence.writeUInt32BE(0xffff_ffff, 4);
  sequence.writeInt32BE(4 - (at + 8), 8);
  sequence.writeUInt32BE(7, 12);
  const octets = Buffer.concat([head, sequence]);
  octets.writeUInt32LE(octets.length - 12, 8);
  const type = decode(octets);
  t.is(type.member_name(0), "n");
  t.is(type.member_type(0).length(), 7);
  t.is(type.member_type(0).content_type(), type);
});
