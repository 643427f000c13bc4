import type { Identifier, InterfaceNode, ScopedName } from "../ast/index.ts";
import type { Context } from "./context.ts";
import {
  type Entity,
  type InterfaceEntity,
  qualifiedName,
  type Scope,
  textOf,
  underlyingOf,
} from "./entity.ts";
import { lookup, peekLookup } from "./names.ts";
import { kindOf } from "./scope.ts";

/**
 * Resolves the names of base interfaces, before the interface itself is declared: `interface I : I`
 * may mean the `I` of an outer module. They do not count as used in the module around it.
 */
export function resolveBases(
  c: Context,
  scope: Scope,
  node: InterfaceNode,
): readonly { readonly name: ScopedName; readonly found: Entity }[] {
  return node.bases.flatMap((name) => {
    if (textOf(name) === node.name.text && !peekLookup(c, scope, name)) {
      reportSelf(c, name);
      return [];
    }
    const found = lookup(c, scope, name, false);
    return found ? [{ name, found }] : [];
  });
}

/** Gives an interface its bases and checks that they go together. */
export function inherit(
  c: Context,
  entity: InterfaceEntity,
  bases: ReturnType<typeof resolveBases>,
  name: Identifier,
): void {
  for (const base of bases) {
    const target = checkedBase(c, entity, base.found, base.name);
    if (target) entity.bases.push(target);
  }
  if (entity.bases.length > 1) reportAmbiguousCallables(c, entity, name);
}

function reportSelf(c: Context, name: ScopedName): void {
  const message = `interface ${textOf(name)} cannot inherit from itself`;
  c.diagnostics.error("bad-inheritance", message, name.span);
}

function checkedBase(
  c: Context,
  entity: InterfaceEntity,
  found: Entity,
  name: ScopedName,
): InterfaceEntity | undefined {
  if (found.kind === "refused") return undefined;
  const base = interfaceOf(found);
  const place = { message: `${found.name} is declared here`, span: found.span };
  if (!base) {
    const message = `${textOf(name)} is ${kindOf(found)}; an interface inherits from interfaces only`;
    c.diagnostics.error("bad-inheritance", message, name.span, place);
  } else if (base === entity) {
    reportSelf(c, name);
  } else if (base.state !== "complete") {
    const message = `interface ${textOf(name)} must be defined before it is inherited from`;
    c.diagnostics.error("incomplete-type", message, name.span, place);
  } else if (entity.bases.includes(base)) {
    const message = `interface ${textOf(name)} is a base twice`;
    c.diagnostics.error("bad-inheritance", message, name.span, place);
  } else {
    return base;
  }
  return undefined;
}

function interfaceOf(entity: Entity): InterfaceEntity | undefined {
  if (entity.kind === "interface") return entity;
  const type = entity.kind === "typedef" ? underlyingOf(entity.type) : undefined;
  return type?.kind === "declared" && type.entity.kind === "interface" ? type.entity : undefined;
}

/** Operations and attributes of the same name from different bases have no meaning. */
function reportAmbiguousCallables(c: Context, entity: InterfaceEntity, name: Identifier): void {
  const byKey = new Map<string, Entity>();
  const seen = new Set<InterfaceEntity>();
  const open = entity.bases.toReversed();
  for (let base = open.pop(); base; base = open.pop()) {
    if (seen.has(base)) continue;
    seen.add(base);
    open.push(...base.bases);
    for (const callable of [...base.operations, ...base.attributes]) {
      const key = callable.name.toLowerCase();
      const earlier = byKey.get(key);
      if (!earlier) byKey.set(key, callable);
      else {
        const message = `interface ${entity.name} inherits both ${qualifiedName(earlier)} and ${qualifiedName(callable)}`;
        const place = { message: `${callable.name} is declared here`, span: callable.span };
        c.diagnostics.error("ambiguous", message, name.span, place);
      }
    }
  }
}
