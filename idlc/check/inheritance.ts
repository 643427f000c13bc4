import type { Identifier, ScopedName } from "../ast/index.ts";
import {
  type Context,
  type Entity,
  type Inheritor,
  type InterfaceEntity,
  kindOf,
  lookup,
  peekLookup,
  type Scope,
  textOf,
  underlyingOf,
} from "../resolve/index.ts";
import { reportAmbiguousCallables } from "./ambiguity.ts";

/** A name after `:` or `supports`, and what it means. */
export interface ResolvedBase {
  readonly name: ScopedName;
  readonly found: Entity;
}

/**
 * Resolves the names of bases, before the interface or value itself is declared: `interface I : I`
 * may mean the `I` of an outer module. They do not count as used in the module around it.
 */
export function resolveBases(
  c: Context,
  scope: Scope,
  names: readonly ScopedName[],
  own: Identifier,
): readonly ResolvedBase[] {
  return names.flatMap((name) => {
    if (textOf(name) === own.text && !peekLookup(c, scope, name)) {
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
  bases: readonly ResolvedBase[],
  name: Identifier,
): void {
  for (const base of bases) {
    const target = baseInterface(c, entity, base, "an interface inherits from interfaces only");
    if (target && isAllowedBase(c, entity, target, base.name)) entity.bases.push(target);
  }
  if (entity.bases.length > 1) reportAmbiguousCallables(c, entity, name);
}

function reportSelf(c: Context, name: ScopedName): void {
  c.diagnostics.error("bad-inheritance", `${textOf(name)} cannot inherit from itself`, name.span);
}

/**
 * The interface a name means, when it is defined and not a base already; else a report.
 * @param rule what is wrong where it is no interface
 */
export function baseInterface(
  c: Context,
  entity: Inheritor,
  { found, name }: ResolvedBase,
  rule: string,
): InterfaceEntity | undefined {
  if (found.kind === "refused") return undefined;
  const base = seenThrough(found);
  if (base.kind !== "interface") {
    const message = `${textOf(name)} is ${kindOf(found)}; ${rule}`;
    c.diagnostics.error("bad-inheritance", message, name.span, placeOfBase(found));
    return undefined;
  }
  return isUsableBase(c, entity, base, name) ? base : undefined;
}

/** Whether a base is complete, another than the entity, and named once; else a report. */
export function isUsableBase(
  c: Context,
  entity: Inheritor,
  base: Inheritor,
  name: ScopedName,
): boolean {
  const bases: readonly Inheritor[] = entity.bases;
  if (base === entity) {
    reportSelf(c, name);
  } else if (base.state !== "complete") {
    const message = `${base.kind} ${textOf(name)} must be defined before it is inherited from`;
    c.diagnostics.error("incomplete-type", message, name.span, placeOfBase(base));
  } else if (bases.includes(base)) {
    const message = `${textOf(name)} is a base twice`;
    c.diagnostics.error("bad-inheritance", message, name.span, placeOfBase(base));
  } else {
    return true;
  }
  return false;
}

/** Rules for abstract and local interfaces (CORBA 3.3 Part 1, 7.8.5). */
function isAllowedBase(
  c: Context,
  entity: InterfaceEntity,
  base: InterfaceEntity,
  name: ScopedName,
): boolean {
  let fault: string | undefined;
  if (entity.flavour === "abstract" && base.flavour !== "abstract") {
    fault = `abstract interface ${entity.name} can inherit from abstract interfaces only`;
  } else if (entity.flavour !== "local" && base.flavour === "local") {
    // Current was no local interface before CORBA 3, and services still derive theirs from it.
    if (base.path.join("::") === "CORBA::Current") return true;
    fault = `only a local interface can inherit from the local interface ${base.name}`;
  }
  if (fault !== undefined)
    c.diagnostics.error("bad-inheritance", fault, name.span, placeOfBase(base));
  return fault === undefined;
}

export function placeOfBase(entity: Entity): {
  readonly message: string;
  readonly span: Entity["span"];
} {
  return { message: `${entity.name} is declared here`, span: entity.span };
}

/** What a name stands for when typedefs are seen through. */
export function seenThrough(entity: Entity): Entity {
  if (entity.kind !== "typedef") return entity;
  const type = underlyingOf(entity.type);
  return type.kind === "declared" ? type.entity : entity;
}
