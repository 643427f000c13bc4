import type { AnnotationNode, Identifier } from "../ast/index.ts";
import { applied } from "./annotations.ts";
import type { Completable, Context } from "./context.ts";
import type { EntityBase, Scope } from "./entity.ts";
import { repositoryIdText } from "./repository-id.ts";
import { declare } from "./scope.ts";

/**
 * What all entities have, for a declaration of `name` at this place. To be spread at the end of an entity:
 * an object that begins as a copy is moved time and again as the rest is added, which costs many times as much.
 */
export function entityBase(
  c: Context,
  scope: Scope,
  name: Identifier,
  doc: string | undefined,
  annotations?: readonly AnnotationNode[],
): EntityBase {
  return {
    name: name.text,
    path: [...scope.path, name.text],
    id: c.prefixes.idOf(name.text),
    doc,
    annotations: applied(c, scope, annotations),
    span: name.span,
  };
}

/**
 * The entity for a definition or a forward declaration: the one that was forward declared, or
 * `fresh` where there is none. For a definition it is then `open`. A taken name was reported and
 * gives undefined.
 */
export function openEntity<E extends Completable>(
  c: Context,
  scope: Scope,
  name: Identifier,
  isForward: boolean,
  fresh: E,
): { readonly entity: E; readonly isDeclared: boolean } {
  const earlier = scope.names.get(name.text.toLowerCase());
  const isSame =
    earlier?.kind === fresh.kind && earlier.name === name.text && isSameFlavour(earlier, fresh);
  if (isSame && (isForward || earlier.state === "forward")) {
    const entity = earlier as E;
    compareIds(c, entity, fresh);
    if (!isForward) {
      entity.state = "open";
      entity.span = fresh.span;
      entity.doc = fresh.doc ?? entity.doc;
      if (fresh.annotations.length > 0) entity.annotations = fresh.annotations;
    }
    return { entity, isDeclared: true };
  }
  const isDeclared = declare(c, scope, name, fresh);
  if (isForward && isDeclared) c.pending.set(fresh, scope);
  if (!isForward) fresh.state = "open";
  return { entity: fresh, isDeclared };
}

/** An abstract or local interface, or an abstract value, is so from its first declaration. */
function isSameFlavour(earlier: Completable, fresh: Completable): boolean {
  if (earlier.kind === "interface" && fresh.kind === "interface")
    return earlier.flavour === fresh.flavour;
  if (earlier.kind !== "value" || fresh.kind !== "value") return true;
  const isAbstract = earlier.flavour === "abstract";
  return isAbstract === (fresh.flavour === "abstract") && earlier.isEvent === fresh.isEvent;
}

/** Ends a definition that `openEntity` began. */
export function closeEntity(
  c: Context,
  scope: Scope,
  entity: Completable,
  isDeclared: boolean,
): void {
  entity.state = "complete";
  c.pending.delete(entity);
  if (isDeclared) scope.members.push(entity);
}

function compareIds(c: Context, earlier: EntityBase, later: EntityBase): void {
  if (earlier.id.setAt || earlier.id.path === later.id.path) return;
  const message = `${later.name} gets repository id ${repositoryIdText(later.id)} here, but ${repositoryIdText(earlier.id)} before; is a #pragma prefix missing?`;
  const place = { message: `${earlier.name} is declared here`, span: earlier.span };
  c.diagnostics.error("bad-repository-id", message, later.span, place);
}
