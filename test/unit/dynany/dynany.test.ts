import test from "ava";
import fc from "fast-check";
import { readAny, writeAny } from "../../../orb/any/index.ts";
import { CdrInput, CdrOutput } from "../../../orb/cdr/index.ts";
import { ObjectContext } from "../../../orb/object/index.ts";
import {
  Any,
  DynAny,
  DynAnyFactory,
  DynArray,
  DynEnum,
  DynFixed,
  DynSequence,
  DynStruct,
  DynUnion,
  Fixed,
  IMP_LIMIT,
  InconsistentTypeCode,
  InvalidValue,
  LongDouble,
  MARSHAL,
  MINOR,
  OBJECT_NOT_EXIST,
  ORB_init,
  tc,
  type TypeCode,
  TypeMismatch,
} from "../../../orb/index.ts";
import { rebuiltAny } from "../../support/rebuild.ts";
import { typed } from "../any/arbitrary.ts";
import { Colour, factory, make, Nested, Point } from "./support.ts";

function encoded(any: Any): Uint8Array {
  const out = new CdrOutput({ context: new ObjectContext() });
  writeAny(out, any);
  return out.finish();
}

test("random anys survive being taken apart and put together, and being copied", (t) => {
  const pairs = typed
    .filter(({ type }) => !holdsPrincipal(type))
    .chain(({ type, value }) => value.map((v) => new Any(type, v)))
    .filter((any) => !anyHoldsPrincipal(any));
  fc.assert(
    fc.property(pairs, (any) => {
      const octets = encoded(any);
      const whole = factory.create_dyn_any(any);
      t.deepEqual(encoded(whole.to_any()), octets);
      t.deepEqual(encoded(rebuiltAny(any)), octets);
      const copy = whole.copy();
      t.true(copy.equal(whole));
      whole.destroy();
      t.deepEqual(encoded(copy.to_any()), octets);
      const target = factory.create_dyn_any_from_type_code(any.type);
      target.assign(copy);
      t.true(target.equal(copy));
      const again = readAny(new CdrInput(octets, { context: new ObjectContext() }));
      target.from_any(again);
      t.true(target.equal(copy));
    }),
    { numRuns: 300 },
  );
});

/** No DynAny is made of these. */
function holdsPrincipal(type: TypeCode): boolean {
  switch (type.kind() as string) {
    case "tk_Principal":
      return true;
    case "tk_sequence":
    case "tk_array":
    case "tk_alias":
    case "tk_value_box":
      return holdsPrincipal(type.content_type());
    case "tk_struct":
    case "tk_union":
      return type.members().some((m) => holdsPrincipal(m.type));
    default:
      return false;
  }
}

function anyHoldsPrincipal(value: unknown): boolean {
  if (value instanceof Any) return holdsPrincipal(value.type) || anyHoldsPrincipal(value.value);
  if (typeof value !== "object" || value === null || value instanceof Uint8Array) return false;
  return Object.values(value).some(anyHoldsPrincipal);
}

test("create_dyn_any_from_type_code gives the initial values of the standard", (t) => {
  const initial: readonly (readonly [TypeCode, unknown])[] = [
    [tc.boolean, false],
    [tc.octet, 0],
    [tc.char, "\0"],
    [tc.short, 0],
    [tc.longlong, 0n],
    [tc.double, 0],
    [tc.wchar, "\0"],
    [tc.string(), ""],
    [tc.wstring(3), ""],
    [tc.fixed(4, 2), new Fixed(0n, 2)],
    [tc.longdouble, LongDouble.fromNumber(0)],
    [tc.Object, null],
    [tc.TypeCode, tc.null],
    [tc.any, new Any(tc.null, undefined)],
    [Colour, "red"],
    [tc.sequence(tc.long), []],
    [tc.sequence(tc.octet), new Uint8Array()],
    [tc.array(tc.array(tc.octet, 2), 2), [new Uint8Array(2), new Uint8Array(2)]],
    [Nested, { at: { x: 0, name: "" }, tint: "red" }],
    [tc.exception("IDL:X:1.0", "X", () => [["why", tc.string()]]), { why: "" }],
    [tc.value_box("IDL:B:1.0", "B", tc.string()), null],
    [tc.value("IDL:V:1.0", "V", 0, null, () => []), null],
    [tc.abstract_interface("IDL:A:1.0", "A"), null],
  ];
  for (const [type, value] of initial) {
    const any = factory.create_dyn_any_from_type_code(type).to_any();
    t.is(any.type, type);
    t.deepEqual(any.value, value, type.kind());
  }
});

