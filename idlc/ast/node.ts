import type { Mark } from "../lex/index.ts";
import type { Span } from "../source/index.ts";

export interface Identifier {
  /** Without an escaping underscore. */
  readonly text: string;
  readonly isEscaped: boolean;
  readonly span: Span;
}

export interface ScopedName {
  /** Starts with `::`. */
  readonly isAbsolute: boolean;
  readonly parts: readonly Identifier[];
  readonly span: Span;
}

export type PrimitiveName =
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
  | "long double"
  | "ValueBase"
  | "AbstractBase"
  | "Principal"
  | "int8";

/** A literal; adjacent strings are one. */
export interface LiteralNode {
  readonly kind: "literal";
  readonly literal:
    | "integer"
    | "floating"
    | "fixed"
    | "char"
    | "wchar"
    | "string"
    | "wstring"
    | "boolean";
  /** Of a fixed-point literal its digits and point. */
  readonly value: bigint | number | string | boolean;
  readonly text: string;
  readonly span: Span;
}

export interface UnaryNode {
  readonly kind: "unary";
  readonly operator: "-" | "+" | "~";
  readonly operand: Expression;
  readonly span: Span;
}

/** Chains such as `a + b + c` lean left and may be long: walk down `left` in a loop, not by recursion. */
export interface BinaryNode {
  readonly kind: "binary";
  readonly operator: "|" | "^" | "&" | "<<" | ">>" | "+" | "-" | "*" | "/" | "%";
  readonly left: Expression;
  readonly right: Expression;
  readonly span: Span;
}

export type Expression =
  | LiteralNode
  | UnaryNode
  | BinaryNode
  | { readonly kind: "name"; readonly name: ScopedName; readonly span: Span };

/** `@name(value)`, `@name(parameter = value, …)`. */
export interface AnnotationNode {
  /** Without the `@`, scopes joined with `::`. */
  readonly name: string;
  readonly parameters: readonly {
    readonly name: string | undefined;
    readonly value: Expression;
  }[];
  readonly span: Span;
}

export type ConstructedNode = StructNode | UnionNode | EnumNode;

export type TypeSpec =
  | { readonly kind: "primitive"; readonly primitive: PrimitiveName; readonly span: Span }
  | {
      readonly kind: "string" | "wstring";
      readonly bound: Expression | undefined;
      readonly span: Span;
    }
  | {
      readonly kind: "sequence";
      readonly element: TypeSpec;
      readonly bound: Expression | undefined;
      readonly span: Span;
    }
  | {
      readonly kind: "map";
      readonly key: TypeSpec;
      readonly value: TypeSpec;
      readonly bound: Expression | undefined;
      readonly span: Span;
    }
  | {
      readonly kind: "fixed";
      /** undefined in `const fixed`, where the value tells them. */
      readonly size: { readonly digits: Expression; readonly scale: Expression } | undefined;
      readonly span: Span;
    }
  | { readonly kind: "named"; readonly name: ScopedName; readonly span: Span }
  | ConstructedNode;

export interface DeclaratorNode {
  readonly name: Identifier;
  /** Array dimensions, the outermost first. */
  readonly dimensions: readonly Expression[];
}

interface Node {
  readonly doc: string | undefined;
  readonly annotations?: readonly AnnotationNode[];
  readonly span: Span;
}

export interface ModuleNode extends Node {
  readonly kind: "module";
  readonly name: Identifier;
  readonly definitions: readonly DefinitionNode[];
}

export interface InterfaceNode extends Node {
  readonly kind: "interface";
  readonly flavour: "plain" | "abstract" | "local";
  readonly name: Identifier;
  readonly bases: readonly ScopedName[];
  /** undefined for a forward declaration. */
  readonly body: readonly DefinitionNode[] | undefined;
}

export interface MemberNode extends Node {
  readonly type: TypeSpec;
  readonly declarators: readonly DeclaratorNode[];
}

export interface StructNode extends Node {
  readonly kind: "struct";
  readonly name: Identifier;
  readonly base: ScopedName | undefined;
  /** undefined for a forward declaration. */
  readonly members: readonly MemberNode[] | undefined;
}

