import type { NameComponent } from "./name.ts";

/**
 * What a name stands for. References are kept as the text they were given as (`IOR:…`), so that a
 * foreign one comes out unchanged. A context of this server is kept by its id: it stays right when
 * the server moves to another address.
 */
export type Target =
  | { readonly type: "object"; readonly ior: string }
  | { readonly type: "context"; readonly contextId: string }
  | { readonly type: "foreign-context"; readonly ior: string };

/** One name in one context. */
export interface Binding {
  readonly component: NameComponent;
  readonly target: Target;
}

/** The bindings of a context by `componentKey`. */
export type Bindings = ReadonlyMap<string, Binding>;

/** A context as it was at one moment; never changed afterwards. */
export interface ContextRecord {
  /** Grows with each change of this context; 0 is no version. */
  readonly version: number;
  readonly bindings: Bindings;
}

/**
 * Where contexts are kept. Both operations may take time and may fail (a store that several servers
 * share needs a majority of them); what they throw reaches the client as it is when it is a system
 * exception, so a store says TRANSIENT when a later try may succeed.
 */
export interface NamingStore {
  /** The context now, or `undefined` when there is none. */
  read(contextId: string): Promise<ContextRecord | undefined>;
  /**
   * Replaces a context if it is still at `expectedVersion`, and says whether it did.
   * @param expectedVersion version that was read; 0 when the context must not exist yet
   * @param next its bindings from now on; `undefined` removes the context
   */
  compareAndSet(
    contextId: string,
    expectedVersion: number,
    next: Bindings | undefined,
  ): Promise<boolean>;
}