test("no DynAny is made of Principal and native types, nor of what is no value of its type", (t) => {
  const native = tc.native("IDL:N:1.0", "N");
  for (const type of [tc.Principal, native, tc.struct("", "S", () => [["n", native]])]) {
    t.throws(() => factory.create_dyn_any_from_type_code(type), {
      instanceOf: InconsistentTypeCode,
    });
  }
  const e = t.throws(() => factory.create_dyn_any(new Any(Point, { x: 1, name: "longer" })), {
    instanceOf: InconsistentTypeCode,
  });
  t.is(e?.repositoryId, "IDL:omg.org/DynamicAny/DynAnyFactory/InconsistentTypeCode:1.0");
  t.regex(e?.message ?? "", /"longer" is no string<5>/u);
});

test("a small TypeCode of a vast initial value is IMP_LIMIT at once", (t) => {
  let type: TypeCode = tc.long;
  for (let i = 0; i < 40; i++) {
    const inner = type;
    type = tc.struct(`IDL:D${i}:1.0`, "D", () => [
      ["a", inner],
      ["b", inner],
    ]);
  }
  const union = tc.union("", "U", tc.long, -1, () => [
    [0, "small", tc.long],
    [1, "vast", tc.array(tc.octet, 0xffff_ffff)],
  ]);
  for (const vast of [type, union, tc.array(tc.array(tc.long, 4096), 4096)]) {
    t.throws(() => factory.create_dyn_any_from_type_code(vast), { instanceOf: IMP_LIMIT });
  }
  const list = make(tc.sequence(type), DynSequence);
  t.throws(() => list.set_length(1), { instanceOf: IMP_LIMIT });
});

test("basic values are inserted and got by their kind alone; a value of another kind is TypeMismatch", (t) => {
  const long = factory.create_dyn_any_from_type_code(tc.alias("IDL:L:1.0", "L", tc.long));
  long.insert_long(-7);
  t.is(long.get_long(), -7);
  t.throws(() => long.insert_short(1), { instanceOf: TypeMismatch });
  t.throws(() => long.get_ulong(), { instanceOf: TypeMismatch });
  t.throws(() => long.insert_long(2 ** 31), { instanceOf: InvalidValue });
  t.is(long.get_long(), -7);
  const big = factory.create_dyn_any_from_type_code(tc.ulonglong);
  big.insert_ulonglong(5);
  t.is(big.get_ulonglong(), 5n);
  const float = factory.create_dyn_any_from_type_code(tc.float);
  float.insert_float(0.1);
  t.is(float.get_float(), Math.fround(0.1));
  const text = factory.create_dyn_any_from_type_code(tc.string(3));
  t.throws(() => text.insert_string("four"), { instanceOf: InvalidValue });
  const any = factory.create_dyn_any_from_type_code(tc.any);
  any.insert_dyn_any(long);
  t.deepEqual(any.get_any(), long.to_any());
  t.true(any.get_dyn_any().equal(long));
});

test("the current position: first component, seek, next, rewind, and nowhere", (t) => {
  const point = make(Point, DynStruct, { x: 1, name: "a" });
  t.is(point.component_count(), 2);
  t.is(point.current_member_name(), "x");
  t.true(point.next());
  t.is(point.current_member_name(), "name");
  t.is(point.current_member_kind(), "tk_string");
  t.false(point.next());
  t.is(point.current_component(), null);
  t.throws(() => point.current_member_name(), { instanceOf: InvalidValue });
  t.throws(() => point.get_long(), { instanceOf: InvalidValue });
  t.throws(() => point.insert_long(1), { instanceOf: InvalidValue });
  t.true(point.next());
  t.is(point.get_long(), 1);
  t.false(point.seek(2));
  t.false(point.seek(-1));
  t.true(point.seek(1));
  t.is(point.get_string(), "a");
  point.rewind();
  t.is(point.current_component(), point.current_component());
  const long = factory.create_dyn_any_from_type_code(tc.long);
  t.false(long.next());
  t.false(long.seek(0));
  for (const none of [
    long,
    make(Colour, DynEnum),
    make(
      tc.exception("", "", () => []),
      DynStruct,
    ),
  ]) {
    t.is(none.component_count(), 0);
    t.throws(() => none.current_component(), { instanceOf: TypeMismatch });
  }
  t.throws(
    () =>
      make(
        tc.exception("", "", () => []),
        DynStruct,
      ).current_member_name(),
    {
      instanceOf: TypeMismatch,
    },
  );
});

