import type { BinaryNode, Expression, LiteralNode } from "../ast/index.ts";
import { mergeSpans } from "../source/index.ts";
import { type Cursor, describe } from "./cursor.ts";

/** Binary operators and how tightly they bind. */
const PRECEDENCE: ReadonlyMap<string, number> = new Map([
  ["|", 1],
  ["^", 2],
  ["&", 3],
  ["<<", 4],
  [">>", 4],
  ["+", 5],
  ["-", 5],
  ["*", 6],
  ["/", 6],
  ["%", 6],
]);

/** ConstExp of the grammar. */
export function parseExpression(p: Cursor): Expression {
  return p.nested(() => parseBinary(p, 1));
}

/** Operators that bind at least as tightly as `least`. */
function parseBinary(p: Cursor, least: number): Expression {
  let left = parseUnary(p);
  for (;;) {
    const { kind, text } = p.token;
    const precedence = kind === "punctuation" ? (PRECEDENCE.get(text) ?? 0) : 0;
    if (precedence < least || (text === ">>" && closesAngles(p))) return left;
    p.advance();
    const right = parseBinary(p, precedence + 1);
    const operator = text as BinaryNode["operator"];
    left = { kind: "binary", operator, left, right, span: mergeSpans(left.span, right.span) };
  }
}

/** Whether `>>` ends two template types rather than shifts: `sequence<string<8>> x`. */
function closesAngles(p: Cursor): boolean {
  const next = p.peek(1).kind;
  return p.openAngles > 1 && next !== "integer" && next !== "floating";
}

function parseUnary(p: Cursor): Expression {
  const start = p.token;
  for (const operator of ["-", "+", "~"] as const) {
    if (!p.accept(operator)) continue;
    const operand = p.nested(() => parseUnary(p));
    return { kind: "unary", operator, operand, span: p.spanFrom(start) };
  }
  return parsePrimary(p);
}

function parsePrimary(p: Cursor): Expression {
  const { token } = p;
  switch (token.kind) {
    case "integer":
    case "floating":
    case "char":
    case "wchar":
      p.advance();
      return {
        kind: "literal",
        literal: token.kind,
        value: token.value ?? 0,
        text: token.text,
        span: token,
      };
    case "string":
    case "wstring":
      return parseString(p);
    case "fixed":
      p.advance();
      return {
        kind: "literal",
        literal: "fixed",
        value: token.text.slice(0, -1),
        text: token.text,
        span: token,
      };
    case "identifier": {
      const name = p.scopedName("a name");
      return { kind: "name", name, span: name.span };
    }
    case "keyword":
    case "punctuation":
    case "end":
      return parseMarked(p);
  }
}

function parseMarked(p: Cursor): Expression {
  const { token } = p;
  if (p.isAt("::")) {
    const name = p.scopedName("a name");
    return { kind: "name", name, span: name.span };
  }
  if (p.accept("TRUE") || p.accept("FALSE")) {
    return {
      kind: "literal",
      literal: "boolean",
      value: token.text === "TRUE",
      text: token.text,
      span: token,
    };
  }
  if (!p.accept("(")) p.fail(`expected a value, not ${describe(token)}`);
  const { openAngles } = p;
  p.openAngles = 0;
  const inner = parseExpression(p);
  p.openAngles = openAngles;
  p.expect(")", "after the expression");
  return inner;
}

/** Adjacent string literals are one string. */
export function parseString(p: Cursor): LiteralNode {
  const start = p.token;
  const { kind } = start;
  if (kind !== "string" && kind !== "wstring") p.fail(`expected a string, not ${describe(start)}`);
  const parts: string[] = [];
  const texts: string[] = [];
  while (p.token.kind === "string" || p.token.kind === "wstring") {
    if (p.token.kind !== kind) p.report("bad-literal", "wide and narrow strings cannot be joined");
    const token = p.advance();
    parts.push(String(token.value));
    texts.push(token.text);
  }
  return {
    kind: "literal",
    literal: kind,
    value: parts.join(""),
    text: texts.join(" "),
    span: p.spanFrom(start),
  };
}
