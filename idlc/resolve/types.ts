import type { Expression, PrimitiveName, ScopedName, TypeSpec } from "../ast/index.ts";
import type { Span } from "../source/index.ts";
import { evaluatePositive, evaluateWithin } from "./constants.ts";
import type { Context } from "./context.ts";
import {
  type Entity,
  type ResolvedType,
  type Scope,
  textOf,
  UNKNOWN,
  underlyingOf,
} from "./entity.ts";
import { MAX_FIXED_DIGITS } from "./fixed.ts";
import { lookup, peekLookup } from "./names.ts";
import { kindOf } from "./scope.ts";

/** Resolves a type that is not declared in place; those are for `constructed.ts`. */
export function resolveType(c: Context, scope: Scope, spec: TypeSpec): ResolvedType {
  switch (spec.kind) {
    case "primitive":
      return { kind: "primitive", primitive: spec.primitive };
    case "string":
    case "wstring": {
      const bound = resolveBound(c, scope, spec.bound, `the bound of a ${spec.kind}`);
      return bound === undefined ? UNKNOWN : { kind: spec.kind, bound };
    }
    case "sequence": {
      const element = resolveType(c, scope, spec.element);
      const bound = resolveBound(c, scope, spec.bound, "the bound of a sequence");
      if (bound === undefined || element.kind === "unknown") return UNKNOWN;
      return { kind: "sequence", element, bound };
    }
    case "map": {
      const key = resolveType(c, scope, spec.key);
      const value = resolveType(c, scope, spec.value);
      const bound = resolveBound(c, scope, spec.bound, "the bound of a map");
      if (bound === undefined || key.kind === "unknown" || value.kind === "unknown") return UNKNOWN;
      return { kind: "map", key, value, bound };
    }
    case "fixed":
      return resolveFixed(c, scope, spec);
    case "named": {
      const later = laterType(c, scope, spec.name);
      if (later) return later;
      const entity = lookup(c, scope, spec.name);
      return entity ? typeOf(c, entity, textOf(spec.name), spec.span) : UNKNOWN;
    }
    case "struct":
    case "union":
    case "enum":
      return UNKNOWN;
  }
}

/** Digits 0 stand for `fixed` without a size, which constants may have. */
function resolveFixed(
  c: Context,
  scope: Scope,
  { size, span }: Extract<TypeSpec, { readonly kind: "fixed" }>,
): ResolvedType {
  if (!size) return { kind: "fixed", digits: 0, scale: 0 };
  const range = [1, MAX_FIXED_DIGITS] as const;
  const digits = evaluateWithin(c, scope, size.digits, "the number of digits", range);
  const scale = evaluateWithin(c, scope, size.scale, "the scale", [0, MAX_FIXED_DIGITS]);
  if (digits === undefined || scale === undefined) return UNKNOWN;
  if (scale <= digits) return { kind: "fixed", digits, scale };
  const message = `the scale, ${scale}, is larger than the number of digits, ${digits}`;
  c.diagnostics.error("out-of-range", message, span);
  return UNKNOWN;
}

/** Types of IDL 4 and old ones that were dropped; they are meant where no declaration has their name. */
const LATER_TYPES: ReadonlyMap<string, PrimitiveName> = new Map([
  ["int8", "int8"],
  ["int16", "short"],
  ["int32", "long"],
  ["int64", "long long"],
  ["uint8", "octet"],
  ["uint16", "unsigned short"],
  ["uint32", "unsigned long"],
  ["uint64", "unsigned long long"],
]);

function laterType(c: Context, scope: Scope, name: ScopedName): ResolvedType | undefined {
  const [first] = name.parts;
  if (!first || first.isEscaped || name.isAbsolute || name.parts.length > 1) return undefined;
  const primitive =
    first.text === "Principal"
      ? "Principal"
      : c.level === 3
        ? undefined
        : LATER_TYPES.get(first.text);
  if (!primitive || peekLookup(c, scope, name)) return undefined;
  return { kind: "primitive", primitive };
}

