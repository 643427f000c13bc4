import test from "ava";
import fc from "fast-check";
import { CdrInput, CdrOutput } from "../../../orb/cdr/index.ts";
import {
  readTypeCode,
  TC_KINDS,
  tc,
  type TCKind,
  type TypeCode,
  TypeCodeBadKind,
  TypeCodeBounds,
  writeTypeCode,
} from "../../../orb/typecode/index.ts";
import { anyType } from "./arbitrary.ts";

/** Everything a TypeCode answers, as text, `depth` levels deep: what `equal` has to compare. */
function answers(type: TypeCode, depth: number): string {
  if (depth === 0) return "…";
  const inner = (of: TypeCode): string => answers(of, depth - 1);
  const asked: readonly (() => unknown)[] = [
    () => type.id(),
    () => type.name(),
    () => type.length(),
    () => type.fixed_digits(),
    () => type.fixed_scale(),
    () => type.type_modifier(),
    () => inner(type.content_type()),
    () => inner(type.discriminator_type()),
    () => type.default_index(),
    () => {
      const base = type.concrete_base_type();
      return base === null ? "none" : inner(base);
    },
    () => Array.from({ length: type.member_count() }, (_, i) => type.member_name(i)).join(),
    () => Array.from({ length: type.member_count() }, (_, i) => inner(type.member_type(i))).join(),
    () => Array.from({ length: type.member_count() }, (_, i) => type.member_visibility(i)).join(),
    () =>
      Array.from({ length: type.member_count() }, (_, i) => String(type.member_label(i))).join(),
  ];
  const said = asked.map((ask) => {
    try {
      return JSON.stringify(ask());
    } catch (thrown) {
      if (thrown instanceof TypeCodeBadKind) return "-";
      throw thrown;
    }
  });
  return `${type.kind()}(${said.join("|")})`;
}

/** Deeper than {@link anyType} nests. */
const DEEP = 9;

function again(type: TypeCode): TypeCode {
  const out = new CdrOutput();
  writeTypeCode(out, type);
  return readTypeCode(new CdrInput(out.finish()));
}

test("equal says what comparing every answer of both says", (t) => {
  let equals = 0;
  fc.assert(
    fc.property(anyType, anyType, fc.boolean(), (a, b, isSame) => {
      const other = isSame ? again(a) : b;
      const wanted = answers(a, DEEP) === answers(other, DEEP);
      if (wanted) equals++;
      t.is(a.equal(other), wanted);
      t.is(other.equal(a), wanted);
      if (wanted) t.true(a.equivalent(other));
    }),
    { numRuns: 400 },
  );
  t.true(equals > 50);
});

/** Structs that refer to each other through sequences, by number. */
function graph(edges: readonly (readonly number[])[], leaves: readonly TypeCode[]): TypeCode[] {
  const nodes: TypeCode[] = edges.map((to, i) =>
    tc.struct("", "N", () => [
      ["leaf", leaves[i] ?? tc.long],
      ...to.map((n, k) => [`m${k}`, tc.sequence(() => nodes[n] as TypeCode)] as const),
    ]),
  );
  return nodes;
}

const SIZE = 4;

test("recursive graphs: equal and equivalent end, and say what unrolling says", (t) => {
  const edges = fc.array(fc.array(fc.nat(SIZE - 1), { maxLength: 2 }), {
    minLength: SIZE,
    maxLength: SIZE,
  });
  const leaves = fc.array(fc.constantFrom(tc.long, tc.short), {
    minLength: SIZE,
    maxLength: SIZE,
  });
  const graphs = fc.tuple(edges, leaves).map(([e, l]) => graph(e, l));
  fc.assert(
    fc.property(graphs, graphs, fc.boolean(), (one, other, isSame) => {
      const [a, b] = [one[0], isSame ? one[1] : other[0]] as [TypeCode, TypeCode];
      // Two automata with 16 states together differ within 16 steps; a sequence takes another level.
      const wanted = bisimilar(a, b);
      t.is(a.equal(b), wanted);
      t.is(a.equivalent(b), wanted);
      t.true(again(a).equal(a));
      t.true(a.get_compact_typecode().equivalent(a));
    }),
    { numRuns: 300 },
  );
});

