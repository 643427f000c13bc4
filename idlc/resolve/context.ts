import type { Mark } from "../lex/index.ts";
import type { Diagnostics } from "../source/index.ts";
import type {
  Entity,
  InterfaceEntity,
  Scope,
  StructEntity,
  TypeEntity,
  UnionEntity,
  ValueEntity,
} from "./entity.ts";
import type { PrefixFrames } from "./repository-id.ts";

/** What may be declared before it is defined. */
export type Completable = InterfaceEntity | ValueEntity | StructEntity | UnionEntity;

/** What the checks share during one run. */
export interface Context {
  /** The version of IDL asked for. */
  readonly level: 3 | 4 | undefined;
  readonly diagnostics: Diagnostics;
  readonly global: Scope;
  readonly prefixes: PrefixFrames;
  /** Forward declarations whose definition is still to come, and their scopes. */
  readonly pending: Map<Completable, Scope>;
  /** Those of them that something names. */
  readonly awaited: Set<Entity>;
  /** Keys of all names that any interface declares: others need not be looked for in bases. */
  readonly interfaceKeys: Set<string>;
  /** How many operations and attributes have a name, by its key. */
  readonly callableCounts: Map<string, number>;
  /** Counts interfaces and values. */
  nextOrder: number;
  /** Template modules that are being read, one in another. */
  instanceDepth: number;
  /** Modules made of template modules so far. */
  instanceCount: number;
  /** Names of the parameters of the annotations that files declare. */
  readonly annotationParameters: Map<string, ReadonlySet<string>>;
  /** Types that were looked through for references to local interfaces, and have none. */
  readonly withoutLocal: Set<TypeEntity>;
  /** What was given a repository id or a version. */
  readonly identified: Entity[];
  /** Pragmas for names that are declared later. */
  readonly deferred: { readonly scope: Scope; readonly mark: Mark }[];
}
