/** The resolved model: what emitters read. No syntax is left, every name is resolved, every constant is a value. */

/** Where a declaration stands; lines and columns count from 1. */
export interface Place {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** What every declaration has. */
export interface Named {
  /** The identifier without an escaping underscore. */
  readonly name: string;
  /** Names from the outermost module to this declaration, this one included. */
  readonly scopedName: readonly string[];
  /** `IDL:prefix/M/X:1.0`, or what `#pragma ID` said. */
  readonly repositoryId: string;
  /** The comment right before the declaration, without its markers; undefined where there is none. */
  readonly doc: string | undefined;
  readonly place: Place;
  /** Declared in a file named on the command line, not in an included one. */
  readonly isMain: boolean;
}

export type PrimitiveKind =
  | "short"
  | "long"
  | "long long"
  | "unsigned short"
  | "unsigned long"
  | "unsigned long long"
  | "float"
  | "double"
  | "boolean"
  | "char"
  | "wchar"
  | "octet"
  | "any"
  | "Object"
  | "TypeCode";

/** A use of a type. `declared` points at the declaration itself, so recursive types are circles of objects. */
export type Type =
  | { readonly kind: "primitive"; readonly primitive: PrimitiveKind }
  /** `bound` 0 is unbounded. */
  | { readonly kind: "string"; readonly bound: number }
  | { readonly kind: "wstring"; readonly bound: number }
  | { readonly kind: "sequence"; readonly element: Type; readonly bound: number }
  /** One dimension; `long a[2][3]` is an array of 2 of arrays of 3. */
  | { readonly kind: "array"; readonly element: Type; readonly length: number }
  | { readonly kind: "declared"; readonly declaration: TypeDeclaration };

export type TypeDeclaration = InterfaceDcl | StructDcl | UnionDcl | EnumDcl | TypedefDcl;

export type Declaration = ModuleDcl | TypeDeclaration | ExceptionDcl | ConstDcl;

/** A module with all its reopenings joined, members in source order. */
export interface ModuleDcl extends Named {
  readonly kind: "module";
  readonly members: readonly Declaration[];
}

export interface InterfaceDcl extends Named {
  readonly kind: "interface";
  readonly bases: readonly InterfaceDcl[];
  /** Types, constants and exceptions declared inside. */
  readonly members: readonly Declaration[];
  readonly attributes: readonly Attribute[];
  readonly operations: readonly Operation[];
  /** Only a forward declaration was seen, and the file that completes it was not compiled. */
  readonly isIncomplete: boolean;
}

export interface Attribute extends Named {
  readonly kind: "attribute";
  readonly isReadonly: boolean;
  readonly type: Type;
}

export interface Operation extends Named {
  readonly kind: "operation";
  readonly isOneway: boolean;
  /** undefined is void. */
  readonly result: Type | undefined;
  readonly parameters: readonly Parameter[];
  readonly raises: readonly ExceptionDcl[];
  /** The declaration as IDL text on one line, for documentation. */
  readonly signature: string;
}

export interface Parameter {
  readonly name: string;
  readonly mode: "in" | "out" | "inout";
  readonly type: Type;
}

export interface Member {
  readonly name: string;
  readonly type: Type;
  readonly doc: string | undefined;
}

export interface StructDcl extends Named {
  readonly kind: "struct";
  readonly members: readonly Member[];
  /** Types declared in place by members. */
  readonly nested: readonly TypeDeclaration[];
}

export interface ExceptionDcl extends Named {
  readonly kind: "exception";
  readonly members: readonly Member[];
  readonly nested: readonly TypeDeclaration[];
}

/** A label's value as the mapping has it: an enumerator's name, a character, a number, a bigint for 64 bits. */
export type Label = string | number | bigint | boolean;

export interface UnionCase {
  readonly name: string;
  readonly type: Type;
  /** Empty for a case that has only `default:`. */
  readonly labels: readonly Label[];
  readonly isDefault: boolean;
  readonly doc: string | undefined;
}

export interface UnionDcl extends Named {
  readonly kind: "union";
  readonly discriminator: Type;
  readonly cases: readonly UnionCase[];
  /** Values of the discriminator no case names, where they can be listed (enum, boolean); [] when all are covered; undefined when they cannot be listed. */
  readonly uncovered: readonly Label[] | undefined;
  readonly nested: readonly TypeDeclaration[];
}

export interface EnumDcl extends Named {
  readonly kind: "enum";
  readonly enumerators: readonly { readonly name: string; readonly doc: string | undefined }[];
}

export interface TypedefDcl extends Named {
  readonly kind: "typedef";
  readonly type: Type;
}

export interface ConstDcl extends Named {
  readonly kind: "const";
  readonly type: Type;
  readonly value: Label;
}

export interface Model {
  /** Declarations at file level, included files' too. */
  readonly members: readonly Declaration[];
  /** Files named on the command line, in order, as given. */
  readonly mainFiles: readonly string[];
}