export interface ExceptionNode extends Node {
  readonly kind: "exception";
  readonly name: Identifier;
  readonly members: readonly MemberNode[];
}

export type LabelNode =
  | { readonly kind: "case"; readonly value: Expression; readonly span: Span }
  | { readonly kind: "default"; readonly span: Span };

export interface CaseNode extends Node {
  readonly labels: readonly LabelNode[];
  readonly type: TypeSpec;
  readonly declarator: DeclaratorNode;
}

export interface UnionNode extends Node {
  readonly kind: "union";
  readonly name: Identifier;
  readonly discriminator: TypeSpec | undefined;
  /** undefined for a forward declaration. */
  readonly cases: readonly CaseNode[] | undefined;
}

export interface EnumNode extends Node {
  readonly kind: "enum";
  readonly name: Identifier;
  readonly enumerators: readonly EnumeratorNode[];
}

/** One name of an enum or a bitmask. */
export interface EnumeratorNode {
  readonly name: Identifier;
  readonly doc: string | undefined;
  readonly annotations?: readonly AnnotationNode[];
}

export interface BitmaskNode extends Node {
  readonly kind: "bitmask";
  readonly name: Identifier;
  readonly flags: readonly EnumeratorNode[];
}

export interface BitfieldNode extends Node {
  readonly width: Expression;
  readonly type: TypeSpec | undefined;
  /** None for bits that are skipped. */
  readonly names: readonly Identifier[];
}

export interface BitsetNode extends Node {
  readonly kind: "bitset";
  readonly name: Identifier;
  readonly base: ScopedName | undefined;
  readonly fields: readonly BitfieldNode[];
}

export interface TypedefNode extends Node {
  readonly kind: "typedef";
  readonly type: TypeSpec;
  readonly declarators: readonly DeclaratorNode[];
}

export interface ConstNode extends Node {
  readonly kind: "const";
  readonly name: Identifier;
  readonly type: TypeSpec;
  readonly value: Expression;
}

export interface AttributeNode extends Node {
  readonly kind: "attribute";
  readonly isReadonly: boolean;
  readonly type: TypeSpec;
  readonly names: readonly Identifier[];
  /** `getraises`, and `raises` of a readonly attribute. */
  readonly getRaises: readonly ScopedName[];
  readonly setRaises: readonly ScopedName[];
}

export interface ParameterNode {
  readonly annotations?: readonly AnnotationNode[];
  readonly mode: "in" | "out" | "inout";
  readonly name: Identifier;
  readonly type: TypeSpec;
  readonly span: Span;
}

export interface OperationNode extends Node {
  readonly kind: "operation";
  readonly name: Identifier;
  readonly isOneway: boolean;
  /** undefined is void. */
  readonly result: TypeSpec | undefined;
  readonly parameters: readonly ParameterNode[];
  readonly raises: readonly ScopedName[];
  readonly contexts: readonly LiteralNode[];
}

/** A value type, or an event type where `isEvent`. */
export interface ValueNode extends Node {
  readonly kind: "value";
  readonly isEvent: boolean;
  readonly flavour: "concrete" | "abstract" | "custom";
  readonly isTruncatable: boolean;
  readonly name: Identifier;
  readonly bases: readonly ScopedName[];
  readonly supports: readonly ScopedName[];
  /** undefined for a forward declaration. */
  readonly body: readonly DefinitionNode[] | undefined;
}

export interface ValueBoxNode extends Node {
  readonly kind: "valuebox";
  readonly name: Identifier;
  readonly type: TypeSpec;
}

export interface StateNode extends Node {
  readonly kind: "state";
  readonly visibility: "public" | "private";
  readonly type: TypeSpec;
  readonly declarators: readonly DeclaratorNode[];
}

/** A factory of a value or a home, a finder of a home. */
export interface FactoryNode extends Node {
  readonly kind: "factory" | "finder";
  readonly name: Identifier;
  readonly parameters: readonly ParameterNode[];
  readonly raises: readonly ScopedName[];
}

