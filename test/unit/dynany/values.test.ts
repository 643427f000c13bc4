import test from "ava";
import { AnyValue } from "../../../orb/any/index.ts";
import {
  Any,
  type DynAny,
  DynStruct,
  DynValue,
  DynValueBox,
  InconsistentTypeCode,
  InvalidValue,
  MustTruncate,
  tc,
  type TypeCode,
  TypeMismatch,
} from "../../../orb/index.ts";
import { ValueBase, type ValueDescriptor } from "../../../orb/value/index.ts";
import { factory, make, Point } from "./support.ts";

const Base = tc.value("IDL:M/Base:1.0", "Base", 0, null, () => [["x", tc.long, 1]]);
const Node: TypeCode = tc.value("IDL:M/Node:1.0", "Node", 0, Base, () => [
  ["left", () => Node, 1],
  ["right", () => Node, 0],
]);

test("DynValue: null and not, members with those of the base first", (t) => {
  const node = make(Node, DynValue);
  t.true(node.is_null());
  t.is(node.component_count(), 0);
  t.is(node.current_component(), null);
  t.throws(() => node.get_members(), { instanceOf: InvalidValue });
  t.throws(() => node.current_member_name(), { instanceOf: InvalidValue });
  node.set_to_value();
  t.deepEqual(
    node.get_members().map(({ id }) => id),
    ["x", "left", "right"],
  );
  t.is(node.current_member_kind(), "tk_long");
  node.insert_long(4);
  node.next();
  node.insert_val(new AnyValue(Node, { x: 5, left: null, right: null }));
  t.is((node.get_val() as Record<string, unknown>)["x"], 5);
  const built = node.to_any().value as Record<string, Record<string, unknown>>;
  t.is(built["left"]?.["x"], 5);
  node.set_to_value();
  t.is(node.component_count(), 3);
  node.set_to_null();
  t.is(node.to_any().value, null);
  node.set_members([
    { id: "x", value: new Any(tc.long, 1) },
    { id: "left", value: new Any(Node, null) },
    { id: "right", value: new Any(Node, null) },
  ]);
  t.false(node.is_null());
});

test("DynValue keeps sharing and cycles, in copies and when written", (t) => {
  const shared = new AnyValue(Node, { x: 2, left: null, right: null });
  const root = new AnyValue(Node, { x: 1, left: shared, right: shared });
  Object.assign(shared, { left: root });
  const dyn = make(Node, DynValue, root);
  dyn.seek(1);
  const left = dyn.current_component();
  dyn.seek(2);
  t.is(dyn.current_component(), left);
  left?.seek(1);
  t.is(left?.current_component(), dyn);
  left?.rewind();
  left?.insert_long(20);
  const copy = dyn.copy();
  t.true(copy.equal(dyn));
  dyn.destroy();
  const value = copy.to_any().value as Record<string, Record<string, unknown>>;
  t.is(value["left"], value["right"]);
  t.is(value["left"]?.["x"], 20);
  t.is(value["left"]?.["left"], value);
  t.is(shared["x"], 2);
});

test("a chain of 50,000 values is taken apart and put together without end of the stack", (t) => {
  let chain: AnyValue | null = null;
  for (let x = 0; x < 50_000; x++) chain = new AnyValue(Node, { x, left: chain, right: null });
  const dyn = factory.create_dyn_any(new Any(Node, chain));
  const copy = dyn.copy();
  t.true(copy.equal(dyn));
  dyn.destroy();
  t.is((copy.to_any().value as Record<string, unknown>)["x"], 49_999);
});

test("a derived value keeps its own members; what is no value of the type is refused", (t) => {
  const derived = new AnyValue(Node, { x: 1, left: null, right: null });
  const dyn = make(Base, DynValue, derived);
  t.is(dyn.component_count(), 3);
  t.is((dyn.to_any().value as AnyValue)._type, Node);
  t.throws(() => factory.create_dyn_any(new Any(Node, new AnyValue(Base, { x: 1 }))), {
    instanceOf: InconsistentTypeCode,
  });
});

test("create_multiple_dyn_anys keeps what anys share, and create_multiple_anys gives it back", (t) => {
  const shared = new AnyValue(Base, { x: 1 });
  const [one, two] = factory.create_multiple_dyn_anys(
    [new Any(Base, shared), new Any(tc.sequence(Base), [shared])],
    true,
  );
  one?.insert_long(9);
  const anys = factory.create_multiple_anys([one as DynAny, two as DynAny]);
  const [first, second] = anys.map((any) => any.value);
  t.deepEqual(second, [first]);
  t.is((second as unknown[])[0], first);
  t.is((first as Record<string, unknown>)["x"], 9);
});

