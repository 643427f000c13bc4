import type { InterfaceDcl, ValueDcl } from "../../idlc/model/index.ts";
import type { CORBA } from "../../idl/index.ts";
import { ancestorsOf, type Definition, type Definitions } from "./definition.ts";

/** Finds definitions as `CORBA::Container` does (CORBA 3.3 Part 1, 14.5.3). A scope that is undefined is the repository. */
export class Lookup {
  readonly #definitions: Definitions;

  constructor(definitions: Definitions) {
    this.#definitions = definitions;
  }

  /** What a scope holds; with what it inherits unless that is excluded. */
  contents(
    scope: Definition | undefined,
    limit: CORBA.DefinitionKind,
    excludeInherited: boolean,
  ): readonly Definition[] {
    return this.#all(scope, excludeInherited).filter((found) => matches(found, limit));
  }

  #all(scope: Definition | undefined, excludeInherited: boolean): readonly Definition[] {
    if (scope === undefined) return this.#definitions.top;
    const inheritor = excludeInherited ? undefined : inheritorOf(scope);
    if (inheritor === undefined) return scope.contents;
    const inherited = ancestorsOf(inheritor).flatMap((base) => this.#definitions.of(base).contents);
    return [...scope.contents, ...inherited];
  }

  /** `A::B` from inside a scope and then outwards, `::A::B` from the repository. */
  scoped(scope: Definition | undefined, name: string): Definition | undefined {
    const parts = name.split("::");
    if (parts[0] === "") return this.#descend(undefined, parts.slice(1));
    for (let at: Definition | undefined = scope; ; at = at.parent) {
      const found = this.#descend(at, parts);
      if (found !== undefined || at === undefined) return found;
    }
  }

  #descend(scope: Definition | undefined, parts: readonly string[]): Definition | undefined {
    let found: Definition | undefined = scope;
    for (const part of parts) {
      found = this.#all(found, false).find(({ name }) => name === part);
      if (found === undefined) return undefined;
    }
    return found;
  }

  /** All of that name down to so many levels; -1 is all levels, 1 the scope itself. */
  named(
    scope: Definition | undefined,
    name: string,
    levels: number,
    limit: CORBA.DefinitionKind,
    excludeInherited: boolean,
  ): readonly Definition[] {
    const found = new Set<Definition>();
    const visit = (at: Definition | undefined, left: number): void => {
      if (left === 0) return;
      for (const inner of this.#all(at, excludeInherited)) {
        if (inner.name === name && matches(inner, limit)) found.add(inner);
        visit(inner, left - 1);
      }
    };
    visit(scope, levels);
    return [...found];
  }
}

/** The interface or value a definition is. */
export function inheritorOf({ declared }: Definition): InterfaceDcl | ValueDcl | undefined {
  return declared.kind === "interface" || declared.kind === "value" ? declared : undefined;
}

const TYPEDEFS: ReadonlySet<CORBA.DefinitionKind> = new Set([
  "dk_Alias",
  "dk_Struct",
  "dk_Union",
  "dk_Enum",
  "dk_Native",
  "dk_ValueBox",
]);

function matches({ kind }: Definition, limit: CORBA.DefinitionKind): boolean {
  return limit === "dk_all" || limit === kind || (limit === "dk_Typedef" && TYPEDEFS.has(kind));
}