test("a component is part of the value; one with components of its own is not inserted into", (t) => {
  const nested = make(Nested, DynStruct);
  t.throws(() => nested.insert_long(1), { instanceOf: TypeMismatch });
  const at = nested.current_component();
  at?.insert_long(7);
  at?.seek(1);
  at?.insert_string("seven");
  t.deepEqual(nested.to_any().value, { at: { x: 7, name: "seven" }, tint: "red" });
});

test("destroy ends a value with its components, and does nothing to a component", (t) => {
  const nested = make(Nested, DynStruct);
  const at = nested.current_component() as DynAny;
  const copy = at.copy();
  at.destroy();
  at.insert_long(1);
  nested.destroy();
  for (const ended of [() => at.get_long(), () => nested.type(), () => nested.destroy()]) {
    t.throws(ended, { instanceOf: OBJECT_NOT_EXIST });
  }
  t.is(copy.get_long(), 0);
});

test("assign and from_any take equivalent types, by place where names differ, and go to the start", (t) => {
  const point = make(Point, DynStruct);
  point.seek(1);
  const Nameless = tc.struct("IDL:M/Point:1.0", "", () => [
    ["", tc.long],
    ["", tc.string(5)],
  ]);
  point.from_any(new Any(Nameless, { $0: 3, $1: "c" }));
  t.deepEqual(point.to_any().value, { x: 3, name: "c" });
  t.is(point.current_member_name(), "x");
  const other = make(Nameless, DynStruct, { $0: 4, $1: "d" });
  t.false(point.equal(other));
  point.assign(other);
  t.true(point.equal(other));
  t.throws(() => point.from_any(new Any(Colour, "red")), { instanceOf: TypeMismatch });
  t.throws(() => point.assign(make(Colour, DynEnum)), { instanceOf: TypeMismatch });
  t.throws(() => point.from_any(new Any(Point, { x: 1 })), { instanceOf: InvalidValue });
  t.deepEqual(point.to_any().value, { x: 4, name: "d" });
});

test("DynFixed: digits are cut, too many are InvalidValue, no literal is TypeMismatch", (t) => {
  const fixed = make(tc.fixed(5, 2), DynFixed);
  t.is(fixed.get_value(), "0.00");
  t.true(fixed.set_value("-123.4"));
  t.is(fixed.get_value(), "-123.40");
  t.true(fixed.set_value("1.500d"));
  t.false(fixed.set_value("1.239D"));
  t.is(fixed.get_value(), "1.23");
  t.throws(() => fixed.set_value("1234"), { instanceOf: InvalidValue });
  t.throws(() => fixed.set_value("one"), { instanceOf: TypeMismatch });
  t.is(fixed.get_value(), "1.23");
});

test("DynEnum by name and by number", (t) => {
  const colour = make(Colour, DynEnum);
  colour.set_as_string("blue");
  t.is(colour.get_as_ulong(), 2);
  colour.set_as_ulong(1);
  t.is(colour.get_as_string(), "green");
  t.throws(() => colour.set_as_string("pink"), { instanceOf: InvalidValue });
  t.throws(() => colour.set_as_ulong(3), { instanceOf: InvalidValue });
  t.throws(() => colour.get_ulong(), { instanceOf: TypeMismatch });
});

test("DynStruct members: names may be empty, another name or type is TypeMismatch, another count InvalidValue", (t) => {
  const point = make(Point, DynStruct);
  const pair = (id: string, type: TypeCode, value: unknown) => ({
    id,
    value: new Any(type, value),
  });
  point.set_members([pair("x", tc.long, 5), pair("", tc.string(5), "five")]);
  t.deepEqual(
    point.get_members().map(({ id, value }) => [id, value.value]),
    [
      ["x", 5],
      ["name", "five"],
    ],
  );
  t.throws(() => point.set_members([]), { instanceOf: InvalidValue });
  const wrongName = [pair("y", tc.long, 5), pair("name", tc.string(5), "")];
  t.throws(() => point.set_members(wrongName), { instanceOf: TypeMismatch });
  const wrongType = [pair("x", tc.short, 5), pair("name", tc.string(5), "")];
  t.throws(() => point.set_members(wrongType), { instanceOf: TypeMismatch });
  const [x] = point.get_members_as_dyn_any();
  x?.value.insert_long(6);
  t.is(point.get_long(), 6);
  const other = make(Point, DynStruct);
  other.set_members_as_dyn_any(point.get_members_as_dyn_any());
  t.true(other.equal(point));
});

