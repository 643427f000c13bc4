import test from "ava";
import { Any, TypeCodeFactory, type UnionMember } from "../../../orb/any/index.ts";
import { CdrInput, CdrOutput } from "../../../orb/cdr/index.ts";
import { BAD_PARAM, BAD_TYPECODE, MINOR } from "../../../orb/exception/index.ts";
import { ORB_init } from "../../../orb/index.ts";
import { readTypeCode, tc, type TypeCode, writeTypeCode } from "../../../orb/typecode/index.ts";

const factory = new TypeCodeFactory();
const ID = "IDL:M/X:1.0";

function encode(type: TypeCode): Uint8Array {
  const out = new CdrOutput();
  writeTypeCode(out, type);
  return out.finish();
}

function label(type: TypeCode, value: unknown): Any {
  return new Any(type, value);
}

test("every create_…_tc makes what the factories of generated code make", (t) => {
  const members = [{ name: "m", type: tc.long }];
  const base = tc.value("IDL:M/B:1.0", "B", 0, null, () => []);
  const state = [{ name: "m", type: tc.long, access: 1 }];
  const cases: readonly (readonly [TypeCode, TypeCode])[] = [
    [factory.create_struct_tc(ID, "X", members), tc.struct(ID, "X", () => [["m", tc.long]])],
    [factory.create_exception_tc(ID, "X", members), tc.exception(ID, "X", () => [["m", tc.long]])],
    [factory.create_enum_tc(ID, "X", ["a", "b"]), tc.enum(ID, "X", ["a", "b"])],
    [factory.create_alias_tc(ID, "X", tc.long), tc.alias(ID, "X", tc.long)],
    [factory.create_interface_tc(ID, "X"), tc.objref(ID, "X")],
    [factory.create_native_tc(ID, "X"), tc.native(ID, "X")],
    [factory.create_abstract_interface_tc(ID, "X"), tc.abstract_interface(ID, "X")],
    [factory.create_local_interface_tc(ID, "X"), tc.local_interface(ID, "X")],
    [factory.create_component_tc(ID, "X"), tc.component(ID, "X")],
    [factory.create_home_tc(ID, "X"), tc.home(ID, "X")],
    [factory.create_string_tc(0), tc.string()],
    [factory.create_wstring_tc(7), tc.wstring(7)],
    [factory.create_fixed_tc(5, -2), tc.fixed(5, -2)],
    [factory.create_sequence_tc(3, tc.long), tc.sequence(tc.long, 3)],
    [factory.create_array_tc(3, tc.long), tc.array(tc.long, 3)],
    [factory.create_value_box_tc(ID, "X", tc.long), tc.value_box(ID, "X", tc.long)],
    [
      factory.create_value_tc(ID, "X", 3, base, state),
      tc.value(ID, "X", 3, base, () => [["m", tc.long, 1]]),
    ],
    [
      factory.create_event_tc(ID, "X", 0, null, state),
      tc.event(ID, "X", 0, null, () => [["m", tc.long, 1]]),
    ],
    [
      factory.create_union_tc(ID, "X", tc.short, [
        { name: "a", label: label(tc.short, 1), type: tc.long },
        { name: "a", label: label(tc.short, 2), type: tc.long },
        { name: "rest", label: label(tc.octet, 0), type: tc.string() },
      ]),
      tc.union(ID, "X", tc.short, 2, () => [
        [1, "a", tc.long],
        [2, "a", tc.long],
        [0, "rest", tc.string()],
      ]),
    ],
  ];
  for (const [made, wanted] of cases) {
    t.true(made.equal(wanted), made.kind());
    t.deepEqual(encode(made), encode(wanted));
  }
});

