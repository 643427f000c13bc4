import type { BinaryNode, Expression } from "../ast/index.ts";
import { fold, type Folder } from "./fold.ts";

const GREATEST_FLOAT = 3.4028234663852886e38;

/** Value of a floating point expression, computed as double; integers in it are faults, as its operands are of one kind. */
export function foldFloating(
  folder: Folder,
  expression: Expression,
  name: "float" | "double" | "long double",
): number | undefined {
  const value = fold<number>(expression, {
    leaf: (leaf) => {
      const found = folder.valueOf(leaf);
      if (typeof found !== "bigint") return typeof found === "number" ? found : undefined;
      const message = `integer ${found} in a ${name} expression; write ${found}.0`;
      folder.report("bad-constant", message, leaf.span);
      return undefined;
    },
    unary: ({ operator, span }, operand) => {
      if (operator !== "~") return operator === "-" ? -operand : operand;
      folder.report("bad-constant", `operator ~ does not apply to a ${name}`, span);
      return undefined;
    },
    binary: (node, left, right) => apply(folder, node, left, right, name),
  });
  if (value === undefined) return undefined;
  const isInRange =
    Number.isFinite(value) && (name !== "float" || Math.abs(value) <= GREATEST_FLOAT);
  if (isInRange) return value;
  folder.report("out-of-range", `${value} is out of the range of ${name}`, expression.span);
  return undefined;
}

function apply(
  folder: Folder,
  node: BinaryNode,
  left: number,
  right: number,
  name: string,
): number | undefined {
  switch (node.operator) {
    case "+":
      return left + right;
    case "-":
      return left - right;
    case "*":
      return left * right;
    case "/":
      if (right !== 0) return left / right;
      folder.report("bad-constant", "division by zero", node.right.span);
      return undefined;
    case "|":
    case "^":
    case "&":
    case "<<":
    case ">>":
    case "%":
      folder.report(
        "bad-constant",
        `operator ${node.operator} does not apply to a ${name}`,
        node.span,
      );
      return undefined;
  }
}
