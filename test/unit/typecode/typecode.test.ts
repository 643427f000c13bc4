import test from "ava";
import fc from "fast-check";
import { CdrInput, CdrOutput } from "../../../orb/cdr/index.ts";
import { BAD_PARAM, BAD_TYPECODE, MARSHAL, MINOR } from "../../../orb/exception/index.ts";
import {
  kindFromOrdinal,
  kindToOrdinal,
  readTypeCode,
  TC_KINDS,
  tc,
  type TypeCode,
  TypeCodeBadKind,
  TypeCodeBounds,
  typeName,
  typeText,
  writeTypeCode,
} from "../../../orb/typecode/index.ts";
import { anyType } from "./arbitrary.ts";

function encode(type: TypeCode, littleEndian: boolean = true, before: number = 0): Uint8Array {
  const out = new CdrOutput({ littleEndian }).octets(new Uint8Array(before));
  writeTypeCode(out, type);
  return out.finish();
}

const Tree: TypeCode = tc.struct("IDL:Anchor/Tree:1.0", "Tree", () => [
  ["label", tc.string()],
  ["kids", () => tc.sequence(Tree)],
]);

test("a TypeCode of any kind survives at every offset and in both orders", (t) => {
  fc.assert(
    fc.property(anyType, fc.boolean(), fc.nat(7), (type, littleEndian, before) => {
      const octets = encode(type, littleEndian, before);
      const input = new CdrInput(octets, { littleEndian, position: before });
      const again = readTypeCode(input);
      t.is(input.remaining, 0);
      t.true(again.equal(type));
      t.true(type.equal(again));
      t.true(again.equivalent(type));
      t.is(typeText(again), typeText(type));
    }),
    { numRuns: 300 },
  );
});

test("every cut of a TypeCode is MARSHAL", (t) => {
  fc.assert(
    fc.property(anyType, fc.boolean(), (type, littleEndian) => {
      const octets = encode(type, littleEndian);
      for (let n = 0; n < octets.length; n++) {
        const cut = new CdrInput(octets.subarray(0, n), { littleEndian });
        t.throws(() => readTypeCode(cut), { instanceOf: MARSHAL });
      }
    }),
    { numRuns: 40 },
  );
});

test("a flipped octet gives a TypeCode or an error of CORBA, never another one", (t) => {
  fc.assert(
    fc.property(anyType, fc.nat(), fc.integer({ min: 1, max: 255 }), (type, where, flip) => {
      const octets = encode(type).slice();
      const at = where % octets.length;
      octets[at] = (octets[at] ?? 0) ^ flip;
      try {
        t.is(typeof typeName(readTypeCode(new CdrInput(octets))), "string");
      } catch (thrown) {
        t.true(thrown instanceof MARSHAL || thrown instanceof BAD_TYPECODE);
      }
    }),
    { numRuns: 300 },
  );
});

test("kinds have the ordinals of the wire", (t) => {
  t.is(TC_KINDS.length, 37);
  t.is(kindToOrdinal("tk_event"), 36);
  t.is(kindToOrdinal("tk_string"), 18);
  t.is(kindFromOrdinal(22), "tk_except");
  t.is(kindFromOrdinal(37), undefined);
});