function typeOf(c: Context, entity: Entity, name: string, span: Span): ResolvedType {
  switch (entity.kind) {
    case "interface":
    case "value":
    case "valuebox":
    case "native":
    case "struct":
    case "union":
    case "enum":
    case "bitmask":
    case "bitset":
      return { kind: "declared", entity };
    case "typedef":
      return entity.isParameter ? entity.type : { kind: "declared", entity };
    case "builtin":
    case "refused":
      return entity.type;
    case "module":
    case "exception":
    case "const":
    case "attribute":
    case "operation":
    case "parameter":
    case "member":
    case "case":
    case "enumerator":
    case "state":
    case "factory":
    case "flag":
    case "bitfield":
    case "template":
    case "porttype": {
      const place = { message: `${entity.name} is declared here`, span: entity.span };
      c.diagnostics.error("wrong-kind", `${name} is ${kindOf(entity)}, not a type`, span, place);
      return UNKNOWN;
    }
  }
}

/** 0 where there is no bound, undefined after a report. */
function resolveBound(
  c: Context,
  scope: Scope,
  bound: Expression | undefined,
  what: string,
): number | undefined {
  return bound ? evaluatePositive(c, scope, bound, what) : 0;
}

/** Wraps a type in the array dimensions of a declarator. */
export function withDimensions(
  c: Context,
  scope: Scope,
  type: ResolvedType,
  dimensions: readonly Expression[],
): ResolvedType {
  let result = type;
  for (const dimension of dimensions.toReversed()) {
    const length = evaluatePositive(c, scope, dimension, "the length of an array");
    result =
      length === undefined || result.kind === "unknown"
        ? UNKNOWN
        : { kind: "array", element: result, length };
  }
  return result;
}

/**
 * Reports a struct or union that is used by value before it is defined; only sequences of it may
 * stand before (CORBA 3.3 Part 1, 7.11.2.3).
 * @returns the type, `unknown` after a report
 */
export function complete(c: Context, type: ResolvedType, span: Span): ResolvedType {
  let under = underlyingOf(type);
  while (under.kind === "array") under = underlyingOf(under.element);
  return reportIncomplete(c, under, type, span, "only a sequence of it may be used before");
}

/** As `complete`; sequences of what is not defined yet are reported as well. */
export function completeThroughout(c: Context, type: ResolvedType, span: Span): ResolvedType {
  if (c.pending.size === 0) return complete(c, type, span);
  let under = underlyingOf(type);
  while (under.kind === "array" || under.kind === "sequence") under = underlyingOf(under.element);
  return reportIncomplete(
    c,
    under,
    type,
    span,
    "a parameter, result or attribute needs it complete",
  );
}

function reportIncomplete(
  c: Context,
  under: ResolvedType,
  type: ResolvedType,
  span: Span,
  hint: string,
): ResolvedType {
  if (under.kind !== "declared") return type;
  const { entity } = under;
  if ((entity.kind !== "struct" && entity.kind !== "union") || entity.state === "complete")
    return type;
  const place = { message: `${entity.name} is declared here`, span: entity.span };
  const message = `${entity.kind} ${entity.name} is not defined yet; ${hint}`;
  c.diagnostics.error("incomplete-type", message, span, place);
  return UNKNOWN;
}

/** Whether two types are the same when typedefs are seen through. */
export function isSameType(a: ResolvedType, b: ResolvedType): boolean {
  const left = underlyingOf(a);
  const right = underlyingOf(b);
  if (left.kind === "sequence" && right.kind === "sequence") {
    return left.bound === right.bound && isSameType(left.element, right.element);
  }
  if (left.kind === "primitive" && right.kind === "primitive")
    return left.primitive === right.primitive;
  if (left.kind === "fixed" && right.kind === "fixed")
    return left.digits === right.digits && left.scale === right.scale;
  if (left.kind === "string" || left.kind === "wstring")
    return right.kind === left.kind && right.bound === left.bound;
  return left.kind === "declared" && right.kind === "declared" && left.entity === right.entity;
}
