import type { BinaryNode, Expression, UnaryNode } from "../ast/index.ts";
import type { DiagnosticCode, Span } from "../source/index.ts";
import type { ConstValue } from "./entity.ts";

export type Leaf = Exclude<Expression, { readonly kind: "unary" | "binary" }>;

/** What the folding of one type of number needs. */
export interface Folder {
  readonly report: (code: DiagnosticCode, message: string, span: Span) => void;
  readonly warn: (message: string, span: Span) => void;
  /** Value of a literal or name, undefined after a report. */
  readonly valueOf: (leaf: Leaf) => ConstValue | undefined;
}

/** The operations of one type of number; each reports and returns undefined where it has no value. */
export interface Arithmetic<T> {
  leaf(leaf: Leaf): T | undefined;
  unary(node: UnaryNode, operand: T): T | undefined;
  binary(node: BinaryNode, left: T, right: T): T | undefined;
}

/** Folds an expression; in a loop along its left side, where chains of operators can be long. */
export function fold<T>(expression: Expression, arithmetic: Arithmetic<T>): T | undefined {
  const chain: BinaryNode[] = [];
  let first = expression;
  while (first.kind === "binary") {
    chain.push(first);
    first = first.left;
  }
  let value = foldFirst(first, arithmetic);
  for (const node of chain.toReversed()) {
    const right = fold(node.right, arithmetic);
    value =
      value === undefined || right === undefined
        ? undefined
        : arithmetic.binary(node, value, right);
  }
  return value;
}

function foldFirst<T>(
  node: Exclude<Expression, BinaryNode>,
  arithmetic: Arithmetic<T>,
): T | undefined {
  if (node.kind !== "unary") return arithmetic.leaf(node);
  const operand = fold(node.operand, arithmetic);
  return operand === undefined ? undefined : arithmetic.unary(node, operand);
}
