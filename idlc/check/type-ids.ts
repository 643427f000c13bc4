import type { TypeIdNode } from "../ast/index.ts";
import {
  type Context,
  type Entity,
  fixId,
  isRepositoryId,
  kindOf,
  lookup,
  type RepositoryIdState,
  type Scope,
  textOf,
} from "../resolve/index.ts";
import { placeOfBase } from "./inheritance.ts";

/** Carries out `typeid` and `typeprefix` (CORBA 3.3 Part 1, 14.7.5.5 and 14.7.5.6). */
export function declareTypeId(c: Context, scope: Scope, node: TypeIdNode): void {
  const text = String(node.text.value);
  if (!node.name) {
    c.prefixes.setPrefix(text);
    return;
  }
  const entity = lookup(c, scope, node.name, false);
  if (!entity || entity.kind === "refused") return;
  if (node.kind === "typeid") setTypeId(c, node, entity, text);
  else setTypePrefix(c, node, entity, text);
}

function setTypeId(c: Context, node: TypeIdNode, entity: Entity, text: string): void {
  const { span } = node.text;
  if (!isRepositoryId(text)) {
    const message = `"${text}" does not look like a repository id, which has the form "IDL:M/X:1.0"`;
    c.diagnostics.error("bad-repository-id", message, span);
    return;
  }
  c.identified.push(entity);
  const { setAt } = entity.id;
  const fault = fixId(entity.id, text, span);
  if (fault === undefined) return;
  const place = setAt && { message: "it is set here", span: setAt };
  c.diagnostics.error("bad-repository-id", `${entity.name}: ${fault}`, span, place);
}

function setTypePrefix(c: Context, node: TypeIdNode, entity: Entity, text: string): void {
  const span = node.name?.span ?? node.span;
  if (entity.kind !== "module" && entity.kind !== "interface" && entity.kind !== "value") {
    const message = `${node.name ? textOf(node.name) : ""} is ${kindOf(entity)}; typeprefix is for modules, interfaces and valuetypes`;
    c.diagnostics.error("bad-repository-id", message, span, placeOfBase(entity));
    return;
  }
  const prefix = text.replace(/\/+$/, "");
  c.prefixes.setTypePrefix(entity.path, prefix);
  if (entity.kind === "module") entity.typePrefix = prefix;
  prefixAll(entity, prefix);
}

/** What was declared before gets the prefix, too. */
function prefixAll(entity: Entity, prefix: string): void {
  const id: RepositoryIdState = entity.id;
  id.path = [prefix, ...entity.path].filter((part) => part !== "").join("/");
  if (!("scope" in entity)) return;
  for (const inner of entity.scope.names.values()) {
    // Only what is declared inside: names may stand for others, as those of a template's parameters do.
    if (inner.path.length === entity.path.length + 1) prefixAll(inner, prefix);
  }
}
