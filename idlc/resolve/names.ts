import type { Identifier, ScopedName } from "../ast/index.ts";
import { keywordLike } from "../lex/index.ts";
import type { Context } from "./context.ts";
import {
  type Entity,
  qualifiedName,
  type Scope,
  textOf,
  underlyingOf,
  type Use,
} from "./entity.ts";
import { inheritedByKey, kindOf } from "./scope.ts";

type Found =
  | { readonly is: "found"; readonly entity: Entity; readonly scope: Scope | undefined }
  | { readonly is: "ambiguous"; readonly entities: readonly Entity[] }
  | { readonly is: "missing" };

/**
 * The entity a name means at a place in `scope`; its use is recorded, so that the name cannot get
 * another meaning there (unless `isUse` is false). What is wrong is reported, then undefined is returned.
 */
export function lookup(
  c: Context,
  scope: Scope,
  name: ScopedName,
  isUse: boolean = true,
): Entity | undefined {
  const [first, ...rest] = name.parts;
  if (!first) return undefined;
  const found = name.isAbsolute ? findIn(c, c.global, first) : findOutward(c, scope, first);
  const entity = accept(c, found, first, name);
  if (!entity) return undefined;
  if (isUse && !name.isAbsolute && found.is === "found")
    recordUse(scope, found.scope, first, isTypedef(entity) ? "typedef" : "other");
  return follow(c, entity, rest, name);
}

/** A typedef as files write it, not the parameter of a template. */
function isTypedef(entity: Entity): boolean {
  return entity.kind === "typedef" && entity.isParameter !== true;
}

/** As `lookup`, without a report and without a use; for pragmas. */
export function peekLookup(c: Context, scope: Scope, name: ScopedName): Entity | undefined {
  const [first, ...rest] = name.parts;
  if (!first) return undefined;
  let found = name.isAbsolute ? findIn(c, c.global, first) : findOutward(c, scope, first);
  for (const part of rest) {
    const inner = found.is === "found" ? scopeOf(found.entity) : undefined;
    found = inner ? findIn(c, inner, part) : { is: "missing" };
  }
  return found.is === "found" && found.entity.name === name.parts.at(-1)?.text
    ? found.entity
    : undefined;
}

function follow(
  c: Context,
  start: Entity,
  rest: readonly Identifier[],
  name: ScopedName,
): Entity | undefined {
  let entity: Entity | undefined = start;
  for (const part of rest) {
    if (entity.kind === "refused") return entity;
    const inner = scopeOf(entity);
    if (!inner) {
      const message = `${entity.name} is ${kindOf(entity)} and holds no names`;
      c.diagnostics.error("not-a-scope", message, part.span, declaredHere(entity));
      return undefined;
    }
    if ((entity.kind === "interface" || entity.kind === "value") && entity.state === "forward") {
      const message = `${entity.kind} ${entity.name} is only forward declared here, its names are not known`;
      c.diagnostics.error("incomplete-type", message, part.span, declaredHere(entity));
      return undefined;
    }
    entity = accept(c, findIn(c, inner, part), part, name);
    if (!entity) return undefined;
  }
  return entity;
}

/** The names inside of an entity; typedefs of interfaces are seen through. */
function scopeOf(entity: Entity): Scope | undefined {
  if (entity.kind === "typedef") {
    const type = underlyingOf(entity.type);
    return type.kind === "declared" ? scopeOf(type.entity) : undefined;
  }
  return "scope" in entity ? entity.scope : undefined;
}

function findIn(c: Context, scope: Scope, name: Identifier): Found {
  const key = name.text.toLowerCase();
  const own = scope.names.get(key) ?? scope.aliases?.get(key);
  if (own && !scope.overlooked?.has(key)) return { is: "found", entity: own, scope };
  if (!scope.owner) return { is: "missing" };
  const [entity, ...others] = inheritedByKey(c, scope.owner, key);
  if (!entity) return { is: "missing" };
  if (others.length > 0) return { is: "ambiguous", entities: [entity, ...others] };
  // Another scope than this one: the name may not get a new meaning here after its use.
  return { is: "found", entity, scope: undefined };
}

function findOutward(c: Context, from: Scope, name: Identifier): Found {
  for (let scope: Scope | undefined = from; scope; scope = scope.parent) {
    const found = findIn(c, scope, name);
    if (found.is !== "missing") return found;
  }
  return { is: "missing" };
}

function accept(c: Context, found: Found, part: Identifier, name: ScopedName): Entity | undefined {
  if (found.is === "missing") {
    c.diagnostics.error("not-found", missing(part, name), part.span);
    return undefined;
  }
  if (found.is === "ambiguous") {
    const names = found.entities.map(qualifiedName).join(" or ");
    c.diagnostics.error(
      "ambiguous",
      `${part.text} is inherited more than once; write ${names}`,
      part.span,
      found.entities[0] && declaredHere(found.entities[0]),
    );
    return undefined;
  }
  const { entity } = found;
  if ("state" in entity && entity.state === "forward") c.awaited.add(entity);
  if (entity.name !== part.text && !isAlias(found, part) && entity.kind !== "refused") {
    const message = `${part.text} differs from ${entity.name} in case only; names are to be written as declared`;
    c.diagnostics.error("case-differs", message, part.span, declaredHere(entity));
  }
  return entity;
}

function isAlias(found: Found, part: Identifier): boolean {
  const aliases = found.is === "found" ? found.scope?.aliases : undefined;
  return aliases?.has(part.text.toLowerCase()) === true;
}

function missing(part: Identifier, name: ScopedName): string {
  const whole = textOf(name);
  const shown = whole.length > 100 ? `${whole.slice(0, 100)}…` : whole;
  const place = whole === part.text ? "" : ` (in ${shown})`;
  const keyword = part.isEscaped || place !== "" ? undefined : keywordLike(part.text);
  const hint = keyword === undefined ? "" : `; the keyword is written ${keyword}`;
  return `${part.text} is not declared${place}${hint}`;
}

function declaredHere(entity: Entity): { readonly message: string; readonly span: Entity["span"] } {
  return { message: `${entity.name} is declared here`, span: entity.span };
}

/**
 * A use introduces the name into the scope; inside of a struct or an operation also into the scopes around
 * it out to the interface, but not into a module: that may give the name a new meaning after the struct
 * (CORBA 3.3 Part 1, 7.20.3).
 */
export function recordUse(
  from: Scope,
  foundIn: Scope | undefined,
  name: Identifier,
  use: Use["use"],
): void {
  const key = name.text.toLowerCase();
  for (let scope: Scope | undefined = from; scope && scope !== foundIn; scope = scope.parent) {
    const isModule = scope.kind === "global" || scope.kind === "module";
    if (isModule && scope !== from) return;
    scope.uses ??= new Map();
    if (!scope.uses.has(key)) scope.uses.set(key, { text: name.text, span: name.span, use });
    if (isModule || scope.kind === "interface" || scope.kind === "value") return;
  }
}
