/** Told of a background task that failed while nobody asked it to stop. */
export type TaskFailure = (task: string, cause: unknown) => void;

/**
 * Owns background promises. Leaving the scope aborts `signal`, waits for every task, and, where no
 * `onFailure` was given, throws what failed before.
 */
export class TaskScope implements AsyncDisposable {
  readonly #running: Set<Promise<void>> = new Set();
  readonly #stop: AbortController = new AbortController();
  readonly #failures: unknown[] = [];
  readonly #onFailure: TaskFailure | undefined;

  constructor(onFailure?: TaskFailure) {
    this.#onFailure = onFailure;
  }

  /** Aborted when the scope is left. */
  get signal(): AbortSignal {
    return this.#stop.signal;
  }

  /** Tasks that have not ended. */
  get size(): number {
    return this.#running.size;
  }

  /**
   * Starts `task` now. Its failure goes to `onFailure`, except an abort after the scope was left.
   * @throws TypeError when the scope was left already
   */
  run(name: string, task: (signal: AbortSignal) => Promise<unknown>): void {
    if (this.signal.aborted) throw new TypeError(`task ${name} started after its scope was left`);
    const running = this.#guard(name, task).finally(() => this.#running.delete(running));
    this.#running.add(running);
  }

  async #guard(name: string, task: (signal: AbortSignal) => Promise<unknown>): Promise<void> {
    try {
      await task(this.signal);
    } catch (cause) {
      if (this.signal.aborted && cause === this.signal.reason) return;
      if (this.#onFailure === undefined) this.#failures.push(cause);
      else this.#onFailure(name, cause);
    }
  }

  /** Waits until no task runs, without stopping any. */
  async idle(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.idle();
    const failures = this.#failures.splice(0);
    if (failures.length === 1) throw failures[0];
    if (failures.length > 1) throw new AggregateError(failures, "several tasks failed");
  }
}