test("a recursive TypeCode is incomplete, BAD_TYPECODE OMG 1, until the type it stands for is made", (t) => {
  const self = factory.create_recursive_tc("IDL:M/Node:1.0");
  const list = factory.create_sequence_tc(0, self);
  for (const use of [() => self.kind(), () => self.id(), () => encode(self), () => encode(list)]) {
    t.is(t.throws(use, { instanceOf: BAD_TYPECODE })?.minor, MINOR.incompleteTypeCode);
  }
  const inner = factory.create_struct_tc("IDL:M/Inner:1.0", "Inner", [{ name: "n", type: list }]);
  const node = factory.create_struct_tc("IDL:M/Node:1.0", "Node", [
    { name: "label", type: tc.string() },
    { name: "inner", type: inner },
  ]);
  const Node: TypeCode = tc.struct("IDL:M/Node:1.0", "Node", () => [
    ["label", tc.string()],
    ["inner", tc.struct("IDL:M/Inner:1.0", "Inner", () => [["n", tc.sequence(() => Node)]])],
  ]);
  t.deepEqual(encode(node), encode(Node));
  t.true(node.equal(Node));
  t.true(self.equal(node));
  t.is(self.name(), "Node");
  t.true(readTypeCode(new CdrInput(encode(self))).equal(Node));
});

test("values may hold themselves, structs and unions only through a sequence", (t) => {
  const self = factory.create_recursive_tc(ID);
  const members = [{ name: "next", type: self }];
  for (const make of [
    () => factory.create_struct_tc(ID, "X", members),
    () =>
      factory.create_struct_tc(ID, "X", [{ name: "pair", type: factory.create_array_tc(2, self) }]),
    () =>
      factory.create_union_tc(ID, "X", tc.boolean, [
        { name: "again", label: label(tc.boolean, true), type: self },
      ]),
  ]) {
    const e = t.throws(make, { instanceOf: BAD_TYPECODE });
    t.is(e?.minor, MINOR.illegalMemberTypeCode);
  }
  const value = factory.create_value_tc(ID, "X", 0, null, [
    { name: "next", type: self, access: 0 },
  ]);
  t.true(value.member_type(0).equal(value));
  t.is(
    readTypeCode(new CdrInput(encode(value)))
      .member_type(0)
      .id(),
    ID,
  );
});

test("a recursive TypeCode within another type of another id stays incomplete", (t) => {
  const self = factory.create_recursive_tc("IDL:M/Far:1.0");
  const other = factory.create_struct_tc(ID, "X", [
    { name: "far", type: factory.create_sequence_tc(0, self) },
  ]);
  const e = t.throws(() => encode(other), { instanceOf: BAD_TYPECODE });
  t.is(e?.minor, MINOR.incompleteTypeCode);
});

function union(discriminator: TypeCode, ...members: UnionMember[]): () => TypeCode {
  return () => factory.create_union_tc(ID, "X", discriminator, members);
}

test("BAD_PARAM with the minor codes of the standard, 15 to 20", (t) => {
  const m = (name: string) => ({ name, type: tc.long });
  const one = { name: "a", label: label(tc.long, 1), type: tc.long };
  const cases: readonly (readonly [() => unknown, number])[] = [
    [() => factory.create_struct_tc(ID, "not a name", []), MINOR.badTypeCodeName],
    [() => factory.create_enum_tc(ID, "9", []), MINOR.badTypeCodeName],
    [() => factory.create_struct_tc("no id", "X", []), MINOR.badTypeCodeRepositoryId],
    [() => factory.create_interface_tc("", "X"), MINOR.badTypeCodeRepositoryId],
    [() => factory.create_exception_tc("", "X", []), MINOR.badTypeCodeRepositoryId],
    [() => factory.create_recursive_tc(""), MINOR.badTypeCodeRepositoryId],
    [() => factory.create_struct_tc(ID, "X", [m("a"), m("A")]), MINOR.badMemberName],
    [() => factory.create_struct_tc(ID, "X", [m("a b")]), MINOR.badMemberName],
    [() => factory.create_enum_tc(ID, "X", ["a", "a"]), MINOR.badMemberName],
    [union(tc.long, one, { ...one, name: "b" }), MINOR.duplicateUnionLabel],
    [
      union(
        tc.long,
        { ...one, label: label(tc.octet, 0) },
        { ...one, label: label(tc.null, undefined) },
      ),
      MINOR.duplicateUnionLabel,
    ],
    [union(tc.short, one), MINOR.labelTypeDiffers],
    [union(tc.float, one), MINOR.illegalDiscriminatorType],
    [union(tc.string(), one), MINOR.illegalDiscriminatorType],
  ];
  for (const [make, minor] of cases) {
    t.is(t.throws(make, { instanceOf: BAD_PARAM })?.minor, minor, String(make));
  }
  t.is(factory.create_struct_tc("", "", [m(""), m("")]).member_count(), 2);
});

