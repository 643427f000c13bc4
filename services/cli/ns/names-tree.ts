import type { CosNaming } from "../../../idl/index.ts";

export type SourceTarget =
  | { readonly type: "object"; readonly ior: string }
  /** A context of the same service. */
  | { readonly type: "context"; readonly key: string }
  | { readonly type: "foreign-context"; readonly ior: string };

export interface SourceBinding {
  readonly component: CosNaming.NameComponent;
  readonly target: SourceTarget;
}

/** The names of a naming service, wherever they were read from. Contexts may be bound in several places, and in a ring. */
export interface NamesTree {
  /** Key of the root. */
  readonly root: string;
  readonly contexts: ReadonlyMap<string, readonly SourceBinding[]>;
  /** What was left out, and why. */
  readonly notes: readonly string[];
}

/** What was read is wrong; the message says where. */
export class NamesFileError extends Error {
  override readonly name: string = "NamesFileError";
}
