import {
  type AppliedAnnotation,
  type AttributeEntity,
  type ConstValue,
  type Entity,
  type ExceptionEntity,
  type MemberEntity,
  type OperationEntity,
  type ParameterEntity,
  repositoryIdText,
  type ResolvedType,
  underlyingOf,
  type ValueEntity,
} from "../resolve/index.ts";
import { placeOf } from "../source/index.ts";
import type {
  Annotation,
  Attribute,
  BitsetDcl,
  ConstantValue,
  Declaration,
  ExceptionDcl,
  InterfaceDcl,
  Label,
  Member,
  Named,
  Operation,
  Parameter,
  StructDcl,
  Type,
  TypeDeclaration,
  ValueDcl,
} from "./model.ts";

type Writable<T> = { -readonly [K in keyof T]: T[K] };
type Declared = Extract<Entity, { readonly kind: Declaration["kind"] }>;

/**
 * Turns checked declarations into the model. First every declaration gets an object, then the objects
 * are filled: types may point at declarations in any order and in circles.
 */
export function buildDeclarations(members: readonly Entity[]): readonly Declaration[] {
  const builder = new Builder();
  builder.create(members);
  builder.fill();
  return builder.list(members);
}

class Builder {
  readonly #made = new Map<Entity, Declaration>();
  readonly #fillers: (() => void)[] = [];

  create(entities: readonly Entity[]): void {
    for (const entity of entities) if (isDeclared(entity)) this.#create(entity);
  }

  fill(): void {
    for (const filler of this.#fillers) filler();
  }

  list(entities: readonly Entity[]): readonly Declaration[] {
    return entities.filter(isDeclared).map((entity) => this.#made.get(entity) as Declaration);
  }

  /** A declaration that was made: all that others point at were. */
  #get<K extends Declaration["kind"]>(
    entity: Extract<Entity, { readonly kind: K }>,
  ): Extract<Declaration, { readonly kind: K }> {
    return this.#made.get(entity) as Extract<Declaration, { readonly kind: K }>;
  }

  #types(entities: readonly Entity[]): readonly TypeDeclaration[] {
    return this.list(entities) as readonly TypeDeclaration[];
  }

