import { type ContextChange, faultOf, judge } from "./change.ts";
import { NameFault } from "./name-fault.ts";
import type { ContextRecord, NamingStore, SwapStore } from "./store.ts";
import { Turns } from "./turns.ts";

export interface SwappedStoreOptions {
  /** How often a change is tried when others change the same context in between. */
  readonly attempts?: number;
}

const ATTEMPTS = 16;

/** A naming store over one that only swaps whole contexts: reads, changes, and tries again when somebody came between. */
export class SwappedStore implements NamingStore {
  readonly #store: SwapStore;
  readonly #attempts: number;
  // Changes of one context from this process take turns, so that only those of other processes can
  // use up the attempts.
  readonly #turns: Turns = new Turns();

  constructor(store: SwapStore, options: SwappedStoreOptions = {}) {
    this.#store = store;
    this.#attempts = options.attempts ?? ATTEMPTS;
  }

  read(contextId: string): Promise<ContextRecord | undefined> {
    return this.#store.read(contextId);
  }

  /** @throws NameFault Contention too */
  change(contextId: string, change: ContextChange): Promise<void> {
    return this.#turns.run(contextId, async () => {
      for (let attempt = 0; attempt < this.#attempts; attempt++) {
        const record = await this.#store.read(contextId);
        const verdict = judge(record?.bindings, change);
        if (verdict.refused !== undefined) throw faultOf(verdict.refused, contextId, change);
        const { bindings } = verdict;
        if (record !== undefined && bindings === record.bindings) return;
        if (await this.#store.compareAndSet(contextId, record?.version ?? 0, bindings)) return;
      }
      throw new NameFault(
        { kind: "Contention", contextId, attempts: this.#attempts },
        `context ${contextId} was changed by others during each of ${this.#attempts} attempts`,
      );
    });
  }
}
