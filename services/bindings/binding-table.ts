import type { Binding } from "./binding.ts";
import { componentKey, type NameComponent } from "./name.ts";

/** Bindings a bucket holds before the table gets more buckets. */
const BUCKET = 256;
const GROWTH = 16;

type Bucket = ReadonlyMap<string, Binding>;

/** Spreads keys over buckets (FNV-1a). */
function hash(key: string): number {
  let value = 0x811c_9dc5;
  for (let at = 0; at < key.length; at++)
    value = Math.imul(value ^ key.charCodeAt(at), 0x0100_0193) >>> 0;
  return value;
}

/**
 * The bindings of one context, never changed: a change gives another table that shares most of the
 * old one, so that binding the ten-thousandth name costs no more than the tenth.
 */
export class BindingTable {
  readonly #buckets: readonly Bucket[];
  readonly size: number;

  private constructor(buckets: readonly Bucket[], size: number) {
    this.#buckets = buckets;
    this.size = size;
  }

  static get empty(): BindingTable {
    return new BindingTable([new Map()], 0);
  }

  /** A table of these bindings; of two with one name the later one stays. */
  static of(bindings: Iterable<Binding>): BindingTable {
    let table = BindingTable.empty;
    for (const binding of bindings) table = table.with(binding);
    return table;
  }

  #bucketOf(key: string): number {
    return this.#buckets.length === 1 ? 0 : hash(key) % this.#buckets.length;
  }

  get(component: NameComponent): Binding | undefined {
    const key = componentKey(component);
    return this.#buckets[this.#bucketOf(key)]?.get(key);
  }

  /** This table with one binding more, or another in its place. */
  with(binding: Binding): BindingTable {
    const key = componentKey(binding.component);
    const at = this.#bucketOf(key);
    const bucket = new Map(this.#buckets[at]).set(key, binding);
    const more = bucket.size - (this.#buckets[at]?.size ?? 0);
    const next = new BindingTable(this.#buckets.with(at, bucket), this.size + more);
    return next.size > BUCKET * next.#buckets.length ? next.#grown() : next;
  }

  /** This table without a binding; itself when there is none. */
  without(component: NameComponent): BindingTable {
    const key = componentKey(component);
    const at = this.#bucketOf(key);
    const bucket = new Map(this.#buckets[at]);
    if (!bucket.delete(key)) return this;
    return new BindingTable(this.#buckets.with(at, bucket), this.size - 1);
  }

  #grown(): BindingTable {
    const count = this.#buckets.length * GROWTH;
    const buckets = Array.from({ length: count }, () => new Map<string, Binding>());
    for (const bucket of this.#buckets)
      for (const [key, binding] of bucket) buckets[hash(key) % count]?.set(key, binding);
    return new BindingTable(buckets, this.size);
  }

  /** All bindings; in the order they were made while there are few. */
  *values(): IterableIterator<Binding> {
    for (const bucket of this.#buckets) yield* bucket.values();
  }
}
