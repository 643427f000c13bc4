import { BAD_TYPECODE, Completion, MINOR } from "../exception/index.ts";
import { equalTypeCodes, equivalentTypeCodes } from "./equal.ts";
import { TypeCodeBadKind, TypeCodeBounds } from "./errors.ts";
import type { TCKind } from "./kind.ts";

/** A thing, or a function that gives it at first use, so that types may refer to each other. */
export type Lazy<T> = T | (() => T);

/** The value of a case label: an enum's by name, a 64-bit integer as bigint. */
export type Label = number | bigint | boolean | string;

/**
 * What a member or an enumerator is called in values. TypeCodes may come without names (the compact
 * form): then `$` and the index.
 */
export function keyOf(name: string, index: number): string {
  return name === "" ? `$${index}` : name;
}

/** A member of a struct, exception, union or value type. */
export interface Member {
  readonly name: string;
  readonly type: TypeCode;
  /** Of a union's member, without meaning for the default one. */
  readonly label?: Label;
  /** Of a value type's member: 0 private, 1 public. */
  readonly visibility?: number;
}

/** What a TypeCode is made of; which parts it has follows from the kind. */
export interface TypeCodeParts {
  readonly kind: TCKind;
  readonly id?: string;
  readonly name?: string;
  /** Bound of a string or sequence (0: none), length of an array. */
  readonly length?: number;
  readonly digits?: number;
  readonly scale?: number;
  /** Element, aliased or boxed type. */
  readonly content?: Lazy<TypeCode>;
  readonly discriminator?: Lazy<TypeCode>;
  /** Index of a union's default member, -1 for none. */
  readonly defaultIndex?: number;
  readonly members?: () => readonly Member[];
  /** Of an enum. */
  readonly names?: readonly string[];
  /** Of a value type: 0 none, 1 custom, 2 abstract, 3 truncatable. */
  readonly modifier?: number;
  /** Concrete base of a value type. */
  readonly base?: Lazy<TypeCode> | null;
}

function resolve(lazy: Lazy<TypeCode> | undefined | null): TypeCode | undefined {
  return typeof lazy === "function" ? lazy() : (lazy ?? undefined);
}

/**
 * A type of IDL at run time (CORBA 3.3 Part 1, 8.11). Immutable. Operations that do not fit the kind
 * throw BadKind. Made by the factories of `tc`.
 */
export class TypeCode {
  #parts: TypeCodeParts;
  #awaited: string | undefined;
  #compact: TypeCode | undefined;
  #content: TypeCode | undefined;
  #members: readonly Member[] | undefined;
  #byLabel: ReadonlyMap<Label, Member> | undefined;

  constructor(parts: TypeCodeParts) {
    this.#parts = parts;
  }

  kind(): TCKind {
    return this.#parts.kind;
  }

  /** True when every operation of both gives the same: names and aliases count. */
  equal(other: TypeCode): boolean {
    return equalTypeCodes(this, other);
  }

  /**
   * True when values of one are values of the other: aliases are looked through, equal repository ids
   * decide, and without ids the structure does, whatever the names.
   */
  equivalent(other: TypeCode): boolean {
    return equivalentTypeCodes(this, other);
  }

  /** The same type without names of types and members; ids and aliases stay. Values call members `$0`, `$1` … */
  get_compact_typecode(): TypeCode {
    this.#compact ??= this.#makeCompact();
    return this.#compact;
  }

  /**
   * Internal: one that stands for the type of that id, of which it is to be a part; until then every use of
   * it raises BAD_TYPECODE.
   */
  static _awaiting(id: string): TypeCode {
    const type = new TypeCode({
      get kind(): never {
        const text = `the TypeCode for ${id} is not part of that type yet`;
        throw new BAD_TYPECODE(text, MINOR.incompleteTypeCode, Completion.no);
      },
    });
    type.#awaited = id;
    return type;
  }

  /** Internal: the id of the type it waits for; undefined for a complete one. */
  get _awaited(): string | undefined {
    return this.#awaited;
  }

  /** Internal: what it was waiting for is there. */
  _become(type: TypeCode): void {
    this.#parts = type.#parts;
    this.#awaited = undefined;
  }

  /** Internal: whether both are one, be it that the other stood for it. */
  _isSameAs(other: TypeCode): boolean {
    return this.#parts === other.#parts;
  }

  /** True for the kinds that have an id and a name. */
  hasId(): boolean {
    return this.#parts.id !== undefined;
  }

  /** Repository id; may be empty for a type made at run time. */
  id(): string {
    return this.#parts.id ?? this.#badKind("id");
  }

  /** Simple name; may be empty. */
  name(): string {
    return this.#parts.name ?? this.#badKind("name");
  }

  member_count(): number {
    return this.#parts.names?.length ?? this.members().length;
  }

  member_name(index: number): string {
    const { names } = this.#parts;
    if (names === undefined) return this.#member(index).name;
    return names[index] ?? this.#bounds(index, names.length);
  }

  member_type(index: number): TypeCode {
    return this.#member(index).type;
  }