test("operations answer for their kinds and refuse others with BadKind or Bounds", (t) => {
  const E = tc.enum("IDL:E:1.0", "E", ["a", "b"]);
  const U = tc.union("IDL:U:1.0", "U", E, 1, () => [
    ["a", "x", tc.long],
    ["a", "rest", tc.string(4)],
  ]);
  t.deepEqual([U.kind(), U.id(), U.name()], ["tk_union", "IDL:U:1.0", "U"]);
  t.deepEqual([U.member_count(), U.member_name(1), U.member_label(0)], [2, "rest", "a"]);
  t.is(U.discriminator_type(), E);
  t.is(U.default_index(), 1);
  t.is(U.memberFor("a")?.name, "x");
  t.is(U.memberFor("b")?.name, "rest");
  t.deepEqual([E.member_count(), E.member_name(0)], [2, "a"]);
  t.is(tc.sequence(E, 3).content_type(), E);
  t.is(tc.array(E, 3).length(), 3);
  const fixed = tc.fixed(5, 2);
  t.deepEqual([fixed.fixed_digits(), fixed.fixed_scale()], [5, 2]);
  const V = tc.value("IDL:V:1.0", "V", 3, null, () => [["p", tc.long, 0]]);
  t.deepEqual([V.type_modifier(), V.concrete_base_type(), V.member_visibility(0)], [3, null, 0]);

  t.throws(() => U.member_name(2), { instanceOf: TypeCodeBounds });
  t.throws(() => E.member_name(2), { instanceOf: TypeCodeBounds });
  for (const wrong of [
    () => tc.long.id(),
    () => tc.long.name(),
    () => tc.long.members(),
    () => tc.long.length(),
    () => U.content_type(),
    () => E.member_type(0),
    () => E.discriminator_type(),
    () => E.default_index(),
    () => Tree.member_label(0),
    () => Tree.member_visibility(0),
    () => Tree.enumerators(),
    () => Tree.fixed_digits(),
    () => Tree.fixed_scale(),
    () => Tree.type_modifier(),
    () => Tree.concrete_base_type(),
  ]) {
    const e = t.throws(wrong, { instanceOf: TypeCodeBadKind });
    t.is(e?.repositoryId, "IDL:omg.org/CORBA/TypeCode/BadKind:1.0");
  }
});

test("equal sees names and aliases, equivalent only ids and structure", (t) => {
  const Name = tc.alias("IDL:N:1.0", "N", tc.string());
  const a = tc.struct("", "a", () => [["x", Name]]);
  const b = tc.struct("", "b", () => [["y", tc.string()]]);
  t.false(a.equal(b));
  t.true(a.equivalent(b));
  t.true(Name.equivalent(tc.string()));
  t.false(Name.equal(tc.string()));
  t.false(tc.string(5).equivalent(tc.string(6)));
  t.false(tc.array(tc.long, 2).equivalent(tc.array(tc.long, 3)));
  t.false(tc.struct("IDL:A:1.0", "S", () => []).equivalent(tc.struct("IDL:B:1.0", "S", () => [])));
  const one = tc.struct("IDL:A:1.0", "S", () => [["x", tc.long]]);
  const other = tc.struct("IDL:A:1.0", "S", () => [["x", tc.short]]);
  t.true(one.equivalent(other));
  t.false(one.equal(other));
  t.true(tc.enum("", "x", ["a", "b"]).equivalent(tc.enum("", "y", ["c", "d"])));
  t.false(tc.enum("", "x", ["a"]).equivalent(tc.enum("", "x", ["a", "b"])));
  t.false(tc.objref("IDL:A:1.0", "A").equivalent(tc.long));
});

test("recursive types compare without end", (t) => {
  const make = (id: string, leaf: TypeCode): TypeCode => {
    const node: TypeCode = tc.struct(id, "Node", () => [
      ["leaf", leaf],
      ["next", tc.sequence(() => node)],
    ]);
    return node;
  };
  t.true(make("", tc.long).equal(make("", tc.long)));
  t.true(make("", tc.long).equivalent(make("", tc.long)));
  t.false(make("", tc.long).equivalent(make("", tc.short)));
});

test("mutually recursive types survive", (t) => {
  const A: TypeCode = tc.struct("IDL:A:1.0", "A", () => [["b", tc.sequence(() => B)]]);
  const B: TypeCode = tc.union("IDL:B:1.0", "B", tc.boolean, -1, () => [
    [true, "a", tc.sequence(A)],
    [false, "b", tc.sequence(() => B)],
  ]);
  for (const littleEndian of [true, false]) {
    const again = readTypeCode(new CdrInput(encode(A, littleEndian), { littleEndian }));
    t.true(again.equal(A));
    const b = again.member_type(0).content_type();
    t.is(b.member_type(0).content_type(), again);
    t.is(b.member_type(1).content_type(), b);
  }
});