/** By levels: pairs that were found to differ make those around them differ, until nothing changes. */
function bisimilar(a: TypeCode, b: TypeCode): boolean {
  const all = (type: TypeCode, met = new Set<TypeCode>()): Set<TypeCode> => {
    if (met.has(type)) return met;
    met.add(type);
    for (const m of type.members().slice(1)) all(m.type.content_type(), met);
    return met;
  };
  const [left, right] = [[...all(a)], [...all(b)]];
  const differ = new Set<string>();
  const key = (x: TypeCode, y: TypeCode): string => `${left.indexOf(x)},${right.indexOf(y)}`;
  const differs = (x: TypeCode, y: TypeCode): boolean => {
    const [m, n] = [x.members(), y.members()];
    if (m.length !== n.length || m[0]?.type !== n[0]?.type) return true;
    return m
      .slice(1)
      .some((each, i) =>
        differ.has(key(each.type.content_type(), (n[i + 1] as typeof each).type.content_type())),
      );
  };
  for (let before = -1; before !== differ.size; ) {
    before = differ.size;
    for (const x of left) for (const y of right) if (differs(x, y)) differ.add(key(x, y));
  }
  return !differ.has(key(a, b));
}

/** Names of members and enumerators, `depth` levels deep. Labels are not among them: an enum's are "$0", "$1"... without names. */
function memberNamesIn(type: TypeCode, depth: number): readonly string[] {
  if (type.kind() === "tk_enum") return type.enumerators();
  if (depth === 0 || !MEMBERED.has(type.kind())) return [];
  const members = type.members();
  return members.flatMap((m) => [m.name, ...memberNamesIn(m.type, depth - 1)]);
}

const MEMBERED: ReadonlySet<string> = new Set([
  "tk_struct",
  "tk_union",
  "tk_except",
  "tk_value",
  "tk_event",
]);

test("the compact form has no names, is equivalent, keeps ids and aliases, and survives", (t) => {
  fc.assert(
    fc.property(anyType, (type) => {
      const compact = type.get_compact_typecode();
      t.true(compact.equivalent(type));
      t.true(type.equivalent(compact));
      t.is(compact.get_compact_typecode(), compact);
      t.true(again(compact).equal(compact));
      t.deepEqual(
        memberNamesIn(compact, DEEP).filter((name) => name !== ""),
        [],
      );
      t.is(compact.kind(), type.kind());
      if (type.hasId()) t.deepEqual([compact.id(), compact.name()], [type.id(), ""]);
    }),
    { numRuns: 200 },
  );
  const Colour = tc.enum("IDL:M/C:1.0", "C", ["red", "green"]);
  const Node: TypeCode = tc.union(
    "IDL:M/N:1.0",
    "N",
    tc.alias("IDL:M/D:1.0", "D", Colour),
    -1,
    () => [["green", "more", tc.sequence(() => Node)]],
  );
  const compact = Node.get_compact_typecode();
  t.is(compact.member_label(0), "$1");
  t.is(compact.member_type(0).content_type(), compact);
  t.is(compact.discriminator_type().kind(), "tk_alias");
  t.true(again(compact).equal(compact));
});

const NAMED: readonly TCKind[] = [
  "tk_objref",
  "tk_struct",
  "tk_union",
  "tk_enum",
  "tk_alias",
  "tk_value",
  "tk_value_box",
  "tk_native",
  "tk_abstract_interface",
  "tk_local_interface",
  "tk_except",
  "tk_component",
  "tk_home",
  "tk_event",
];
const WITH_MEMBERS: readonly TCKind[] = [
  "tk_struct",
  "tk_union",
  "tk_value",
  "tk_except",
  "tk_event",
];
const VALUES: readonly TCKind[] = ["tk_value", "tk_event"];

