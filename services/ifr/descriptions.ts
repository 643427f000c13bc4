import type {
  Attribute,
  ConstantValue,
  ConstDcl,
  ExceptionDcl,
  Factory,
  InterfaceDcl,
  Member,
  Operation,
  Parameter,
  UnionDcl,
  ValueDcl,
} from "../../idlc/model/index.ts";
import { CORBA } from "../../idl/index.ts";
import { Any, tc, type TypeCode } from "../../orb/generated.ts";
import { Fixed } from "../../orb/index.ts";
import { ancestorsOf, type Definition, type StateDcl } from "./definition.ts";
import type { Holdings } from "./holdings.ts";
import { allMembers } from "./type-codes.ts";

/** What each description begins with. */
interface Identity {
  readonly name: string;
  readonly id: string;
  /** Empty for what stands outside of all modules. */
  readonly defined_in: string;
  readonly version: string;
}

function identityOf({ name, id, version, parent }: Definition): Identity {
  return { name, id, version, defined_in: parent?.id ?? "" };
}

function idsOf(items: readonly { readonly repositoryId: string }[]): readonly string[] {
  return items.map(({ repositoryId }) => repositoryId);
}

const PARAMETER_MODE = { in: "PARAM_IN", out: "PARAM_OUT", inout: "PARAM_INOUT" } as const;

/** Describes definitions as `describe` and its like do (CORBA 3.3 Part 1, 14.5 and 14.7). */
export class Descriptions {
  readonly #holdings: Holdings;

  constructor(holdings: Holdings) {
    this.#holdings = holdings;
  }

  /** `Contained::describe` */
  describe(definition: Definition): CORBA.Contained.Description {
    const [type, value] = this.#described(definition);
    return { kind: definition.kind, value: new Any(type, value) };
  }

