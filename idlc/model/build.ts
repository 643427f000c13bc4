import {
  type ConstValue,
  type Entity,
  type MemberEntity,
  type OperationEntity,
  repositoryIdText,
  type ResolvedType,
  underlyingOf,
} from "../check/index.ts";
import { placeOf } from "../source/index.ts";
import type {
  Attribute,
  Declaration,
  InterfaceDcl,
  Label,
  Member,
  Named,
  Operation,
  Type,
  TypeDeclaration,
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
          bases: [],
          members: [],
          attributes: [],
          operations: [],
          isIncomplete: entity.state === "forward",
        };
        return this.#keep(entity, shell, (d) => {
          d.bases = entity.bases.map((base) => this.#made.get(base) as InterfaceDcl);
          d.members = this.list(entity.members);
          d.attributes = entity.attributes.map((a): Attribute => {
            return {
              ...namedOf(a),
              kind: "attribute",
              isReadonly: a.isReadonly,
              type: this.#type(a.type),
            };
          });
          d.operations = entity.operations.map((operation) => this.#operation(operation));
        });
      }
      case "struct":
      case "exception":
        this.create(entity.nested);
        return this.#keep(entity, { ...named, kind: entity.kind, members: [], nested: [] }, (d) => {
          d.members = entity.members.map((member) => this.#member(member));
          d.nested = this.#types(entity.nested);
        });
      case "union":
        return this.#createUnion(entity, named);
      case "enum": {
        const enumerators = entity.enumerators.map(({ name, doc }) => ({ name, doc }));
        return this.#keep(entity, { ...named, kind: "enum", enumerators }, () => undefined);
      }
      case "typedef":
        return this.#keep(entity, { ...named, kind: "typedef", type: ANY }, (d) => {
          d.type = this.#type(entity.type);
        });
      case "const":
        return this.#keep(entity, { ...named, kind: "const", type: ANY, value: 0 }, (d) => {
          d.type = this.#type(entity.type);
          d.value = labelOf(entity.value ?? 0, entity.type);
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

  #member({ name, type, doc }: Pick<MemberEntity, "name" | "type" | "doc">): Member {
    return { name, type: this.#type(type), doc };
  }

  #operation(entity: OperationEntity): Operation {
    return {
      ...namedOf(entity),
      kind: "operation",
      isOneway: entity.isOneway,
      result: entity.result && this.#type(entity.result),
      parameters: entity.parameters.map(({ name, mode, type }) => ({
        name,
        mode,
        type: this.#type(type),
      })),
      raises: entity.raises.map(
        (e) => this.#made.get(e) as Extract<Declaration, { readonly kind: "exception" }>,
      ),
      signature: entity.signature,
    };
  }

  #type(type: ResolvedType): Type {
    switch (type.kind) {
      case "primitive":
      case "string":
      case "wstring":
        return type;
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

function isDeclared(entity: Entity): entity is Declared {
  return [
    "module",
    "interface",
    "struct",
    "union",
    "enum",
    "typedef",
    "const",
    "exception",
  ].includes(entity.kind);
}

function namedOf(entity: Entity): Named {
  return {
    name: entity.name,
    scopedName: entity.path,
    repositoryId: repositoryIdText(entity.id),
    doc: entity.doc,
    place: placeOf(entity.span),
    isMain: entity.span.file.isMain,
  };
}

/** A constant's value as the mapping has it: bigint for 64 bits only, enumerators by name. */
function labelOf(value: ConstValue, type: ResolvedType): Label {
  if (typeof value === "object") return value.name;
  if (typeof value !== "bigint") return value;
  const under = underlyingOf(type);
  const isWide = under.kind === "primitive" && under.primitive.endsWith("long long");
  return isWide ? value : Number(value);
}
