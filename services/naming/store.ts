import type { BindingTable } from "./binding-table.ts";

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
