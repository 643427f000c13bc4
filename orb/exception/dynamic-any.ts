import { UserException } from "./user.ts";

/** DynamicAny::DynAny::TypeMismatch: the operation does not fit the type. */
export class TypeMismatch extends UserException {
  static readonly repositoryId: string = "IDL:omg.org/DynamicAny/DynAny/TypeMismatch:1.0";
  override readonly name: string = "TypeMismatch";
  override readonly repositoryId: string = TypeMismatch.repositoryId;
}

/** DynamicAny::DynAny::InvalidValue: no value of the type, or no current component. */
export class InvalidValue extends UserException {
  static readonly repositoryId: string = "IDL:omg.org/DynamicAny/DynAny/InvalidValue:1.0";
  override readonly name: string = "InvalidValue";
  override readonly repositoryId: string = InvalidValue.repositoryId;
}

/** DynamicAny::DynAnyFactory::InconsistentTypeCode: no DynAny can be made of the type. */
export class InconsistentTypeCode extends UserException {
  static readonly repositoryId: string =
    "IDL:omg.org/DynamicAny/DynAnyFactory/InconsistentTypeCode:1.0";
  override readonly name: string = "InconsistentTypeCode";
  override readonly repositoryId: string = InconsistentTypeCode.repositoryId;
}

/** DynamicAny::MustTruncate: a value is of a type derived from the one that is known. */
export class MustTruncate extends UserException {
  static readonly repositoryId: string = "IDL:omg.org/DynamicAny/MustTruncate:1.0";
  override readonly name: string = "MustTruncate";
  override readonly repositoryId: string = MustTruncate.repositoryId;
}
