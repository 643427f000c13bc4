const FIRST_SLOTS = 16;
/** 2³² divided by the golden ratio: spreads numbers that follow one another. */
const SPREAD = 0x9e37_79b1;

/**
 * Values by request id: a `Map` for entries that come and go with every call. A `Map` takes a new table
 * after so many deletions, and the old one refers to the new one; once the garbage collector holds one of
 * them for old, all that later tables contained stays in memory with it until the next full collection.
 */
export class RequestTable<T extends object> {
  /** Open addressing: an entry lies at its home or behind it, without a free slot between. */
  #ids: number[] = Array<number>(FIRST_SLOTS).fill(0);
  #values: (T | undefined)[] = Array<T | undefined>(FIRST_SLOTS).fill(undefined);
  #shift = 32 - Math.log2(FIRST_SLOTS);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** The slot of an id, or the free one where it would go. */
  #slotOf(id: number): number {
    const ids = this.#ids;
    const values = this.#values;
    let at = Math.imul(id, SPREAD) >>> this.#shift;
    while (values[at] !== undefined && ids[at] !== id) at = (at + 1) & (ids.length - 1);
    return at;
  }

  /** @param id an unsigned 32-bit number */
  get(id: number): T | undefined {
    return this.#values[this.#slotOf(id)];
  }

  set(id: number, value: T): void {
    const at = this.#slotOf(id);
    if (this.#values[at] === undefined) this.#size++;
    this.#ids[at] = id;
    this.#values[at] = value;
    if (this.#size * 2 > this.#values.length) this.#grow();
  }

  #grow(): void {
    const ids = this.#ids;
    const values = this.#values;
    this.#ids = Array<number>(ids.length * 2).fill(0);
    this.#values = Array<T | undefined>(ids.length * 2).fill(undefined);
    this.#shift--;
    for (const [n, value] of values.entries()) {
      if (value === undefined) continue;
      const id = ids[n] ?? 0;
      const at = this.#slotOf(id);
      this.#ids[at] = id;
      this.#values[at] = value;
    }
  }

  /** Takes an entry out; undefined when there is none. */
  take(id: number): T | undefined {
    const free = this.#slotOf(id);
    const value = this.#values[free];
    if (value === undefined) return undefined;
    this.#size--;
    this.#close(free);
    return value;
  }

  /** Frees a slot, moving entries behind it that would not be found any more across it. */
  #close(slot: number): void {
    const ids = this.#ids;
    const values = this.#values;
    const mask = ids.length - 1;
    let free = slot;
    for (let at = (free + 1) & mask; values[at] !== undefined; at = (at + 1) & mask) {
      const id = ids[at] ?? 0;
      const home = Math.imul(id, SPREAD) >>> this.#shift;
      if (((at - home) & mask) < ((at - free) & mask)) continue;
      ids[free] = id;
      values[free] = values[at];
      free = at;
    }
    values[free] = undefined;
  }

  /** Takes all entries out. */
  takeAll(): T[] {
    const all = this.#values.filter((value) => value !== undefined);
    this.#values.fill(undefined);
    this.#size = 0;
    return all;
  }
}
