import type { ScopedName, StateNode, ValueBoxNode, ValueNode } from "../ast/index.ts";
import {
  complete,
  type Context,
  declare,
  entityBase,
  type Inheritor,
  type InterfaceEntity,
  kindOf,
  newScope,
  type Scope,
  type StateEntity,
  textOf,
  type ValueBoxEntity,
  type ValueEntity,
  withDimensions,
} from "../resolve/index.ts";
import { reportAmbiguousCallables } from "./ambiguity.ts";
import { resolveAnyType } from "./constructed.ts";
import {
  baseInterface,
  isUsableBase,
  placeOfBase,
  type ResolvedBase,
  seenThrough,
} from "./inheritance.ts";

/** A value as it is before its body is read. */
export function freshValue(c: Context, scope: Scope, node: ValueNode): ValueEntity {
  const inner = newScope("value", node.name.text, scope);
  const fresh: ValueEntity = {
    kind: "value",
    isEvent: node.isEvent,
    flavour: node.flavour,
    isTruncatable: node.isTruncatable,
    scope: inner,
    order: c.nextOrder++,
    state: "forward",
    bases: [],
    members: inner.members,
    attributes: [],
    operations: [],
    stateMembers: [],
    factories: [],
    ...entityBase(c, scope, node.name, node.doc, node.annotations),
  };
  inner.owner = fresh;
  return fresh;
}

/** Gives a value its bases and what it supports (CORBA 3.3 Part 1, 7.9.1.5 and 7.9.5). */
export function inheritValues(
  c: Context,
  entity: ValueEntity,
  node: ValueNode,
  bases: readonly ResolvedBase[],
  supports: readonly ResolvedBase[],
): void {
  for (const [i, base] of bases.entries()) {
    const target = baseValue(c, entity, base);
    if (!target || !isAllowedBase(c, entity, target, base.name, i)) continue;
    entity.bases.push(target);
  }
  checkTruncatable(c, entity, node);
  for (const base of supports) {
    const rule = "a valuetype supports interfaces only";
    const target = baseInterface(c, entity, base, rule);
    if (!target || !isOnlyPlain(c, entity, base.name, target.flavour)) continue;
    reportUnrelatedSupport(c, entity, target, base.name);
    entity.bases.push(target);
  }
  if (entity.bases.length > 1) reportAmbiguousCallables(c, entity, node.name);
}

/** The one base with state. */
export function statefulBase(entity: ValueEntity): ValueEntity | undefined {
  const [first] = entity.bases;
  return first?.kind === "value" && first.flavour !== "abstract" ? first : undefined;
}

function baseValue(
  c: Context,
  entity: ValueEntity,
  { found, name }: ResolvedBase,
): ValueEntity | undefined {
  if (found.kind === "refused") return undefined;
  const base = seenThrough(found);
  if (base.kind !== "value") {
    const hint = base.kind === "interface" ? `; write supports ${textOf(name)}` : "";
    const message = `${textOf(name)} is ${kindOf(found)}; a valuetype inherits from valuetypes only${hint}`;
    c.diagnostics.error("bad-inheritance", message, name.span, placeOfBase(found));
    return undefined;
  }
  return isUsableBase(c, entity, base, name) ? base : undefined;
}

function isAllowedBase(
  c: Context,
  entity: ValueEntity,
  base: ValueEntity,
  name: ScopedName,
  position: number,
): boolean {
  const isStateful = base.flavour !== "abstract";
  let fault: string | undefined;
  if (isStateful && entity.flavour === "abstract") {
    fault = `abstract valuetype ${entity.name} can inherit from abstract valuetypes only`;
  } else if (isStateful && position > 0) {
    fault = `${base.name} has state; a valuetype has one base with state at most, before all others`;
  }
  if (fault !== undefined) c.diagnostics.error("bad-value", fault, name.span, placeOfBase(base));
  else if (base.flavour === "custom" && entity.flavour !== "custom" && !entity.isTruncatable) {
    const message = `${base.name} is custom, so what inherits from it should be custom too`;
    c.diagnostics.warning("bad-value", message, name.span, placeOfBase(base));
  }
  return fault === undefined;
}

