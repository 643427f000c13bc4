import { BAD_PARAM, BAD_TYPECODE, MINOR } from "../exception/index.ts";
import { type TypeCode, typeName } from "../typecode/index.ts";
import { ItemList } from "./item-list.ts";

/** CORBA::ExceptionList: the TypeCodes of what an operation may raise. */
export class ExceptionList extends ItemList<TypeCode> {
  /** @throws BAD_TYPECODE for a type that is no exception */
  add(type: TypeCode): void {
    if (type.unaliased().kind() !== "tk_except") {
      throw new BAD_TYPECODE(`${typeName(type)} is no exception`, MINOR.illegalParameterType);
    }
    this._append(type.unaliased());
  }
}

/** CORBA::ContextList: names of context properties, a `*` at the end standing for any rest. */
export class ContextList extends ItemList<string> {
  add(name: string): void {
    if (name === "")
      throw new BAD_PARAM("a context property needs a name", MINOR.badContextPropertyName);
    this._append(name);
  }
}
