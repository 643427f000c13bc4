import type { BindingTable } from "./binding-table.ts";
import type { ContextRecord, SwapStore } from "./store.ts";

/** Contexts in this process's memory: for tests and for a server whose names may go with it. */
export class MemoryStore implements SwapStore {
  readonly #contexts: Map<string, ContextRecord> = new Map();
  /** One count for all contexts: an id used again never meets a version from its former life. */
  #version = 0;

  /** Contexts there are. */
  get size(): number {
    return this.#contexts.size;
  }

  read(contextId: string): Promise<ContextRecord | undefined> {
    return Promise.resolve(this.#contexts.get(contextId));
  }

  compareAndSet(
    contextId: string,
    expectedVersion: number,
    next: BindingTable | undefined,
  ): Promise<boolean> {
    const version = this.#contexts.get(contextId)?.version ?? 0;
    if (version !== expectedVersion) return Promise.resolve(false);
    if (next === undefined) this.#contexts.delete(contextId);
    else this.#contexts.set(contextId, { version: ++this.#version, bindings: next });
    return Promise.resolve(true);
  }
}
