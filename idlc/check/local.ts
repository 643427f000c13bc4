import {
  type Context,
  type ExceptionEntity,
  type InterfaceEntity,
  type ResolvedType,
  type TypeEntity,
  underlyingOf,
} from "../resolve/index.ts";
import type { Span } from "../source/index.ts";

/**
 * Reports a local type in an interface that is not local: references to local interfaces do not
 * leave the process, nor does what holds them (CORBA 3.3 Part 1, 7.8.5.2).
 */
export function reportLocal(
  c: Context,
  owner: { readonly name: string },
  type: ResolvedType | ExceptionEntity,
  span: Span,
): void {
  const entity = localWithin(c, type);
  if (!entity) return;
  const message = `interface ${owner.name} is not local, so nothing that it takes or gives can hold the local interface ${entity.name}`;
  const place = { message: `${entity.name} is declared here`, span: entity.span };
  // Versions of standard IDL differ in what is local: Policy, Current.
  if (entity.span.file.isMain) c.diagnostics.error("local-type", message, span, place);
  else c.diagnostics.warning("local-type", message, span, place);
}

/** A local interface that values of the type hold references to. */
function localWithin(
  c: Context,
  type: ResolvedType | ExceptionEntity,
): InterfaceEntity | undefined {
  // By hand and not by recursion: types may hold each other in circles, and stacked high.
  const seen = new Set<TypeEntity>();
  const open: (ResolvedType | ExceptionEntity)[] = [type];
  for (let at = open.pop(); at; at = open.pop()) {
    const under = at.kind === "exception" ? at : underlyingOf(at);
    if (under.kind === "exception") open.push(...under.members.map((member) => member.type));
    else if (under.kind === "sequence" || under.kind === "array") open.push(under.element);
    else if (under.kind === "map") open.push(under.key, under.value);
    else if (under.kind === "declared" && !seen.has(under.entity)) {
      const { entity } = under;
      if (entity.kind === "interface" && entity.flavour === "local") return entity;
      if (c.withoutLocal.has(entity)) continue;
      seen.add(entity);
      const members = entity.kind === "struct" ? entity.members : [];
      const cases = entity.kind === "union" ? entity.cases : [];
      for (const member of [...members, ...cases]) open.push(member.type);
    }
  }
  for (const entity of seen) c.withoutLocal.add(entity);
  return undefined;
}
