import { BAD_PARAM, BAD_TYPECODE, Completion, MINOR } from "../exception/index.ts";
import { type Label, tc, TypeCode, typeName } from "../typecode/index.ts";
import { Any } from "./any.ts";
import {
  checkContent,
  checkId,
  checkMemberNames,
  checkName,
  checkSize,
  settle,
} from "./type-code-checks.ts";

/** CORBA::StructMember: a member of a struct or an exception. */
export interface StructMember {
  readonly name: string;
  readonly type: TypeCode;
}

/** CORBA::UnionMember: one label of a union, several of one member in a row. The default one is octet 0 or null. */
export interface UnionMember extends StructMember {
  readonly label: Any;
}

/** CORBA::ValueMember: a member of a value type; `access` is 0 for a private one, 1 for a public one. */
export interface ValueMember extends StructMember {
  readonly access: number;
}

const DISCRIMINATORS: ReadonlySet<string> = new Set([
  "tk_short",
  "tk_ushort",
  "tk_long",
  "tk_ulong",
  "tk_longlong",
  "tk_ulonglong",
  "tk_boolean",
  "tk_char",
  "tk_wchar",
  "tk_octet",
  "tk_enum",
]);

function bad(message: string, minor: number): BAD_PARAM {
  return new BAD_PARAM(message, minor, Completion.no);
}

function isDefault(label: Any, discriminator: TypeCode): boolean {
  const kind = label.type.kind();
  return kind === "tk_null" || (kind === "tk_octet" && discriminator.kind() !== "tk_octet");
}

/** The labels in order, undefined for the default one. */
function labelsOf(
  discriminator: TypeCode,
  members: readonly UnionMember[],
): readonly (Label | undefined)[] {
  const met = new Set<Label | undefined>();
  return members.map(({ name, label }) => {
    const value = isDefault(label, discriminator) ? undefined : (label.value as Label);
    if (value !== undefined && !label.type.equivalent(discriminator)) {
      const text = `the label of ${name} is ${typeName(label.type)}, not ${typeName(discriminator)}`;
      throw bad(text, MINOR.labelTypeDiffers);
    }
    if (met.has(value)) {
      throw bad(`label ${String(value ?? "default")} comes twice`, MINOR.duplicateUnionLabel);
    }
    met.add(value);
    return value;
  });
}

/**
 * Makes TypeCodes at run time, with the checks of the standard (CORBA 3.3 Part 1, 8.11.3). Every operation
 * raises BAD_PARAM with minor OMG 15 for a name that is no identifier, 16 for a malformed repository id, 17
 * for a member's name that is malformed or comes twice, and BAD_TYPECODE with minor OMG 2 for what cannot
 * be a member or an element. Names may be empty.
 */
export class TypeCodeFactory {
  create_struct_tc(id: string, name: string, members: readonly StructMember[]): TypeCode {
    return this.#structLike("struct", id, name, members);
  }

  create_exception_tc(id: string, name: string, members: readonly StructMember[]): TypeCode {
    return this.#structLike("exception", id, name, members);
  }

  /**
   * @throws BAD_PARAM with minor OMG 18 for a label that comes twice, 19 for one of another type than the
   *   discriminator's, 20 for a type that cannot discriminate
   */
  create_union_tc(
    id: string,
    name: string,
    discriminator_type: TypeCode,
    members: readonly UnionMember[],
  ): TypeCode {
    checkId(id, false);
    checkName(name);
    const discriminator = discriminator_type.unaliased();
    if (!DISCRIMINATORS.has(discriminator.kind())) {
      const text = `${typeName(discriminator_type)} cannot discriminate a union`;
      throw bad(text, MINOR.illegalDiscriminatorType);
    }
    checkMemberNames(members, true);
    for (const member of members) checkContent(member.type, id);
    const labels = labelsOf(discriminator, members);
    const list = members.map((m, i) => [labels[i] ?? 0, m.name, m.type] as const);
    const type = tc.union(id, name, discriminator_type, labels.indexOf(undefined), () => list);
    return settle(type);
  }

  create_enum_tc(id: string, name: string, members: readonly string[]): TypeCode {
    checkId(id, false);
    checkName(name);
    checkMemberNames(
      members.map((member) => ({ name: member })),
      false,
    );
    return tc.enum(id, name, [...members]);
  }

  create_alias_tc(id: string, name: string, original_type: TypeCode): TypeCode {
    checkId(id, false);
    checkName(name);
    checkContent(original_type);
    return tc.alias(id, name, original_type);
  }

  create_interface_tc(id: string, name: string): TypeCode {
    return this.#named("objref", id, name);
  }

  create_native_tc(id: string, name: string): TypeCode {
    return this.#named("native", id, name);
  }

  create_abstract_interface_tc(id: string, name: string): TypeCode {
    return this.#named("abstract_interface", id, name);
  }

  create_local_interface_tc(id: string, name: string): TypeCode {
    return this.#named("local_interface", id, name);
  }