  /** The label of a union's member; 0 for the default member. */
  member_label(index: number): Label {
    if (this.#parts.kind !== "tk_union") this.#badKind("member_label");
    const { label } = this.#member(index);
    return index === this.#parts.defaultIndex ? 0 : (label ?? 0);
  }

  /** 0 private, 1 public. */
  member_visibility(index: number): number {
    if (this.#parts.modifier === undefined) this.#badKind("member_visibility");
    return this.#member(index).visibility ?? 1;
  }

  discriminator_type(): TypeCode {
    if (this.#parts.kind !== "tk_union") return this.#badKind("discriminator_type");
    this.#content ??= resolve(this.#parts.discriminator);
    return this.#content ?? this.#badKind("discriminator_type");
  }

  /** Index of a union's default member, -1 for none. */
  default_index(): number {
    return this.#parts.defaultIndex ?? this.#badKind("default_index");
  }

  /** Bound of a string or sequence (0: none), length of an array. */
  length(): number {
    return this.#parts.length ?? this.#badKind("length");
  }

  /** Element of a sequence or array, what an alias stands for, what a box holds. */
  content_type(): TypeCode {
    if (this.#parts.kind === "tk_union") return this.#badKind("content_type");
    this.#content ??= resolve(this.#parts.content);
    return this.#content ?? this.#badKind("content_type");
  }

  fixed_digits(): number {
    return this.#parts.digits ?? this.#badKind("fixed_digits");
  }

  fixed_scale(): number {
    return this.#parts.scale ?? this.#badKind("fixed_scale");
  }

  /** 0 none, 1 custom, 2 abstract, 3 truncatable. */
  type_modifier(): number {
    return this.#parts.modifier ?? this.#badKind("type_modifier");
  }

  /** Null when the value type has no concrete base. */
  concrete_base_type(): TypeCode | null {
    if (this.#parts.base === undefined) return this.#badKind("concrete_base_type");
    return resolve(this.#parts.base) ?? null;
  }

  /** All members in order; not for enums, whose members are names alone. */
  members(): readonly Member[] {
    this.#members ??= this.#parts.members?.();
    return this.#members ?? this.#badKind("members");
  }

  /** The names of an enum in order. */
  enumerators(): readonly string[] {
    return this.#parts.names ?? this.#badKind("enumerators");
  }

  /** The place of an enumerator called `key`, -1 where there is none. */
  ordinalOf(key: string): number {
    const names = this.enumerators();
    const ordinal = names.indexOf(key);
    if (ordinal >= 0 && key !== "") return ordinal;
    return names.findIndex((name, i) => name === "" && keyOf(name, i) === key);
  }

  /** The member a union has for a discriminator: labelled so, else the default one, else none. */
  memberFor(label: Label): Member | undefined {
    if (this.#byLabel === undefined) {
      const byLabel = new Map<Label, Member>();
      const fallback = this.default_index();
      this.members().forEach((m, i) => {
        if (i !== fallback && m.label !== undefined) byLabel.set(m.label, m);
      });
      this.#byLabel = byLabel;
    }
    return this.#byLabel.get(label) ?? this.members()[this.default_index()];
  }

  /** This type with every alias around it taken off. */
  unaliased(): TypeCode {
    return this.#parts.kind === "tk_alias" ? this.content_type().unaliased() : this;
  }

  #makeCompact(): TypeCode {
    const { name, names, content, discriminator, base, members, ...rest } = this.#parts;
    const parts: { -readonly [K in keyof TypeCodeParts]: TypeCodeParts[K] } = rest;
    const compact = (type: Lazy<TypeCode>) => () =>
      (typeof type === "function" ? type() : type).get_compact_typecode();
    if (name !== undefined) parts.name = "";
    if (names !== undefined) parts.names = names.map(() => "");
    if (content !== undefined) parts.content = compact(content);
    if (discriminator !== undefined) parts.discriminator = compact(discriminator);
    if (base !== undefined) parts.base = base === null ? null : compact(base);
    if (members !== undefined) parts.members = () => this.members().map((m) => this.#unnamed(m));
    const type = new TypeCode(parts);
    type.#compact = type;
    return type;
  }

  #unnamed(member: Member): Member {
    const bare = { ...member, name: "", type: member.type.get_compact_typecode() };
    if (this.#parts.kind !== "tk_union" || typeof member.label !== "string") return bare;
    const labels = this.discriminator_type().unaliased();
    if (labels.kind() !== "tk_enum" || member.label === "") return bare;
    return { ...bare, label: keyOf("", labels.ordinalOf(member.label)) };
  }

  #member(index: number): Member {
    const members = this.members();
    return members[index] ?? this.#bounds(index, members.length);
  }

  #bounds(index: number, count: number): never {
    throw new TypeCodeBounds(`no member ${index}: there are ${count}, counted from 0`);
  }

  #badKind(operation: string): never {
    throw new TypeCodeBadKind(`a TypeCode of kind ${this.#parts.kind} has no ${operation}`);
  }
}