/** Which kinds have which operation: CORBA 3.3 Part 1, 8.11.1. */
const OPERATIONS: readonly (readonly [(type: TypeCode) => unknown, readonly TCKind[]])[] = [
  [(type) => type.id(), NAMED],
  [(type) => type.name(), NAMED],
  [(type) => type.member_count(), [...WITH_MEMBERS, "tk_enum"]],
  [(type) => type.member_name(0), [...WITH_MEMBERS, "tk_enum"]],
  [(type) => type.member_type(0), WITH_MEMBERS],
  [(type) => type.member_label(0), ["tk_union"]],
  [(type) => type.discriminator_type(), ["tk_union"]],
  [(type) => type.default_index(), ["tk_union"]],
  [(type) => type.length(), ["tk_string", "tk_wstring", "tk_sequence", "tk_array"]],
  [(type) => type.content_type(), ["tk_sequence", "tk_array", "tk_value_box", "tk_alias"]],
  [(type) => type.fixed_digits(), ["tk_fixed"]],
  [(type) => type.fixed_scale(), ["tk_fixed"]],
  [(type) => type.member_visibility(0), VALUES],
  [(type) => type.type_modifier(), VALUES],
  [(type) => type.concrete_base_type(), VALUES],
];

const ID = "IDL:M/X:1.0";
const ONE_OF_EACH: readonly TypeCode[] = [
  tc.null,
  tc.void,
  tc.short,
  tc.long,
  tc.ushort,
  tc.ulong,
  tc.float,
  tc.double,
  tc.boolean,
  tc.char,
  tc.octet,
  tc.any,
  tc.TypeCode,
  tc.Principal,
  tc.objref(ID, "X"),
  tc.struct(ID, "X", () => [["m", tc.long]]),
  tc.union(ID, "X", tc.long, 0, () => [[7, "m", tc.long]]),
  tc.enum(ID, "X", ["m"]),
  tc.string(),
  tc.sequence(tc.long),
  tc.array(tc.long, 2),
  tc.alias(ID, "X", tc.long),
  tc.exception(ID, "X", () => [["m", tc.long]]),
  tc.longlong,
  tc.ulonglong,
  tc.longdouble,
  tc.wchar,
  tc.wstring(),
  tc.fixed(3, 1),
  tc.value(ID, "X", 0, null, () => [["m", tc.long, 1]]),
  tc.value_box(ID, "X", tc.long),
  tc.native(ID, "X"),
  tc.abstract_interface(ID, "X"),
  tc.local_interface(ID, "X"),
  tc.component(ID, "X"),
  tc.home(ID, "X"),
  tc.event(ID, "X", 0, null, () => [["m", tc.long, 1]]),
];

test("each operation belongs to the kinds of the standard's table and is BadKind for all others", (t) => {
  t.deepEqual(
    ONE_OF_EACH.map((type) => type.kind()),
    [...TC_KINDS],
  );
  for (const type of ONE_OF_EACH) {
    for (const [ask, kinds] of OPERATIONS) {
      const text = `${type.kind()}: ${String(ask)}`;
      if (kinds.includes(type.kind())) t.notThrows(() => ask(type), text);
      else t.throws(() => ask(type), { instanceOf: TypeCodeBadKind }, text);
    }
  }
});

test("an index beyond the members is Bounds; the default member's label is 0", (t) => {
  for (const type of ONE_OF_EACH) {
    const at = (ask: (index: number) => unknown, isThere: boolean): void => {
      if (!isThere) return;
      for (const index of [1, -1, 0.5]) {
        t.throws(() => ask(index), { instanceOf: TypeCodeBounds }, type.kind());
      }
    };
    const hasMembers = WITH_MEMBERS.includes(type.kind());
    at((i) => type.member_name(i), hasMembers || type.kind() === "tk_enum");
    at((i) => type.member_type(i), hasMembers);
    at((i) => type.member_label(i), type.kind() === "tk_union");
    at((i) => type.member_visibility(i), VALUES.includes(type.kind()));
    if (type.kind() === "tk_union") t.is(type.member_label(0), 0);
  }
});
