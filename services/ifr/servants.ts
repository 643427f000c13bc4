import type { InterfaceDcl, ValueDcl } from "../../idlc/model/index.ts";
import { CORBA } from "../../idl/index.ts";
import type { Servant } from "../../orb/index.ts";
import { ancestorsOf, type Definition } from "./definition.ts";
import { Descriptions, modeOf } from "./descriptions.ts";
import type { Holdings } from "./holdings.ts";
import { refuse, UNCHANGEABLE_CONTAINED, UNCHANGEABLE_CONTAINER } from "./read-only.ts";

/** Makes the objects of a repository: one servant for each definition, put together from what it is. */
export class Servants {
  readonly #holdings: Holdings;
  readonly #descriptions: Descriptions;

  constructor(holdings: Holdings) {
    this.#holdings = holdings;
    this.#descriptions = new Descriptions(holdings);
  }

  /** A servant and the interface it has. */
  of(definition: Definition): Servant {
    const { declared } = definition;
    const contained = this.#contained(definition);
    switch (declared.kind) {
      case "module":
        return CORBA.ModuleDef.tie({ ...contained, ...this.container(definition) });
      case "const":
        return CORBA.ConstantDef.tie({
          ...contained,
          ...this.#typed(declared.type),
          _get_value: () => this.#descriptions.constant(declared),
          _set_value: refuse,
        });
      case "exception":
        return CORBA.ExceptionDef.tie({
          ...contained,
          ...this.container(definition),
          _get_type: () => this.#holdings.typeCodes.declared(declared),
          ...this.#members(definition),
        });
      case "attribute":
        return CORBA.ExtAttributeDef.tie({
          ...contained,
          ...this.#typed(declared.type),
          _get_mode: () => modeOf(declared),
          _set_mode: refuse,
          _get_get_exceptions: () => declared.getRaises.map((e) => this.#descriptions.exception(e)),
          _set_get_exceptions: refuse,
          _get_set_exceptions: () => declared.setRaises.map((e) => this.#descriptions.exception(e)),
          _set_set_exceptions: refuse,
          describe_attribute: () => this.#descriptions.extAttribute(declared),
        });
      case "operation":
        return this.#operation(definition, declared);
      case "interface":
        return this.#interface(definition, declared);
      case "value":
        return this.#value(definition, declared);
      case "state":
        return CORBA.ValueMemberDef.tie({
          ...contained,
          ...this.#typed(declared.member.type),
          _get_access: () => this.#descriptions.stateMember(definition, declared).access,
          _set_access: refuse,
        });
      case "struct":
        return CORBA.StructDef.tie({
          ...this.#typedef(definition),
          ...this.container(definition),
          ...this.#members(definition),
        });
      case "union":
        return CORBA.UnionDef.tie({
          ...this.#typedef(definition),
          ...this.container(definition),
          _get_discriminator_type: () => this.#holdings.typeCodes.of(declared.discriminator),
          _get_discriminator_type_def: () => this.#holdings.typeDef(declared.discriminator),
          _set_discriminator_type_def: refuse,
          _get_members: () => this.#descriptions.unionMembers(declared),
          _set_members: refuse,
        });
      case "enum":
        return CORBA.EnumDef.tie({
          ...this.#typedef(definition),
          _get_members: () => declared.enumerators.map(({ name }) => name),
          _set_members: refuse,
        });
      case "native":
        return CORBA.NativeDef.tie(this.#typedef(definition));
      case "valuebox":
        return CORBA.ValueBoxDef.tie({
          ...this.#typedef(definition),
          ...this.#original(() => this.#holdings.typeDef(declared.boxed)),
        });
      case "typedef":
        return CORBA.AliasDef.tie({
          ...this.#typedef(definition),
          ...this.#original(() => this.#holdings.typeDef(declared.type)),
        });
      case "bitmask":
      case "bitset":
        return CORBA.AliasDef.tie({
          ...this.#typedef(definition),
          ...this.#original(() => this.#holder(definition)),
        });
    }
  }

  #contained(definition: Definition): CORBA.ContainedServant {
    const { kind, id, name, version, absoluteName, parent } = definition;
    return {
      ...UNCHANGEABLE_CONTAINED,
      _get_def_kind: () => kind,
      destroy: refuse,
      _get_id: () => id,
      _get_name: () => name,
      _get_version: () => version,
      _get_absolute_name: () => absoluteName,
      _get_containing_repository: () => this.#holdings.repository,
      _get_defined_in: () =>
        parent === undefined
          ? this.#holdings.repository
          : CORBA.Container.uncheckedNarrow(this.#holdings.reference(parent)),
      describe: () => this.#descriptions.describe(definition),
    };
  }

  /** @param scope undefined for the repository itself */
  container(scope: Definition | undefined): CORBA.ContainerServant {
    const { lookup } = this.#holdings;
    const contained = (found: Definition): CORBA.Contained =>
      CORBA.Contained.uncheckedNarrow(this.#holdings.reference(found));
    return {
      ...UNCHANGEABLE_CONTAINER,
      _get_def_kind: () => scope?.kind ?? "dk_Repository",
      destroy: refuse,
      lookup: (name) => {
        const found = lookup.scoped(scope, name);
        return found === undefined ? null : contained(found);
      },
      contents: (limit, excludeInherited) =>
        lookup.contents(scope, limit, excludeInherited).map(contained),
      lookup_name: (name, levels, limit, excludeInherited) =>
        lookup.named(scope, name, levels, limit, excludeInherited).map(contained),
      describe_contents: (limit, excludeInherited, most) => {
        const found = lookup.contents(scope, limit, excludeInherited);
        return (most < 0 ? found : found.slice(0, most)).map((definition) => ({
          contained_object: contained(definition),
          ...this.#descriptions.describe(definition),
        }));
      },
    };
  }

  /** `type`, `type_def` and its change, as constants, attributes and state members have them. */
  #typed(
    type: Parameters<Holdings["typeDef"]>[0],
  ): Pick<CORBA.ConstantDefServant, "_get_type" | "_get_type_def" | "_set_type_def"> {
    return {
      _get_type: () => this.#holdings.typeCodes.of(type),
      _get_type_def: () => this.#holdings.typeDef(type),
      _set_type_def: refuse,
    };
  }

  #typedef(definition: Definition): CORBA.TypedefDefServant {
    const { declared } = definition;
    return {
      ...this.#contained(definition),
      _get_type: () => this.#holdings.typeCodes.declared(declared as InterfaceDcl),
    };
  }

  #original(
    typeDef: () => CORBA.IDLType,
  ): Pick<CORBA.AliasDefServant, "_get_original_type_def" | "_set_original_type_def"> {
    return { _get_original_type_def: typeDef, _set_original_type_def: refuse };
  }

  /** The number type that a bitmask or bitset is on the wire. */
  #holder({ declared }: Definition): CORBA.IDLType {
    const kind = this.#holdings.typeCodes
      .declared(declared as InterfaceDcl)
      .content_type()
      .kind();
    return this.#holdings.primitive(`pk_${kind.slice("tk_".length)}` as CORBA.PrimitiveKind);
  }

