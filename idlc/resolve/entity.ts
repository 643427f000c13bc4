import type { ComponentNode, PrimitiveName, ScopedName, TemplateNode } from "../ast/index.ts";
import type { Span } from "../source/index.ts";

/** A type with all names resolved. `unknown` stands for what was reported already. */
export type ResolvedType =
  | { readonly kind: "primitive"; readonly primitive: PrimitiveName | "TypeCode" }
  | { readonly kind: "string" | "wstring"; readonly bound: number }
  | { readonly kind: "sequence"; readonly element: ResolvedType; readonly bound: number }
  | { readonly kind: "array"; readonly element: ResolvedType; readonly length: number }
  | { readonly kind: "fixed"; readonly digits: number; readonly scale: number }
  | {
      readonly kind: "map";
      readonly key: ResolvedType;
      readonly value: ResolvedType;
      readonly bound: number;
    }
  | { readonly kind: "declared"; readonly entity: TypeEntity }
  | { readonly kind: "unknown" };

/** A fixed-point value: `unscaled` × 10^-`scale`. */
export interface FixedConst {
  readonly kind: "fixed";
  readonly unscaled: bigint;
  readonly digits: number;
  readonly scale: number;
}

/** Integers are bigint, enumerators their entity. */
export type ConstValue = bigint | number | boolean | string | EnumeratorEntity | FixedConst;

/** An annotation with its parameters evaluated; the only unnamed one is `value`. */
export interface AppliedAnnotation {
  readonly name: string;
  readonly parameters: readonly (readonly [name: string, value: ConstValue])[];
}

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
  annotations: readonly AppliedAnnotation[];
  /** The identifier where it is defined, or forward declared while it is not. */
  span: Span;
}

/** `open` while its own body is read. */
export type Completeness = "forward" | "open" | "complete";

export interface ModuleEntity extends EntityBase {
  readonly kind: "module";
  readonly scope: Scope;
  readonly members: Entity[];
  /** Said by `typeprefix`. */
  typePrefix?: string;
  /** Known to the compiler and not opened by any source. */
  isBuiltin: boolean;
}

/** What a declaration of a component or home stands for, beside the interface. */
export interface ComponentRole {
  readonly kind: "component" | "connector" | "home";
}

export interface InterfaceEntity extends EntityBase {
  readonly kind: "interface";
  readonly flavour: "plain" | "abstract" | "local";
  /** Of the equivalent interface of a component or home. */
  readonly role: ComponentRole | undefined;
  /** Declared before all that were declared later. */
  readonly order: number;
  readonly scope: Scope;
  state: Completeness;
  readonly bases: InterfaceEntity[];
  readonly members: Entity[];
  readonly attributes: AttributeEntity[];
  readonly operations: OperationEntity[];
}

/** What has bases whose names it inherits. */
export type Inheritor = InterfaceEntity | ValueEntity;

export interface ValueEntity extends EntityBase {
  readonly kind: "value";
  readonly isEvent: boolean;
  readonly flavour: "concrete" | "abstract" | "custom";
  isTruncatable: boolean;
  readonly scope: Scope;
  readonly order: number;
  state: Completeness;
  /** All that names are inherited from: base values, then supported interfaces. */
  readonly bases: Inheritor[];
  readonly members: Entity[];
  readonly attributes: AttributeEntity[];
  readonly operations: OperationEntity[];
  readonly stateMembers: StateEntity[];
  readonly factories: FactoryEntity[];
}

export interface StateEntity extends EntityBase {
  readonly kind: "state";
  readonly visibility: "public" | "private";
  readonly type: ResolvedType;
}

export interface FactoryEntity extends EntityBase {
  readonly kind: "factory";
  readonly parameters: readonly ParameterEntity[];
  readonly raises: readonly ExceptionEntity[];
}