test("recursion back to the alias outside, and -2 for a default there cannot be, as omniORB writes them", (t) => {
  const trees =
    "15000000bc00000001f1cf392700000049444c3a746573742e6f72627765617665722f496e7465726f702f54726565" +
    "5365713a312e3000000800000054726565536571001300000078000000010000000f0000006800000001f2db862400" +
    "000049444c3a746573742e6f72627765617665722f496e7465726f702f547265653a312e30000500000054726565" +
    "006f696e02000000050000006e616d65000000001200000000000000090000006272616e6368657300000000ffff" +
    "ffff44ffffff00000000";
  const again = readTypeCode(new CdrInput(Buffer.from(trees, "hex")));
  const wanted: TypeCode = tc.alias("IDL:test.orbweaver/Interop/TreeSeq:1.0", "TreeSeq", () =>
    tc.sequence(OneTree),
  );
  const OneTree: TypeCode = tc.struct("IDL:test.orbweaver/Interop/Tree:1.0", "Tree", () => [
    ["name", tc.string()],
    ["branches", wanted],
  ]);
  t.true(again.equal(wanted));
  t.is(again.content_type().content_type().member_type(1), again);
  t.true(readTypeCode(new CdrInput(encode(again))).equal(wanted));

  const covered =
    "1000000074000000010000002900000049444c3a746573742e6f72627765617665722f496e7465726f702f4279426f" +
    "6f6c65616e3a312e30000000000a0000004279426f6f6c65616e00000008000000feffffff02000000010000000400" +
    "000079657300120000000000000000560000030000006e6f000003000000";
  t.is(readTypeCode(new CdrInput(Buffer.from(covered, "hex"))).default_index(), -1);
});

test("an alias, a sequence or an array that is itself is refused", (t) => {
  for (const [kind, before] of [
    [21, 2],
    [20, 0],
    [19, 0],
  ] as const) {
    const out = new CdrOutput().ulong(kind);
    out.encapsulation((e) => {
      for (let i = 0; i < before; i++) e.string("");
      e.align(4).ulong(0xffff_ffff);
      e.long(-e.absolutePosition).ulong(1);
    });
    t.throws(() => readTypeCode(new CdrInput(out.finish())), { instanceOf: BAD_TYPECODE });
  }
});

test("a value type may be its own member, a struct only through a sequence", (t) => {
  const V: TypeCode = tc.value("IDL:V:1.0", "V", 0, null, () => [["next", () => V, 1]]);
  const again = readTypeCode(new CdrInput(encode(V)));
  t.is(again.member_type(0), again);
  const S: TypeCode = tc.struct("IDL:S:1.0", "S", () => [["s", () => S]]);
  const error = t.throws(() => readTypeCode(new CdrInput(encode(S))), { instanceOf: BAD_TYPECODE });
  t.regex(error?.message ?? "", /^S contains itself without a sequence between/u);
});

/** Where {@link pairWith} has its count of members and the kind of the first one. */
const COUNT_AT = 28;
const FIRST_KIND_AT = 40;

/** struct "" "" { long a; <member> b; } */
function pairWith(writeSecond: (out: CdrOutput) => void): Uint8Array {
  const out = new CdrOutput().ulong(15);
  out.encapsulation((e) => {
    e.string("").string("").ulong(2);
    writeTypeCode(e.string("a"), tc.long);
    writeSecond(e.string("b").align(4));
  });
  return out.finish();
}

test("a repeated part may be an indirection, as JacORB writes it", (t) => {
  const octets = pairWith((e) => e.ulong(0xffff_ffff).long(FIRST_KIND_AT - e.absolutePosition));
  const input = new CdrInput(octets);
  const type = readTypeCode(input);
  t.is(type.member_type(1), tc.long);
  t.is(input.remaining, 0);
});