  create_component_tc(id: string, name: string): TypeCode {
    return this.#named("component", id, name);
  }

  create_home_tc(id: string, name: string): TypeCode {
    return this.#named("home", id, name);
  }

  /** @param bound in characters, 0 for none */
  create_string_tc(bound: number): TypeCode {
    checkSize(bound, 0);
    return tc.string(bound);
  }

  /** @param bound in characters, 0 for none */
  create_wstring_tc(bound: number): TypeCode {
    checkSize(bound, 0);
    return tc.wstring(bound);
  }

  /** @throws BAD_PARAM for other than 1 to 31 digits, or another scale than -32768 to 32767 */
  create_fixed_tc(digits: number, scale: number): TypeCode {
    if (Number.isInteger(digits) && digits >= 1 && digits <= 31 && (scale << 16) >> 16 === scale) {
      return tc.fixed(digits, scale);
    }
    throw bad(`there is no fixed<${digits}, ${scale}>`, MINOR.integerOutOfRange);
  }

  /** @param bound in elements, 0 for none */
  create_sequence_tc(bound: number, element_type: TypeCode): TypeCode {
    checkSize(bound, 0);
    checkContent(element_type);
    return tc.sequence(element_type, bound);
  }

  /** One dimension; several are arrays of arrays, the first dimension outermost. */
  create_array_tc(length: number, element_type: TypeCode): TypeCode {
    checkSize(length, 1);
    checkContent(element_type);
    return tc.array(element_type, length);
  }

  /**
   * Stands for the struct, union or value type of that id within its own members. It is complete once that
   * type was made; until then using it raises BAD_TYPECODE with minor OMG 1.
   */
  create_recursive_tc(id: string): TypeCode {
    checkId(id, true);
    return TypeCode._awaiting(id);
  }

  /** @param type_modifier 0 none, 1 custom, 2 abstract, 3 truncatable */
  create_value_tc(
    id: string,
    name: string,
    type_modifier: number,
    concrete_base: TypeCode | null,
    members: readonly ValueMember[],
  ): TypeCode {
    return this.#valueLike("value", id, name, type_modifier, concrete_base, members);
  }

  /** As `create_value_tc`, for an event type. */
  create_event_tc(
    id: string,
    name: string,
    type_modifier: number,
    concrete_base: TypeCode | null,
    members: readonly ValueMember[],
  ): TypeCode {
    return this.#valueLike("event", id, name, type_modifier, concrete_base, members);
  }

  create_value_box_tc(id: string, name: string, boxed_type: TypeCode): TypeCode {
    checkId(id, true);
    checkName(name);
    checkContent(boxed_type);
    const kind = boxed_type.unaliased().kind();
    if (kind === "tk_value" || kind === "tk_event" || kind === "tk_value_box") {
      const text = `${typeName(boxed_type)} cannot be boxed`;
      throw new BAD_TYPECODE(text, MINOR.illegalMemberTypeCode, Completion.no);
    }
    return tc.value_box(id, name, boxed_type);
  }

  #named(
    kind: "objref" | "native" | "abstract_interface" | "local_interface" | "component" | "home",
    id: string,
    name: string,
  ): TypeCode {
    checkId(id, true);
    checkName(name);
    return tc[kind](id, name);
  }

  #structLike(
    kind: "struct" | "exception",
    id: string,
    name: string,
    members: readonly StructMember[],
  ): TypeCode {
    checkId(id, kind === "exception");
    checkName(name);
    checkMemberNames(members, false);
    for (const member of members) checkContent(member.type, id);
    const list = members.map((m) => [m.name, m.type] as const);
    return settle(tc[kind](id, name, () => list));
  }

  #valueLike(
    kind: "value" | "event",
    id: string,
    name: string,
    modifier: number,
    base: TypeCode | null,
    members: readonly ValueMember[],
  ): TypeCode {
    checkId(id, true);
    checkName(name);
    checkMemberNames(members, false);
    if (![0, 1, 2, 3].includes(modifier)) {
      throw bad(`value modifier ${modifier}, 0 to 3 allowed`, MINOR.integerOutOfRange);
    }
    const inherited = base === null || base.kind() === "tk_null" ? null : base;
    const baseKind = inherited?.unaliased().kind() ?? "tk_value";
    if (baseKind !== "tk_value" && baseKind !== `tk_${kind}`) {
      const text = `${typeName(base as TypeCode)} cannot be the base of a value type`;
      throw new BAD_TYPECODE(text, MINOR.illegalParameterType, Completion.no);
    }
    for (const { type, access } of members) {
      checkContent(type);
      if (access !== 0 && access !== 1) {
        throw bad(`access ${access}, 0 (private) or 1 allowed`, MINOR.integerOutOfRange);
      }
    }
    const list = members.map((m) => [m.name, m.type, m.access] as const);
    return settle(tc[kind](id, name, modifier, inherited, () => list));
  }
}
