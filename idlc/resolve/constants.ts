import { printExpression, type Expression, type LiteralNode } from "../ast/index.ts";
import type { Context } from "./context.ts";
import type { ConstEntity, ConstValue, EnumEntity, ResolvedType, Scope } from "./entity.ts";
import { underlyingOf } from "./entity.ts";
import { type Folder, type Leaf } from "./fold.ts";
import { fixedLiteral, foldFixed } from "./fixed.ts";
import { foldFloating } from "./floating.ts";
import { foldInteger, INTEGERS, type IntegerRange } from "./integers.ts";
import { lookup } from "./names.ts";
import { kindOf } from "./scope.ts";

/** What a constant expression has to give. */
export type Target =
  | { readonly kind: "integer"; readonly range: IntegerRange }
  | { readonly kind: "floating"; readonly name: "float" | "double" | "long double" }
  /** Without digits and scale: as the value needs. */
  | { readonly kind: "fixed"; readonly digits?: number; readonly scale?: number }
  | { readonly kind: "boolean" | "char" | "wchar" }
  | { readonly kind: "string" | "wstring"; readonly bound: number }
  | { readonly kind: "enum"; readonly entity: EnumEntity };

/** The target of a constant or a label of `type`; undefined where the type has no constants. */
export function targetOf(type: ResolvedType): Target | undefined {
  const under = underlyingOf(type);
  if (under.kind === "string" || under.kind === "wstring") return under;
  if (under.kind === "fixed") return under.digits === 0 ? { kind: "fixed" } : under;
  if (under.kind === "declared") {
    return under.entity.kind === "enum" ? { kind: "enum", entity: under.entity } : undefined;
  }
  if (under.kind !== "primitive") return undefined;
  const { primitive } = under;
  if (primitive === "boolean" || primitive === "char" || primitive === "wchar")
    return { kind: primitive };
  if (primitive === "float" || primitive === "double" || primitive === "long double")
    return { kind: "floating", name: primitive };
  const range = INTEGERS.get(primitive);
  return range && { kind: "integer", range };
}

/** The value of an expression, checked against its type; undefined after a report. */
export function evaluate(
  c: Context,
  scope: Scope,
  expression: Expression,
  target: Target,
): ConstValue | undefined {
  const folder: Folder = {
    report: (code, message, span) => c.diagnostics.error(code, message, span),
    warn: (message, span) => c.diagnostics.warning("implicit-conversion", message, span),
    valueOf: (leaf) => leafValue(c, scope, leaf, target),
  };
  switch (target.kind) {
    case "integer":
      return foldInteger(folder, expression, target.range);
    case "floating":
      return foldFloating(folder, expression, target.name);
    case "fixed": {
      const { digits, scale } = target;
      const size = digits === undefined || scale === undefined ? undefined : { digits, scale };
      return foldFixed(folder, expression, size);
    }
    case "string":
    case "wstring":
      return checkedString(c, scope, expression, target);
    case "boolean":
    case "char":
    case "wchar":
    case "enum":
      return simpleValue(c, scope, expression, target);
  }
}

/** A bound or an array length: an unsigned long above 0. */
export function evaluatePositive(
  c: Context,
  scope: Scope,
  expression: Expression,
  what: string,
): number | undefined {
  const range = INTEGERS.get("unsigned long") as IntegerRange;
  const value = evaluate(c, scope, expression, { kind: "integer", range });
  if (typeof value !== "bigint") return undefined;
  if (value > 0n) return Number(value);
  c.diagnostics.error("out-of-range", `${what} must be at least 1, not ${value}`, expression.span);
  return undefined;
}

/** Digits or scale of a fixed type, a width or a number of bits: from `least` to `most`. */
export function evaluateWithin(
  c: Context,
  scope: Scope,
  expression: Expression,
  what: string,
  [least, most]: readonly [number, number],
): number | undefined {
  const range = INTEGERS.get("long long") as IntegerRange;
  const value = evaluate(c, scope, expression, { kind: "integer", range });
  if (typeof value !== "bigint") return undefined;
  if (value >= BigInt(least) && value <= BigInt(most)) return Number(value);
  const message = `${what} must be from ${least} to ${most}, not ${value}`;
  c.diagnostics.error("out-of-range", message, expression.span);
  return undefined;
}

