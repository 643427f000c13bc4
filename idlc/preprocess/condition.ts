import type { PpToken } from "./token.ts";

/** Thrown with what is wrong in a `#if` expression. */
export class ConditionFault extends Error {}

/** Binary operators, loosest first. */
const LEVELS: readonly string[] = [
  "||",
  "&&",
  "|",
  "^",
  "&",
  "== !=",
  "< > <= >=",
  "<< >>",
  "+ -",
  "* / %",
];
const PRECEDENCE: ReadonlyMap<string, number> = new Map(
  LEVELS.flatMap((level, i) => level.split(" ").map((operator) => [operator, i + 1] as const)),
);
const MAX_NESTING = 256;

/**
 * Value of a C integer constant expression; macros are expanded and `defined` is replaced before.
 * Names left over count as 0 (C11 6.10.1), TRUE as 1. Arithmetic has 64 bits.
 * @throws ConditionFault
 */
export function evaluateCondition(tokens: readonly PpToken[]): bigint {
  const reader = new ConditionReader(tokens);
  const value = reader.conditional();
  reader.expectEnd();
  return value;
}

class ConditionReader {
  readonly #tokens: readonly PpToken[];
  #at = 0;
  #depth = 0;
  /** Division by zero matters only where the value does (`0 && 1 / 0`). */
  #ignored = 0;

  constructor(tokens: readonly PpToken[]) {
    this.#tokens = tokens;
  }

  expectEnd(): void {
    const token = this.#tokens[this.#at];
    if (token) throw new ConditionFault(`unexpected "${token.text}" in the condition`);
  }

  conditional(): bigint {
    if (++this.#depth > MAX_NESTING)
      throw new ConditionFault(`the condition is nested deeper than ${MAX_NESTING}`);
    const condition = this.#binary(1);
    let value = condition;
    if (this.#accept("?")) {
      const whenTrue = this.#unless(condition === 0n, () => this.conditional());
      if (!this.#accept(":")) throw new ConditionFault('"?" without ":" in the condition');
      const whenFalse = this.#unless(condition !== 0n, () => this.conditional());
      value = condition === 0n ? whenFalse : whenTrue;
    }
    this.#depth--;
    return value;
  }

  #unless(isIgnored: boolean, read: () => bigint): bigint {
    if (isIgnored) this.#ignored++;
    const value = read();
    if (isIgnored) this.#ignored--;
    return value;
  }

  #binary(least: number): bigint {
    let left = this.#unary();
    for (;;) {
      const operator = this.#tokens[this.#at]?.text ?? "";
      const precedence = PRECEDENCE.get(operator) ?? 0;
      if (precedence < least) return left;
      this.#at++;
      const isSettled = (operator === "&&" && left === 0n) || (operator === "||" && left !== 0n);
      const right = this.#unless(isSettled, () => this.#binary(precedence + 1));
      left = BigInt.asIntN(64, this.#apply(operator, left, right));
    }
  }

  #apply(operator: string, a: bigint, b: bigint): bigint {
    switch (operator) {
      case "||":
        return truth(a !== 0n || b !== 0n);
      case "&&":
        return truth(a !== 0n && b !== 0n);
      case "|":
        return a | b;
      case "^":
        return a ^ b;
      case "&":
        return a & b;
      case "==":
        return truth(a === b);
      case "!=":
        return truth(a !== b);
      case "<":
        return truth(a < b);
      case ">":
        return truth(a > b);
      case "<=":
        return truth(a <= b);
      case ">=":
        return truth(a >= b);
      case "<<":
        return a << (b & 63n);
      case ">>":
        return a >> (b & 63n);
      case "+":
        return a + b;
      case "-":
        return a - b;
      case "*":
        return a * b;
      default:
        return this.#divide(operator, a, b);
    }
  }

  #divide(operator: string, a: bigint, b: bigint): bigint {
    if (b !== 0n) return operator === "/" ? a / b : a % b;
    if (this.#ignored === 0) throw new ConditionFault("division by zero in the condition");
    return 0n;
  }

  #unary(): bigint {
    const operators: string[] = [];
    while (/^[!~+-]$/.test(this.#tokens[this.#at]?.text ?? "")) {
      operators.push(this.#tokens[this.#at++]?.text ?? "");
    }
    let value = this.#primary();
    for (const operator of operators.toReversed()) {
      if (operator === "!") value = truth(value === 0n);
      if (operator === "~") value = ~value;
      if (operator === "-") value = BigInt.asIntN(64, -value);
    }
    return value;
  }

  #primary(): bigint {
    const token = this.#tokens[this.#at++];
    if (!token) throw new ConditionFault("the condition ends where a value is expected");
    if (token.kind === "number") return integerOf(token.text);
    if (token.kind === "word") return truth(token.text === "TRUE" || token.text === "true");
    if (token.kind === "char")
      return BigInt(token.text.codePointAt(token.text.indexOf("'") + 1) ?? 0);
    if (token.text !== "(") throw new ConditionFault(`unexpected "${token.text}" in the condition`);
    const value = this.conditional();
    if (!this.#accept(")")) throw new ConditionFault('missing ")" in the condition');
    return value;
  }

  #accept(text: string): boolean {
    const isThere = this.#tokens[this.#at]?.text === text;
    if (isThere) this.#at++;
    return isThere;
  }
}

function truth(value: boolean): bigint {
  return value ? 1n : 0n;
}

function integerOf(text: string): bigint {
  const digits = text.replace(/[uUlL]{1,3}$/, "");
  if (/^0[0-7]+$/.test(digits)) return BigInt.asIntN(64, BigInt(`0o${digits.slice(1)}`));
  if (/^(0[xX][0-9A-Fa-f]+|0|[1-9][0-9]*)$/.test(digits)) return BigInt.asIntN(64, BigInt(digits));
  throw new ConditionFault(`"${text}" is not an integer`);
}
