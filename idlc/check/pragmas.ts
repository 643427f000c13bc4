import type { ScopedName } from "../ast/index.ts";
import type { Mark } from "../lex/index.ts";
import type { Span } from "../source/index.ts";
import type { Context } from "./context.ts";
import { type Entity, type Scope, textOf } from "./entity.ts";
import { peekLookup } from "./names.ts";
import { fixId, isRepositoryId, setVersion } from "./repository-id.ts";

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
  if (what.directive === "ID") {
    if (!isRepositoryId(what.id)) {
      const message = `"${what.id}" does not look like a repository id, which has the form "IDL:M/X:1.0"`;
      c.diagnostics.warning("bad-repository-id", message, span);
    }
    fault = fixId(entity.id, what.id, span);
  }
  if (what.directive === "version") fault = setVersion(entity.id, what.version, span);
  if (fault === undefined) return;
  const { setAt } = entity.id;
  const place = setAt && { message: "it is set here", span: setAt };
  c.diagnostics.error("bad-repository-id", `${entity.name}: ${fault}`, span, place);
}

function nameOf(mark: Mark): ScopedName {
  const words = "name" in mark.what ? mark.what.name : [];
  const parts = words
    .filter((word) => word.text !== "::")
    .map((word) => ({ text: word.text.replace(/^_/, ""), isEscaped: false, span: word as Span }));
  return { isAbsolute: words[0]?.text === "::", parts, span: parts[0]?.span ?? mark.span };
}