test("BAD_TYPECODE OMG 2 for what cannot be a member, an element or boxed; BAD_PARAM for sizes", (t) => {
  const value = tc.value("IDL:M/V:1.0", "V", 0, null, () => []);
  const exception = tc.exception(ID, "X", () => []);
  for (const type of [tc.null, tc.void, exception]) {
    for (const make of [
      () => factory.create_struct_tc(ID, "X", [{ name: "m", type }]),
      () => factory.create_sequence_tc(0, type),
      () => factory.create_array_tc(1, type),
      () => factory.create_alias_tc(ID, "X", type),
      () => factory.create_value_box_tc(ID, "X", type),
      () => factory.create_value_tc(ID, "X", 0, null, [{ name: "m", type, access: 0 }]),
    ]) {
      const e = t.throws(make, { instanceOf: BAD_TYPECODE });
      t.is(e?.minor, MINOR.illegalMemberTypeCode);
    }
  }
  t.throws(() => factory.create_value_box_tc(ID, "X", value), { instanceOf: BAD_TYPECODE });
  t.throws(() => factory.create_value_tc(ID, "X", 0, tc.long, []), { instanceOf: BAD_TYPECODE });
  for (const make of [
    () => factory.create_string_tc(-1),
    () => factory.create_sequence_tc(2 ** 32, tc.long),
    () => factory.create_array_tc(0, tc.long),
    () => factory.create_fixed_tc(32, 0),
    () => factory.create_fixed_tc(5, 0.5),
    () => factory.create_value_tc(ID, "X", 4, null, []),
    () => factory.create_value_tc(ID, "X", 0, null, [{ name: "m", type: tc.long, access: 2 }]),
  ]) {
    t.throws(make, { instanceOf: BAD_PARAM });
  }
});

test("the ORB makes TypeCodes, too", async (t) => {
  await using orb = await ORB_init();
  t.true(orb.create_sequence_tc(0, tc.long).equal(tc.sequence(tc.long)));
});

test("extract gives the value of an equivalent type under that type's names, and refuses others", (t) => {
  const Point = tc.struct("IDL:M/Point:1.0", "Point", () => [
    ["x", tc.long],
    ["tint", tc.enum("IDL:M/Tint:1.0", "Tint", ["dark", "light"])],
  ]);
  const any = new Any(tc.alias("IDL:M/P:1.0", "P", Point), { x: 1, tint: "light" });
  t.is(any.extract(Point), any.value);
  const compact = Point.get_compact_typecode();
  t.deepEqual(any.extract(compact), { $0: 1, $1: "$1" });
  t.deepEqual(new Any(compact, { $0: 1, $1: "$1" }).extract(Point), any.value);
  const list = new Any(tc.sequence(compact), [{ $0: 2, $1: "$0" }]);
  t.deepEqual(list.extract(tc.sequence(Point)), [{ x: 2, tint: "dark" }]);
  const e = t.throws(() => any.extract(tc.long), { name: "BAD_OPERATION" });
  t.is(e?.message, "the any holds M::P, not long");
});
