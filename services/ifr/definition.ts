import type {
  Attribute,
  Declaration,
  InterfaceDcl,
  Model,
  Operation,
  StateMember,
  Type,
  ValueDcl,
} from "../../idlc/model/index.ts";
import type { CORBA } from "../../idl/index.ts";

/** A state member with the id the repository gives it; IDL gives it none. */
export interface StateDcl {
  readonly kind: "state";
  readonly member: StateMember;
}

/** What a definition was declared as. */
export type Declared = Declaration | Attribute | Operation | StateDcl;

/** Something with a name in the repository. Definitions of one model form a tree. */
export interface Definition {
  readonly kind: CORBA.DefinitionKind;
  readonly name: string;
  readonly id: string;
  /** `1.0` in `IDL:M/X:1.0`; ids of another form have `1.0`, too. */
  readonly version: string;
  /** `::M::X` */
  readonly absoluteName: string;
  /** undefined stands for the repository itself. */
  readonly parent: Definition | undefined;
  readonly declared: Declared;
  /** What is declared inside, in the order of the model: types, constants and exceptions, attributes, operations, state. */
  readonly contents: readonly Definition[];
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };

function kindOf(declared: Declared): CORBA.DefinitionKind {
  switch (declared.kind) {
    case "module":
      return "dk_Module";
    case "interface":
      return declared.flavour === "abstract"
        ? "dk_AbstractInterface"
        : declared.flavour === "local"
          ? "dk_LocalInterface"
          : "dk_Interface";
    case "value":
      return declared.isEvent ? "dk_Event" : "dk_Value";
    case "valuebox":
      return "dk_ValueBox";
    case "native":
      return "dk_Native";
    case "struct":
      return "dk_Struct";
    case "union":
      return "dk_Union";
    case "enum":
      return "dk_Enum";
    // IDL 4 has them, the repository does not: they are what they look like on the wire.
    case "bitmask":
    case "bitset":
    case "typedef":
      return "dk_Alias";
    case "exception":
      return "dk_Exception";
    case "const":
      return "dk_Constant";
    case "attribute":
      return "dk_Attribute";
    case "operation":
      return "dk_Operation";
    case "state":
      return "dk_ValueMember";
  }
}

function versionOf(id: string): string {
  return /^IDL:.*:(\d+\.\d+)$/u.exec(id)?.[1] ?? "1.0";
}

/** `IDL:M/V/name:1.0` for a member of `IDL:M/V:1.0`. */
function idWithin(id: string, name: string): string {
  const match = /^(IDL:.*):(\d+\.\d+)$/u.exec(id);
  return match === null ? `${id}/${name}` : `${match[1]}/${name}:${match[2]}`;
}

interface Part {
  readonly name: string;
  readonly id: string;
  readonly declared: Declared;
}

function partOf(declared: Exclude<Declared, StateDcl>): Part {
  return { name: declared.name, id: declared.repositoryId, declared };
}

function partsOf(declared: Declared, id: string): readonly Part[] {
  switch (declared.kind) {
    case "module":
      return declared.members.map(partOf);
    case "interface":
    case "value": {
      const parts = [...declared.members, ...declared.attributes, ...declared.operations].map(
        partOf,
      );
      if (declared.kind === "interface") return parts;
      const state = declared.state.map((member): Part => {
        const { name } = member;
        return { name, id: idWithin(id, name), declared: { kind: "state", member } };
      });
      return [...parts, ...state];
    }
    case "struct":
    case "union":
    case "exception":
    case "valuebox":
      return declared.nested.map(partOf);
    case "native":
    case "enum":
    case "bitmask":
    case "bitset":
    case "typedef":
    case "const":
    case "attribute":
    case "operation":
    case "state":
      return [];
  }
}

function define({ name, id, declared }: Part, parent: Definition | undefined): Definition {
  const definition: Writable<Definition> = {
    kind: kindOf(declared),
    name,
    id,
    version: versionOf(id),
    absoluteName: `${parent?.absoluteName ?? ""}::${name}`,
    parent,
    declared,
    contents: [],
  };
  definition.contents = partsOf(declared, id).map((part) => define(part, definition));
  return definition;
}

/** The definitions of a model: the tree, and each one by its repository id. */
export class Definitions {
  /** What is declared outside of all modules. */
  readonly top: readonly Definition[];
  readonly #byId = new Map<string, Definition>();

  constructor(model: Model) {
    this.top = model.members.map((member) => define(partOf(member), undefined));
    const index = (definition: Definition): void => {
      if (!this.#byId.has(definition.id)) this.#byId.set(definition.id, definition);
      for (const inner of definition.contents) index(inner);
    };
    for (const definition of this.top) index(definition);
  }

  byId(id: string): Definition | undefined {
    return this.#byId.get(id);
  }

  /** The definition of something the model points at. @throws RangeError when it is of another model */
  of(declaration: { readonly repositoryId: string }): Definition {
    const found = this.byId(declaration.repositoryId);
    if (found === undefined)
      throw new RangeError(`${declaration.repositoryId} is not in this repository`);
    return found;
  }

  /** Every definition, outer ones first. */
  all(): Iterable<Definition> {
    return this.#byId.values();
  }
}

/** The interfaces or values a definition inherits from directly. */
export function basesOf(declared: InterfaceDcl | ValueDcl): readonly (InterfaceDcl | ValueDcl)[] {
  if (declared.kind === "interface") return declared.bases;
  const { base, abstractBases, supports } = declared;
  return [...(base === undefined ? [] : [base]), ...abstractBases, ...supports];
}

/** The same, with all they inherit in turn, each once, nearest first. */
export function ancestorsOf(
  declared: InterfaceDcl | ValueDcl,
): readonly (InterfaceDcl | ValueDcl)[] {
  const found = new Set<InterfaceDcl | ValueDcl>();
  const visit = (of: InterfaceDcl | ValueDcl): void => {
    for (const base of basesOf(of)) {
      if (found.has(base)) continue;
      found.add(base);
      visit(base);
    }
  };
  visit(declared);
  return [...found];
}

/** The types a definition's description speaks of. */
export function typesIn(declared: Declared): readonly Type[] {
  switch (declared.kind) {
    case "struct":
    case "exception":
      return declared.members.map(({ type }) => type);
    case "union":
      return [declared.discriminator, ...declared.cases.map(({ type }) => type)];
    case "typedef":
    case "const":
    case "attribute":
      return [declared.type];
    case "valuebox":
      return [declared.boxed];
    case "operation":
      return [
        ...(declared.result === undefined ? [] : [declared.result]),
        ...declared.parameters.map(({ type }) => type),
      ];
    case "state":
      return [declared.member.type];
    case "value":
      return declared.factories.flatMap(({ parameters }) => parameters.map(({ type }) => type));
    case "module":
    case "interface":
    case "native":
    case "enum":
    case "bitmask":
    case "bitset":
      return [];
  }
}
