import { Deferred } from "../base/index.ts";
import type { ClientConnection } from "../iiop/index.ts";

/** Connections to one place that are about to be left: they take no calls, and their last replies are waited for. */
export class Move {
  /** By route, those that serve again where the move fails. */
  readonly held: ReadonlyMap<string, ClientConnection>;
  readonly #leaving: Set<ClientConnection>;
  readonly #quiet = new Deferred<void>();

  /** @param others connections to the same place that only wait for replies already */
  constructor(held: ReadonlyMap<string, ClientConnection>, others: Iterable<ClientConnection>) {
    this.held = held;
    this.#leaving = new Set([...held.values(), ...others]);
    this.look();
  }

  /** Calls that wait for replies. */
  get pendingCount(): number {
    let count = 0;
    for (const connection of this.#leaving) count += connection.pendingCount;
    return count;
  }

  /** To be called when a reply has come. */
  look(): void {
    if (this.pendingCount === 0) this.#quiet.resolve();
  }

  /** To be called when a connection is gone. */
  gone(connection: ClientConnection): void {
    if (this.#leaving.delete(connection)) this.look();
  }

  /** Settled when nothing is outstanding. @throws the signal's reason */
  async quiet(signal: AbortSignal): Promise<void> {
    const abort = (): void => this.#quiet.reject(signal.reason);
    if (signal.aborted) abort();
    signal.addEventListener("abort", abort, { once: true });
    try {
      await this.#quiet.promise;
    } finally {
      signal.removeEventListener("abort", abort);
    }
  }
}