export interface ValueBoxEntity extends EntityBase {
  readonly kind: "valuebox";
  readonly scope: Scope;
  readonly type: ResolvedType;
  readonly nested: Entity[];
}

export interface NativeEntity extends EntityBase {
  readonly kind: "native";
}

export interface FlagEntity extends EntityBase {
  readonly kind: "flag";
  readonly position: number;
}

export interface BitmaskEntity extends EntityBase {
  readonly kind: "bitmask";
  readonly scope: Scope;
  readonly bitBound: number;
  readonly flags: FlagEntity[];
}

export interface BitfieldEntity extends EntityBase {
  readonly kind: "bitfield";
  readonly position: number;
  readonly bits: number;
  readonly type: PrimitiveName;
}

export interface BitsetEntity extends EntityBase {
  readonly kind: "bitset";
  readonly scope: Scope;
  readonly base: BitsetEntity | undefined;
  readonly fields: BitfieldEntity[];
  bits: number;
}

/** Read again for each use of it. */
export interface TemplateEntity extends EntityBase {
  readonly kind: "template";
  node: TemplateNode;
  readonly declaredIn: Scope;
}

export interface PortTypeEntity extends EntityBase {
  readonly kind: "porttype";
  readonly node: ComponentNode;
  /** Where the names in its body are looked for. */
  readonly declaredIn: Scope;
}

export interface MemberEntity extends EntityBase {
  readonly kind: "member";
  readonly type: ResolvedType;
}

export interface StructEntity extends EntityBase {
  readonly kind: "struct";
  base: StructEntity | undefined;
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
  /** The number on the wire. */
  readonly value: number;
}

export interface TypedefEntity extends EntityBase {
  readonly kind: "typedef";
  readonly type: ResolvedType;
  /** Stands for an argument of a template module, and is no declaration. */
  readonly isParameter?: true;
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
  readonly getRaises: readonly ExceptionEntity[];
  readonly setRaises: readonly ExceptionEntity[];
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
  readonly contexts: readonly string[];
  readonly signature: string;
}

/** A name the compiler knows by itself, or one whose declaration was refused. */
export interface PlainEntity extends EntityBase {
  readonly kind: "builtin" | "refused";
  readonly type: ResolvedType;
}

export type TypeEntity =
  | InterfaceEntity
  | ValueEntity
  | ValueBoxEntity
  | NativeEntity
  | StructEntity
  | UnionEntity
  | EnumEntity
  | BitmaskEntity
  | BitsetEntity
  | TypedefEntity;

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
  | StateEntity
  | FactoryEntity
  | FlagEntity
  | BitfieldEntity
  | TemplateEntity
  | PortTypeEntity
  | PlainEntity;

export interface Use {
  readonly text: string;
  readonly span: Span;
  /** How it is used: as a label of a union, as the name of a typedef, or as anything else. */
  readonly use: "label" | "typedef" | "other";
}

/** Names of one scope, keyed by the name in lower case: names that differ in case only clash. */
export interface Scope {
  readonly kind:
    | "global"
    | "module"
    | "interface"
    | "value"
    | "valuebox"
    | "struct"
    | "union"
    | "exception"
    | "bitmask"
    | "bitset"
    | "operation";
  readonly name: string;
  readonly path: readonly string[];
  readonly parent: Scope | undefined;
  readonly names: Map<string, Entity>;
  /** Names of other scopes used here; they may not be declared here any more. */
  uses: Map<string, Use> | undefined;
  /** Keys of members and parameters that have the name of their type; a use means the type all the same. */
  overlooked?: Set<string>;
  /** Where types declared in place go, and all other members. */
  readonly members: Entity[];
  /** The interface or value whose scope this is; bases are searched too. */
  owner: Inheritor | undefined;
  /** Names that stand for entities of other names: exceptions given to a template module. */
  aliases?: Map<string, Entity>;
  /** What was found in bases before. */
  inherited?: Map<string, ReadonlySet<Entity>>;
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
