import type { Identifier } from "../ast/index.ts";
import type { Context } from "./context.ts";
import { type Entity, type InterfaceEntity, qualifiedName, type Scope } from "./entity.ts";

export function newScope(
  kind: Scope["kind"],
  name: string,
  parent: Scope | undefined,
  members: Entity[] = [],
): Scope {
  const path = parent && kind !== "operation" ? [...parent.path, name] : (parent?.path ?? []);
  return { kind, name, path, parent, names: new Map(), uses: new Map(), members, owner: undefined };
}

const NOUNS: ReadonlyMap<string, string> = new Map([
  ["const", "constant"],
  ["case", "member"],
  ["builtin", "built-in type"],
  ["refused", "declaration"],
]);

/** `a struct`, `an enum`, as messages name an entity. */
export function kindOf(entity: Entity): string {
  const noun = NOUNS.get(entity.kind) ?? entity.kind;
  return `${/^[aeio]/.test(noun) ? "an" : "a"} ${noun}`;
}

/**
 * Enters `entity` into `scope`. A name that is taken, belongs to the scope itself, was used before
 * or is an inherited operation is reported; the first declaration then stays.
 * @returns whether the name was free
 */
export function declare(c: Context, scope: Scope, name: Identifier, entity: Entity): boolean {
  const key = name.text.toLowerCase();
  if (key === "") return false;
  const earlier = scope.names.get(key);
  if (earlier && !(earlier.kind === "module" && earlier.isBuiltin)) {
    if (earlier.kind !== "refused") reportRedefinition(c, name, earlier);
    return false;
  }
  reportClashes(c, scope, name, key);
  scope.names.set(key, entity);
  if (scope.kind === "interface") c.interfaceKeys.add(key);
  return true;
}

export function reportRedefinition(c: Context, name: Identifier, earlier: Entity): void {
  const place = { message: `${earlier.name} is declared here`, span: earlier.span };
  if (earlier.name === name.text) {
    c.diagnostics.error(
      "redefinition",
      `${name.text} is already declared as ${kindOf(earlier)}`,
      name.span,
      place,
    );
  } else {
    const message = `${name.text} differs from ${kindOf(earlier)}, ${earlier.name}, in case only`;
    c.diagnostics.error("clash", message, name.span, place);
  }
}

function reportClashes(c: Context, scope: Scope, name: Identifier, key: string): void {
  if (scope.kind !== "operation" && scope.kind !== "global" && scope.name.toLowerCase() === key) {
    const message = `${name.text} has the name of the ${scope.kind} it is declared in, ${scope.name}`;
    c.diagnostics.error("clash", message, name.span);
    return;
  }
  const use = scope.uses.get(key);
  if (use) {
    const message = `${name.text} cannot be declared here: ${use.text} was used in this scope with another meaning`;
    c.diagnostics.error("clash", message, name.span, {
      message: `${use.text} is used here`,
      span: use.span,
    });
    return;
  }
  const inherited = scope.owner && inheritedCallable(c, scope.owner, key);
  if (inherited) {
    const message = `${name.text} clashes with the inherited ${inherited.kind} ${qualifiedName(inherited)}`;
    const place = { message: `${inherited.name} is declared here`, span: inherited.span };
    c.diagnostics.error("redefinition", message, name.span, place);
  }
}

function inheritedCallable(c: Context, owner: InterfaceEntity, key: string): Entity | undefined {
  for (const entity of inheritedByKey(c, owner, key)) {
    if (entity.kind === "operation" || entity.kind === "attribute") return entity;
  }
  return undefined;
}

/**
 * What `key` means in the bases of an interface: one entity for each base that declares it, those
 * that a nearer base hides left out; an entity reached on two ways counts once.
 */
export function inheritedByKey(
  c: Context,
  owner: InterfaceEntity,
  key: string,
): ReadonlySet<Entity> {
  const found = new Set<Entity>();
  if (owner.bases.length === 0 || !c.interfaceKeys.has(key)) return found;
  const seen = new Set<InterfaceEntity>();
  const open = [...owner.bases];
  for (let base = open.pop(); base; base = open.pop()) {
    if (seen.has(base)) continue;
    seen.add(base);
    const entity = base.scope.names.get(key);
    if (entity) found.add(entity);
    else for (const next of base.bases) open.push(next);
  }
  return found;
}