test("an indirection forward, to itself, or to where no TypeCode begins is MARSHAL", (t) => {
  for (const offset of [4, 0, -1, -4, -8, -12, -2_147_483_648, 2_147_483_647]) {
    const octets = pairWith((e) => e.ulong(0xffff_ffff).long(offset));
    const error = t.throws(() => readTypeCode(new CdrInput(octets)), { instanceOf: MARSHAL });
    t.is(error?.minor, MINOR.badTypeCodeIndirection, `${offset}`);
  }
});

test("an indirection cannot leave its TypeCode", (t) => {
  const out = new CdrOutput();
  writeTypeCode(out, Tree);
  out.ulong(0xffff_ffff).long(-out.absolutePosition);
  const input = new CdrInput(out.finish());
  t.true(readTypeCode(input).equal(Tree));
  t.throws(() => readTypeCode(input), { instanceOf: MARSHAL });
});

function nested(levels: number): TypeCode {
  let type: TypeCode = tc.long;
  for (let i = 1; i < levels; i++) type = tc.sequence(type);
  return type;
}

test("256 levels are read and written, 257 are MARSHAL", (t) => {
  const octets = encode(nested(256));
  t.true(readTypeCode(new CdrInput(octets)).equal(nested(256)));
  const writing = t.throws(() => encode(nested(257)), { instanceOf: MARSHAL });
  t.is(writing?.minor, MINOR.nestingTooDeep);
  // One level around what was written, by hand: the length of the outer encapsulation is known.
  const out = new CdrOutput()
    .ulong(19)
    .ulong(octets.length + 8)
    .ulong(1);
  const deeper = out.octets(octets).ulong(0).finish();
  const reading = t.throws(() => readTypeCode(new CdrInput(deeper)), { instanceOf: MARSHAL });
  t.is(reading?.minor, MINOR.nestingTooDeep);
});

test("indirections cannot add up to more than 256 levels", (t) => {
  // struct { a: 200 levels; b: 100 levels around an indirection to a }
  const octets = pairWith((e) => {
    const deep = (out: CdrOutput, left: number): void => {
      if (left === 0) {
        out.ulong(0xffff_ffff).long(first - out.absolutePosition);
        return;
      }
      out.ulong(19).encapsulation((inner) => {
        inner.align(4);
        deep(inner, left - 1);
        inner.ulong(0);
      });
    };
    const first = e.absolutePosition;
    writeTypeCode(e, nested(200));
    e.string("c").align(4);
    deep(e, 100);
  });
  octets.set([3], COUNT_AT);
  const error = t.throws(() => readTypeCode(new CdrInput(octets)), { instanceOf: MARSHAL });
  t.is(error?.minor, MINOR.nestingTooDeep);
});

test("counts of members beyond the octets are MARSHAL before anything is read", (t) => {
  for (const kind of [15, 17, 22]) {
    const out = new CdrOutput().ulong(kind);
    out.encapsulation((e) => e.string("").string("").ulong(0x1fff_ffff));
    const error = t.throws(() => readTypeCode(new CdrInput(out.finish())), { instanceOf: MARSHAL });
    t.is(error?.minor, MINOR.lengthPastEnd);
  }
});

test("types without a value cannot be members or elements", (t) => {
  const nothing = tc.struct("IDL:Nothing:1.0", "Nothing", () => []);
  for (const bad of [tc.null, tc.void, nothing, tc.alias("", "a", nothing)]) {
    for (const outer of [tc.sequence(bad), tc.struct("", "", () => [["m", bad]])]) {
      const e = t.throws(() => readTypeCode(new CdrInput(encode(outer))), {
        instanceOf: BAD_TYPECODE,
      });
      t.is(e?.minor, MINOR.illegalMemberTypeCode);
    }
  }
  t.throws(() => readTypeCode(new CdrInput(encode(tc.array(tc.long, 0)))), {
    instanceOf: BAD_TYPECODE,
  });
  t.is(readTypeCode(new CdrInput(encode(nothing))).member_count(), 0);
});