  #keep<K extends Declaration["kind"]>(
    entity: Entity,
    shell: Extract<Declaration, { readonly kind: K }>,
    fill: (shell: Writable<Extract<Declaration, { readonly kind: K }>>) => void,
  ): void {
    this.#made.set(entity, shell);
    this.#fillers.push(() => fill(shell));
  }

  #create(entity: Declared): void {
    const named = namedOf(entity);
    switch (entity.kind) {
      case "module":
        this.create(entity.members);
        return this.#keep(entity, { ...named, kind: "module", members: [] }, (d) => {
          d.members = this.list(entity.members);
        });
      case "interface": {
        this.create(entity.members);
        const shell: InterfaceDcl = {
          ...named,
          kind: "interface",
          flavour: entity.flavour,
          bases: [],
          members: [],
          attributes: [],
          operations: [],
          isIncomplete: entity.state === "forward",
        };
        return this.#keep(entity, shell, (d) => {
          d.bases = entity.bases.map((base) => this.#get<"interface">(base));
          d.members = this.list(entity.members);
          d.attributes = entity.attributes.map((attribute) => this.#attribute(attribute));
          d.operations = entity.operations.map((operation) => this.#operation(operation));
        });
      }
      case "struct":
      case "exception": {
        this.create(entity.nested);
        const empty = { ...named, members: [], nested: [] };
        const shell: StructDcl | ExceptionDcl =
          entity.kind === "struct"
            ? { ...empty, kind: "struct", base: undefined }
            : { ...empty, kind: "exception" };
        return this.#keep<"struct" | "exception">(entity, shell, (d) => {
          d.members = entity.members.map((member) => this.#member(member));
          d.nested = this.#types(entity.nested);
          if (d.kind === "struct" && entity.kind === "struct" && entity.base) {
            d.base = this.#get<"struct">(entity.base);
          }
        });
      }
      case "value":
        return this.#createValue(entity, named);
      case "valuebox":
        this.create(entity.nested);
        return this.#keep(entity, { ...named, kind: "valuebox", boxed: ANY, nested: [] }, (d) => {
          d.boxed = this.#type(entity.type);
          d.nested = this.#types(entity.nested);
        });
      case "native":
        return this.#keep(entity, { ...named, kind: "native" }, () => undefined);
      case "bitmask": {
        const { bitBound } = entity;
        const flags = entity.flags.map(({ name, position, doc }) => ({ name, position, doc }));
        return this.#keep(entity, { ...named, kind: "bitmask", bitBound, flags }, () => undefined);
      }
      case "bitset": {
        const fields = entity.fields.map(({ name, position, bits, type, doc }) => {
          return { name, position, bits, type, doc };
        });
        const { bits } = entity;
        const shell: BitsetDcl = { ...named, kind: "bitset", base: undefined, fields, bits };
        return this.#keep(entity, shell, (d) => {
          d.base = entity.base && this.#get<"bitset">(entity.base);
        });
      }
      case "union":
        return this.#createUnion(entity, named);
      case "enum": {
        const enumerators = entity.enumerators.map(({ name, doc, value }) => ({
          name,
          doc,
          value,
        }));
        return this.#keep(entity, { ...named, kind: "enum", enumerators }, () => undefined);
      }
      case "typedef":
        return this.#keep(entity, { ...named, kind: "typedef", type: ANY }, (d) => {
          d.type = this.#type(entity.type);
        });
      case "const":
        return this.#keep(entity, { ...named, kind: "const", type: ANY, value: 0 }, (d) => {
          d.type = this.#type(entity.type);
          d.value = constantOf(entity.value ?? 0, entity.type);
        });
    }
  }

  #createUnion(entity: Extract<Entity, { readonly kind: "union" }>, named: Named): void {
    this.create(entity.nested);
    const shell = {
      ...named,
      kind: "union" as const,
      discriminator: ANY,
      cases: [],
      uncovered: [],
      nested: [],
    };
    this.#keep(entity, shell as Extract<Declaration, { readonly kind: "union" }>, (d) => {
      const { discriminator } = entity;
      d.discriminator = this.#type(discriminator);
      d.cases = entity.cases.map((one) => ({
        ...this.#member(one),
        labels: one.labels.map((label) => labelOf(label, discriminator)),
        isDefault: one.isDefault,
      }));
      d.uncovered = entity.uncovered?.map((label) => labelOf(label, discriminator));
      d.nested = this.#types(entity.nested);
    });
  }

  #createValue(entity: ValueEntity, named: Named): void {
    this.create(entity.members);
    const shell: ValueDcl = {
      ...named,
      kind: "value",
      flavour: entity.flavour,
      isEvent: entity.isEvent,
      isTruncatable: entity.isTruncatable,
      base: undefined,
      abstractBases: [],
      supports: [],
      state: [],
      factories: [],
      members: [],
      attributes: [],
      operations: [],
      isIncomplete: entity.state === "forward",
    };
    this.#keep(entity, shell, (d) => {
      const values = entity.bases.filter((base) => base.kind === "value");
      const stateful = values.find((base) => base.flavour !== "abstract");
      d.base = stateful && this.#get<"value">(stateful);
      d.abstractBases = values.filter((v) => v !== stateful).map((v) => this.#get<"value">(v));
      const supports = entity.bases.filter((base) => base.kind === "interface");
      d.supports = supports.map((base) => this.#get<"interface">(base));
      d.state = entity.stateMembers.map((member) => {
        return { ...this.#member(member), visibility: member.visibility };
      });
      d.factories = entity.factories.map((factory) => ({
        ...namedOf(factory),
        kind: "factory",
        parameters: this.#parameters(factory.parameters),
        raises: this.#exceptions(factory.raises),
      }));
      d.members = this.list(entity.members);
      d.attributes = entity.attributes.map((attribute) => this.#attribute(attribute));
      d.operations = entity.operations.map((operation) => this.#operation(operation));
    });
  }

  #member(entity: Pick<MemberEntity, "name" | "type" | "doc" | "annotations">): Member {
    const { name, type, doc } = entity;
    return { name, type: this.#type(type), doc, annotations: annotationsOf(entity.annotations) };
  }

  #attribute(entity: AttributeEntity): Attribute {
    return {
      ...namedOf(entity),
      kind: "attribute",
      isReadonly: entity.isReadonly,
      type: this.#type(entity.type),
      getRaises: this.#exceptions(entity.getRaises),
      setRaises: this.#exceptions(entity.setRaises),
    };
  }

  #parameters(entities: readonly ParameterEntity[]): Parameter[] {
    return entities.map(({ name, mode, type }) => ({ name, mode, type: this.#type(type) }));
  }

  #exceptions(entities: readonly ExceptionEntity[]): ExceptionDcl[] {
    return entities.map((entity) => this.#get<"exception">(entity));
  }

  #operation(entity: OperationEntity): Operation {
    return {
      ...namedOf(entity),
      kind: "operation",
      isOneway: entity.isOneway,
      result: entity.result && this.#type(entity.result),
      parameters: this.#parameters(entity.parameters),
      raises: this.#exceptions(entity.raises),
      contexts: entity.contexts,
      signature: entity.signature,
    };
  }

  #type(type: ResolvedType): Type {
    switch (type.kind) {
      case "primitive":
      case "string":
      case "wstring":
      case "fixed":
        return type;
      case "map": {
        const { bound } = type;
        return { kind: "map", key: this.#type(type.key), value: this.#type(type.value), bound };
      }
      case "sequence":
        return { kind: "sequence", element: this.#type(type.element), bound: type.bound };
      case "array":
        return { kind: "array", element: this.#type(type.element), length: type.length };
      case "declared":
        return { kind: "declared", declaration: this.#made.get(type.entity) as TypeDeclaration };
      case "unknown":
        throw new TypeError("an unresolved type came without an error");
    }
  }
}

/** Stands in shells until they are filled. */
const ANY: Type = { kind: "primitive", primitive: "any" };

const DECLARED: ReadonlySet<string> = new Set<Declaration["kind"]>([
  "module",
  "interface",
  "value",
  "valuebox",
  "native",
  "struct",
  "union",
  "enum",
  "bitmask",
  "bitset",
  "typedef",
  "const",
  "exception",
]);

function isDeclared(entity: Entity): entity is Declared {
  return DECLARED.has(entity.kind);
}

function annotationsOf(annotations: readonly AppliedAnnotation[]): readonly Annotation[] {
  return annotations.map(({ name, parameters }) => ({
    name,
    parameters: Object.fromEntries(parameters.map(([key, value]) => [key, parameterOf(value)])),
  }));
}

/** A parameter has no type of its own: integers are numbers where they fit. */
function parameterOf(value: ConstValue): ConstantValue {
  if (typeof value === "bigint") {
    return Number.isSafeInteger(Number(value)) ? Number(value) : value;
  }
  if (typeof value !== "object") return value;
  return value.kind === "fixed" ? fixedOf(value) : value.name;
}

function fixedOf({
  unscaled,
  digits,
  scale,
}: Extract<ConstValue, { readonly kind: "fixed" }>): ConstantValue {
  return { unscaled, digits, scale };
}

function namedOf(entity: Entity): Named {
  return {
    name: entity.name,
    scopedName: entity.path,
    repositoryId: repositoryIdText(entity.id),
    doc: entity.doc,
    place: placeOf(entity.span),
    annotations: annotationsOf(entity.annotations),
    isStandard: entity.span.file.isStandard,
    isMain: entity.span.file.isMain,
  };
}

function constantOf(value: ConstValue, type: ResolvedType): ConstantValue {
  if (typeof value === "object" && value.kind === "fixed") return fixedOf(value);
  return labelOf(value, type);
}

/** A constant's value as the mapping has it: bigint for 64 bits only, enumerators by name. */
function labelOf(value: ConstValue, type: ResolvedType): Label {
  if (typeof value === "object") return value.kind === "fixed" ? 0 : value.name;
  if (typeof value !== "bigint") return value;
  const under = underlyingOf(type);
  const isWide = under.kind === "primitive" && under.primitive.endsWith("long long");
  return isWide ? value : Number(value);
}
