import type { Mark } from "../lex/index.ts";
import type { Diagnostics } from "../source/index.ts";
import type { InterfaceEntity, Scope, StructEntity, UnionEntity } from "./entity.ts";
import type { PrefixFrames } from "./repository-id.ts";

/** What the checks share during one run. */
export interface Context {
  readonly diagnostics: Diagnostics;
  readonly global: Scope;
  readonly prefixes: PrefixFrames;
  /** Forward declarations whose definition is still to come, and their scopes. */
  readonly pending: Map<InterfaceEntity | StructEntity | UnionEntity, Scope>;
  /** Keys of all names that any interface declares: others need not be looked for in bases. */
  readonly interfaceKeys: Set<string>;
  /** Pragmas for names that are declared later. */
  readonly deferred: { readonly scope: Scope; readonly mark: Mark }[];
}
