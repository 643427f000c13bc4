import type { Declaration, InterfaceDcl, ModuleDcl } from "../model/index.ts";
import { hasOwnCodec, isLocal } from "./kinds.ts";
import { RESERVED } from "./reserved.ts";

/** The identifiers one generated file declares. IDL names come first; what is derived from them gives way. */
export class Names {
  readonly #taken = new Set<string>();
  readonly #byKey = new Map<string, string>();

  /**
   * Takes an identifier for `key`: `wanted`, or `wanted_` and so on while that is reserved or taken.
   * A key that has one keeps it.
   */
  claim(key: string, wanted: string): string {
    const known = this.#byKey.get(key);
    if (known !== undefined) return known;
    let free = wanted;
    while (RESERVED.has(free) || this.#taken.has(free)) free += "_";
    this.#taken.add(free);
    this.#byKey.set(key, free);
    return free;
  }

  of(key: string): string {
    const name = this.#byKey.get(key);
    if (name === undefined) throw new RangeError(`no identifier was claimed for ${key}`);
    return name;
  }

  isTaken(name: string): boolean {
    return this.#taken.has(name);
  }
}

/** Declarations that a scope's file holds itself. */
export type Item = Exclude<Declaration, ModuleDcl>;

/** What a declaration gives rise to in generated code: `self` is the thing itself, the others stand beside it. */
export type Role =
  | "self"
  | "write"
  | "read"
  | "tc"
  | "names"
  | "raises"
  | "stub"
  | "skeleton"
  | "factory"
  | "servant"
  | "descriptor"
  | "repositoryId"
  | "narrow"
  | "uncheckedNarrow"
  | "tie"
  | `op ${string}`;

/** The key of an identifier. Scoped names tell declarations apart, roles what each gives rise to. */
export function keyOf(declaration: { readonly scopedName: readonly string[] }, role: Role): string {
  return `${role} ${declaration.scopedName.join("::")}`;
}

/** A declaration with the types its members declare in place, those first. */
export function withNested(declaration: Declaration): readonly Item[] {
  if (declaration.kind === "module") return [];
  const nested = nestedOf(declaration);
  return [...nested.flatMap(withNested), declaration];
}

/** What is declared inside and has no file of its own: types of members, and all that stands inside a value. */
function nestedOf(declaration: Declaration): readonly Declaration[] {
  if (declaration.kind === "value") return declaration.members;
  return "nested" in declaration ? declaration.nested : [];
}

const FIXED: readonly Role[] = ["repositoryId", "descriptor", "narrow", "uncheckedNarrow", "tie"];

function claimDerived(names: Names, item: Item, base: string): void {
  const claim = (role: Role, wanted: string): void => {
    names.claim(keyOf(item, role), wanted);
  };
  if (item.kind === "const") return;
  claim("tc", `_tc_${base}`);
  if (item.kind === "interface") {
    claimClasses(names, item);
    return;
  }
  if (item.kind === "value") {
    claim("descriptor", `_descriptor_${base}`);
    if (item.factories.length > 0) claim("factory", `${base}Factory`);
    return;
  }
  if (item.kind === "native" || item.kind === "bitmask") return;
  if (item.kind === "typedef" && !hasOwnCodec(item)) return;
  if (item.kind !== "exception" && isLocal(item)) return;
  claim("write", `write${base}`);
  claim("read", `read${base}`);
  if (item.kind === "enum") claim("names", `_names_${base}`);
  if (item.kind === "exception") claim("raises", `_raises_${base}`);
}

function claimClasses(names: Names, declaration: InterfaceDcl): void {
  names.claim(keyOf(declaration, "stub"), `${declaration.name}Stub`);
  names.claim(keyOf(declaration, "skeleton"), `${declaration.name}Skeleton`);
  names.claim(keyOf(declaration, "servant"), `${declaration.name}Servant`);
}

/**
 * Gives every declaration of a scope its identifiers. In an interface the names that users rely on (`narrow`,
 * `tie`, …) come first, then IDL names, then derived ones. A type declared in place of a member `M::S::T` is `S_T`.
 */
export function claimAll(
  names: Names,
  owner: ModuleDcl | InterfaceDcl | undefined,
  members: readonly Declaration[],
): void {
  if (owner?.kind === "interface") {
    for (const role of FIXED) names.claim(keyOf(owner, role), role);
  }
  const depth = owner?.scopedName.length ?? 0;
  const baseOf = (item: Declaration): string => item.scopedName.slice(depth).join("_");
  for (const member of members) {
    names.claim(keyOf(member, "self"), member.name);
  }
  const items = members.flatMap(withNested);
  for (const item of items) names.claim(keyOf(item, "self"), baseOf(item));
  for (const item of items) claimDerived(names, item, baseOf(item));
  if (owner?.kind !== "interface") return;
  claimClasses(names, owner);
  for (const wire of wireNames(owner)) names.claim(keyOf(owner, `op ${wire}`), `_op_${wire}`);
}

/** Names on the wire of what an interface declares itself: attributes first, then operations. */
function wireNames(owner: InterfaceDcl): readonly string[] {
  return [
    ...owner.attributes.flatMap((a) =>
      a.isReadonly ? [`_get_${a.name}`] : [`_get_${a.name}`, `_set_${a.name}`],
    ),
    ...owner.operations.map((o) => o.name),
  ];
}
