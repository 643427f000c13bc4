import type { PrimitiveName, ScopedName } from "../ast/index.ts";
import type { Span } from "../source/index.ts";

/** A type with all names resolved. `unknown` stands for what was reported already. */
export type ResolvedType =
  | { readonly kind: "primitive"; readonly primitive: PrimitiveName | "TypeCode" }
  | { readonly kind: "string" | "wstring"; readonly bound: number }
  | { readonly kind: "sequence"; readonly element: ResolvedType; readonly bound: number }
  | { readonly kind: "array"; readonly element: ResolvedType; readonly length: number }
  | { readonly kind: "declared"; readonly entity: TypeEntity }
  | { readonly kind: "unknown" };

/** Integers are bigint, enumerators their entity. */
export type ConstValue = bigint | number | boolean | string | EnumeratorEntity;

/** How a repository id comes about: prefix and names by default, or what a pragma fixed. */
export interface RepositoryIdState {
  /** Prefix and names joined by "/". */
  path: string;
  version: string;
  /** Said by `#pragma ID`. */
  fixed: string | undefined;
  /** Where a pragma set the id or the version. */
  setAt: Span | undefined;
}

/** What every declaration has; filled while declarations are read in order. */
export interface EntityBase {
  readonly name: string;
  /** Names from the outermost module down to this one. */
  readonly path: readonly string[];
  readonly id: RepositoryIdState;
  doc: string | undefined;
  /** The identifier where it is defined, or forward declared while it is not. */
  span: Span;
}

/** `open` while its own body is read. */
export type Completeness = "forward" | "open" | "complete";

export interface ModuleEntity extends EntityBase {
  readonly kind: "module";
  readonly scope: Scope;
  readonly members: Entity[];
  /** Known to the compiler and not opened by any source. */
  isBuiltin: boolean;
}

export interface InterfaceEntity extends EntityBase {
  readonly kind: "interface";
  readonly scope: Scope;
  state: Completeness;
  readonly bases: InterfaceEntity[];
  readonly members: Entity[];
  readonly attributes: AttributeEntity[];
  readonly operations: OperationEntity[];
}

export interface MemberEntity extends EntityBase {
  readonly kind: "member";
  readonly type: ResolvedType;
}

export interface StructEntity extends EntityBase {
  readonly kind: "struct";
  readonly scope: Scope;
  state: Completeness;
  readonly members: MemberEntity[];
  readonly nested: Entity[];
}

export interface ExceptionEntity extends EntityBase {
  readonly kind: "exception";
  readonly scope: Scope;
  readonly members: MemberEntity[];
  readonly nested: Entity[];
}

export interface UnionCaseEntity extends EntityBase {
  readonly kind: "case";
  readonly type: ResolvedType;
  readonly labels: readonly ConstValue[];
  readonly isDefault: boolean;
}

export interface UnionEntity extends EntityBase {
  readonly kind: "union";
  readonly scope: Scope;
  state: Completeness;
  discriminator: ResolvedType;
  readonly cases: UnionCaseEntity[];
  /** See the model: discriminator values without a case. */
  uncovered: readonly ConstValue[] | undefined;
  readonly nested: Entity[];
}

export interface EnumEntity extends EntityBase {
  readonly kind: "enum";
  readonly enumerators: EnumeratorEntity[];
  readonly byName: Map<string, EnumeratorEntity>;
}

export interface EnumeratorEntity extends EntityBase {
  readonly kind: "enumerator";
  readonly owner: EnumEntity;
}

export interface TypedefEntity extends EntityBase {
  readonly kind: "typedef";
  readonly type: ResolvedType;
  /** The type behind all typedefs. */
  readonly underlying: ResolvedType;
}

export interface ConstEntity extends EntityBase {
  readonly kind: "const";
  readonly type: ResolvedType;
  /** undefined when its expression was wrong. */
  readonly value: ConstValue | undefined;
}

export interface AttributeEntity extends EntityBase {
  readonly kind: "attribute";
  readonly isReadonly: boolean;
  readonly type: ResolvedType;
}

export interface ParameterEntity extends EntityBase {
  readonly kind: "parameter";
  readonly mode: "in" | "out" | "inout";
  readonly type: ResolvedType;
}

export interface OperationEntity extends EntityBase {
  readonly kind: "operation";
  readonly isOneway: boolean;
  readonly result: ResolvedType | undefined;
  readonly parameters: readonly ParameterEntity[];
  readonly raises: readonly ExceptionEntity[];
  readonly signature: string;
}

/** A name the compiler knows by itself, or one whose declaration was refused. */
export interface PlainEntity extends EntityBase {
  readonly kind: "builtin" | "refused";
  readonly type: ResolvedType;
}

export type TypeEntity = InterfaceEntity | StructEntity | UnionEntity | EnumEntity | TypedefEntity;

export type Entity =
  | ModuleEntity
  | TypeEntity
  | ExceptionEntity
  | ConstEntity
  | AttributeEntity
  | OperationEntity
  | ParameterEntity
  | MemberEntity
  | UnionCaseEntity
  | EnumeratorEntity
  | PlainEntity;

export interface Use {
  readonly text: string;
  readonly span: Span;
}

/** Names of one scope, keyed by the name in lower case: names that differ in case only clash. */
export interface Scope {
  readonly kind: "global" | "module" | "interface" | "struct" | "union" | "exception" | "operation";
  readonly name: string;
  readonly path: readonly string[];
  readonly parent: Scope | undefined;
  readonly names: Map<string, Entity>;
  /** Names of other scopes used here; they may not be declared here any more. */
  readonly uses: Map<string, Use>;
  /** Where types declared in place go, and all other members. */
  readonly members: Entity[];
  /** The interface whose scope this is; bases are searched too. */
  owner: InterfaceEntity | undefined;
}

export const UNKNOWN: ResolvedType = { kind: "unknown" };

/** The type behind typedefs. */
export function underlyingOf(type: ResolvedType): ResolvedType {
  return type.kind === "declared" && type.entity.kind === "typedef" ? type.entity.underlying : type;
}

export function qualifiedName(entity: { readonly path: readonly string[] }): string {
  return entity.path.join("::");
}

export function textOf(name: ScopedName): string {
  return (name.isAbsolute ? "::" : "") + name.parts.map((part) => part.text).join("::");
}
