export { parameterOf } from "./annotations.ts";
export { evaluate, evaluateWithin, targetOf } from "./constants.ts";
export type { Target } from "./constants.ts";
export type { Context } from "./context.ts";
export { UNKNOWN, qualifiedName, textOf, underlyingOf } from "./entity.ts";
export type {
  AppliedAnnotation,
  AttributeEntity,
  BitfieldEntity,
  BitmaskEntity,
  BitsetEntity,
  ComponentRole,
  ConstEntity,
  ConstValue,
  Entity,
  EnumEntity,
  EnumeratorEntity,
  ExceptionEntity,
  FactoryEntity,
  FixedConst,
  FlagEntity,
  Inheritor,
  InterfaceEntity,
  MemberEntity,
  ModuleEntity,
  NativeEntity,
  OperationEntity,
  ParameterEntity,
  PortTypeEntity,
  RepositoryIdState,
  ResolvedType,
  Scope,
  StateEntity,
  StructEntity,
  TemplateEntity,
  TypeEntity,
  TypedefEntity,
  UnionCaseEntity,
  UnionEntity,
  ValueBoxEntity,
  ValueEntity,
} from "./entity.ts";
export { closeEntity, entityBase, openEntity } from "./forward.ts";
export { INTEGERS } from "./integers.ts";
export { lookup, peekLookup, recordUse } from "./names.ts";
export {
  PrefixFrames,
  fixId,
  isRepositoryId,
  repositoryIdText,
  setVersion,
} from "./repository-id.ts";
export { declare, kindOf, newScope } from "./scope.ts";
export { complete, completeThroughout, isSameType, resolveType, withDimensions } from "./types.ts";