test("DynSequence: growing fills and goes to the first new element only from nowhere; shrinking may lose the place", (t) => {
  const list = make(tc.sequence(tc.long, 4), DynSequence);
  t.is(list.current_component(), null);
  list.set_length(2);
  t.is(list.get_long(), 0);
  list.insert_long(1);
  list.next();
  list.insert_long(2);
  list.set_length(3);
  t.is(list.get_long(), 2);
  list.next();
  t.false(list.next());
  list.set_length(4);
  list.insert_long(4);
  t.deepEqual(list.to_any().value, [1, 2, 0, 4]);
  list.set_length(2);
  t.is(list.current_component(), null);
  list.seek(0);
  list.set_length(1);
  t.is(list.get_long(), 1);
  list.set_length(0);
  t.is(list.current_component(), null);
  t.throws(() => list.set_length(5), { instanceOf: InvalidValue });
  list.set_elements([new Any(tc.long, 8), new Any(tc.long, 9)]);
  t.is(list.get_long(), 8);
  t.deepEqual(
    list.get_elements().map((e) => e.value),
    [8, 9],
  );
  t.throws(() => list.set_elements([new Any(tc.short, 8)]), { instanceOf: TypeMismatch });
  const five = Array.from({ length: 5 }, () => new Any(tc.long, 0));
  t.throws(() => list.set_elements(five), { instanceOf: InvalidValue });
  list.set_elements([]);
  t.is(list.current_component(), null);
});

test("DynArray: all elements or none", (t) => {
  const array = make(tc.array(tc.array(tc.long, 2), 2), DynArray);
  t.is(array.component_count(), 2);
  const row = array.current_component() as DynArray;
  row.set_elements_as_dyn_any(row.get_elements_as_dyn_any().toReversed());
  row.insert_long(3);
  t.deepEqual(array.to_any().value, [
    [3, 0],
    [0, 0],
  ]);
  t.throws(() => row.set_elements([new Any(tc.long, 1)]), { instanceOf: InvalidValue });
});

test("sequences of basic types at once, into the value itself or its current component", (t) => {
  const octets = make(tc.sequence(tc.octet, 3), DynSequence);
  octets.insert_octet_seq(Uint8Array.of(1, 2));
  t.deepEqual(octets.get_octet_seq(), Uint8Array.of(1, 2));
  t.is(octets.get_octet(), 1);
  t.throws(() => octets.insert_octet_seq(new Uint8Array(4)), { instanceOf: InvalidValue });
  t.throws(() => octets.insert_long_seq([1]), { instanceOf: TypeMismatch });
  const holder = make(
    tc.struct("", "H", () => [["list", tc.array(tc.longlong, 2)]]),
    DynStruct,
  );
  holder.insert_longlong_seq([1, 2n]);
  t.deepEqual(holder.get_longlong_seq(), [1n, 2n]);
  t.throws(() => holder.insert_longlong_seq([1]), { instanceOf: InvalidValue });
  for (const [name, type, value] of [
    ["boolean", tc.boolean, [true]],
    ["char", tc.char, ["a"]],
    ["short", tc.short, [1]],
    ["ushort", tc.ushort, [1]],
    ["ulong", tc.ulong, [1]],
    ["ulonglong", tc.ulonglong, [1n]],
    ["float", tc.float, [1.5]],
    ["double", tc.double, [0.1]],
    ["longdouble", tc.longdouble, [LongDouble.fromNumber(1)]],
    ["wchar", tc.wchar, ["€"]],
  ] as const) {
    const list = make(tc.sequence(type), DynSequence);
    (Reflect.get(list, `insert_${name}_seq`) as (v: unknown) => void).call(list, value);
    t.deepEqual((Reflect.get(list, `get_${name}_seq`) as () => unknown).call(list), [...value]);
  }
});

test("a million octets are not a million objects until somebody asks for one", (t) => {
  const many = make(tc.sequence(tc.octet), DynSequence, new Uint8Array(1 << 20).fill(7));
  many.seek(5);
  many.insert_octet(8);
  const value = many.to_any().value as Uint8Array;
  t.deepEqual([value.length, value[4], value[5]], [1 << 20, 7, 8]);
});

