import type { ExceptionDcl, Model, Type, TypeDeclaration } from "../../idlc/model/index.ts";
import { CORBA } from "../../idl/index.ts";
import type { TypeCode } from "../../orb/generated.ts";
import {
  BAD_PARAM,
  Completion,
  MINOR,
  type ObjectReference,
  ObjectId_to_string,
  type POA,
  type Servant,
  string_to_ObjectId,
  WrongAdapter,
} from "../../orb/index.ts";
import { type Declared, type Definition, Definitions, typesIn } from "./definition.ts";
import type { Holdings } from "./holdings.ts";
import { Lookup } from "./lookup.ts";
import { Servants } from "./servants.ts";
import { TypeCodes } from "./type-codes.ts";
import { primitiveTypeOf, typeKey, UnnamedTypes } from "./unnamed-types.ts";

/** The initial reference, and the plain object key, that name an interface repository. */
export const INTERFACE_REPOSITORY = "InterfaceRepository";

const REPOSITORY_ID = "repository";

/** The objects of one repository, and the POA they live in. */
export class Repository implements Holdings {
  readonly definitions: Definitions;
  readonly lookup: Lookup;
  readonly typeCodes: TypeCodes = new TypeCodes();
  readonly #poa: POA;
  readonly #servants: Servants;
  readonly #unnamed: UnnamedTypes;
  readonly #references = new Map<string, ObjectReference>();
  readonly #types = new Map<string, Type>();

  constructor(model: Model, poa: POA) {
    this.#poa = poa;
    this.definitions = new Definitions(model);
    this.lookup = new Lookup(this.definitions);
    this.#servants = new Servants(this);
    this.#unnamed = new UnnamedTypes(this);
    this.#activate(REPOSITORY_ID, this.#root());
    // All at once: references of an earlier run find their objects again, asked for in this one or not.
    for (const definition of this.definitions.all()) {
      this.reference(definition);
      for (const type of typesIn(definition.declared)) this.typeDef(type);
    }
  }

  get repository(): CORBA.Repository {
    return CORBA.Repository.uncheckedNarrow(this.#references.get(REPOSITORY_ID) as ObjectReference);
  }

  reference(definition: Definition): ObjectReference {
    const id = definitionKey(definition);
    return this.#references.get(id) ?? this.#activate(id, this.#servants.of(definition));
  }

  typeDef(type: Type | undefined): CORBA.IDLType {
    if (type === undefined) return this.primitive("pk_void");
    if (type.kind === "declared") {
      const definition = this.definitions.of(type.declaration);
      this.#types.set(definitionKey(definition), type);
      return CORBA.IDLType.uncheckedNarrow(this.reference(definition));
    }
    // Parts first: they are found again in a later run, too.
    if (type.kind === "sequence" || type.kind === "array") this.typeDef(type.element);
    const id = `type/${typeKey(type)}`;
    this.#types.set(id, type);
    return CORBA.IDLType.uncheckedNarrow(
      this.#references.get(id) ?? this.#activate(id, this.#unnamed.of(type)),
    );
  }

  primitive(kind: CORBA.PrimitiveKind): CORBA.PrimitiveDef {
    const type = primitiveTypeOf(kind);
    const id = `type/${kind}`;
    const reference =
      this.#references.get(id) ?? this.#activate(id, this.#unnamed.primitive(kind, type));
    if (type !== undefined) this.#types.set(id, type);
    return CORBA.PrimitiveDef.uncheckedNarrow(reference);
  }

  typeOf(reference: ObjectReference | null): Type | undefined {
    return reference === null ? undefined : this.#types.get(this.#idOf(reference) ?? "");
  }

  #idOf(reference: ObjectReference): string | undefined {
    try {
      return ObjectId_to_string(this.#poa.reference_to_id(reference));
    } catch (thrown) {
      if (thrown instanceof WrongAdapter) return undefined;
      throw thrown;
    }
  }

  #activate(id: string, servant: Servant): ObjectReference {
    const objectId = string_to_ObjectId(id);
    this.#poa.activate_object_with_id(objectId, servant);
    const reference = this.#poa.id_to_reference(objectId);
    this.#references.set(id, reference);
    return reference;
  }

  #root(): Servant {
    return CORBA.Repository.tie({
      ...this.#servants.container(undefined),
      lookup_id: (id) => {
        const found = this.definitions.byId(id);
        return found === undefined ? null : CORBA.Contained.uncheckedNarrow(this.reference(found));
      },
      get_canonical_typecode: (type) => this.#canonical(type),
      get_primitive: (kind) => this.primitive(kind),
      create_string: (bound) =>
        CORBA.StringDef.uncheckedNarrow(
          this.typeDef({ kind: "string", bound: this.#positive("bound", bound) }),
        ),
      create_wstring: (bound) =>
        CORBA.WstringDef.uncheckedNarrow(
          this.typeDef({ kind: "wstring", bound: this.#positive("bound", bound) }),
        ),
      create_sequence: (bound, element) =>
        CORBA.SequenceDef.uncheckedNarrow(
          this.typeDef({ kind: "sequence", bound, element: this.#element(element) }),
        ),
      create_array: (length, element) =>
        CORBA.ArrayDef.uncheckedNarrow(
          this.typeDef({
            kind: "array",
            length: this.#positive("length", length),
            element: this.#element(element),
          }),
        ),
      create_fixed: (digits, scale) => {
        if (digits < 1 || digits > 31 || scale < 0 || scale > digits) refuseFixed(digits, scale);
        return CORBA.FixedDef.uncheckedNarrow(this.typeDef({ kind: "fixed", digits, scale }));
      },
    });
  }

  /** The repository's own TypeCode of that id, else the one given. */
  #canonical(type: TypeCode): TypeCode {
    if (!HAS_ID.has(type.kind())) return type;
    const declared = this.definitions.byId(type.id())?.declared;
    return declared === undefined || !isType(declared) ? type : this.typeCodes.declared(declared);
  }

  #positive(what: string, value: number): number {
    if (value > 0) return value;
    throw new BAD_PARAM(`a ${what} of 0 is not allowed here`, MINOR.none, Completion.no);
  }

  #element(reference: CORBA.IDLType | null): Type {
    const type = this.typeOf(reference);
    if (type !== undefined) return type;
    throw new BAD_PARAM(
      "the element type is none of this repository's types",
      MINOR.none,
      Completion.no,
    );
  }
}

function definitionKey({ id }: Definition): string {
  return `definition/${id}`;
}

const WITHOUT_TYPE: ReadonlySet<string> = new Set([
  "module",
  "const",
  "attribute",
  "operation",
  "state",
]);

/** Whether a declaration has a TypeCode. */
function isType(declared: Declared): declared is TypeDeclaration | ExceptionDcl {
  return !WITHOUT_TYPE.has(declared.kind);
}

const HAS_ID: ReadonlySet<string> = new Set([
  "tk_objref",
  "tk_struct",
  "tk_union",
  "tk_enum",
  "tk_alias",
  "tk_except",
  "tk_value",
  "tk_value_box",
  "tk_native",
  "tk_abstract_interface",
  "tk_local_interface",
  "tk_component",
  "tk_home",
  "tk_event",
]);

function refuseFixed(digits: number, scale: number): never {
  throw new BAD_PARAM(
    `fixed<${digits}, ${scale}> does not exist: 1 to 31 digits, a scale of 0 to the digits`,
    MINOR.none,
    Completion.no,
  );
}
