import { Deferred } from "../base/index.ts";
import type { ClientConnection } from "../iiop/index.ts";

/** Connections to one place that are about to be left: they take no calls, and their last replies are waited for. */
export class Move {
  /** By route, those that serve again where the move fails. */
  readonly held: ReadonlyMap<string, ClientConnection>;
  readonly #leaving: Set<ClientConnection>;
  #onQuiet: (() => void) | undefined;

  /** @param others connections to the same place that only wait for replies already */
  constructor(held: ReadonlyMap<string, ClientConnection>, others: Iterable<ClientConnection>) {
    this.held = held;
    this.#leaving = new Set([...held.values(), ...others]);
  }

  /** Calls that wait for replies. */
  get pendingCount(): number {
    let count = 0;
    for (const connection of this.#leaving) count += connection.pendingCount;
    return count;
  }

  /** To be called when a reply has come. */
  look(): void {
    if (this.#onQuiet !== undefined && this.pendingCount === 0) this.#onQuiet();
  }

  /** To be called when a connection is gone. */
  gone(connection: ClientConnection): void {
    if (this.#leaving.delete(connection)) this.look();
  }

  /**
   * Leaves as soon as nothing is outstanding: before the call that was answered last goes on, so that what it calls next is
   * not held.
   * @throws the signal's reason, or what `leave` throws
   */
  async quiet(signal: AbortSignal, leave: () => void): Promise<void> {
    signal.throwIfAborted();
    if (this.pendingCount === 0) {
      leave();
      return;
    }
    const left = new Deferred<void>();
    const abort = (): void => {
      this.#onQuiet = undefined;
      left.reject(signal.reason);
    };
    signal.addEventListener("abort", abort, { once: true });
    this.#onQuiet = () => {
      this.#onQuiet = undefined;
      try {
        leave();
        left.resolve();
      } catch (error) {
        left.reject(error);
      }
    };
    try {
      await left.promise;
    } finally {
      signal.removeEventListener("abort", abort);
    }
  }
}
