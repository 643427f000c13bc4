import { AnyValue, memberKey, getMember, setMember } from "../any/index.ts";
import { InvalidValue } from "../exception/index.ts";
import { type TypeCode, typeName } from "../typecode/index.ts";
import { derivesFrom, ValueBase } from "../value/index.ts";
import { DynMembers, type NameDynAnyPair, type Slot } from "./dyn-struct.ts";
import { type Comparison, DynAny, type Former } from "./dynany.ts";
import type { Work } from "./work.ts";

/** What values and value boxes have in common: they may be null (CORBA 3.3 Part 1, 9.2.10). */
export interface DynValueCommon {
  is_null(): boolean;
  set_to_null(): void;
  /** From null to initial members; does nothing to what is not null. */
  set_to_value(): void;
}

/** What there is of a value that is not null. */
interface State {
  /** Its own type: the declared one or one derived from it. */
  readonly type: TypeCode;
  readonly parts: readonly DynAny[];
  /** An instance to be filled. */
  readonly make: () => object;
}

const VALUE_BASE = "IDL:omg.org/CORBA/ValueBase:1.0";
/** Of `type_modifier()`. */
const ABSTRACT = 2;

/** The members with those of the concrete bases, the root's first. */
function slotsOf(type: TypeCode): readonly Slot[] {
  const base = type.concrete_base_type();
  const own = type.members().map((m, i) => ({
    name: m.name,
    key: memberKey(m.name, i),
    type: m.type,
  }));
  return base === null ? own : [...slotsOf(base.unaliased()), ...own];
}

/** Types that say nothing about members: what derives from them is not known here. */
function saysLittle(type: TypeCode): boolean {
  return type.id() === VALUE_BASE || type.type_modifier() === ABSTRACT;
}

function isOrDerives(type: TypeCode, from: TypeCode): boolean {
  if (type.id() === from.id() || saysLittle(from)) return true;
  const base = type.concrete_base_type();
  return base !== null && isOrDerives(base.unaliased(), from);
}

function wrongValue(formal: TypeCode, found: string): InvalidValue {
  return new InvalidValue(`a value of ${found} is no ${typeName(formal)}`);
}

function ofAnyValue(formal: TypeCode, value: AnyValue): Omit<State, "parts"> {
  const type = value._type;
  if (!isOrDerives(type, formal)) throw wrongValue(formal, typeName(type));
  return { type, make: () => new AnyValue(type) };
}

function ofInstance(formal: TypeCode, value: ValueBase, work: Work): Omit<State, "parts"> {
  const known = value._value;
  if (known.repositoryId === formal.id()) {
    const prototype = Object.getPrototypeOf(value) as object;
    return { type: formal, make: known.create ?? (() => Object.create(prototype) as object) };
  }
  // Its members are not known: it stays the one it is.
  if (saysLittle(formal)) return { type: formal, make: () => value };
  if (!derivesFrom(known, formal.id())) throw wrongValue(formal, known.name);
  work.wasTruncated = true;
  return { type: formal, make: () => new AnyValue(formal) };
}

/**
 * A value of a value type. The same instance within what a DynAny was made of is the same component,
 * whereever it is reached from, and becomes one instance again.
 */
export class DynValue extends DynMembers implements DynValueCommon {
  #state: State | null = null;

  is_null(): boolean {
    this._check();
    return this.#state === null;
  }

  set_to_null(): void {
    this._check();
    this._replace(null);
  }

  set_to_value(): void {
    this._check();
    if (this.#state !== null) return;
    const type = this._plain;
    const parts = slotsOf(type).map((slot) => this._nodes.initial(slot.type));
    this.#state = { type, parts, make: () => new AnyValue(type) };
    this._moveTo(parts.length > 0 ? 0 : -1);
  }

  /** @throws InvalidValue for null */
  override get_members_as_dyn_any(): NameDynAnyPair[] {
    if (!this.is_null()) return super.get_members_as_dyn_any();
    throw new InvalidValue(`the ${typeName(this.type())} is null and has no members`);
  }

  override _slots(): readonly Slot[] {
    return slotsOf(this.#state?.type ?? this._plain);
  }

  override _parts(): readonly DynAny[] {
    return this.#state?.parts ?? [];
  }

  override _setMembers(values: readonly unknown[]): void {
    const instance = this.#state?.make() ?? new AnyValue(this._plain);
    this._slots().forEach((slot, i) => setMember(instance, slot.key, values[i]));
    this._replace(instance);
  }

  override _initialize(): void {
    this.#state = null;
  }

  override _load(value: unknown, work: Work): void {
    if (value === null) {
      this.#state = null;
      return;
    }
    if (typeof value !== "object") throw wrongValue(this._plain, typeof value);
    work.known.set(value, this);
    const found = this.#typeOf(value, work);
    this.#state = { ...found, parts: [] };
    work.later(() => {
      const parts = slotsOf(found.type).map((slot) =>
        this._nodes.part(slot.type, getMember(value, slot.key), work),
      );
      this.#state = { ...found, parts };
      this._moveTo(parts.length > 0 ? 0 : -1);
    });
  }

  override _build(work: Work): unknown {
    const state = this.#state;
    if (state === null) return null;
    const known = work.known.get(this);
    if (known !== undefined) return known;
    const instance = state.make();
    work.known.set(this, instance);
    work.later(() => {
      slotsOf(state.type).forEach((slot, i) =>
        setMember(instance, slot.key, state.parts[i]?._build(work)),
      );
    });
    return instance;
  }

  override _isLike(other: DynAny, comparison: Comparison): boolean {
    const [mine, theirs] = [this.#state, (other as DynValue).#state];
    if (mine === null || theirs === null) return mine === theirs;
    if (!mine.type.equivalent(theirs.type) || mine.parts.length !== theirs.parts.length) {
      return false;
    }
    mine.parts.forEach((part, i) => comparison.later(part, theirs.parts[i] as DynAny));
    return true;
  }

  override _former(): Former {
    const state = this.#state;
    return {
      parts: state?.parts ?? [],
      restore: () => {
        this.#state = state;
      },
    };
  }

  #typeOf(value: object, work: Work): Omit<State, "parts"> {
    if (value instanceof AnyValue) return ofAnyValue(this._plain, value);
    if (value instanceof ValueBase) return ofInstance(this._plain, value, work);
    return { type: this._plain, make: () => new AnyValue(this._plain) };
  }
}
