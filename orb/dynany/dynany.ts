import { Any, converted } from "../any/index.ts";
import type { LongDouble } from "../cdr/index.ts";
import {
  Completion,
  InvalidValue,
  MINOR,
  OBJECT_NOT_EXIST,
  TypeMismatch,
} from "../exception/index.ts";
import { LocalObject, type ObjectReference } from "../object/index.ts";
import { type TCKind, type TypeCode, typeName } from "../typecode/index.ts";
import type { ValueBase } from "../value/index.ts";
import { Work } from "./work.ts";

/** What a DynAny asks of the factory that made it. */
export interface Nodes {
  /** A DynAny with the initial value of the type. @throws InconsistentTypeCode */
  initial(type: TypeCode): DynAny;
  /** One for a part of a value; an instance of a value type met before has the DynAny it had. */
  part(type: TypeCode, value: unknown, work: Work): DynAny;
}

/** What a DynAny consisted of before it was given another value. */
export interface Former {
  readonly parts: readonly DynAny[];
  restore(): void;
}

const REFERENCES: readonly TCKind[] = [
  "tk_objref",
  "tk_component",
  "tk_home",
  "tk_local_interface",
];
const VALUES: readonly TCKind[] = ["tk_value", "tk_event", "tk_value_box"];
/** Kinds whose values may have components, and so a current position. */
const CONSTRUCTED: ReadonlySet<TCKind> = new Set<TCKind>([
  "tk_struct",
  "tk_except",
  "tk_union",
  "tk_sequence",
  "tk_array",
  ...VALUES,
]);

/** The place in front of all components. */
const NOWHERE = -1;

/**
 * A value of a type known at run time only, part by part (CORBA 3.3 Part 1, 9.2). One with components
 * has a current position; `insert_…` and `get_…` mean the component there, in others the value itself.
 * A component is part of what it was taken from: what is written to one is written to the other.
 *
 * `insert_…` and `get_…` raise TypeMismatch where the type is another one, and InvalidValue without a
 * current component or where the value is none of the type. After `destroy` everything raises
 * OBJECT_NOT_EXIST.
 */
export abstract class DynAny extends LocalObject {
  readonly #type: TypeCode;
  /** Internal: the type without the aliases around it. */
  readonly _plain: TypeCode;
  /** Internal: makes components. */
  readonly _nodes: Nodes;
  #position = NOWHERE;
  #isDestroyed = false;
  #isPart = false;

  /** Internal: made by a `DynAnyFactory`. */
  constructor(type: TypeCode, nodes: Nodes) {
    super();
    this.#type = type;
    this._plain = type.unaliased();
    this._nodes = nodes;
  }

  /** Internal: gives it the initial value of its type. */
  abstract _initialize(): void;
  /** Internal: takes a value over, as the language mapping has it. @throws InvalidValue */
  abstract _load(value: unknown, work: Work): void;
  /** Internal: the value as the language mapping has it. */
  abstract _build(work: Work): unknown;
  /** Internal: whether another one of an equivalent type has the same value, as far as can be told now. */
  abstract _isLike(other: DynAny, work: Comparison): boolean;
  /** Internal: what to go back to when a new value turns out to be none. */
  abstract _former(): Former;
  /** Internal: the component of an index below `component_count()`. */
  abstract _component(index: number): DynAny;
  /** Number of components now; 0 for what has none. */
  abstract component_count(): number;

  type(): TypeCode {
    this._check();
    return this.#type;
  }

  /** Takes over the value of another one. @throws TypeMismatch unless the types are equivalent */
  assign(dyn_any: DynAny): void {
    this._check();
    dyn_any._check();
    this.#expect(dyn_any.#type);
    if (dyn_any !== this) this.from_any(dyn_any.to_any());
  }

