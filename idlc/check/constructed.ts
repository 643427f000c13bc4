import type {
  EnumNode,
  ExceptionNode,
  MemberNode,
  ScopedName,
  StructNode,
  TypeSpec,
  UnionNode,
} from "../ast/index.ts";
import {
  closeEntity,
  complete,
  type Context,
  declare,
  entityBase,
  type EnumEntity,
  type EnumeratorEntity,
  type ExceptionEntity,
  kindOf,
  lookup,
  type MemberEntity,
  newScope,
  openEntity,
  parameterOf,
  type ResolvedType,
  resolveType,
  type Scope,
  type StructEntity,
  textOf,
  type UnionCaseEntity,
  type UnionEntity,
  UNKNOWN,
  withDimensions,
} from "../resolve/index.ts";
import { bitBoundOf } from "./bits.ts";
import { placeOfBase, seenThrough } from "./inheritance.ts";
import { Labels } from "./unions.ts";

/** Resolves any type; one that is declared in place is entered into `scope`. */
export function resolveAnyType(c: Context, scope: Scope, spec: TypeSpec): ResolvedType {
  switch (spec.kind) {
    case "struct":
      return { kind: "declared", entity: declareStruct(c, scope, spec) };
    case "union":
      return { kind: "declared", entity: declareUnion(c, scope, spec) };
    case "enum":
      return { kind: "declared", entity: declareEnum(c, scope, spec) };
    case "primitive":
    case "string":
    case "wstring":
    case "sequence":
    case "map":
    case "fixed":
    case "named":
      return resolveType(c, scope, spec);
  }
}

export function declareStruct(c: Context, scope: Scope, node: StructNode): StructEntity {
  const { name, members, doc } = node;
  const inner = newScope("struct", name.text, scope);
  const fresh: StructEntity = {
    kind: "struct",
    base: undefined,
    scope: inner,
    state: "forward",
    members: [],
    nested: inner.members,
    ...entityBase(c, scope, name, doc, node.annotations),
  };
  const { entity, isDeclared } = openEntity(c, scope, name, !members, fresh);
  if (members) {
    if (node.base) inheritStruct(c, scope, entity, node.base);
    declareMembers(c, entity.scope, members, entity.members);
    closeEntity(c, scope, entity, isDeclared);
  }
  return entity;
}

/** IDL 4: a struct has the members of its base before its own; they may not be declared again. */
function inheritStruct(c: Context, scope: Scope, entity: StructEntity, name: ScopedName): void {
  const found = lookup(c, scope, name, false);
  if (!found || found.kind === "refused") return;
  const base = seenThrough(found);
  if (base.kind !== "struct") {
    const message = `${textOf(name)} is ${kindOf(found)}; a struct inherits from a struct only`;
    c.diagnostics.error("bad-inheritance", message, name.span, placeOfBase(found));
  } else if (base === entity) {
    const message = `struct ${entity.name} cannot inherit from itself`;
    c.diagnostics.error("bad-inheritance", message, name.span);
  } else if (base.state !== "complete") {
    const message = `struct ${base.name} must be defined before it is inherited from`;
    c.diagnostics.error("incomplete-type", message, name.span, placeOfBase(base));
  } else {
    entity.base = base;
    // Those that the base inherits are among its names already.
    for (const [key, one] of base.scope.names)
      if (one.kind === "member") entity.scope.names.set(key, one);
  }
}

export function declareException(c: Context, scope: Scope, node: ExceptionNode): void {
  const inner = newScope("exception", node.name.text, scope);
  const entity: ExceptionEntity = {
    kind: "exception",
    scope: inner,
    members: [],
    nested: inner.members,
    ...entityBase(c, scope, node.name, node.doc, node.annotations),
  };
  const isDeclared = declare(c, scope, node.name, entity);
  declareMembers(c, inner, node.members, entity.members);
  if (isDeclared) scope.members.push(entity);
}

