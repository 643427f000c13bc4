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
  DynValue,
  DynValueBox,
} from "../../orb/index.ts";

/** The names of `insert_…` and `get_…` by the kind they are for. */
const BASIC: Readonly<Record<string, string>> = {
  tk_boolean: "boolean",
  tk_octet: "octet",
  tk_char: "char",
  tk_short: "short",
  tk_ushort: "ushort",
  tk_long: "long",
  tk_ulong: "ulong",
  tk_longlong: "longlong",
  tk_ulonglong: "ulonglong",
  tk_float: "float",
  tk_double: "double",
  tk_longdouble: "longdouble",
  tk_wchar: "wchar",
  tk_string: "string",
  tk_wstring: "wstring",
  tk_TypeCode: "typecode",
  tk_objref: "reference",
  tk_abstract_interface: "abstract",
};

type Method = (...of: unknown[]) => unknown;

function transferBasic(from: DynAny, to: DynAny): void {
  const kind = from.type().unaliased().kind();
  if (kind === "tk_null" || kind === "tk_void") return;
  if (kind === "tk_any") {
    to.insert_dyn_any(rebuilt(from.get_dyn_any()));
    return;
  }
  const name = BASIC[kind];
  if (name === undefined) throw new TypeError(`no operations for ${kind}`);
  const get = Reflect.get(from, `get_${name}`) as Method;
  const insert = Reflect.get(to, `insert_${name}`) as Method;
  insert.call(to, get.call(from));
}

function transferParts(from: DynAny, to: DynAny, met: Map<DynAny, DynAny>): void {
  from.rewind();
  to.rewind();
  for (let i = 0; i < from.component_count(); i++) {
    const [part, copy] = [from.current_component(), to.current_component()];
    if (part === null || copy === null) throw new TypeError(`component ${i} is missing`);
    transfer(part, copy, met);
    if (from.next() !== to.next()) throw new TypeError("one has more components");
  }
}

function transferUnion(from: DynUnion, to: DynUnion, met: Map<DynAny, DynAny>): void {
  to.set_discriminator(from.get_discriminator());
  if (from.has_no_active_member() !== to.has_no_active_member()) throw new TypeError("member");
  if (!from.has_no_active_member()) transfer(from.member(), to.member(), met);
}

/** Values share and refer to themselves: those met again are put in by what they became. */
function transferValue(from: DynValue, to: DynValue, met: Map<DynAny, DynAny>): void {
  if (from.is_null()) {
    to.set_to_null();
    return;
  }
  if (met.has(from)) throw new RangeError("shared values cannot be transferred part by part");
  met.set(from, to);
  to.set_to_value();
  transferParts(from, to, met);
}

function transferBox(from: DynValueBox, to: DynValueBox, met: Map<DynAny, DynAny>): void {
  if (from.is_null()) {
    to.set_to_null();
    return;
  }
  to.set_to_value();
  transfer(from.get_boxed_value_as_dyn_any(), to.get_boxed_value_as_dyn_any(), met);
}

/** Gives `to` the value of `from`, component by component down to basic ones. */
function transfer(from: DynAny, to: DynAny, met: Map<DynAny, DynAny>): void {
  if (from instanceof DynEnum && to instanceof DynEnum) to.set_as_ulong(from.get_as_ulong());
  else if (from instanceof DynFixed && to instanceof DynFixed) to.set_value(from.get_value());
  else if (from instanceof DynUnion && to instanceof DynUnion) transferUnion(from, to, met);
  else if (from instanceof DynValue && to instanceof DynValue) transferValue(from, to, met);
  else if (from instanceof DynValueBox && to instanceof DynValueBox) transferBox(from, to, met);
  else if (from instanceof DynSequence && to instanceof DynSequence) {
    to.set_length(from.get_length());
    transferParts(from, to, met);
  } else if (from instanceof DynStruct || from instanceof DynArray) transferParts(from, to, met);
  else transferBasic(from, to);
}

/** A DynAny made of the type alone, which then was given the value of another one, basic value by basic value. */
export function rebuilt(from: DynAny): DynAny {
  const to = new DynAnyFactory().create_dyn_any_from_type_code(from.type());
  transfer(from, to, new Map());
  return to;
}

/** The any taken apart with DynAny, and put together again. */
export function rebuiltAny(any: Any): Any {
  const from = new DynAnyFactory().create_dyn_any(any);
  const to = rebuilt(from);
  if (!from.equal(to))
    throw new TypeError("what was put together is not equal to what was taken apart");
  const made = to.to_any();
  from.destroy();
  to.destroy();
  return made;
}