export interface NativeNode extends Node {
  readonly kind: "native";
  readonly name: Identifier;
}

export type PortKind =
  | "provides"
  | "uses"
  | "emits"
  | "publishes"
  | "consumes"
  | "port"
  | "mirrorport";

export interface PortNode extends Node {
  readonly kind: "port";
  readonly port: PortKind;
  /** `uses multiple`. */
  readonly isMultiple: boolean;
  readonly type: TypeSpec;
  readonly name: Identifier;
}

export interface ComponentNode extends Node {
  readonly kind: "component" | "connector" | "porttype";
  readonly name: Identifier;
  readonly base: ScopedName | undefined;
  readonly supports: readonly ScopedName[];
  /** undefined for a forward declaration. */
  readonly body: readonly DefinitionNode[] | undefined;
}

export interface HomeNode extends Node {
  readonly kind: "home";
  readonly name: Identifier;
  readonly base: ScopedName | undefined;
  readonly supports: readonly ScopedName[];
  readonly manages: ScopedName;
  readonly primaryKey: ScopedName | undefined;
  readonly body: readonly DefinitionNode[];
}

export interface ImportNode extends Node {
  readonly kind: "import";
  readonly what: ScopedName | LiteralNode;
}

/** `typeid X "id"` and `typeprefix X "prefix"`. */
export interface TypeIdNode extends Node {
  readonly kind: "typeid" | "typeprefix";
  /** undefined in `typeprefix :: "prefix"`. */
  readonly name: ScopedName | undefined;
  readonly text: LiteralNode;
}

export interface AnnotationDclNode extends Node {
  readonly kind: "annotation";
  readonly name: Identifier;
  readonly members: readonly AnnotationMemberNode[];
}

/** A parameter of a declared annotation, or a declaration inside of it. */
export type AnnotationMemberNode =
  | {
      readonly kind: "parameter";
      readonly type: TypeSpec;
      readonly name: Identifier;
      readonly value: Expression | undefined;
    }
  | DeclarationNode;

/** `module M<typename T> { … }` */
export interface TemplateNode extends Node {
  readonly kind: "template";
  readonly name: Identifier;
  readonly parameters: readonly TemplateParameterNode[];
  readonly definitions: readonly DefinitionNode[];
}

export interface TemplateParameterNode {
  /** `typename`, `interface`, `const`, `sequence` … as written. */
  readonly kind: string;
  /** Of a constant its type, of a sequence the type that tells its elements. */
  readonly type: TypeSpec | undefined;
  readonly name: Identifier;
}

/** `module M<long> N`, and inside of a template `alias M<T> N`. */
export interface InstanceNode extends Node {
  readonly kind: "instance";
  readonly isAlias: boolean;
  readonly template: ScopedName;
  readonly args: readonly TemplateArgument[];
  readonly name: Identifier;
}

/** A name or a value is an expression; the check knows which of the two is asked for. */
export type TemplateArgument =
  | { readonly kind: "type"; readonly type: TypeSpec }
  | { readonly kind: "value"; readonly value: Expression };

/** A declaration that was reported as wrong; its name is known, so that uses are not reported too. */
export interface RefusedNode extends Node {
  readonly kind: "refused";
  readonly name: Identifier;
}

/** A pragma or the border of an included file, between definitions. */
export interface MarkNode {
  readonly kind: "mark";
  readonly mark: Mark;
}

export type DeclarationNode =
  | ModuleNode
  | InterfaceNode
  | ConstructedNode
  | ExceptionNode
  | TypedefNode
  | ConstNode
  | AttributeNode
  | OperationNode
  | ValueNode
  | ValueBoxNode
  | StateNode
  | FactoryNode
  | NativeNode
  | BitmaskNode
  | BitsetNode
  | PortNode
  | ComponentNode
  | HomeNode
  | ImportNode
  | TypeIdNode
  | AnnotationDclNode
  | TemplateNode
  | InstanceNode
  | RefusedNode;

export type DefinitionNode = DeclarationNode | MarkNode;

/** All main files together, in order. */
export interface SpecificationNode {
  readonly definitions: readonly DefinitionNode[];
}
