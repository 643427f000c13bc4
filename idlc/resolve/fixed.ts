import type { BinaryNode, Expression } from "../ast/index.ts";
import type { Span } from "../source/index.ts";
import type { FixedConst } from "./entity.ts";
import { fold, type Folder } from "./fold.ts";

/** Digits a fixed-point number has at most (CORBA 3.3 Part 1, 7.11.3.4). */
export const MAX_FIXED_DIGITS = 31;

/** The value of digits with a point: zeros before and after that say nothing are dropped. */
export function fixedLiteral(text: string): FixedConst {
  const [whole = "", fraction = ""] = text.split(".");
  const kept = fraction.replace(/0+$/, "");
  return fixedOf(BigInt(`0${whole}${kept}`), kept.length);
}

/** Cut to 31 digits: digits after the point go first. */
function fixedOf(unscaled: bigint, scale: number): FixedConst {
  let value = unscaled;
  let places = scale;
  while (places > 0 && (value % 10n === 0n || digitsOf(value) > MAX_FIXED_DIGITS)) {
    value /= 10n;
    places--;
  }
  return {
    kind: "fixed",
    unscaled: value,
    digits: Math.max(digitsOf(value), places, 1),
    scale: places,
  };
}

function digitsOf(value: bigint): number {
  return (value < 0n ? -value : value).toString().length;
}

/**
 * Value of a fixed-point expression.
 * @param size digits and scale of the type; undefined for `const fixed`, where the value tells them
 */
export function foldFixed(
  folder: Folder,
  expression: Expression,
  size: { readonly digits: number; readonly scale: number } | undefined,
): FixedConst | undefined {
  const value = fold<FixedConst>(expression, {
    leaf: (leaf) => {
      const found = folder.valueOf(leaf);
      if (typeof found === "bigint") {
        const message = `integer ${found} in a fixed expression; write ${found}d`;
        folder.report("bad-constant", message, leaf.span);
        return undefined;
      }
      return typeof found === "object" && found.kind === "fixed" ? found : undefined;
    },
    unary: ({ operator, span }, operand) => {
      if (operator === "+") return operand;
      if (operator === "-") return { ...operand, unscaled: -operand.unscaled };
      folder.report("bad-constant", "operator ~ does not apply to a fixed", span);
      return undefined;
    },
    binary: (node, left, right) => apply(folder, node, left, right),
  });
  return value && checked(folder, value, size, expression.span);
}

function checked(
  folder: Folder,
  value: FixedConst,
  size: { readonly digits: number; readonly scale: number } | undefined,
  span: Span,
): FixedConst | undefined {
  const limit = size ?? { digits: MAX_FIXED_DIGITS, scale: MAX_FIXED_DIGITS };
  const isWithin = value.digits - value.scale <= limit.digits - (size?.scale ?? 0);
  if (isWithin && value.scale <= limit.scale) return value;
  if (isWithin) {
    folder.warn(`digits of the constant are cut off to fit a scale of ${limit.scale}`, span);
    return fixedOf(value.unscaled / 10n ** BigInt(value.scale - limit.scale), limit.scale);
  }
  const what = size ? `fixed<${size.digits}, ${size.scale}>` : `${MAX_FIXED_DIGITS} digits`;
  folder.report("out-of-range", `the value does not fit into ${what}`, span);
  return undefined;
}

function apply(
  folder: Folder,
  node: BinaryNode,
  left: FixedConst,
  right: FixedConst,
): FixedConst | undefined {
  const scale = Math.max(left.scale, right.scale);
  const a = left.unscaled * 10n ** BigInt(scale - left.scale);
  const b = right.unscaled * 10n ** BigInt(scale - right.scale);
  switch (node.operator) {
    case "+":
      return fixedOf(a + b, scale);
    case "-":
      return fixedOf(a - b, scale);
    case "*":
      return fixedOf(left.unscaled * right.unscaled, left.scale + right.scale);
    case "/":
      if (b === 0n) {
        folder.report("bad-constant", "division by zero", node.right.span);
        return undefined;
      }
      return fixedOf((a * 10n ** BigInt(MAX_FIXED_DIGITS)) / b, MAX_FIXED_DIGITS);
    case "|":
    case "^":
    case "&":
    case "<<":
    case ">>":
    case "%":
      folder.report(
        "bad-constant",
        `operator ${node.operator} does not apply to a fixed`,
        node.span,
      );
      return undefined;
  }
}
