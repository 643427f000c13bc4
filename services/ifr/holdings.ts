import type { Type } from "../../idlc/model/index.ts";
import type { CORBA } from "../../idl/index.ts";
import type { ObjectReference } from "../../orb/index.ts";
import type { Definition, Definitions } from "./definition.ts";
import type { Lookup } from "./lookup.ts";
import type { TypeCodes } from "./type-codes.ts";

/** What the objects of one repository share. */
export interface Holdings {
  readonly definitions: Definitions;
  readonly lookup: Lookup;
  readonly typeCodes: TypeCodes;
  /** The repository's own object. */
  readonly repository: CORBA.Repository;
  /** The object of a definition. */
  reference(definition: Definition): ObjectReference;
  /** The object of a type: that of its declaration, or one for types without a name. void is `pk_void`. */
  typeDef(type: Type | undefined): CORBA.IDLType;
  /** The object of one of the types that are there without being declared. */
  primitive(kind: CORBA.PrimitiveKind): CORBA.PrimitiveDef;
  /** The type whose object this is; undefined for an object that is none of this repository's types. */
  typeOf(reference: ObjectReference | null): Type | undefined;
}
