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
  | "Object";

/** A literal; adjacent strings are one. */
export interface LiteralNode {
  readonly kind: "literal";
  readonly literal: "integer" | "floating" | "char" | "wchar" | "string" | "wstring" | "boolean";
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

/** `refused` stands for what was reported already; nothing more is said of it. */
export type Expression =
  | LiteralNode
  | UnaryNode
  | BinaryNode
  | { readonly kind: "name"; readonly name: ScopedName; readonly span: Span }
  | { readonly kind: "refused"; readonly span: Span };

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
  | { readonly kind: "named"; readonly name: ScopedName; readonly span: Span }
  | { readonly kind: "refused"; readonly span: Span }
  | ConstructedNode;

export interface DeclaratorNode {
  readonly name: Identifier;
  /** Array dimensions, the outermost first. */
  readonly dimensions: readonly Expression[];
}

interface Node {
  readonly doc: string | undefined;
  readonly span: Span;
}

export interface ModuleNode extends Node {
  readonly kind: "module";
  readonly name: Identifier;
  readonly definitions: readonly DefinitionNode[];
}

export interface InterfaceNode extends Node {
  readonly kind: "interface";
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
  readonly enumerators: readonly { readonly name: Identifier; readonly doc: string | undefined }[];
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
}

export interface ParameterNode {
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
}

/** A declaration that was reported as wrong or not supported; its name is known, so that uses are not reported too. */
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
  | RefusedNode;

export type DefinitionNode = DeclarationNode | MarkNode;

/** All main files together, in order. */
export interface SpecificationNode {
  readonly definitions: readonly DefinitionNode[];
}
