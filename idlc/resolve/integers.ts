import type { BinaryNode, Expression } from "../ast/index.ts";
import type { Span } from "../source/index.ts";
import { fold, type Folder } from "./fold.ts";

export interface IntegerRange {
  readonly name: string;
  readonly least: bigint;
  readonly greatest: bigint;
}

function range(name: string, bits: bigint, isSigned: boolean): [string, IntegerRange] {
  const greatest = (1n << (isSigned ? bits - 1n : bits)) - 1n;
  return [name, { name, least: isSigned ? -greatest - 1n : 0n, greatest }];
}

/** The integer types by name; octet counts as one. */
export const INTEGERS: ReadonlyMap<string, IntegerRange> = new Map([
  range("octet", 8n, false),
  range("int8", 8n, true),
  range("short", 16n, true),
  range("unsigned short", 16n, false),
  range("long", 32n, true),
  range("unsigned long", 32n, false),
  range("long long", 64n, true),
  range("unsigned long long", 64n, false),
]);

const LEAST = -(1n << 63n);
const GREATEST = (1n << 64n) - 1n;

/**
 * Value of an integer expression, checked against the range of its type. Intermediate results have
 * 64 bits, signed or unsigned as the value asks; `~` is relative to the type.
 */
export function foldInteger(
  folder: Folder,
  expression: Expression,
  type: IntegerRange,
): bigint | undefined {
  const wide = (value: bigint, span: Span): bigint | undefined => {
    if (value >= LEAST && value <= GREATEST) return value;
    folder.report("out-of-range", "the result does not fit into 64 bits", span);
    return undefined;
  };
  const value = fold<bigint>(expression, {
    leaf: (leaf) => {
      const found = folder.valueOf(leaf);
      return typeof found === "bigint" ? found : undefined;
    },
    unary: ({ operator, span }, operand) => {
      if (operator === "+") return operand;
      if (operator === "-") return wide(-operand, span);
      return type.least < 0n || operand < 0n ? ~operand : wide(type.greatest - operand, span);
    },
    binary: (node, left, right) => {
      const result = apply(folder, node, left, right);
      return result === undefined ? undefined : wide(result, node.span);
    },
  });
  if (value === undefined || (value >= type.least && value <= type.greatest)) return value;
  const message = `${value} is out of the range of ${type.name}, ${type.least} to ${type.greatest}`;
  folder.report("out-of-range", message, expression.span);
  return undefined;
}

function apply(folder: Folder, node: BinaryNode, left: bigint, right: bigint): bigint | undefined {
  switch (node.operator) {
    case "|":
      return left | right;
    case "^":
      return left ^ right;
    case "&":
      return left & right;
    case "+":
      return left + right;
    case "-":
      return left - right;
    case "*":
      return left * right;
    case "<<":
    case ">>":
      if (right < 0n || right > 63n) {
        folder.report(
          "out-of-range",
          `a shift takes a count from 0 to 63, not ${right}`,
          node.right.span,
        );
        return undefined;
      }
      return node.operator === "<<" ? left << right : left >> right;
    case "/":
    case "%":
      if (right === 0n) {
        folder.report("bad-constant", "division by zero", node.right.span);
        return undefined;
      }
      return node.operator === "/" ? left / right : left % right;
  }
}
