import { idName, type ObjectId } from "./object-id.ts";
import type { Servant } from "./servant.ts";

/** One association of the active object map. */
export interface ActiveObject {
  /** `idName` of its id. */
  readonly name: string;
  readonly servant: Servant;
  /** Requests on it that are not yet answered. */
  running: number;
  /** It was deactivated, and goes when its requests have ended. */
  isLeaving: boolean;
}

/** The active object map of one POA: ids to servants, and back (CORBA 3.3 Part 1, 15.2.6). */
export class ObjectMap {
  readonly #objects = new Map<string, ActiveObject>();
  /** Most servants have one id: a set for each would cost more than all the rest. */
  readonly #ids = new Map<Servant, string | Set<string>>();

  get size(): number {
    return this.#objects.size;
  }

  /** `name` is `idName(id)`. */
  find(name: string): ActiveObject | undefined {
    return this.#objects.get(name);
  }

  all(): readonly ActiveObject[] {
    return [...this.#objects.values()];
  }

  /** An id this servant is active under; the first one when there are several. */
  idOf(servant: Servant): ObjectId | undefined {
    const ids = this.#ids.get(servant);
    if (ids === undefined) return undefined;
    const [first = ""] = typeof ids === "string" ? [ids] : ids;
    return Buffer.from(first, "latin1");
  }

  isActive(servant: Servant): boolean {
    return this.#ids.has(servant);
  }

  add(id: ObjectId, servant: Servant): ActiveObject {
    const name = idName(id);
    const object = { name, servant, running: 0, isLeaving: false };
    this.#objects.set(name, object);
    const ids = this.#ids.get(servant);
    if (ids === undefined) this.#ids.set(servant, name);
    else if (typeof ids === "string") this.#ids.set(servant, new Set([ids, name]));
    else ids.add(name);
    return object;
  }

  remove({ name, servant }: ActiveObject): void {
    if (!this.#objects.delete(name)) return;
    const ids = this.#ids.get(servant);
    if (typeof ids !== "object") this.#ids.delete(servant);
    else if (ids.delete(name) && ids.size === 0) this.#ids.delete(servant);
  }

  clear(): void {
    this.#objects.clear();
    this.#ids.clear();
  }
}
