import { Bounds } from "../exception/index.ts";

/** A list as the pseudo interfaces of dynamic calls have it: items by index, counted from 0. */
export class ItemList<T> implements Iterable<T> {
  readonly #items: T[] = [];

  get count(): number {
    return this.#items.length;
  }

  /** @throws Bounds */
  item(index: number): T {
    const item = this.#items[index];
    if (item === undefined) throw this.#outside(index);
    return item;
  }

  /** @throws Bounds */
  remove(index: number): void {
    if (this.#items[index] === undefined) throw this.#outside(index);
    this.#items.splice(index, 1);
  }

  [Symbol.iterator](): Iterator<T> {
    return this.#items.values();
  }

  protected _append(item: T): void {
    this.#items.push(item);
  }

  #outside(index: number): Bounds {
    return new Bounds(`no item ${index} in a list of ${this.count}`);
  }
}