  #described(definition: Definition): readonly [TypeCode, unknown] {
    const identity = identityOf(definition);
    const { declared } = definition;
    const { typeCodes } = this.#holdings;
    switch (declared.kind) {
      case "module":
        return [CORBA._tc_ModuleDescription, identity];
      case "const": {
        const described = {
          ...identity,
          type: typeCodes.of(declared.type),
          value: this.constant(declared),
        };
        return [CORBA._tc_ConstantDescription, described];
      }
      case "exception":
        return [CORBA._tc_ExceptionDescription, this.exception(declared)];
      case "attribute":
        return [CORBA._tc_AttributeDescription, this.attribute(declared)];
      case "operation":
        return [CORBA._tc_OperationDescription, this.operation(declared)];
      case "interface":
        return [
          CORBA._tc_InterfaceDescription,
          { ...identity, base_interfaces: idsOf(declared.bases) },
        ];
      case "value":
        return [CORBA._tc_ValueDescription, { ...identity, ...valueTraits(declared) }];
      case "state":
        return [CORBA._tc_ValueMember, this.stateMember(definition, declared)];
      case "struct":
      case "union":
      case "enum":
      case "typedef":
      case "native":
      case "valuebox":
      case "bitmask":
      case "bitset":
        return [CORBA._tc_TypeDescription, { ...identity, type: typeCodes.declared(declared) }];
    }
  }

  #identity(declared: { readonly repositoryId: string }): Identity {
    return identityOf(this.#holdings.definitions.of(declared));
  }

  exception(declared: ExceptionDcl): CORBA.ExceptionDescription {
    return { ...this.#identity(declared), type: this.#holdings.typeCodes.declared(declared) };
  }

  attribute(declared: Attribute): CORBA.AttributeDescription {
    const type = this.#holdings.typeCodes.of(declared.type);
    return { ...this.#identity(declared), type, mode: modeOf(declared) };
  }

  extAttribute(declared: Attribute): CORBA.ExtAttributeDescription {
    return {
      ...this.attribute(declared),
      get_exceptions: declared.getRaises.map((raised) => this.exception(raised)),
      put_exceptions: declared.setRaises.map((raised) => this.exception(raised)),
    };
  }

  operation(declared: Operation): CORBA.OperationDescription {
    return {
      ...this.#identity(declared),
      result: this.#holdings.typeCodes.of(declared.result),
      mode: declared.isOneway ? "OP_ONEWAY" : "OP_NORMAL",
      contexts: [...declared.contexts],
      parameters: declared.parameters.map((parameter) => this.parameter(parameter)),
      exceptions: declared.raises.map((raised) => this.exception(raised)),
    };
  }

  parameter({ name, type, mode }: Parameter): CORBA.ParameterDescription {
    const { typeCodes } = this.#holdings;
    return {
      name,
      type: typeCodes.of(type),
      type_def: this.#holdings.typeDef(type),
      mode: PARAMETER_MODE[mode],
    };
  }

  structMembers(members: readonly (Member | Parameter)[]): CORBA.StructMemberSeq {
    const { typeCodes } = this.#holdings;
    return members.map(({ name, type }) => ({
      name,
      type: typeCodes.of(type),
      type_def: this.#holdings.typeDef(type),
    }));
  }

  membersOf(declared: Definition["declared"]): CORBA.StructMemberSeq {
    if (declared.kind === "struct") return this.structMembers(allMembers(declared));
    return declared.kind === "exception" ? this.structMembers(declared.members) : [];
  }

  /** One for each label; an octet of 0 labels the default. */
  unionMembers({ cases, discriminator }: UnionDcl): CORBA.UnionMemberSeq {
    const { typeCodes } = this.#holdings;
    const labelType = typeCodes.of(discriminator);
    return cases.flatMap(({ name, type, labels, isDefault }) => {
      const member = { name, type: typeCodes.of(type), type_def: this.#holdings.typeDef(type) };
      const labelled = labels.map((label) => ({ ...member, label: new Any(labelType, label) }));
      return isDefault ? [...labelled, { ...member, label: new Any(tc.octet, 0) }] : labelled;
    });
  }

  stateMember(definition: Definition, { member }: StateDcl): CORBA.ValueMember {
    const { typeCodes } = this.#holdings;
    return {
      ...identityOf(definition),
      type: typeCodes.of(member.type),
      type_def: this.#holdings.typeDef(member.type),
      access: member.visibility === "public" ? CORBA.PUBLIC_MEMBER : CORBA.PRIVATE_MEMBER,
    };
  }

  initializers(factories: readonly Factory[]): CORBA.ExtInitializerSeq {
    return factories.map(({ name, parameters, raises }) => ({
      name,
      members: this.structMembers(parameters),
      exceptions: raises.map((raised) => this.exception(raised)),
    }));
  }

  constant({ type, value }: ConstDcl): Any {
    return new Any(this.#holdings.typeCodes.of(type), constantOf(value));
  }

  /** `InterfaceDef::describe_interface`, what is inherited included. */
  interface(declared: InterfaceDcl): CORBA.InterfaceDef.FullInterfaceDescription {
    const { operations, attributes } = withInherited(declared);
    return {
      ...this.#identity(declared),
      operations: operations.map((item) => this.operation(item)),
      attributes: attributes.map((item) => this.attribute(item)),
      base_interfaces: idsOf(declared.bases),
      type: this.#holdings.typeCodes.declared(declared),
    };
  }

  /** `InterfaceAttrExtension::describe_ext_interface` */
  extInterface(declared: InterfaceDcl): CORBA.InterfaceAttrExtension.ExtFullInterfaceDescription {
    const attributes = withInherited(declared).attributes.map((item) => this.extAttribute(item));
    return { ...this.interface(declared), attributes };
  }

  /** `ValueDef::describe_value`, what is inherited included. */
  value(declared: ValueDcl): CORBA.ValueDef.FullValueDescription {
    const { operations, attributes } = withInherited(declared);
    const { definitions, typeCodes } = this.#holdings;
    const members = definitions
      .of(declared)
      .contents.flatMap((part) =>
        part.declared.kind === "state" ? [this.stateMember(part, part.declared)] : [],
      );
    return {
      ...this.#identity(declared),
      ...valueTraits(declared),
      operations: operations.map((item) => this.operation(item)),
      attributes: attributes.map((item) => this.attribute(item)),
      members,
      initializers: this.initializers(declared.factories),
      type: typeCodes.declared(declared),
    };
  }

  /** `ExtValueDef::describe_ext_value` */
  extValue(declared: ValueDcl): CORBA.ExtValueDef.ExtFullValueDescription {
    const attributes = withInherited(declared).attributes.map((item) => this.extAttribute(item));
    return {
      ...this.value(declared),
      attributes,
      initializers: this.initializers(declared.factories),
    };
  }
}

export function modeOf({ isReadonly }: Attribute): CORBA.AttributeMode {
  return isReadonly ? "ATTR_READONLY" : "ATTR_NORMAL";
}

function valueTraits(declared: ValueDcl): Omit<CORBA.ValueDescription, keyof Identity> {
  return {
    is_abstract: declared.flavour === "abstract",
    is_custom: declared.flavour === "custom",
    supported_interfaces: idsOf(declared.supports),
    abstract_base_values: idsOf(declared.abstractBases),
    is_truncatable: declared.isTruncatable,
    base_value: declared.base?.repositoryId ?? "",
  };
}

/** Its own operations and attributes, then those of all it inherits from. */
function withInherited(
  declared: InterfaceDcl | ValueDcl,
): Pick<InterfaceDcl, "operations" | "attributes"> {
  const all = [declared, ...ancestorsOf(declared)];
  return {
    operations: all.flatMap(({ operations }) => operations),
    attributes: all.flatMap(({ attributes }) => attributes),
  };
}

function constantOf(value: ConstantValue): unknown {
  if (typeof value !== "object") return value;
  const digits = (value.unscaled < 0n ? -value.unscaled : value.unscaled).toString();
  const padded = digits.padStart(value.scale + 1, "0");
  const point = padded.length - value.scale;
  const text = value.scale > 0 ? `${padded.slice(0, point)}.${padded.slice(point)}` : padded;
  return Fixed.parse(value.unscaled < 0n ? `-${text}` : text);
}
