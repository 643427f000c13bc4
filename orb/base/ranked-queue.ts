import { compareRanks, NO_RANK, type Rank } from "./rank.ts";

interface Entry<T> {
  readonly value: T;
  readonly rank: Rank;
  readonly octets: number;
  readonly age: number;
}

function isBefore<T>(a: Entry<T>, b: Entry<T>): boolean {
  const order = compareRanks(a.rank, b.rank);
  return order === 0 ? a.age < b.age : order < 0;
}

/** What one element is to the queue. */
export interface Place {
  readonly rank?: Rank | undefined;
  /** What it keeps in memory. */
  readonly octets?: number;
}

/** Queue in the order of ranks, first in first out among equals; bounded in elements and in octets. A binary heap. */
export class RankedQueue<T> {
  /** Most elements it holds. */
  readonly capacity: number;
  readonly maxOctets: number;
  readonly #heap: Entry<T>[] = [];
  #octets = 0;
  #age = 0;

  constructor(capacity: number, maxOctets: number) {
    this.capacity = capacity;
    this.maxOctets = maxOctets;
  }

  get length(): number {
    return this.#heap.length;
  }

  get octets(): number {
    return this.#octets;
  }

  /** False, and nothing done, where there is no room. */
  push(value: T, { rank = NO_RANK, octets = 0 }: Place = {}): boolean {
    if (this.#heap.length >= this.capacity || this.#octets + octets > this.maxOctets) return false;
    this.#octets += octets;
    this.#rise({ value, rank, octets, age: this.#age++ });
    return true;
  }

  /** Takes the first in order; undefined when empty. */
  shift(): T | undefined {
    const [first] = this.#heap;
    const last = this.#heap.pop();
    if (first === undefined || last === undefined) return undefined;
    if (first !== last) this.#sink(last);
    this.#octets -= first.octets;
    return first.value;
  }

  #rise(entry: Entry<T>): void {
    const heap = this.#heap;
    let at = heap.length;
    heap.push(entry);
    while (at > 0) {
      const up = (at - 1) >> 1;
      const above = heap[up] as Entry<T>;
      if (!isBefore(entry, above)) break;
      heap[at] = above;
      at = up;
    }
    heap[at] = entry;
  }

  #sink(entry: Entry<T>): void {
    const heap = this.#heap;
    let at = 0;
    for (;;) {
      let down = 2 * at + 1;
      if (down >= heap.length) break;
      const right = heap[down + 1];
      if (right !== undefined && isBefore(right, heap[down] as Entry<T>)) down++;
      const below = heap[down] as Entry<T>;
      if (!isBefore(below, entry)) break;
      heap[at] = below;
      at = down;
    }
    heap[at] = entry;
  }
}