test("DynValueBox holds one component or null", (t) => {
  const box = make(tc.value_box("IDL:B:1.0", "B", Point), DynValueBox);
  t.true(box.is_null());
  t.throws(() => box.get_boxed_value(), { instanceOf: InvalidValue });
  t.throws(() => box.get_boxed_value_as_dyn_any(), { instanceOf: InvalidValue });
  box.set_to_value();
  t.is(box.component_count(), 1);
  const boxed = box.current_component() as DynStruct;
  boxed.insert_long(3);
  t.deepEqual(box.get_boxed_value(), new Any(Point, { x: 3, name: "" }));
  box.set_boxed_value(new Any(Point, { x: 4, name: "four" }));
  t.deepEqual(box.to_any().value, { x: 4, name: "four" });
  box.set_boxed_value_as_dyn_any(make(Point, DynStruct, { x: 5, name: "" }));
  t.is(box.get_boxed_value_as_dyn_any().get_long(), 5);
  t.throws(() => box.set_boxed_value(new Any(tc.long, 1)), { instanceOf: TypeMismatch });
  box.set_to_null();
  t.is(box.to_any().value, null);
});

/** As generated code has them: a class for Base, and one for a type derived from it. */
class BaseValue extends ValueBase {
  static readonly descriptor: ValueDescriptor = {
    repositoryId: "IDL:M/Base:1.0",
    name: "M::Base",
    base: undefined,
    isTruncatable: false,
    isCustom: false,
    create: () => new BaseValue(),
  };
  x = 0;

  override get _value(): ValueDescriptor {
    return BaseValue.descriptor;
  }

  double(): number {
    return 2 * this.x;
  }
}

class MoreValue extends BaseValue {
  static override readonly descriptor: ValueDescriptor = {
    ...BaseValue.descriptor,
    repositoryId: "IDL:M/More:1.0",
    name: "M::More",
    base: () => BaseValue.descriptor,
    isTruncatable: true,
    create: () => new MoreValue(),
  };
  y = 0;

  override get _value(): ValueDescriptor {
    return MoreValue.descriptor;
  }
}

const Other = tc.value("IDL:M/Other:1.0", "Other", 0, null, () => []);

test("an instance of a class becomes one of that class again, and the one it was made of is left alone", (t) => {
  const value = new BaseValue();
  value.x = 4;
  const dyn = make(Base, DynValue, value);
  t.is(dyn.get_long(), 4);
  dyn.insert_long(5);
  const made = dyn.to_any().value as BaseValue;
  t.true(made instanceof BaseValue);
  t.is(made.double(), 10);
  t.is(value.x, 4);
  const holder = make(
    tc.struct("", "H", () => [["v", Base]]),
    DynStruct,
  );
  holder.insert_val(value);
  t.is((holder.get_val() as BaseValue).double(), 8);
  t.throws(() => holder.insert_val(new AnyValue(Other, {})), { instanceOf: InvalidValue });
  t.is((holder.get_val() as BaseValue).x, 4);
});

test("a class derived from the type becomes that type, or MustTruncate where that is not allowed", (t) => {
  const value = new MoreValue();
  value.x = 7;
  const any = new Any(tc.sequence(Base), [value]);
  const made = (factory.create_dyn_any(any).to_any().value as unknown[])[0];
  t.true(made instanceof AnyValue);
  t.is((made as AnyValue)["x"], 7);
  t.throws(() => factory.create_dyn_any_without_truncation(any), { instanceOf: MustTruncate });
  t.throws(() => factory.create_multiple_dyn_anys([any], false), { instanceOf: MustTruncate });
  t.is(factory.create_multiple_dyn_anys([any], true).length, 1);
  const whole = new Any(Base, new AnyValue(Node, { x: 1, left: null, right: null }));
  t.true(factory.create_dyn_any_without_truncation(whole).equal(factory.create_dyn_any(whole)));
});

test("where ValueBase is declared, a value of an unknown class stays the one it is", (t) => {
  const Anything = tc.value("IDL:omg.org/CORBA/ValueBase:1.0", "ValueBase", 0, null, () => []);
  const value = new MoreValue();
  t.is(factory.create_dyn_any(new Any(Anything, value)).to_any().value, value);
  const known = new AnyValue(Node, { x: 1, left: null, right: null });
  const dyn = make(Anything, DynValue, known);
  t.is(dyn.component_count(), 3);
});
