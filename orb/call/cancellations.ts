/** What a signal can cancel. */
export interface Cancellable {
  cancel(): void;
}

interface Watch {
  readonly calls: Set<Cancellable>;
  readonly listener: () => void;
}

/**
 * Joins the calls of one signal behind one listener: a program may give one signal to thousands of calls,
 * and Node warns of a leak from eleven listeners on.
 */
export class Cancellations {
  readonly #watches = new WeakMap<AbortSignal, Watch>();

  add(signal: AbortSignal, call: Cancellable): void {
    let watch = this.#watches.get(signal);
    if (watch === undefined) {
      const calls = new Set<Cancellable>();
      const listener = (): void => {
        for (const waiting of calls) waiting.cancel();
      };
      watch = { calls, listener };
      this.#watches.set(signal, watch);
      signal.addEventListener("abort", listener, { once: true });
    }
    watch.calls.add(call);
  }

  /** The listener goes with the last call. */
  remove(signal: AbortSignal, call: Cancellable): void {
    const watch = this.#watches.get(signal);
    if (watch === undefined || !watch.calls.delete(call) || watch.calls.size > 0) return;
    this.#watches.delete(signal);
    signal.removeEventListener("abort", watch.listener);
  }
}
