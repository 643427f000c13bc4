import { UserException } from "../exception/index.ts";

/** CORBA::TypeCode::BadKind: the operation does not fit the kind of the TypeCode. */
export class TypeCodeBadKind extends UserException {
  static readonly repositoryId: string = "IDL:omg.org/CORBA/TypeCode/BadKind:1.0";
  override readonly name: string = "BadKind";
  override readonly repositoryId: string = TypeCodeBadKind.repositoryId;
}

/** CORBA::TypeCode::Bounds: there is no member of that index. */
export class TypeCodeBounds extends UserException {
  static readonly repositoryId: string = "IDL:omg.org/CORBA/TypeCode/Bounds:1.0";
  override readonly name: string = "Bounds";
  override readonly repositoryId: string = TypeCodeBounds.repositoryId;
}
