import { Any, converted, getMember, setMember } from "../any/index.ts";
import { InvalidValue, TypeMismatch } from "../exception/index.ts";
import { keyOf, type TCKind, type TypeCode, typeName } from "../typecode/index.ts";
import { type Comparison, DynAny, type Former } from "./dynany.ts";
import { shown } from "./leaves.ts";
import type { Work } from "./work.ts";

/** DynamicAny::NameValuePair: a member by name. */
export interface NameValuePair {
  readonly id: string;
  readonly value: Any;
}

/** DynamicAny::NameDynAnyPair. */
export interface NameDynAnyPair {
  readonly id: string;
  readonly value: DynAny;
}

/** A member as a type declares it, and what it is called in values. */
export interface Slot {
  readonly name: string;
  readonly key: string;
  readonly type: TypeCode;
}

/** What has named members: a struct, an exception, a value. */
export abstract class DynMembers extends DynAny {
  /** Internal: the members there are now. */
  abstract _slots(): readonly Slot[];
  /** Internal: the components, in the order of the members. */
  abstract _parts(): readonly DynAny[];
  /** Internal: gives it all members at once. */
  abstract _setMembers(values: readonly unknown[]): void;

  override component_count(): number {
    this._check();
    return this._parts().length;
  }

  override _component(index: number): DynAny {
    return this._parts()[index] as DynAny;
  }

  /** Empty where the TypeCode has no names. @throws TypeMismatch where there are no members; InvalidValue without a current one */
  current_member_name(): string {
    return this.#current().name;
  }

  /** @throws as `current_member_name` */
  current_member_kind(): TCKind {
    return this.#current().type.kind();
  }

  /** All members in order. */
  get_members(): NameValuePair[] {
    return this.get_members_as_dyn_any().map(({ id, value }) => ({ id, value: value.to_any() }));
  }

  /**
   * Gives it other members, all of them in order.
   * @throws InvalidValue for another number of members; TypeMismatch for another name (an empty one will do)
   *   or a type that is not equivalent
   */
  set_members(value: readonly NameValuePair[]): void {
    this._check();
    const slots = this._slots();
    if (value.length !== slots.length) {
      const text = `${typeName(this.type())} has ${slots.length} members, not ${value.length}`;
      throw new InvalidValue(text);
    }
    slots.forEach((slot, i) => {
      const given = value[i] as NameValuePair;
      if (given.id !== slot.name && given.id !== "" && slot.name !== "") {
        throw new TypeMismatch(`member ${i} is ${slot.name}, not ${given.id}`);
      }
      if (!given.value.type.equivalent(slot.type)) {
        const text = `${slot.name} is ${typeName(slot.type)}, not ${typeName(given.value.type)}`;
        throw new TypeMismatch(text);
      }
    });
    this._setMembers(
      slots.map((slot, i) => {
        const { value: any } = value[i] as NameValuePair;
        return converted(any.value, any.type, slot.type);
      }),
    );
  }

  /** All members in order: the components themselves. */
  get_members_as_dyn_any(): NameDynAnyPair[] {
    this._check();
    const parts = this._parts();
    return this._slots().map(({ name }, i) => ({ id: name, value: parts[i] as DynAny }));
  }

  /** As `set_members`, with copies of the values. */
  set_members_as_dyn_any(value: readonly NameDynAnyPair[]): void {
    this.set_members(value.map((given) => ({ id: given.id, value: given.value.to_any() })));
  }

  #current(): Slot {
    this._check();
    const slots = this._slots();
    if (slots.length === 0) throw new TypeMismatch(`${typeName(this.type())} has no members`);
    const slot = slots[this._position];
    if (slot !== undefined) return slot;
    throw new InvalidValue(`${typeName(this.type())} has no current member; seek() sets it`);
  }
}

/** The members of a struct or an exception. */
function slotsOf(type: TypeCode): readonly Slot[] {
  return type.members().map((m, i) => ({ name: m.name, key: keyOf(m.name, i), type: m.type }));
}

/** A struct or an exception (CORBA 3.3 Part 1, 9.2.6). */
export class DynStruct extends DynMembers {
  #parts: readonly DynAny[] = [];

  override _slots(): readonly Slot[] {
    return slotsOf(this._plain);
  }

  override _parts(): readonly DynAny[] {
    return this.#parts;
  }

  override _setMembers(values: readonly unknown[]): void {
    const object = {};
    this._slots().forEach((slot, i) => setMember(object, slot.key, values[i]));
    this._replace(object);
  }

  override _initialize(): void {
    this.#parts = this._slots().map((slot) => this._nodes.initial(slot.type));
  }

  override _load(value: unknown, work: Work): void {
    if (typeof value !== "object" || value === null) {
      throw new InvalidValue(`${typeName(this.type())} is an object, not ${shown(value)}`);
    }
    this.#parts = this._slots().map((slot) =>
      this._nodes.part(slot.type, getMember(value, slot.key), work),
    );
  }

  override _build(work: Work): unknown {
    const object = {};
    this._slots().forEach((slot, i) =>
      setMember(object, slot.key, this._component(i)._build(work)),
    );
    return object;
  }

  override _isLike(other: DynAny, comparison: Comparison): boolean {
    const theirs = (other as DynStruct).#parts;
    if (theirs.length !== this.#parts.length) return false;
    this.#parts.forEach((part, i) => comparison.later(part, theirs[i] as DynAny));
    return true;
  }

  override _former(): Former {
    const parts = this.#parts;
    return {
      parts,
      restore: () => {
        this.#parts = parts;
      },
    };
  }
}
