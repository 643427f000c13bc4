import fc from "fast-check";
import { tc, type TypeCode } from "../../../orb/typecode/index.ts";

const name = fc.string({ unit: "grapheme-ascii", minLength: 1, maxLength: 6 });
const id = fc.oneof(
  fc.constant(""),
  name.map((n) => `IDL:M/${n}:1.0`),
);
const bound = fc.integer({ min: 0, max: 5 });

const PLAIN: readonly TypeCode[] = [
  tc.short,
  tc.long,
  tc.ushort,
  tc.ulong,
  tc.longlong,
  tc.ulonglong,
  tc.float,
  tc.double,
  tc.longdouble,
  tc.boolean,
  tc.char,
  tc.wchar,
  tc.octet,
  tc.any,
  tc.TypeCode,
  tc.Principal,
  tc.Object,
];

const NAMED: readonly ((i: string, n: string) => TypeCode)[] = [
  (i, n) => tc.objref(i, n),
  (i, n) => tc.native(i, n),
  (i, n) => tc.abstract_interface(i, n),
  (i, n) => tc.local_interface(i, n),
  (i, n) => tc.component(i, n),
  (i, n) => tc.home(i, n),
];

const named = fc.tuple(fc.constantFrom(...NAMED), id, name).map(([make, i, n]) => make(i, n));

const enumeration = fc
  .tuple(id, name, fc.array(name, { minLength: 1, maxLength: 4 }))
  .map(([i, n, names]) => tc.enum(i, n, names));

const leaf: fc.Arbitrary<TypeCode> = fc.oneof(
  fc.constantFrom(...PLAIN),
  bound.map((b) => tc.string(b)),
  bound.map((b) => tc.wstring(b)),
  fc
    .tuple(fc.integer({ min: 1, max: 31 }), fc.integer({ min: -3, max: 9 }))
    .map(([d, s]) => tc.fixed(d, s)),
  named,
  enumeration,
);

type Discriminator = readonly [
  type: TypeCode,
  labels: fc.Arbitrary<number | bigint | boolean | string>,
];

const DISCRIMINATORS: readonly Discriminator[] = [
  [tc.short, fc.integer({ min: -5, max: 5 })],
  [tc.ushort, fc.nat(9)],
  [tc.long, fc.integer()],
  [tc.ulong, fc.nat()],
  [tc.longlong, fc.bigInt({ min: -9n, max: 9n })],
  [tc.ulonglong, fc.bigInt({ min: 0n, max: 9n })],
  [tc.boolean, fc.boolean()],
  [tc.char, fc.constantFrom("a", "b", "ÿ")],
  [tc.wchar, fc.constantFrom("a", "€")],
  [tc.octet, fc.nat(255)],
  [tc.enum("IDL:M/E:1.0", "E", ["x", "y"]), fc.constantFrom("x", "y")],
  [tc.alias("IDL:M/A:1.0", "A", tc.long), fc.integer()],
];

const members = (type: fc.Arbitrary<TypeCode>) =>
  fc.array(fc.tuple(name, type), { minLength: 1, maxLength: 3 });

function union(type: fc.Arbitrary<TypeCode>): fc.Arbitrary<TypeCode> {
  return fc
    .constantFrom(...DISCRIMINATORS)
    .chain(([discriminator, labels]) =>
      fc
        .tuple(
          id,
          name,
          fc.array(fc.tuple(labels, name, type), { minLength: 1, maxLength: 3 }),
          fc.nat(),
        )
        .map(([i, n, list, pick]) =>
          tc.union(i, n, discriminator, (pick % (list.length + 1)) - 1, () => list),
        ),
    );
}

function value(type: fc.Arbitrary<TypeCode>): fc.Arbitrary<TypeCode> {
  const list = fc.array(fc.tuple(name, type, fc.nat(1)), { maxLength: 2 });
  const base = tc.value("IDL:M/Base:1.0", "Base", 0, null, () => [["x", tc.long, 1]]);
  return fc
    .tuple(fc.boolean(), id, name, fc.nat(3), fc.boolean(), list)
    .map(([isEvent, i, n, modifier, derived, m]) => {
      const inherited = derived ? base : null;
      return isEvent
        ? tc.event(i, n, modifier, inherited, () => m)
        : tc.value(i, n, modifier, inherited, () => m);
    });
}

/** TypeCodes of every kind that may be a member, nested a few levels. */
export const memberType: fc.Arbitrary<TypeCode> = fc.letrec<{ type: TypeCode }>((tie) => ({
  type: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    leaf,
    fc.tuple(tie("type"), bound).map(([t, b]) => tc.sequence(t, b)),
    fc.tuple(tie("type"), fc.integer({ min: 1, max: 3 })).map(([t, n]) => tc.array(t, n)),
    fc.tuple(id, name, tie("type")).map(([i, n, t]) => tc.alias(i, n, t)),
    fc.tuple(id, name, tie("type")).map(([i, n, t]) => tc.value_box(i, n, t)),
    fc.tuple(id, name, members(tie("type"))).map(([i, n, m]) => tc.struct(i, n, () => m)),
    union(tie("type")),
    value(tie("type")),
  ),
})).type;

/** TypeCodes of all kinds. */
export const anyType: fc.Arbitrary<TypeCode> = fc.oneof(
  { weight: 1, arbitrary: fc.constantFrom(tc.null, tc.void) },
  { weight: 8, arbitrary: memberType },
  {
    weight: 2,
    arbitrary: fc
      .tuple(id, name, fc.array(fc.tuple(name, memberType), { maxLength: 3 }))
      .map(([i, n, m]) => tc.exception(i, n, () => m)),
  },
);
