/** The resolved model: what emitters read. No syntax is left, every name is resolved, every constant is a value. */

/** Where a declaration stands; lines and columns count from 1. */
export interface Place {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** `@unit("mm")`: parameters by name, the only unnamed one as `value`. Unknown annotations are kept, too. */
export interface Annotation {
  /** Without the `@`, scopes joined with `::`. */
  readonly name: string;
  readonly parameters: Readonly<Record<string, ConstantValue>>;
}

/** A `fixed` constant: `unscaled` × 10^-`scale`. */
export interface FixedValue {
  readonly unscaled: bigint;
  readonly digits: number;
  readonly scale: number;
}

/** The value of a constant or an annotation's parameter. */
export type ConstantValue = Label | FixedValue;

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
  /** Annotations in source order; empty for most. */
  readonly annotations: readonly Annotation[];
  /** Declared in standard IDL of the compiler's own. */
  readonly isStandard: boolean;
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
  | "TypeCode"
  | "long double"
  /** IDL 4 `int8` (-128 to 127); `uint8` is `octet`, `int16` to `uint64` are `short` to `unsigned long long`. */
  | "int8"
  | "ValueBase"
  | "AbstractBase"
  | "Principal";

/** A use of a type. `declared` points at the declaration itself, so recursive types are circles of objects. */
export type Type =
  | { readonly kind: "primitive"; readonly primitive: PrimitiveKind }
  /** `bound` 0 is unbounded. */
  | { readonly kind: "string"; readonly bound: number }
  | { readonly kind: "wstring"; readonly bound: number }
  | { readonly kind: "sequence"; readonly element: Type; readonly bound: number }
  /** One dimension; `long a[2][3]` is an array of 2 of arrays of 3. */
  | { readonly kind: "array"; readonly element: Type; readonly length: number }
  | { readonly kind: "fixed"; readonly digits: number; readonly scale: number }
  | { readonly kind: "map"; readonly key: Type; readonly value: Type; readonly bound: number }
  | { readonly kind: "declared"; readonly declaration: TypeDeclaration };

export type TypeDeclaration =
  | InterfaceDcl
  | ValueDcl
  | ValueBoxDcl
  | NativeDcl
  | StructDcl
  | UnionDcl
  | EnumDcl
  | BitmaskDcl
  | BitsetDcl
  | TypedefDcl;

export type Declaration = ModuleDcl | TypeDeclaration | ExceptionDcl | ConstDcl;

/** A module with all its reopenings joined, members in source order. */
export interface ModuleDcl extends Named {
  readonly kind: "module";
  readonly members: readonly Declaration[];
}

/** Components and homes appear as the interfaces they are equivalent to, event types as values with their consumer interfaces. */
export interface InterfaceDcl extends Named {
  readonly kind: "interface";
  readonly flavour: "plain" | "abstract" | "local";
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
  readonly getRaises: readonly ExceptionDcl[];
  readonly setRaises: readonly ExceptionDcl[];
}

export interface Operation extends Named {
  readonly kind: "operation";
  readonly isOneway: boolean;
  /** undefined is void. */
  readonly result: Type | undefined;
  readonly parameters: readonly Parameter[];
  readonly raises: readonly ExceptionDcl[];
  /** Names of the `context` clause, patterns as written. */
  readonly contexts: readonly string[];
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
  readonly annotations: readonly Annotation[];
}

/** A value type or an event type. */
export interface ValueDcl extends Named {
  readonly kind: "value";
  readonly flavour: "concrete" | "abstract" | "custom";
  readonly isEvent: boolean;
  /** A receiver that does not know it may take it for its base. */
  readonly isTruncatable: boolean;
  /** The one stateful base. */
  readonly base: ValueDcl | undefined;
  readonly abstractBases: readonly ValueDcl[];
  readonly supports: readonly InterfaceDcl[];
  /** Its own state, in order; the base's comes before it on the wire. */
  readonly state: readonly StateMember[];
  readonly factories: readonly Factory[];
  /** Types, constants and exceptions declared inside. */
  readonly members: readonly Declaration[];
  readonly attributes: readonly Attribute[];
  readonly operations: readonly Operation[];
  readonly isIncomplete: boolean;
}

export interface StateMember extends Member {
  readonly visibility: "public" | "private";
}

export interface Factory extends Named {
  readonly kind: "factory";
  readonly parameters: readonly Parameter[];
  readonly raises: readonly ExceptionDcl[];
}

export interface ValueBoxDcl extends Named {
  readonly kind: "valuebox";
  readonly boxed: Type;
  readonly nested: readonly TypeDeclaration[];
}

export interface NativeDcl extends Named {
  readonly kind: "native";
}

export interface BitmaskDcl extends Named {
  readonly kind: "bitmask";
  /** 1 to 64; 32 without `@bit_bound`. */
  readonly bitBound: number;
  readonly flags: readonly {
    readonly name: string;
    readonly position: number;
    readonly doc: string | undefined;
  }[];
}

export interface BitsetDcl extends Named {
  readonly kind: "bitset";
  readonly base: BitsetDcl | undefined;
  /** Its own fields, low bits first; those without a name are left out, their bits skipped. */
  readonly fields: readonly BitField[];
  /** Bits in all, the base's included; 1 to 64. */
  readonly bits: number;
}

export interface BitField {
  readonly name: string;
  readonly position: number;
  readonly bits: number;
  readonly type: PrimitiveKind;
  readonly doc: string | undefined;
}

export interface StructDcl extends Named {
  readonly kind: "struct";
  /** IDL 4: its members come first. */
  readonly base: StructDcl | undefined;
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
  readonly annotations: readonly Annotation[];
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
  /** `value` is the number on the wire: the position, unless `@value` says otherwise. */
  readonly enumerators: readonly {
    readonly name: string;
    readonly doc: string | undefined;
    readonly value: number;
  }[];
}

export interface TypedefDcl extends Named {
  readonly kind: "typedef";
  readonly type: Type;
}

export interface ConstDcl extends Named {
  readonly kind: "const";
  readonly type: Type;
  readonly value: ConstantValue;
}

export interface Model {
  /** Declarations at file level, included files' too. */
  readonly members: readonly Declaration[];
  /** Files named on the command line, in order, as given. */
  readonly mainFiles: readonly string[];
  /** The reply handler of each interface, where asynchronous calls are wanted. */
  readonly replyHandlers?: ReadonlyMap<InterfaceDcl, InterfaceDcl>;
  /** What the holder that an operation of a reply handler receives may hold. */
  readonly heldExceptions?: ReadonlyMap<Operation, readonly ExceptionDcl[]>;
}