  /** @throws TypeMismatch unless the types are equivalent; InvalidValue for what is no value of the type */
  from_any(value: Any): void {
    this._check();
    this.#expect(value.type);
    this._replace(converted(value.value, value.type, this.#type));
  }

  /** A copy of the value, with the type. */
  to_any(): Any {
    this._check();
    return new Any(this.#type, this._copy());
  }

  /** Whether both have the same value of equivalent types; where they are positioned does not count. */
  equal(dyn_any: DynAny): boolean {
    this._check();
    dyn_any._check();
    if (!this.#type.equivalent(dyn_any.#type)) return false;
    return new Comparison().same(this, dyn_any);
  }

  /** Ends it with all its components; does nothing to one that is a component itself. */
  destroy(): void {
    this._check();
    if (this.#isPart) return;
    const work = new Work();
    this._end(work);
    work.finish();
  }

  /** One of its own with the same value. */
  copy(): DynAny {
    this._check();
    const work = new Work();
    const copied = this._nodes.part(this.#type, this._copy(), work);
    work.finish();
    copied._settle(false);
    return copied;
  }

  insert_boolean(value: boolean): void {
    this.#part(["tk_boolean"])._replace(value);
  }

  get_boolean(): boolean {
    return this.#part(["tk_boolean"])._copy() as boolean;
  }

  insert_octet(value: number): void {
    this.#part(["tk_octet"])._replace(value);
  }

  get_octet(): number {
    return this.#part(["tk_octet"])._copy() as number;
  }

  insert_char(value: string): void {
    this.#part(["tk_char"])._replace(value);
  }

  get_char(): string {
    return this.#part(["tk_char"])._copy() as string;
  }

  insert_short(value: number): void {
    this.#part(["tk_short"])._replace(value);
  }

  get_short(): number {
    return this.#part(["tk_short"])._copy() as number;
  }

  insert_ushort(value: number): void {
    this.#part(["tk_ushort"])._replace(value);
  }

  get_ushort(): number {
    return this.#part(["tk_ushort"])._copy() as number;
  }

  insert_long(value: number): void {
    this.#part(["tk_long"])._replace(value);
  }

  get_long(): number {
    return this.#part(["tk_long"])._copy() as number;
  }

  insert_ulong(value: number): void {
    this.#part(["tk_ulong"])._replace(value);
  }

  get_ulong(): number {
    return this.#part(["tk_ulong"])._copy() as number;
  }

  insert_longlong(value: bigint | number): void {
    this.#part(["tk_longlong"])._replace(value);
  }

  get_longlong(): bigint {
    return this.#part(["tk_longlong"])._copy() as bigint;
  }

  insert_ulonglong(value: bigint | number): void {
    this.#part(["tk_ulonglong"])._replace(value);
  }

  get_ulonglong(): bigint {
    return this.#part(["tk_ulonglong"])._copy() as bigint;
  }

  insert_float(value: number): void {
    this.#part(["tk_float"])._replace(value);
  }

  get_float(): number {
    return this.#part(["tk_float"])._copy() as number;
  }

  insert_double(value: number): void {
    this.#part(["tk_double"])._replace(value);
  }

  get_double(): number {
    return this.#part(["tk_double"])._copy() as number;
  }

  insert_longdouble(value: LongDouble): void {
    this.#part(["tk_longdouble"])._replace(value);
  }

  get_longdouble(): LongDouble {
    return this.#part(["tk_longdouble"])._copy() as LongDouble;
  }

  insert_wchar(value: string): void {
    this.#part(["tk_wchar"])._replace(value);
  }

  get_wchar(): string {
    return this.#part(["tk_wchar"])._copy() as string;
  }

  insert_string(value: string): void {
    this.#part(["tk_string"])._replace(value);
  }

  get_string(): string {
    return this.#part(["tk_string"])._copy() as string;
  }

  insert_wstring(value: string): void {
    this.#part(["tk_wstring"])._replace(value);
  }

  get_wstring(): string {
    return this.#part(["tk_wstring"])._copy() as string;
  }

  insert_typecode(value: TypeCode): void {
    this.#part(["tk_TypeCode"])._replace(value);
  }

  get_typecode(): TypeCode {
    return this.#part(["tk_TypeCode"])._copy() as TypeCode;
  }

  insert_any(value: Any): void {
    this.#part(["tk_any"])._replace(value);
  }

  get_any(): Any {
    return this.#part(["tk_any"])._copy() as Any;
  }

  insert_reference(value: ObjectReference | null): void {
    this.#part(REFERENCES)._replace(value);
  }

  get_reference(): ObjectReference | null {
    return this.#part(REFERENCES)._copy() as ObjectReference | null;
  }

  /** Puts the value of another one, with its type, into an any. */
  insert_dyn_any(value: DynAny): void {
    this.#part(["tk_any"])._replace(value.to_any());
  }

  /** A DynAny of its own for what an any holds. */
  get_dyn_any(): DynAny {
    const { type, value } = this.#part(["tk_any"])._copy() as Any;
    const work = new Work();
    const made = this._nodes.part(type, value, work);
    work.finish();
    made._settle(false);
    return made;
  }

  insert_val(value: ValueBase | null): void {
    this.#part(VALUES)._replace(value);
  }

  /** A value as `to_any` makes it: an instance of its own. A boxed one is its content. */
  get_val(): unknown {
    return this.#part(VALUES)._copy();
  }

  insert_abstract(value: ObjectReference | ValueBase | null): void {
    this.#part(["tk_abstract_interface"])._replace(value);
  }

  get_abstract(): ObjectReference | ValueBase | null {
    const found = this.#part(["tk_abstract_interface"])._copy();
    return found as ObjectReference | ValueBase | null;
  }

  insert_boolean_seq(value: readonly boolean[]): void {
    this.#list("tk_boolean")._replace(value);
  }

  get_boolean_seq(): boolean[] {
    return this.#list("tk_boolean")._copy() as boolean[];
  }

  insert_octet_seq(value: Uint8Array): void {
    this.#list("tk_octet")._replace(value);
  }

  get_octet_seq(): Uint8Array {
    return this.#list("tk_octet")._copy() as Uint8Array;
  }

  insert_char_seq(value: readonly string[]): void {
    this.#list("tk_char")._replace(value);
  }

  get_char_seq(): string[] {
    return this.#list("tk_char")._copy() as string[];
  }

  insert_short_seq(value: readonly number[]): void {
    this.#list("tk_short")._replace(value);
  }

  get_short_seq(): number[] {
    return this.#list("tk_short")._copy() as number[];
  }

  insert_ushort_seq(value: readonly number[]): void {
    this.#list("tk_ushort")._replace(value);
  }

  get_ushort_seq(): number[] {
    return this.#list("tk_ushort")._copy() as number[];
  }

  insert_long_seq(value: readonly number[]): void {
    this.#list("tk_long")._replace(value);
  }

  get_long_seq(): number[] {
    return this.#list("tk_long")._copy() as number[];
  }

  insert_ulong_seq(value: readonly number[]): void {
    this.#list("tk_ulong")._replace(value);
  }

  get_ulong_seq(): number[] {
    return this.#list("tk_ulong")._copy() as number[];
  }

  insert_longlong_seq(value: readonly (bigint | number)[]): void {
    this.#list("tk_longlong")._replace(value);
  }

  get_longlong_seq(): bigint[] {
    return this.#list("tk_longlong")._copy() as bigint[];
  }

  insert_ulonglong_seq(value: readonly (bigint | number)[]): void {
    this.#list("tk_ulonglong")._replace(value);
  }

  get_ulonglong_seq(): bigint[] {
    return this.#list("tk_ulonglong")._copy() as bigint[];
  }

  insert_float_seq(value: readonly number[]): void {
    this.#list("tk_float")._replace(value);
  }

  get_float_seq(): number[] {
    return this.#list("tk_float")._copy() as number[];
  }

  insert_double_seq(value: readonly number[]): void {
    this.#list("tk_double")._replace(value);
  }

  get_double_seq(): number[] {
    return this.#list("tk_double")._copy() as number[];
  }

  insert_longdouble_seq(value: readonly LongDouble[]): void {
    this.#list("tk_longdouble")._replace(value);
  }

  get_longdouble_seq(): LongDouble[] {
    return this.#list("tk_longdouble")._copy() as LongDouble[];
  }

  insert_wchar_seq(value: readonly string[]): void {
    this.#list("tk_wchar")._replace(value);
  }

  get_wchar_seq(): string[] {
    return this.#list("tk_wchar")._copy() as string[];
  }

  /** Goes to a component; false, and there is no current component, where there is none of that index. */
  seek(index: number): boolean {
    this._check();
    this.#position = index >= 0 && index < this.component_count() ? Math.trunc(index) : NOWHERE;
    return this.#position !== NOWHERE;
  }

  /** The same as `seek(0)`. */
  rewind(): void {
    this.seek(0);
  }

  /** Goes to the next component; false, and there is no current component, behind the last one. */
  next(): boolean {
    return this.seek(this.#position + 1);
  }

  /** The same object every time; null without a current position. @throws TypeMismatch where there cannot be components */
  current_component(): DynAny | null {
    this._check();
    const isEmptyException = this._plain.kind() === "tk_except" && this.component_count() === 0;
    if (!CONSTRUCTED.has(this._plain.kind()) || isEmptyException) {
      throw new TypeMismatch(`${typeName(this.#type)} has no components`);
    }
    return this._current();
  }

  /** Internal: -1 for none. */
  get _position(): number {
    return this.#position;
  }

  /** Internal: goes where a change of the value leads to, without asking whether it is there. */
  _moveTo(position: number): void {
    this.#position = position;
  }

  /** Internal: the component at the current position. */
  _current(): DynAny | null {
    return this.#position === NOWHERE ? null : this._component(this.#position);
  }

  /** Internal: to be called by each public operation. @throws OBJECT_NOT_EXIST after `destroy` */
  _check(): void {
    if (!this.#isDestroyed) return;
    const text = `this DynAny of ${typeName(this.#type)} was destroyed`;
    throw new OBJECT_NOT_EXIST(text, MINOR.none, Completion.no);
  }

  /** Internal: at the first component, where there is one. */
  _settle(isPart: boolean): void {
    this.#isPart = isPart;
    this.#position = this.component_count() > 0 ? 0 : NOWHERE;
  }

  /** Internal: what {@link to_any} gives, once `work` is finished. */
  _toAny(work: Work): Any {
    this._check();
    return new Any(this.#type, this._build(work));
  }

  /** Internal: the value, its parts copied. */
  _copy(): unknown {
    const work = new Work();
    const value = this._build(work);
    work.finish();
    return value;
  }

  /** Internal: gives it another value, or leaves it as it was. @throws InvalidValue */
  _replace(value: unknown): void {
    const former = this._former();
    const work = new Work();
    try {
      this._load(value, work);
      work.finish();
    } catch (thrown) {
      former.restore();
      throw thrown;
    }
    for (const part of former.parts) part._drop();
    this._settle(this.#isPart);
  }

  /** Internal: ends it and its components, those of values by and by. */
  _end(work: Work): void {
    if (this.#isDestroyed) return;
    this.#isDestroyed = true;
    for (const part of this._former().parts) work.later(() => part._end(work));
  }

  /** Internal: ends a component that is none any more. One of a value type may be part of something else. */
  _drop(): void {
    if (VALUES.includes(this._plain.kind())) return;
    this.#isDestroyed = true;
    for (const part of this._former().parts) part._drop();
  }

  #expect(type: TypeCode): void {
    if (this.#type.equivalent(type)) return;
    throw new TypeMismatch(`${typeName(type)} given for ${typeName(this.#type)}`);
  }

  /** What `insert_…` and `get_…` mean. */
  #target(): DynAny {
    this._check();
    if (!CONSTRUCTED.has(this._plain.kind())) return this;
    const current = this._current();
    if (current !== null) return current;
    throw new InvalidValue(`${typeName(this.#type)} has no current component; seek() sets it`);
  }

  #part(kinds: readonly TCKind[]): DynAny {
    const target = this.#target();
    if (kinds.includes(target._plain.kind())) return target;
    throw new TypeMismatch(`${typeName(target.#type)} is none of ${kinds.join(", ")}`);
  }

  #list(element: TCKind): DynAny {
    this._check();
    if (this.#isListOf(element)) return this;
    const target = this.#target();
    if (target.#isListOf(element)) return target;
    throw new TypeMismatch(`${typeName(target.#type)} is no sequence or array of ${element}`);
  }

  #isListOf(element: TCKind): boolean {
    const kind = this._plain.kind();
    if (kind !== "tk_sequence" && kind !== "tk_array") return false;
    return this._plain.content_type().unaliased().kind() === element;
  }
}

/** Whether two values are the same; pairs met again are, and those of values are put off. */
export class Comparison {
  readonly #met: Map<DynAny, Set<DynAny>> = new Map();
  readonly #left: [DynAny, DynAny][] = [];

  same(a: DynAny, b: DynAny): boolean {
    this.later(a, b);
    for (let pair = this.#left.pop(); pair !== undefined; pair = this.#left.pop()) {
      const [one, other] = pair;
      if (one._plain.kind() !== other._plain.kind() || !one._isLike(other, this)) return false;
    }
    return true;
  }

  /** To be compared, too, before both are the same. */
  later(a: DynAny, b: DynAny): void {
    const others = this.#met.get(a);
    if (others?.has(b)) return;
    if (others === undefined) this.#met.set(a, new Set([b]));
    else others.add(b);
    this.#left.push([a, b]);
  }
}