function declareMembers(
  c: Context,
  inner: Scope,
  members: readonly MemberNode[],
  into: MemberEntity[],
): void {
  const { depth } = c.prefixes;
  c.prefixes.enterScope(inner.name);
  for (const { type, declarators, doc, annotations } of members) {
    const base = complete(c, resolveAnyType(c, inner, type), type.span);
    for (const { name, dimensions } of declarators) {
      const member: MemberEntity = {
        kind: "member",
        type: withDimensions(c, inner, base, dimensions),
        ...entityBase(c, inner, name, doc, annotations),
      };
      if (declare(c, inner, name, member)) into.push(member);
    }
  }
  c.prefixes.restore(depth);
}

export function declareEnum(c: Context, scope: Scope, node: EnumNode): EnumEntity {
  const entity: EnumEntity = {
    kind: "enum",
    enumerators: [],
    byName: new Map(),
    ...entityBase(c, scope, node.name, node.doc, node.annotations),
  };
  bitBoundOf(c, "an enum", entity, 32);
  const isDeclared = declare(c, scope, node.name, entity);
  const byValue = new Map<number, EnumeratorEntity>();
  let next = 0;
  for (const { name, doc, annotations } of node.enumerators) {
    const base = entityBase(c, scope, name, doc, annotations);
    const value = Number(parameterOf(base.annotations, "value") ?? next);
    const enumerator: EnumeratorEntity = { kind: "enumerator", owner: entity, value, ...base };
    checkEnumerator(c, enumerator, byValue.get(value));
    byValue.set(value, enumerator);
    next = value + 1;
    // An enum is no scope: its enumerators stand beside it.
    declare(c, scope, name, enumerator);
    entity.enumerators.push(enumerator);
    entity.byName.set(name.text, enumerator);
  }
  if (isDeclared) scope.members.push(entity);
  return entity;
}

function checkEnumerator(
  c: Context,
  enumerator: EnumeratorEntity,
  earlier: EnumeratorEntity | undefined,
): void {
  const { name, value, span } = enumerator;
  if (!Number.isInteger(value) || value < -(2 ** 31) || value >= 2 ** 32) {
    const message = `@value of ${name} is not a 32-bit integer`;
    c.diagnostics.error("bad-annotation", message, span);
  } else if (earlier) {
    const message = `${name} has the value of ${earlier.name}, ${value}`;
    c.diagnostics.error("bad-annotation", message, span, placeOfBase(earlier));
  }
}

export function declareUnion(c: Context, scope: Scope, node: UnionNode): UnionEntity {
  const { name, doc } = node;
  const inner = newScope("union", name.text, scope);
  const fresh: UnionEntity = {
    kind: "union",
    scope: inner,
    state: "forward",
    discriminator: UNKNOWN,
    cases: [],
    uncovered: undefined,
    nested: inner.members,
    ...entityBase(c, scope, name, doc, node.annotations),
  };
  const { entity, isDeclared } = openEntity(c, scope, name, !node.cases, fresh);
  if (node.cases) {
    const { depth } = c.prefixes;
    c.prefixes.enterScope(name.text);
    declareCases(c, entity, node);
    c.prefixes.restore(depth);
    closeEntity(c, scope, entity, isDeclared);
  }
  return entity;
}

function declareCases(c: Context, entity: UnionEntity, node: UnionNode): void {
  const inner = entity.scope;
  entity.discriminator = node.discriminator
    ? resolveAnyType(c, inner, node.discriminator)
    : UNKNOWN;
  const labels = new Labels(c, inner, node, entity.discriminator);
  for (const one of node.cases ?? []) {
    const values = labels.add(one);
    const base = complete(c, resolveAnyType(c, inner, one.type), one.type.span);
    const { name, dimensions } = one.declarator;
    const member: UnionCaseEntity = {
      ...values,
      kind: "case",
      type: withDimensions(c, inner, base, dimensions),
      ...entityBase(c, inner, name, one.doc, one.annotations),
    };
    if (declare(c, inner, name, member)) entity.cases.push(member);
  }
  entity.uncovered = labels.finish(node.name.text);
}
