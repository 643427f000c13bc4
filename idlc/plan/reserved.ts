/** Words that cannot name a parameter. The other reserved names can, and keep their spelling. */
export const RESERVED_PARAMETERS: ReadonlySet<string> = new Set([
  "arguments",
  "await",
  "break",
  "case",
  "catch",
  "class",
  "const",
  "continue",
  "debugger",
  "default",
  "delete",
  "do",
  "else",
  "enum",
  "eval",
  "export",
  "extends",
  "false",
  "finally",
  "for",
  "function",
  "if",
  "implements",
  "import",
  "in",
  "instanceof",
  "interface",
  "let",
  "new",
  "null",
  "package",
  "private",
  "protected",
  "public",
  "return",
  "static",
  "super",
  "switch",
  "this",
  "throw",
  "true",
  "try",
  "typeof",
  "undefined",
  "var",
  "void",
  "while",
  "with",
  "yield",
]);

/**
 * Names a generated identifier never has: reserved words of TypeScript in modules, names of built-in types,
 * names no class or type alias may take, and `then`, which would make a module's namespace a thenable.
 */
export const RESERVED: ReadonlySet<string> = new Set([
  ...RESERVED_PARAMETERS,
  "abstract",
  "any",
  "as",
  "asserts",
  "async",
  "bigint",
  "boolean",
  "constructor",
  "declare",
  "from",
  "get",
  "globalThis",
  "infer",
  "intrinsic",
  "is",
  "keyof",
  "module",
  "namespace",
  "never",
  "number",
  "object",
  "of",
  "readonly",
  "require",
  "satisfies",
  "set",
  "string",
  "symbol",
  "then",
  "type",
  "unique",
  "unknown",
  "using",
]);

/** Globals that generated code uses; where a file declares such a name, it says `globalThis.` before its own. */
export const GLOBALS: ReadonlySet<string> = new Set([
  "ErrorOptions",
  "Promise",
  "ReadonlyMap",
  "Record",
  "Uint8Array",
]);

/** What every JavaScript object has; printing one calls some of them. */
const OBJECT_MEMBERS: readonly string[] = [
  "constructor",
  "hasOwnProperty",
  "isPrototypeOf",
  "propertyIsEnumerable",
  "toLocaleString",
  "toString",
  "valueOf",
];

/** Names an operation cannot have: a stub with `then` would be taken for a promise. */
const RESERVED_OPERATIONS: ReadonlySet<string> = new Set([...OBJECT_MEMBERS, "then"]);

/** Operations of CORBA::Object that read like an attribute's (CORBA 3.3 Part 1, 8.3); servants have some of them, too. */
const OBJECT_ACCESSORS: ReadonlySet<string> = new Set([
  "_get_client_policy",
  "_get_component",
  "_get_domain_managers",
  "_get_interface",
  "_get_orb",
  "_get_policy",
  "_get_policy_overrides",
  "_set_policy_overrides",
]);

/** The method that gets or sets an attribute, by its name on the wire. */
export function accessorName(wire: string): string {
  return OBJECT_ACCESSORS.has(wire) ? `${wire}_` : wire;
}

/** Members of Error and UserException, which an exception's own members must not replace. */
const RESERVED_EXCEPTION_MEMBERS: ReadonlySet<string> = new Set([
  ...OBJECT_MEMBERS,
  "cause",
  "message",
  "name",
  "repositoryId",
  "stack",
]);

/**
 * The methods of an interface's own operations, by their IDL names.
 * @param isInherited whether one of its ancestors has that method; asked only of names that end in `_`: IDL has no
 * operation by an inherited one's name, so it is in the way only where a name was changed
 */
export function methodNames(
  operations: readonly string[],
  isInherited: (method: string) => boolean,
): ReadonlyMap<string, string> {
  const all = new Set(operations);
  return new Map(
    operations.map((name) => {
      let free = name;
      while (
        RESERVED_OPERATIONS.has(free) ||
        (free.endsWith("_") && isInherited(free)) ||
        (free !== name && all.has(free))
      )
        free += "_";
      return [name, free];
    }),
  );
}

/**
 * The properties of an exception class, in the order of `members`.
 * @param isText whether the member at an index is a string, which `message` may be
 */
export function exceptionProperties(
  members: readonly string[],
  isText: (index: number) => boolean,
): readonly string[] {
  const taken = new Set(members);
  return members.map((name, index) => {
    if (!RESERVED_EXCEPTION_MEMBERS.has(name) || (name === "message" && isText(index))) return name;
    let free = `${name}_`;
    while (taken.has(free)) free += "_";
    taken.add(free);
    return free;
  });
}

/** The properties of a value's state: a class cannot have a field called `constructor`. */
export function stateProperties(members: readonly string[]): readonly string[] {
  return members.map((name) => (name === "constructor" ? "constructor_" : name));
}

/** Parameter names of one operation, none of them a reserved word or one of `avoid`. */
export function parameterNames(
  names: readonly string[],
  avoid: (name: string) => boolean,
): readonly string[] {
  const taken = new Set<string>();
  return names.map((name) => {
    let free = name;
    while (RESERVED_PARAMETERS.has(free) || avoid(free) || taken.has(free)) free += "_";
    taken.add(free);
    return free;
  });
}