function checkedString(
  c: Context,
  scope: Scope,
  expression: Expression,
  target: { readonly kind: "string" | "wstring"; readonly bound: number },
): ConstValue | undefined {
  const value = simpleValue(c, scope, expression, target);
  if (typeof value !== "string" || target.bound === 0 || value.length <= target.bound) return value;
  const message = `the string has ${value.length} characters, its type allows ${target.bound}`;
  c.diagnostics.error("out-of-range", message, expression.span);
  return undefined;
}

/** Types without operators: a literal or the name of a constant. */
function simpleValue(
  c: Context,
  scope: Scope,
  expression: Expression,
  target: Target,
): ConstValue | undefined {
  if (expression.kind === "unary" || expression.kind === "binary") {
    const message = `operator ${expression.operator} does not apply to ${describeTarget(target)}`;
    c.diagnostics.error("bad-constant", message, expression.span);
    return undefined;
  }
  return leafValue(c, scope, expression, target);
}

function leafValue(c: Context, scope: Scope, leaf: Leaf, target: Target): ConstValue | undefined {
  if (leaf.kind === "literal") return literalValue(c, leaf, target);
  const entity = lookup(c, scope, leaf.name);
  if (!entity || entity.kind === "refused") return undefined;
  if (entity.kind === "enumerator") {
    if (target.kind === "enum" && entity.owner === target.entity) return entity;
    reportKind(c, leaf, `an enumerator of ${entity.owner.name}`, target);
    return undefined;
  }
  if (entity.kind !== "const") {
    reportKind(c, leaf, kindOf(entity), target);
    return undefined;
  }
  return constantValue(c, leaf, entity, target);
}

function constantValue(
  c: Context,
  leaf: Leaf,
  entity: ConstEntity,
  target: Target,
): ConstValue | undefined {
  const own = targetOf(entity.type);
  if (entity.value === undefined || !own) return undefined;
  const isSame =
    own.kind === target.kind &&
    (own.kind !== "enum" || target.kind !== "enum" || own.entity === target.entity);
  if (isSame || (own.kind === "integer" && isFractional(target))) return entity.value;
  reportKind(c, leaf, `${describeTarget(own)} constant`, target);
  return undefined;
}

function literalValue(c: Context, leaf: LiteralNode, target: Target): ConstValue | undefined {
  const isSame = leaf.literal === target.kind;
  if (isSame && leaf.literal === "fixed") return fixedLiteral(String(leaf.value));
  if (isSame || (leaf.literal === "integer" && isFractional(target))) return leaf.value;
  if (leaf.literal === "char" && target.kind === "wchar") {
    const message = `char literal ${printExpression(leaf)} for a wchar; write L${printExpression(leaf)}`;
    c.diagnostics.warning("implicit-conversion", message, leaf.span);
    return leaf.value;
  }
  reportKind(c, leaf, `${withArticle(leaf.literal)} literal`, target);
  return undefined;
}

function isFractional(target: Target): boolean {
  return target.kind === "floating" || target.kind === "fixed";
}

function reportKind(c: Context, leaf: Leaf, what: string, target: Target): void {
  const message = `expected ${describeTarget(target)} value, but ${printExpression(leaf)} is ${what}`;
  c.diagnostics.error("bad-constant", message, leaf.span);
}

function describeTarget(target: Target): string {
  if (target.kind === "integer") return withArticle(target.range.name);
  if (target.kind === "floating") return withArticle(target.name);
  return target.kind === "enum" ? withArticle(target.entity.name) : withArticle(target.kind);
}

function withArticle(noun: string): string {
  return `${/^(unsi|[aeio])/i.test(noun) ? "an" : "a"} ${noun}`;
}
