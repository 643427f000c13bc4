interface Entry<T> {
  readonly priority: number;
  readonly order: number;
  /** Absent when it was taken back. */
  value: T | undefined;
}

function isBefore<T>(a: Entry<T>, b: Entry<T>): boolean {
  return a.priority === b.priority ? a.order < b.order : a.priority > b.priority;
}

/** A queue by priority, the oldest first among equals. Its bound is its owner's. */
export class ReadyQueue<T extends object> {
  readonly #heap: Entry<T>[] = [];
  #order = 0;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** @returns takes it back; false when it has left already */
  push(priority: number, value: T): () => boolean {
    const entry: Entry<T> = { priority, order: this.#order++, value };
    this.#length++;
    this.#rise(entry, this.#heap.length);
    return () => {
      if (entry.value === undefined) return false;
      entry.value = undefined;
      this.#length--;
      this.#sweep();
      return true;
    };
  }

  /** Takes the most urgent; undefined when empty. */
  shift(): T | undefined {
    for (let top = this.#pop(); top !== undefined; top = this.#pop()) {
      const { value } = top;
      if (value === undefined) continue;
      top.value = undefined;
      this.#length--;
      return value;
    }
    return undefined;
  }

  // Those that were taken back must not outnumber those that wait.
  #sweep(): void {
    if (this.#heap.length < 64 || this.#heap.length < 2 * this.#length) return;
    const left = this.#heap.filter(({ value }) => value !== undefined);
    this.#heap.length = 0;
    for (const entry of left) this.#rise(entry, this.#heap.length);
  }

  #pop(): Entry<T> | undefined {
    const top = this.#heap[0];
    const last = this.#heap.pop();
    if (top !== undefined && last !== undefined && last !== top) this.#sink(last);
    return top;
  }

  #rise(entry: Entry<T>, from: number): void {
    let at = from;
    while (at > 0) {
      const above = (at - 1) >> 1;
      const parent = this.#heap[above] as Entry<T>;
      if (!isBefore(entry, parent)) break;
      this.#heap[at] = parent;
      at = above;
    }
    this.#heap[at] = entry;
  }

  #sink(entry: Entry<T>): void {
    const heap = this.#heap;
    let at = 0;
    for (;;) {
      let below = 2 * at + 1;
      const [left, right] = [heap[below], heap[below + 1]];
      if (left === undefined) break;
      if (right !== undefined && isBefore(right, left)) below++;
      const child = heap[below] as Entry<T>;
      if (!isBefore(child, entry)) break;
      heap[at] = child;
      at = below;
    }
    heap[at] = entry;
  }
}
