import type { CosNaming } from "../../idl/index.ts";
import type { ObjectReference } from "../../orb/index.ts";
import type { ContextTree } from "./context-tree.ts";
import type { Binding, Target } from "../bindings/index.ts";

/** What a context's servant needs of the naming service it belongs to. */
export interface Realm {
  readonly tree: ContextTree;
  /** The context that clients start from. */
  readonly rootId: string;
  /** Milliseconds that a context in another server may take for its part of an operation. */
  readonly forwardTimeoutMs: number;
  /** The reference of a context of this server; it names this server alone. */
  contextReference(contextId: string): CosNaming.NamingContextExt;
  /** The same for clients that keep it: it names the other servers of the same names, too. */
  lastingReference(contextId: string): Promise<CosNaming.NamingContextExt>;
  /** The context of these names that a reference denotes, if it is one; whichever server of them it was got from. */
  contextIdOf(reference: ObjectReference): string | undefined;
  toText(reference: ObjectReference | null): string;
  fromText(ior: string): Promise<ObjectReference | null>;
  /** An iterator over `rest`. */
  openIterator(rest: readonly Binding[]): CosNaming.BindingIterator;
}

/** What a binding to `reference` keeps. */
export function contextTarget(realm: Realm, reference: CosNaming.NamingContext): Target {
  const contextId = realm.contextIdOf(reference);
  return contextId === undefined
    ? { type: "foreign-context", ior: realm.toText(reference) }
    : { type: "context", contextId };
}

/** A binding as lists show it: the name has one component. */
export function toBinding({ component, target }: Binding): CosNaming.Binding {
  return {
    binding_name: [component],
    binding_type: target.type === "object" ? "nobject" : "ncontext",
  };
}
