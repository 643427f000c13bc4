import { getMember, setMember } from "../any/index.ts";
import { InvalidValue, TypeMismatch } from "../exception/index.ts";
import { keyOf, type Label, type Member, type TCKind, typeName } from "../typecode/index.ts";
import { DynBasic } from "./dyn-basic.ts";
import { type Comparison, DynAny, type Former } from "./dynany.ts";
import { unusedLabel } from "./labels.ts";
import { shown } from "./leaves.ts";
import type { Work } from "./work.ts";

/** The member that the discriminator says is there. */
interface Active {
  readonly declared: Member;
  readonly node: DynAny;
}

/** The key of a union's member: nameless ones are all called the same, for there is one at a time. */
function keyOfMember(member: Member): string {
  return keyOf(member.name, 0);
}

/** Several labels of one member come as several members of the same name. */
function isSameMember(a: Member | undefined, b: Member | undefined): boolean {
  return a === b || (a !== undefined && b !== undefined && a.name !== "" && a.name === b.name);
}

/** A union (CORBA 3.3 Part 1, 9.2.7): its components are the discriminator and, where one is active, the member. */
export class DynUnion extends DynAny {
  #discriminator: DynBasic | undefined;
  #active: Active | undefined;

  /** 2 with an active member, 1 without. */
  override component_count(): number {
    this._check();
    return this.#active === undefined ? 1 : 2;
  }

  override _component(index: number): DynAny {
    return index === 1 && this.#active !== undefined ? this.#active.node : this.#label;
  }

  /** The discriminator itself: what is written to it may activate another member. */
  get_discriminator(): DynAny {
    this._check();
    return this.#label;
  }

  /**
   * A value of the same member leaves the member as it is; another one ends it and activates its own with
   * an initial value. The member, or without one the discriminator, is the current component afterwards.
   * @throws TypeMismatch unless the type is equivalent to the discriminator's
   */
  set_discriminator(d: DynAny): void {
    this._check();
    this.#label.assign(d);
    this._moveTo(this.component_count() - 1);
  }

  /** @throws TypeMismatch for a union without a default case */
  set_to_default_member(): void {
    this._check();
    const label = unusedLabel(this._plain);
    if (this._plain.default_index() < 0 || label === undefined) {
      throw new TypeMismatch(`${typeName(this.type())} has no default case`);
    }
    this.#label._replace(label);
    this._moveTo(0);
  }

  /** @throws TypeMismatch for a union with a default case, or with a case for every value */
  set_to_no_active_member(): void {
    this._check();
    const label = unusedLabel(this._plain);
    if (this._plain.default_index() >= 0 || label === undefined) {
      throw new TypeMismatch(`${typeName(this.type())} has a member for every discriminator`);
    }
    this.#label._replace(label);
    this._moveTo(0);
  }

  has_no_active_member(): boolean {
    this._check();
    return this.#active === undefined;
  }

  discriminator_kind(): TCKind {
    this._check();
    return this._plain.discriminator_type().kind();
  }

  /** The active member; ended when another one becomes active. @throws InvalidValue without one */
  member(): DynAny {
    return this.#member().node;
  }

  /** @throws InvalidValue without an active member */
  member_name(): string {
    return this.#member().declared.name;
  }

  /** @throws InvalidValue without an active member */
  member_kind(): TCKind {
    return this.#member().declared.type.kind();
  }

  override _initialize(): void {
    this.#begin();
    const type = this._plain;
    const [first] = type.members();
    const label = type.default_index() === 0 ? unusedLabel(type) : first?.label;
    if (label !== undefined) this.#label._replace(label);
    else this.#activate();
  }

  override _load(value: unknown, work: Work): void {
    if (typeof value !== "object" || value === null) {
      throw new InvalidValue(`${typeName(this.type())} is an object, not ${shown(value)}`);
    }
    this.#begin();
    this.#label._load(getMember(value, "$d"), work);
    const declared = this.#declared();
    if (declared === undefined) return;
    const held = getMember(value, keyOfMember(declared));
    this.#active = { declared, node: this._nodes.part(declared.type, held, work) };
  }

  override _build(work: Work): unknown {
    const object = { $d: this.#label._build(work) };
    if (this.#active !== undefined) {
      setMember(object, keyOfMember(this.#active.declared), this.#active.node._build(work));
    }
    return object;
  }

  override _isLike(other: DynAny, comparison: Comparison): boolean {
    const union = other as DynUnion;
    comparison.later(this.#label, union.#label);
    const [mine, theirs] = [this.#active, union.#active];
    if (mine === undefined || theirs === undefined) return mine === theirs;
    comparison.later(mine.node, theirs.node);
    return true;
  }

  override _former(): Former {
    const discriminator = this.#discriminator;
    const active = this.#active;
    return {
      parts: [discriminator, active?.node].filter((part) => part !== undefined),
      restore: () => {
        this.#discriminator = discriminator;
        this.#active = active;
      },
    };
  }

  get #label(): DynBasic {
    return this.#discriminator ?? this.#begin();
  }

  /** A discriminator of its own, and no member. */
  #begin(): DynBasic {
    const made = this._nodes.initial(this._plain.discriminator_type()) as DynBasic;
    made._changed = () => this.#activate();
    this.#discriminator = made;
    this.#active = undefined;
    return made;
  }

  #declared(): Member | undefined {
    return this._plain.memberFor(this.#label._copy() as Label);
  }

  /** Makes the member active that the discriminator asks for. */
  #activate(): void {
    const declared = this.#declared();
    const before = this.#active;
    if (before !== undefined && isSameMember(before.declared, declared)) return;
    before?.node._drop();
    this.#active = undefined;
    if (this._position > 0) this._moveTo(declared === undefined ? -1 : this._position);
    if (declared === undefined) return;
    const node = this._nodes.initial(declared.type);
    this.#active = { declared, node };
  }

  #member(): Active {
    this._check();
    if (this.#active !== undefined) return this.#active;
    throw new InvalidValue(`${typeName(this.type())} has no active member`);
  }
}
