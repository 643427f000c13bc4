import type { ScopedName } from "../ast/index.ts";
import type { Mark } from "../lex/index.ts";
import type { Span } from "../source/index.ts";
import {
  type Context,
  type Entity,
  fixId,
  isRepositoryId,
  peekLookup,
  qualifiedName,
  repositoryIdText,
  type Scope,
  setVersion,
  textOf,
} from "../resolve/index.ts";

/** Carries out a pragma, or the change to another file, at a place in `scope`. */
export function applyMark(c: Context, scope: Scope, mark: Mark): void {
  const { what } = mark;
  switch (what.directive) {
    case "enter":
      return c.prefixes.enterFile();
    case "leave":
      return c.prefixes.leaveFile();
    case "prefix":
      return c.prefixes.setPrefix(what.prefix);
    case "ID":
    case "version": {
      const entity = peekLookup(c, scope, nameOf(mark));
      if (entity) applyToEntity(c, mark, entity);
      // The name may be declared further down.
      else c.deferred.push({ scope, mark });
      return;
    }
  }
}

/** Carries out what waited for declarations; what is still unknown is reported. */
export function applyDeferred(c: Context): void {
  for (const { scope, mark } of c.deferred) {
    const name = nameOf(mark);
    const entity = peekLookup(c, scope, name);
    if (entity) applyToEntity(c, mark, entity);
    else c.diagnostics.error("not-found", `${textOf(name)} is not declared`, name.span);
  }
}

function applyToEntity(c: Context, mark: Mark, entity: Entity): void {
  const { what, span } = mark;
  let fault: string | undefined;
  c.identified.push(entity);
  if (what.directive === "ID") {
    if (!isRepositoryId(what.id)) {
      const message = `"${what.id}" does not look like a repository id, which has the form "IDL:M/X:1.0"`;
      c.diagnostics.error("bad-repository-id", message, span);
    }
    fault = fixId(entity.id, what.id, span);
  }
  if (what.directive === "version") fault = setVersion(entity.id, what.version, span);
  if (fault === undefined) return;
  const { setAt } = entity.id;
  const place = setAt && { message: "it is set here", span: setAt };
  c.diagnostics.error("bad-repository-id", `${entity.name}: ${fault}`, span, place);
}

/** Reports ids that were given and that something else has, too. */
export function reportSharedIds(c: Context): void {
  if (c.identified.length === 0) return;
  const byId = new Map<string, Entity[]>();
  const open: Entity[] = [...c.global.members];
  for (let entity = open.pop(); entity; entity = open.pop()) {
    const id = repositoryIdText(entity.id);
    const list = byId.get(id);
    if (list) list.push(entity);
    else byId.set(id, [entity]);
    // Not in a loop over all names: those of a template's parameters belong elsewhere.
    if ("scope" in entity) for (const member of entity.scope.members) open.push(member);
  }
  for (const entity of new Set(c.identified)) {
    const id = repositoryIdText(entity.id);
    const other = byId.get(id)?.find((one) => one !== entity);
    if (!other) continue;
    const message = `${qualifiedName(entity)} and ${qualifiedName(other)} have the same repository id, ${id}`;
    const place = { message: `${other.name} is declared here`, span: other.span };
    c.diagnostics.error("id-clash", message, entity.id.setAt ?? entity.span, place);
  }
}

function nameOf(mark: Mark): ScopedName {
  const words = "name" in mark.what ? mark.what.name : [];
  const parts = words
    .filter((word) => word.text !== "::")
    .map((word) => ({ text: word.text.replace(/^_/, ""), isEscaped: false, span: word as Span }));
  return { isAbsolute: words[0]?.text === "::", parts, span: parts[0]?.span ?? mark.span };
}