const Choice = tc.union("IDL:M/Choice:1.0", "Choice", tc.long, 2, () => [
  [1, "a", tc.long],
  [2, "a", tc.long],
  [0, "other", tc.string()],
]);
const NoDefault = tc.union("IDL:M/NoDefault:1.0", "NoDefault", Colour, -1, () => [
  ["red", "r", tc.long],
  ["green", "g", Point],
]);
const Covered = tc.union("IDL:M/Covered:1.0", "Covered", tc.boolean, -1, () => [
  [true, "yes", tc.long],
  [false, "no", tc.short],
]);

test("DynUnion: the discriminator decides which member is active", (t) => {
  const choice = make(Choice, DynUnion);
  t.deepEqual(choice.to_any().value, { $d: 1, a: 0 });
  t.is(choice.component_count(), 2);
  const member = choice.member();
  member.insert_long(5);
  choice.set_discriminator(factory.create_dyn_any(new Any(tc.long, 2)));
  t.is(choice.member(), member);
  t.deepEqual(choice.to_any().value, { $d: 2, a: 5 });
  t.is(choice.current_component(), member);
  choice.get_discriminator().insert_long(17);
  t.deepEqual([choice.member_name(), choice.member_kind()], ["other", "tk_string"]);
  t.deepEqual(choice.to_any().value, { $d: 17, other: "" });
  t.throws(() => member.get_long(), { instanceOf: OBJECT_NOT_EXIST });
  t.is(choice.discriminator_kind(), "tk_long");
  t.throws(() => choice.set_discriminator(factory.create_dyn_any(new Any(tc.short, 2))), {
    instanceOf: TypeMismatch,
  });
  t.throws(() => choice.set_to_no_active_member(), { instanceOf: TypeMismatch });
  choice.set_discriminator(factory.create_dyn_any(new Any(tc.long, 1)));
  choice.set_to_default_member();
  t.deepEqual(choice.to_any().value, { $d: 0, other: "" });
  t.is(choice.current_component(), choice.get_discriminator());
  t.is(choice.component_count(), 2);
});

test("DynUnion without a default: no active member, and none where every value has a case", (t) => {
  const union = make(NoDefault, DynUnion);
  t.throws(() => union.set_to_default_member(), { instanceOf: TypeMismatch });
  union.set_to_no_active_member();
  t.true(union.has_no_active_member());
  t.is(union.component_count(), 1);
  t.deepEqual(union.to_any().value, { $d: "blue" });
  t.is(union.current_component(), union.get_discriminator());
  for (const none of [() => union.member(), () => union.member_name(), () => union.member_kind()]) {
    t.throws(none, { instanceOf: InvalidValue });
  }
  union.set_discriminator(factory.create_dyn_any(new Any(Colour, "green")));
  t.false(union.has_no_active_member());
  t.is(union.current_component(), union.member());
  const covered = make(Covered, DynUnion, { $d: false, no: 3 });
  t.throws(() => covered.set_to_no_active_member(), { instanceOf: TypeMismatch });
  t.deepEqual(covered.to_any().value, { $d: false, no: 3 });
  const first = tc.union("", "U", tc.octet, 0, () => [
    [0, "rest", tc.long],
    [0, "zero", tc.long],
  ]);
  t.deepEqual(make(first, DynUnion).to_any().value, { $d: 1, rest: 0 });
});

test("equal: equivalent types and equal parts, wherever they are positioned", (t) => {
  const a = make(Nested, DynStruct, { at: { x: 1, name: "" }, tint: "blue" });
  const b = make(tc.alias("IDL:A:1.0", "A", Nested), DynStruct, a.to_any().value);
  a.next();
  t.true(a.equal(b));
  b.seek(1);
  (b.current_component() as DynEnum).set_as_string("red");
  t.false(a.equal(b));
  t.false(a.equal(make(Point, DynStruct)));
  const anys = [new Any(Point, { x: 1, name: "" }), new Any(Point, { x: 1, name: "" })];
  const [one, other] = anys.map((any) => make(tc.any, DynAny, any));
  t.true(one?.equal(other as DynAny));
});

test("the ORB has the factory, and a DynAny cannot be sent", async (t) => {
  await using orb = await ORB_init();
  const found = await orb.resolve_initial_references("DynAnyFactory");
  t.true(found instanceof DynAnyFactory);
  t.true(orb.list_initial_services().includes("DynAnyFactory"));
  const out = new CdrOutput({ context: new ObjectContext() });
  for (const local of [found, found.create_dyn_any_from_type_code(tc.long)]) {
    const e = t.throws(() => writeAny(out, new Any(tc.Object, local)), { instanceOf: MARSHAL });
    t.is(e?.minor, MINOR.localObject);
  }
});
