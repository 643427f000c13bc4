import type { BindingTable } from "./binding-table.ts";
import type { ContextChange } from "./change.ts";
import type { NameComponent } from "./name.ts";

/** A context as it was at one moment; never changed afterwards. */
export interface ContextRecord {
  /** Grows with each change of this context; 0 is no version. */
  readonly version: number;
  readonly bindings: BindingTable;
}

/**
 * Where contexts are kept. Both operations may take time and may fail (a store that several servers
 * share needs a majority of them); what they throw reaches the client as it is when it is a system
 * exception, so a store says TRANSIENT when a later try may succeed.
 */
export interface NamingStore {
  /**
   * The context now, or `undefined` when there is none. A store that answers from a copy which may be behind makes
   * sure before it says that there is no context, or no `wanted` in it.
   * @param wanted what is about to be looked up; with "latest" the answer holds everything decided before the call
   */
  read(contextId: string, wanted?: NameComponent | "latest"): Promise<ContextRecord | undefined>;
  /**
   * Changes one context, as a whole and once, in one order with all other changes of it.
   * @throws NameFault when the rules of CosNaming forbid it (see `judge`)
   */
  change(contextId: string, change: ContextChange): Promise<void>;
}

/** A store that knows no rules of naming: it replaces a context when nobody came in between. */
export interface SwapStore {
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
    next: BindingTable | undefined,
  ): Promise<boolean>;
}
