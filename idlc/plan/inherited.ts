import type {
  BitsetDcl,
  ExceptionDcl,
  InterfaceDcl,
  Member,
  StateMember,
  StructDcl,
  ValueDcl,
} from "../model/index.ts";

/** Lists one after the other, each element once. A list that is the only one is handed on, not copied. */
function joined<T>(lists: readonly (readonly T[])[]): readonly T[] {
  const [first = [], ...others] = lists.filter((list) => list.length > 0);
  return others.length === 0 ? first : [...new Set([first, ...others].flat())];
}

/**
 * What declarations have with all they inherit, that of bases first. It is found once for each declaration, and one
 * that adds nothing shares its base's list: a long chain of bases costs no more than what it declares.
 */
function withInherited<D extends object, T>(
  basesOf: (declaration: D) => readonly D[],
  ownOf: (declaration: D) => readonly T[],
): (declaration: D) => readonly T[] {
  const known = new WeakMap<D, readonly T[]>();
  return (declaration) => {
    // A stack of our own: bases may be deeper than calls can be.
    const open = [declaration];
    for (let at = open.at(-1); at !== undefined; at = open.at(-1)) {
      const bases = basesOf(at);
      const missing = bases.filter((base) => !known.has(base));
      if (missing.length > 0) {
        open.push(...missing);
        continue;
      }
      known.set(at, joined([...bases.map((base) => known.get(base) ?? []), ownOf(at)]));
      open.pop();
    }
    return known.get(declaration) ?? [];
  };
}

function present<T>(base: T | undefined): readonly T[] {
  return base === undefined ? [] : [base];
}

function hasOperations(owner: InterfaceDcl | ValueDcl): boolean {
  return owner.attributes.length + owner.operations.length > 0;
}

function basesOfValue(value: ValueDcl): readonly ValueDcl[] {
  return [...present(value.base), ...value.abstractBases];
}

/** An interface and those it inherits from, each once and after its own bases; those that declare no operation and no attribute are left out. */
export const interfacesOf: (declaration: InterfaceDcl) => readonly InterfaceDcl[] = withInherited(
  (one) => one.bases,
  (one) => (hasOperations(one) ? [one] : []),
);

/** The same of a value and the values it inherits from. */
export const valuesOf: (declaration: ValueDcl) => readonly ValueDcl[] = withInherited(
  basesOfValue,
  (one) => (hasOperations(one) ? [one] : []),
);

/** The interfaces whose operations a value supports, as `interfacesOf` lists them. */
export const supportedBy: (declaration: ValueDcl) => readonly InterfaceDcl[] = withInherited(
  basesOfValue,
  (one) => joined(one.supports.map(interfacesOf)),
);

/** The custom values among a value and those it inherits from. */
export const customOf: (declaration: ValueDcl) => readonly ValueDcl[] = withInherited(
  basesOfValue,
  (one) => (one.flavour === "custom" ? [one] : []),
);

/** The state of a value with that of all its bases, the outermost base's first. */
export const stateOf: (declaration: ValueDcl) => readonly StateMember[] = withInherited(
  (one) => present(one.base),
  (one) => one.state,
);

/** Members with those of all bases, the outermost base's first. */
export const membersOf: (declaration: StructDcl | ExceptionDcl) => readonly Member[] =
  withInherited(
    (one) => (one.kind === "struct" ? present<StructDcl | ExceptionDcl>(one.base) : []),
    (one) => one.members,
  );

/** The fields of a bit set with those of all bases, low bits first. */
export const fieldsOf: (declaration: BitsetDcl) => BitsetDcl["fields"] = withInherited(
  (one) => present(one.base),
  (one) => one.fields,
);