  #members(definition: Definition): Pick<CORBA.StructDefServant, "_get_members" | "_set_members"> {
    return {
      _get_members: () => this.#descriptions.membersOf(definition.declared),
      _set_members: refuse,
    };
  }

  #operation(
    definition: Definition,
    declared: Extract<Definition["declared"], { kind: "operation" }>,
  ): Servant {
    const { typeCodes } = this.#holdings;
    return CORBA.OperationDef.tie({
      ...this.#contained(definition),
      _get_result: () => typeCodes.of(declared.result),
      _get_result_def: () => this.#holdings.typeDef(declared.result),
      _set_result_def: refuse,
      _get_params: () => declared.parameters.map((p) => this.#descriptions.parameter(p)),
      _set_params: refuse,
      _get_mode: () => (declared.isOneway ? "OP_ONEWAY" : "OP_NORMAL"),
      _set_mode: refuse,
      _get_contexts: () => [...declared.contexts],
      _set_contexts: refuse,
      _get_exceptions: () =>
        declared.raises.map((raised) =>
          CORBA.ExceptionDef.uncheckedNarrow(this.#referenceTo(raised)),
        ),
      _set_exceptions: refuse,
    });
  }

  #interface(definition: Definition, declared: InterfaceDcl): Servant {
    const servant: CORBA.ExtInterfaceDefServant = {
      ...this.#contained(definition),
      ...this.container(definition),
      _get_type: () => this.#holdings.typeCodes.declared(declared),
      _get_base_interfaces: () => declared.bases.map((base) => this.#interfaceDef(base)),
      _set_base_interfaces: refuse,
      is_a: (id) => isA(declared, id, declared.flavour === "abstract" ? ABSTRACT_BASE : OBJECT),
      describe_interface: () => this.#descriptions.interface(declared),
      describe_ext_interface: () => this.#descriptions.extInterface(declared),
      create_attribute: refuse,
      create_ext_attribute: refuse,
      create_operation: refuse,
    };
    switch (declared.flavour) {
      case "plain":
        return CORBA.ExtInterfaceDef.tie(servant);
      case "abstract":
        return CORBA.ExtAbstractInterfaceDef.tie(servant);
      case "local":
        return CORBA.ExtLocalInterfaceDef.tie(servant);
    }
  }

  #value(definition: Definition, declared: ValueDcl): Servant {
    const { base } = declared;
    return CORBA.ExtValueDef.tie({
      ...this.#contained(definition),
      ...this.container(definition),
      _get_type: () => this.#holdings.typeCodes.declared(declared),
      _get_supported_interfaces: () => declared.supports.map((item) => this.#interfaceDef(item)),
      _set_supported_interfaces: refuse,
      _get_initializers: () => this.#descriptions.initializers(declared.factories),
      _set_initializers: refuse,
      _get_ext_initializers: () => this.#descriptions.initializers(declared.factories),
      _set_ext_initializers: refuse,
      _get_base_value: () => (base === undefined ? null : this.#valueDef(base)),
      _set_base_value: refuse,
      _get_abstract_base_values: () => declared.abstractBases.map((item) => this.#valueDef(item)),
      _set_abstract_base_values: refuse,
      _get_is_abstract: () => declared.flavour === "abstract",
      _set_is_abstract: refuse,
      _get_is_custom: () => declared.flavour === "custom",
      _set_is_custom: refuse,
      _get_is_truncatable: () => declared.isTruncatable,
      _set_is_truncatable: refuse,
      is_a: (id) => isA(declared, id, VALUE_BASE),
      describe_value: () => this.#descriptions.value(declared),
      describe_ext_value: () => this.#descriptions.extValue(declared),
      create_value_member: refuse,
      create_attribute: refuse,
      create_ext_attribute: refuse,
      create_operation: refuse,
    });
  }

  #referenceTo(declared: { readonly repositoryId: string }): ReturnType<Holdings["reference"]> {
    return this.#holdings.reference(this.#holdings.definitions.of(declared));
  }

  #interfaceDef(declared: InterfaceDcl): CORBA.InterfaceDef {
    return CORBA.InterfaceDef.uncheckedNarrow(this.#referenceTo(declared));
  }

  #valueDef(declared: ValueDcl): CORBA.ValueDef {
    return CORBA.ValueDef.uncheckedNarrow(this.#referenceTo(declared));
  }
}

const OBJECT = "IDL:omg.org/CORBA/Object:1.0";
const ABSTRACT_BASE = "IDL:omg.org/CORBA/AbstractBase:1.0";
const VALUE_BASE = "IDL:omg.org/CORBA/ValueBase:1.0";

/** Whether it is that type or inherits from it; all of its sort have one ancestor that is not declared. */
function isA(declared: InterfaceDcl | ValueDcl, id: string, root: string): boolean {
  if (id === root || id === declared.repositoryId) return true;
  return ancestorsOf(declared).some(({ repositoryId }) => repositoryId === id);
}
