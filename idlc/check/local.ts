import {
  type Context,
  type ExceptionEntity,
  type InterfaceEntity,
  type ResolvedType,
  underlyingOf,
} from "../resolve/index.ts";
import type { Span } from "../source/index.ts";

/** Types of the values of one type may nest this deep; those of standard IDL do a few levels. */
const MAX_DEPTH = 64;

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
  const entity = localWithin(type, 0);
  if (!entity) return;
  const message = `interface ${owner.name} is not local, so nothing that it takes or gives can hold the local interface ${entity.name}`;
  const place = { message: `${entity.name} is declared here`, span: entity.span };
  // Versions of standard IDL differ in what is local: Policy, Current.
  if (entity.span.file.isMain) c.diagnostics.error("local-type", message, span, place);
  else c.diagnostics.warning("local-type", message, span, place);
}

/** A local interface that values of the type hold references to. */
function localWithin(
  type: ResolvedType | ExceptionEntity,
  depth: number,
): InterfaceEntity | undefined {
  if (depth > MAX_DEPTH) return undefined;
  if (type.kind === "exception") return localAmong(type.members, depth);
  const under = underlyingOf(type);
  if (under.kind === "sequence" || under.kind === "array")
    return localWithin(under.element, depth + 1);
  if (under.kind === "map") {
    return localWithin(under.key, depth + 1) ?? localWithin(under.value, depth + 1);
  }
  if (under.kind !== "declared") return undefined;
  const { entity } = under;
  if (entity.kind === "interface") return entity.flavour === "local" ? entity : undefined;
  if (entity.kind === "struct") return localAmong(entity.members, depth);
  return entity.kind === "union" ? localAmong(entity.cases, depth) : undefined;
}

function localAmong(
  members: readonly { readonly type: ResolvedType }[],
  depth: number,
): InterfaceEntity | undefined {
  for (const { type } of members) {
    const found = localWithin(type, depth + 1);
    if (found) return found;
  }
  return undefined;
}
