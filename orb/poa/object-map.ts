import { idName, type ObjectId } from "./object-id.ts";
import type { Servant } from "./servant.ts";

/** The active object map of one POA: ids to servants, and back (CORBA 3.3 Part 1, 15.2.6). */
export class ObjectMap {
  readonly #servants = new Map<string, Servant>();
  readonly #ids = new Map<Servant, Set<string>>();

  get size(): number {
    return this.#servants.size;
  }

  /** `name` is `idName(id)`. */
  servantOf(name: string): Servant | undefined {
    return this.#servants.get(name);
  }

  /** An id this servant is active under; the first one when there are several. */
  idOf(servant: Servant): ObjectId | undefined {
    const first = this.#ids.get(servant)?.values().next();
    return first === undefined || first.done === true
      ? undefined
      : Buffer.from(first.value, "latin1");
  }

  isActive(servant: Servant): boolean {
    return this.#ids.has(servant);
  }

  add(id: ObjectId, servant: Servant): void {
    const name = idName(id);
    this.#servants.set(name, servant);
    const ids = this.#ids.get(servant);
    if (ids === undefined) this.#ids.set(servant, new Set([name]));
    else ids.add(name);
  }

  /** The servant that was active under the id; undefined when none was. */
  remove(id: ObjectId): Servant | undefined {
    const name = idName(id);
    const servant = this.#servants.get(name);
    if (servant === undefined) return undefined;
    this.#servants.delete(name);
    const ids = this.#ids.get(servant);
    ids?.delete(name);
    if (ids?.size === 0) this.#ids.delete(servant);
    return servant;
  }

  clear(): void {
    this.#servants.clear();
    this.#ids.clear();
  }
}
