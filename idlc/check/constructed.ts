import type {
  EnumNode,
  ExceptionNode,
  MemberNode,
  StructNode,
  TypeSpec,
  UnionNode,
} from "../ast/index.ts";
import type { Context } from "./context.ts";
import {
  type EnumEntity,
  type EnumeratorEntity,
  type ExceptionEntity,
  type MemberEntity,
  type ResolvedType,
  type Scope,
  type StructEntity,
  type UnionCaseEntity,
  type UnionEntity,
  UNKNOWN,
} from "./entity.ts";
import { closeEntity, entityBase, openEntity } from "./forward.ts";
import { declare, newScope } from "./scope.ts";
import { complete, resolveType, withDimensions } from "./types.ts";
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
    case "named":
    case "refused":
      return resolveType(c, scope, spec);
  }
}

export function declareStruct(c: Context, scope: Scope, node: StructNode): StructEntity {
  const { name, members, doc } = node;
  const inner = newScope("struct", name.text, scope);
  const fresh: StructEntity = {
    ...entityBase(c, scope, name, doc),
    kind: "struct",
    scope: inner,
    state: "forward",
    members: [],
    nested: inner.members,
  };
  const { entity, isDeclared } = openEntity(c, scope, name, !members, fresh);
  if (members) {
    declareMembers(c, entity.scope, members, entity.members);
    closeEntity(c, scope, entity, isDeclared);
  }
  return entity;
}

export function declareException(c: Context, scope: Scope, node: ExceptionNode): void {
  const inner = newScope("exception", node.name.text, scope);
  const entity: ExceptionEntity = {
    ...entityBase(c, scope, node.name, node.doc),
    kind: "exception",
    scope: inner,
    members: [],
    nested: inner.members,
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
  for (const { type, declarators, doc } of members) {
    const base = complete(c, resolveAnyType(c, inner, type), type.span);
    for (const { name, dimensions } of declarators) {
      const member: MemberEntity = {
        ...entityBase(c, inner, name, doc),
        kind: "member",
        type: withDimensions(c, inner, base, dimensions),
      };
      if (declare(c, inner, name, member)) into.push(member);
    }
  }
  c.prefixes.restore(depth);
}

export function declareEnum(c: Context, scope: Scope, node: EnumNode): EnumEntity {
  const entity: EnumEntity = {
    ...entityBase(c, scope, node.name, node.doc),
    kind: "enum",
    enumerators: [],
    byName: new Map(),
  };
  const isDeclared = declare(c, scope, node.name, entity);
  for (const { name, doc } of node.enumerators) {
    const enumerator: EnumeratorEntity = {
      ...entityBase(c, scope, name, doc),
      kind: "enumerator",
      owner: entity,
    };
    // An enum is no scope: its enumerators stand beside it.
    declare(c, scope, name, enumerator);
    entity.enumerators.push(enumerator);
    entity.byName.set(name.text, enumerator);
  }
  if (isDeclared) scope.members.push(entity);
  return entity;
}

export function declareUnion(c: Context, scope: Scope, node: UnionNode): UnionEntity {
  const { name, doc } = node;
  const inner = newScope("union", name.text, scope);
  const fresh: UnionEntity = {
    ...entityBase(c, scope, name, doc),
    kind: "union",
    scope: inner,
    state: "forward",
    discriminator: UNKNOWN,
    cases: [],
    uncovered: undefined,
    nested: inner.members,
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
      ...entityBase(c, inner, name, one.doc),
      ...values,
      kind: "case",
      type: withDimensions(c, inner, base, dimensions),
    };
    if (declare(c, inner, name, member)) entity.cases.push(member);
  }
  entity.uncovered = labels.finish(node.name.text);
}
