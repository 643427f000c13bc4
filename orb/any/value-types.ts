import type { CdrInput, CdrOutput } from "../cdr/index.ts";
import { keyOf, type Member, type TypeCode } from "../typecode/index.ts";
import type { StateStep, ValueDescriptor } from "../value/index.ts";

const VALUE_BASE = "IDL:omg.org/CORBA/ValueBase:1.0";
/** Values of type_modifier(). */
const CUSTOM = 1;
const ABSTRACT = 2;
const TRUNCATABLE = 3;

/** Names that objects made from TypeCodes keep for themselves; IDL has none like them. */
const TAKEN: ReadonlySet<string> = new Set(["_type", "_value", "__proto__"]);

/** What a member of a value type is called in values. */
export function memberKey(name: string, index: number): string {
  const key = keyOf(name, index);
  return TAKEN.has(key) ? `${key}_` : key;
}

/** How members that are no values are written and read, and how instances are made. */
export interface ValueCodec {
  write(out: CdrOutput, type: TypeCode, key: string, v: object): void;
  read(input: CdrInput, type: TypeCode, key: string, v: object): void;
  create(type: TypeCode): object;
  /** Of a value box, whose content has the type given. */
  writeContent(out: CdrOutput, type: TypeCode, content: unknown): void;
  readContent(input: CdrInput, type: TypeCode): unknown;
  wrap(type: TypeCode, content: unknown): object;
}

function isValue(type: TypeCode): boolean {
  const kind = type.kind();
  return kind === "tk_value" || kind === "tk_event";
}

/** What streams need to know of value types that are known by their TypeCodes alone. */
export class ValueTypes {
  readonly #codec: ValueCodec;
  readonly #known: WeakMap<TypeCode, ValueDescriptor> = new WeakMap();

  constructor(codec: ValueCodec) {
    this.#codec = codec;
  }

  /** Undefined for ValueBase. */
  of(type: TypeCode): ValueDescriptor | undefined {
    const plain = type.unaliased();
    return plain.id() === VALUE_BASE ? undefined : this.describe(plain);
  }

  /** @param type of kind tk_value, tk_event or tk_value_box */
  describe(type: TypeCode): ValueDescriptor {
    const known = this.#known.get(type);
    if (known !== undefined) return known;
    const descriptor =
      type.kind() === "tk_value_box" ? this.#describeBox(type) : this.#describeValue(type);
    this.#known.set(type, descriptor);
    return descriptor;
  }

  #describeBox(type: TypeCode): ValueDescriptor {
    const content = type.content_type();
    const codec = this.#codec;
    return {
      repositoryId: type.id(),
      name: type.name(),
      base: undefined,
      isTruncatable: false,
      isCustom: false,
      create: () => codec.wrap(type, undefined),
      boxed: {
        write: (out, v) => codec.writeContent(out, content, v),
        read: (input) => codec.readContent(input, content),
        wrap: (v) => codec.wrap(type, v),
        open: (box) => (box as { readonly content?: unknown }).content,
      },
    };
  }

  #describeValue(type: TypeCode): ValueDescriptor {
    const modifier = type.type_modifier();
    const base = type.concrete_base_type();
    return {
      repositoryId: type.id(),
      name: type.name(),
      base: base === null ? undefined : () => this.describe(base.unaliased()),
      isTruncatable: modifier === TRUNCATABLE,
      isCustom: modifier === CUSTOM,
      isAbstract: modifier === ABSTRACT,
      steps: () => type.members().map((member, i) => this.#step(member, i)),
      create:
        modifier === CUSTOM || modifier === ABSTRACT ? undefined : () => this.#codec.create(type),
    };
  }

  #step(member: Member, index: number): StateStep {
    const key = memberKey(member.name, index);
    const type = member.type.unaliased();
    if (isValue(type)) return { member: key, formal: () => this.of(type) };
    const kind = type.kind();
    if (kind === "tk_sequence" || kind === "tk_array") {
      const element = type.content_type().unaliased();
      const most = kind === "tk_array" ? { length: type.length() } : { bound: type.length() };
      if (isValue(element)) return { members: key, formal: () => this.of(element), ...most };
    }
    return {
      write: (out, v) => this.#codec.write(out, type, key, v),
      read: (input, v) => this.#codec.read(input, type, key, v),
    };
  }
}
