/** In which cells services run, by name; cells by their keys in a directory. Nearly all run in one: no set is made for those. */
export class ServiceIndex {
  readonly #cells: Map<string, string | Set<string>> = new Map();

  cellsWith(name: string): Iterable<string> {
    const cells = this.#cells.get(name);
    if (cells === undefined) return [];
    return typeof cells === "string" ? [cells] : cells;
  }

  add(name: string, key: string): void {
    const cells = this.#cells.get(name);
    if (cells === undefined) this.#cells.set(name, key);
    else if (typeof cells !== "string") cells.add(key);
    else if (cells !== key) this.#cells.set(name, new Set([cells, key]));
  }

  remove(name: string, key: string): void {
    const cells = this.#cells.get(name);
    if (cells === key) this.#cells.delete(name);
    else if (cells instanceof Set) {
      cells.delete(key);
      if (cells.size === 0) this.#cells.delete(name);
    }
  }
}
