export { check } from "./checker.ts";
export { qualifiedName } from "./entity.ts";
export type {
  AttributeEntity,
  ConstValue,
  Entity,
  MemberEntity,
  OperationEntity,
  ResolvedType,
  TypeEntity,
  UnionCaseEntity,
} from "./entity.ts";
export { underlyingOf } from "./entity.ts";
export { repositoryIdText } from "./repository-id.ts";