function checkTruncatable(c: Context, entity: ValueEntity, node: ValueNode): void {
  const [first] = node.bases;
  if (!node.isTruncatable || !first) return;
  const base = statefulBase(entity);
  let fault: string | undefined;
  if (entity.flavour === "custom") fault = "a custom valuetype cannot be truncatable";
  else if (!base && entity.bases.length > 0) fault = "truncatable needs a base with state";
  else if (base?.flavour === "custom")
    fault = `custom valuetype ${base.name} cannot be truncated to`;
  if (fault === undefined) return;
  c.diagnostics.error("bad-value", fault, first.span, base && placeOfBase(base));
  entity.isTruncatable = false;
}

/** A value supports one interface that is not abstract at most. */
function isOnlyPlain(
  c: Context,
  entity: ValueEntity,
  name: ScopedName,
  flavour: "plain" | "abstract" | "local",
): boolean {
  const isPlain = (base: Inheritor): boolean =>
    base.kind === "interface" && base.flavour !== "abstract";
  const earlier = flavour === "abstract" ? undefined : entity.bases.find(isPlain);
  if (!earlier) return true;
  const message = `${entity.name} supports ${earlier.name} already; only one supported interface may be other than abstract`;
  c.diagnostics.error("bad-value", message, name.span, placeOfBase(earlier));
  return false;
}

/** What a value supports is derived from what its base supports (CORBA 3.3 Part 1, 7.9.1.5). */
function reportUnrelatedSupport(
  c: Context,
  entity: ValueEntity,
  target: InterfaceEntity,
  name: ScopedName,
): void {
  if (target.flavour === "abstract") return;
  const isPlain = (base: Inheritor): boolean =>
    base.kind === "interface" && base.flavour !== "abstract";
  for (let up = statefulBase(entity); up; up = statefulBase(up)) {
    const before = up.bases.find(isPlain);
    if (!before || isDerived(target, before)) continue;
    const message = `${target.name} is not derived from ${before.name}, which the base ${up.name} supports`;
    c.diagnostics.error("bad-value", message, name.span, placeOfBase(before));
    return;
  }
}

function isDerived(entity: Inheritor, from: Inheritor): boolean {
  const open: Inheritor[] = [entity];
  const seen = new Set<Inheritor>();
  for (let at = open.pop(); at; at = open.pop()) {
    if (at === from) return true;
    if (!seen.has(at)) open.push(...at.bases);
    seen.add(at);
  }
  return false;
}

export function declareState(c: Context, owner: ValueEntity, node: StateNode): void {
  const { scope } = owner;
  if (owner.flavour === "abstract") {
    const message = `abstract valuetype ${owner.name} cannot have state members`;
    c.diagnostics.error("bad-value", message, node.span, placeOfBase(owner));
  }
  const base = complete(c, resolveAnyType(c, scope, node.type), node.type.span);
  for (const { name, dimensions } of node.declarators) {
    const entity: StateEntity = {
      kind: "state",
      visibility: node.visibility,
      type: withDimensions(c, scope, base, dimensions),
      ...entityBase(c, scope, name, node.doc, node.annotations),
    };
    if (declare(c, scope, name, entity)) owner.stateMembers.push(entity);
  }
}

export function declareValueBox(c: Context, scope: Scope, node: ValueBoxNode): void {
  const { name } = node;
  const inner = newScope("valuebox", name.text, scope);
  const { depth } = c.prefixes;
  c.prefixes.enterScope(name.text);
  const type = complete(c, resolveAnyType(c, inner, node.type), node.type.span);
  c.prefixes.restore(depth);
  const entity: ValueBoxEntity = {
    kind: "valuebox",
    scope: inner,
    type,
    nested: inner.members,
    ...entityBase(c, scope, name, node.doc, node.annotations),
  };
  const boxed = type.kind === "declared" ? seenThrough(type.entity) : undefined;
  if (boxed?.kind === "value" || boxed?.kind === "valuebox") {
    const message = `${boxed.name} is a valuetype already; only other types are boxed`;
    c.diagnostics.error("bad-value", message, node.type.span, placeOfBase(boxed));
  }
  if (declare(c, scope, name, entity)) scope.members.push(entity);
}