test("a bad kind, discriminator, default or label is refused", (t) => {
  const kind = () => readTypeCode(new CdrInput(new CdrOutput().ulong(37).finish()));
  t.is(t.throws(kind, { instanceOf: MARSHAL })?.minor, MINOR.badTypeCodeKind);
  const union = (write: (out: CdrOutput) => void) => () => {
    const out = new CdrOutput().ulong(16).encapsulation((e) => write(e.string("").string("")));
    return readTypeCode(new CdrInput(out.finish()));
  };
  const float = union((e) => {
    writeTypeCode(e, tc.float);
    e.long(-1).ulong(1).float(1).string("m");
    writeTypeCode(e, tc.long);
  });
  t.throws(float, { instanceOf: BAD_TYPECODE });
  const fallback = union((e) => {
    writeTypeCode(e, tc.long);
    e.long(1).ulong(1).long(1).string("m");
    writeTypeCode(e, tc.long);
  });
  t.is(t.throws(fallback, { instanceOf: MARSHAL })?.minor, MINOR.badTypeCodeParameter);
  const label = union((e) => {
    writeTypeCode(e, tc.enum("", "E", ["a"]));
    e.long(-1).ulong(1).ulong(1).string("m");
    writeTypeCode(e, tc.long);
  });
  t.is(t.throws(label, { instanceOf: MARSHAL })?.minor, MINOR.unknownOrdinal);
  const E = tc.enum("", "E", ["a"]);
  const wrong = tc.union("", "U", E, -1, () => [["b", "m", tc.long]]);
  t.is(t.throws(() => encode(wrong), { instanceOf: BAD_PARAM })?.minor, MINOR.labelTypeDiffers);
  t.throws(() => encode(tc.union("", "U", tc.float, -1, () => [[1, "m", tc.long]])), {
    instanceOf: BAD_TYPECODE,
  });
});

test("a TypeCode that doubles at every level ends at its limit when written", (t) => {
  let type: TypeCode = tc.long;
  for (let i = 0; i < 40; i++) {
    const inner = type;
    type = tc.struct(`IDL:D${i}:1.0`, "D", () => [
      ["a", inner],
      ["b", inner],
    ]);
  }
  t.is(t.throws(() => encode(type), { instanceOf: MARSHAL })?.minor, MINOR.messageTooLarge);
  t.true(type.equal(type));
});

test("types read as IDL", (t) => {
  const E = tc.enum("IDL:omg.org/M/E:1.0", "E", ["a", "b"]);
  t.is(typeName(tc.sequence(tc.array(tc.ulonglong, 3), 5)), "sequence<unsigned long long[3], 5>");
  t.is(typeName(tc.sequence(tc.wstring(7))), "sequence<wstring<7>>");
  t.is(typeName(tc.fixed(5, 2)), "fixed<5, 2>");
  t.is(typeName(Tree), "Anchor::Tree");
  t.is(typeName(tc.struct("LOCAL:1", "Odd", () => [])), "Odd");
  t.is(typeName(tc.struct("", "", () => [])), "tk_struct");
  t.is(typeText(E), "enum M::E { a, b };");
  t.is(
    typeText(Tree),
    "struct Anchor::Tree {\n  string label;\n  sequence<Anchor::Tree> kids;\n};",
  );
  const U = tc.union("IDL:U:1.0", "U", E, 1, () => [
    ["a", "x", tc.long],
    ["a", "y", tc.char],
  ]);
  t.is(typeText(U), "union U switch (M::E) {\n  case a: long x;\n  default: char y;\n};");
  t.is(typeText(tc.alias("IDL:T:1.0", "T", tc.octet)), "typedef octet T;");
  t.is(typeText(tc.exception("IDL:X:1.0", "X", () => [])), "exception X {\n};");
  t.is(typeText(tc.Object), "interface CORBA::Object;");
  t.is(typeText(tc.long), "long");
});
