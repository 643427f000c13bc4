import fc from "fast-check";
import { Any, AnyValue } from "../../../orb/any/index.ts";
import { Fixed, LongDouble } from "../../../orb/cdr/index.ts";
import { type Label, tc, type TypeCode } from "../../../orb/typecode/index.ts";

/** A type together with values of it. */
export interface Typed {
  readonly type: TypeCode;
  readonly value: fc.Arbitrary<unknown>;
}

const unit = fc.integer({ min: 1, max: 0xff }).map((c) => String.fromCharCode(c));
const wide = fc.integer({ min: 1, max: 0xffff }).map((c) => String.fromCharCode(c));

const VALUE: TypeCode = tc.value("IDL:M/V:1.0", "V", 0, null, () => [
  ["n", tc.long, 1],
  ["next", VALUE, 0],
]);

const LEAVES: readonly Typed[] = [
  { type: tc.short, value: fc.integer({ min: -32_768, max: 32_767 }) },
  { type: tc.ushort, value: fc.nat(65_535) },
  { type: tc.long, value: fc.integer() },
  { type: tc.ulong, value: fc.nat() },
  { type: tc.longlong, value: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }) },
  { type: tc.ulonglong, value: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }) },
  { type: tc.float, value: fc.float() },
  { type: tc.double, value: fc.double() },
  { type: tc.boolean, value: fc.boolean() },
  { type: tc.octet, value: fc.nat(255) },
  { type: tc.char, value: unit },
  { type: tc.wchar, value: wide },
  { type: tc.string(), value: fc.string({ unit, maxLength: 20 }) },
  { type: tc.string(3), value: fc.string({ unit, maxLength: 3 }) },
  { type: tc.wstring(), value: fc.string({ unit: wide, maxLength: 20 }) },
  { type: tc.sequence(tc.octet), value: fc.uint8Array({ maxLength: 9 }) },
  { type: tc.array(tc.octet, 4), value: fc.uint8Array({ minLength: 4, maxLength: 4 }) },
  {
    type: tc.fixed(6, 2),
    value: fc.integer({ min: -999_999, max: 999_999 }).map((n) => new Fixed(BigInt(n), 2)),
  },
  { type: tc.longdouble, value: fc.double().map((n) => LongDouble.fromNumber(n)) },
  {
    type: tc.value_box("IDL:M/B:1.0", "B", tc.string()),
    value: fc.option(fc.string({ unit, maxLength: 5 })),
  },
  {
    type: VALUE,
    value: fc.option(fc.integer().map((n) => new AnyValue(VALUE, { n, next: null }))),
  },
  { type: tc.Principal, value: fc.uint8Array({ maxLength: 5 }) },
  { type: tc.enum("IDL:M/E:1.0", "E", ["x", "y", "z"]), value: fc.constantFrom("x", "y", "z") },
];

const LABELS: readonly (readonly [TypeCode, readonly [Label, Label, Label]])[] = [
  [tc.long, [-1, 0, 5]],
  [tc.longlong, [-1n, 0n, 2n ** 40n]],
  [tc.ulonglong, [0n, 1n, 2n ** 63n]],
  [tc.ushort, [0, 1, 65_535]],
  [tc.char, ["a", "b", "ÿ"]],
  [tc.wchar, ["a", "€", "\ud800"]],
  [tc.octet, [0, 1, 255]],
  [tc.enum("IDL:M/L:1.0", "L", ["one", "two", "three"]), ["one", "two", "three"]],
];

const leaf: fc.Arbitrary<Typed> = fc.constantFrom(...LEAVES);

function unionOf(a: Typed, b: Typed, pick: number, fallback: boolean): Typed {
  const [discriminator, labels] = LABELS[pick % LABELS.length] ?? LABELS[0]!;
  const type = tc.union("IDL:M/U:1.0", "U", discriminator, fallback ? 1 : -1, () => [
    [labels[0], "a", a.type],
    [labels[1], "b", b.type],
  ]);
  const last = fallback
    ? b.value.map((v) => ({ $d: labels[2], b: v }))
    : fc.constant({ $d: labels[2] });
  const second = fallback ? last : b.value.map((v) => ({ $d: labels[1], b: v }));
  const value = fc.oneof(
    a.value.map((v) => ({ $d: labels[0], a: v })),
    second,
    last,
  );
  return { type, value };
}

/** Types with values, nested a few levels, of all kinds that an any without an ORB can hold. */
export const typed: fc.Arbitrary<Typed> = fc.letrec<{ typed: Typed }>((tie) => ({
  typed: fc.oneof(
    { maxDepth: 3 },
    leaf,
    tie("typed").map((e) => {
      const octets = e.type.unaliased().kind() === "tk_octet";
      const value = octets ? fc.uint8Array({ maxLength: 3 }) : fc.array(e.value, { maxLength: 3 });
      return { type: tc.sequence(e.type), value };
    }),
    tie("typed").map((e) => {
      const octets = e.type.unaliased().kind() === "tk_octet";
      const size = { minLength: 2, maxLength: 2 };
      return {
        type: tc.array(e.type, 2),
        value: octets ? fc.uint8Array(size) : fc.array(e.value, size),
      };
    }),
    tie("typed").map((e) => ({ type: tc.alias("IDL:M/A:1.0", "A", e.type), value: e.value })),
    fc.tuple(tie("typed"), tie("typed")).map(([a, b]) => ({
      type: tc.struct("IDL:M/S:1.0", "S", () => [
        ["a", a.type],
        ["__proto__", b.type],
      ]),
      value: fc.tuple(a.value, b.value).map(([x, y]) =>
        Object.defineProperty({ a: x }, "__proto__", {
          value: y,
          enumerable: true,
          writable: true,
        }),
      ),
    })),
    fc
      .tuple(tie("typed"), tie("typed"), fc.nat(), fc.boolean())
      .map(([a, b, pick, fallback]) => unionOf(a, b, pick, fallback)),
    tie("typed").map((e) => ({ type: tc.any, value: e.value.map((v) => new Any(e.type, v)) })),
  ),
})).typed;
