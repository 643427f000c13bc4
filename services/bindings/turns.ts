/** Lets one piece of work at a time through for each key, in the order they came. */
export class Turns {
  readonly #last: Map<string, Promise<void>> = new Map();

  /** Keys with work under way. */
  get size(): number {
    return this.#last.size;
  }

  /** Runs `work` when all earlier work of `key` is over; its outcome is the result. */
  run<T>(key: string, work: () => Promise<T>): Promise<T> {
    const before = this.#last.get(key);
    const result = before === undefined ? work() : before.then(work);
    const over = result.then(
      () => undefined,
      () => undefined,
    );
    this.#last.set(key, over);
    void over.then(() => {
      if (this.#last.get(key) === over) this.#last.delete(key);
    });
    return result;
  }
}
