/** Bounded first-in first-out queue; room grows by doubling, so a large bound costs nothing unused. */
export class Ring<T> {
  /** Most elements it holds. */
  readonly capacity: number;
  #slots: (T | undefined)[];
  #head = 0;
  #length = 0;

  /** @throws RangeError when `capacity` is not a positive integer */
  constructor(capacity: number) {
    if (!Number.isSafeInteger(capacity) || capacity < 1) {
      throw new RangeError(`capacity of a ring must be a positive integer, not ${capacity}`);
    }
    this.capacity = capacity;
    this.#slots = Array.from({ length: Math.min(capacity, 16) });
  }

  get length(): number {
    return this.#length;
  }

  /** Appends; false, and nothing done, when the ring is full. */
  push(value: T): boolean {
    if (this.#length === this.capacity) return false;
    if (this.#length === this.#slots.length) this.#grow();
    this.#slots[(this.#head + this.#length) % this.#slots.length] = value;
    this.#length++;
    return true;
  }

  /** Takes the oldest element; undefined when empty. */
  shift(): T | undefined {
    if (this.#length === 0) return undefined;
    const value = this.#slots[this.#head];
    this.#slots[this.#head] = undefined;
    this.#head = (this.#head + 1) % this.#slots.length;
    this.#length--;
    return value;
  }

  /** The oldest element, left where it is. */
  peek(): T | undefined {
    return this.#length === 0 ? undefined : this.#slots[this.#head];
  }

  clear(): void {
    this.#slots.fill(undefined);
    this.#head = 0;
    this.#length = 0;
  }

  #grow(): void {
    const old = this.#slots;
    const slots = Array.from<T | undefined>({ length: Math.min(this.capacity, old.length * 2) });
    for (let i = 0; i < this.#length; i++) slots[i] = old[(this.#head + i) % old.length];
    this.#slots = slots;
    this.#head = 0;
  }
}
