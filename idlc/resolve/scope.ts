import type { Identifier } from "../ast/index.ts";
import type { Context } from "./context.ts";
import { type Entity, type Inheritor, qualifiedName, type Scope, type Use } from "./entity.ts";

export function newScope(
  kind: Scope["kind"],
  name: string,
  parent: Scope | undefined,
  members: Entity[] = [],
): Scope {
  const path = parent && kind !== "operation" ? [...parent.path, name] : (parent?.path ?? []);
  return { kind, name, path, parent, names: new Map(), uses: undefined, members, owner: undefined };
}

const NOUNS: ReadonlyMap<string, string> = new Map([
  ["const", "constant"],
  ["case", "member"],
  ["builtin", "built-in type"],
  ["refused", "declaration"],
  ["value", "valuetype"],
  ["valuebox", "boxed valuetype"],
  ["native", "native type"],
  ["state", "state member"],
  ["template", "template module"],
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
  if (earlier && !mayBeReplaced(earlier, entity)) {
    const isSilent = earlier.kind === "refused" || isRepetition(scope, earlier, name);
    if (isSilent) return false;
    reportRedefinition(c, name, earlier);
    // What is declared as something else now is no more waited for.
    if ("state" in earlier) c.pending.delete(earlier);
    return false;
  }
  reportClashes(c, scope, name, entity);
  scope.names.set(key, entity);
  if (scope.owner) countInherited(c, key, entity);
  return true;
}

/** What the compiler knows by itself gives way to what files declare, but for the types that are no IDL. */
function mayBeReplaced(earlier: Entity, entity: Entity): boolean {
  if (earlier.kind === "module") return earlier.isBuiltin;
  return earlier.kind === "builtin" && entity.kind === "exception";
}

/**
 * Other ORBs bring files of their own for standard modules: of what they and ours say the first is taken, and
 * so of the built-in orb.idl and the whole one.
 */
function isRepetition(scope: Scope, earlier: Entity, name: Identifier): boolean {
  if (scope.kind !== "module" || earlier.kind === "module" || earlier.name !== name.text)
    return false;
  const { file } = earlier.span;
  return file.isStandard !== name.span.file.isStandard || file.isBuiltin;
}

function countInherited(c: Context, key: string, entity: Entity): void {
  c.interfaceKeys.add(key);
  if (isCallable(entity)) c.callableCounts.set(key, (c.callableCounts.get(key) ?? 0) + 1);
}

/** What a derived interface or value may not declare again. */
export function isCallable(entity: Entity): boolean {
  return entity.kind === "operation" || entity.kind === "attribute" || entity.kind === "state";
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

const MEMBERS: ReadonlySet<Entity["kind"]> = new Set<Entity["kind"]>(["member", "case", "state"]);

/**
 * Whether a name may stand beside the use of the same name with a warning: `in Node node`,
 * `Node node;`, `case red: Red red;`. Nothing can be looked up by the name of a member or a parameter,
 * so no other name changes its meaning; omniidl refuses these, tao_idl, JacORB and idlj take most. Refused
 * is what no real file has: operations, and parameters and attributes that differ from a typedef in case
 * only, the example of CORBA 3.3 Part 1, 7.2.3.
 */
function isHarmless({ kind }: Entity, name: Identifier, use: Use): boolean {
  if (kind === "case" && use.use === "label") return true;
  const isOther = name.isEscaped || name.text !== use.text;
  if (MEMBERS.has(kind)) return isOther;
  const isPlain = name.isEscaped || use.use !== "typedef";
  if (kind === "attribute") return isOther && isPlain;
  return kind === "parameter" && (isPlain || name.text === use.text);
}

function reportUse(c: Context, scope: Scope, name: Identifier, entity: Entity, use: Use): void {
  const place = { message: `${use.text} is used here`, span: use.span };
  if (isHarmless(entity, name, use)) {
    scope.overlooked ??= new Set();
    scope.overlooked.add(name.text.toLowerCase());
    const message = `${name.text} has the name of ${use.text}, used in this scope with another meaning; other compilers may refuse it`;
    c.diagnostics.warning("clash", message, name.span, place);
    return;
  }
  const message = `${name.text} cannot be declared here: ${use.text} was used in this scope with another meaning`;
  c.diagnostics.error("clash", message, name.span, place);
}

function reportClashes(c: Context, scope: Scope, name: Identifier, entity: Entity): void {
  const key = name.text.toLowerCase();
  if (scope.kind !== "operation" && scope.kind !== "global" && scope.name.toLowerCase() === key) {
    const message = `${name.text} has the name of the ${scope.kind} it is declared in, ${scope.name}`;
    // OMG's own Security.idl has struct Right { string right; }; compilers differ.
    const isMember = ["struct", "union", "exception", "bitmask", "bitset"].includes(scope.kind);
    const around = scope.parent?.names.get(key);
    const place = around && { message: `${scope.name} is declared here`, span: around.span };
    if (isMember && scope.name !== name.text)
      c.diagnostics.warning("clash", message, name.span, place);
    else c.diagnostics.error("clash", message, name.span, place);
    return;
  }
  const use = scope.uses?.get(key);
  if (use) {
    reportUse(c, scope, name, entity, use);
    return;
  }
  const inherited = scope.owner && inheritedCallable(c, scope.owner, key);
  if (inherited) {
    const message = `${name.text} clashes with the inherited ${inherited.kind} ${qualifiedName(inherited)}`;
    const place = { message: `${inherited.name} is declared here`, span: inherited.span };
    c.diagnostics.error("redefinition", message, name.span, place);
  }
}

function inheritedCallable(c: Context, owner: Inheritor, key: string): Entity | undefined {
  for (const entity of inheritedByKey(c, owner, key)) if (isCallable(entity)) return entity;
  return undefined;
}

const NONE: ReadonlySet<Entity> = new Set();

/**
 * What `key` means in the bases of an interface or value: one entity for each base that declares it,
 * those that a nearer base hides left out; an entity reached on two ways counts once. What is found is
 * kept, so that a tall tree of bases is climbed once for each name.
 */
export function inheritedByKey(c: Context, owner: Inheritor, key: string): ReadonlySet<Entity> {
  if (owner.bases.length === 0 || !c.interfaceKeys.has(key)) return NONE;
  // By hand and not by recursion: bases may be stacked higher than the call stack.
  const open: Inheritor[] = [owner];
  for (let at = open.at(-1); at; at = open.at(-1)) {
    const missing = at.bases.filter((base) => !base.scope.names.has(key) && !known(base, key));
    if (missing.length > 0) {
      open.push(...missing);
      continue;
    }
    open.pop();
    remember(at, key);
  }
  return known(owner, key) ?? NONE;
}

function known(owner: Inheritor, key: string): ReadonlySet<Entity> | undefined {
  return owner.bases.length === 0 ? NONE : owner.scope.inherited?.get(key);
}

/** All bases have the name themselves, or what they inherit by it is known. */
function remember(owner: Inheritor, key: string): void {
  let found: ReadonlySet<Entity> = NONE;
  for (const base of owner.bases) {
    const own = base.scope.names.get(key);
    const more = own ? new Set([own]) : (known(base, key) ?? NONE);
    if (found.size === 0) found = more;
    else if (more.size > 0) found = new Set([...found, ...more]);
  }
  owner.scope.inherited ??= new Map();
  owner.scope.inherited.set(key, found);
}
