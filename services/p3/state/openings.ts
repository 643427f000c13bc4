import type { Key } from "./directory.ts";
import type { Role } from "../../overlay/index.ts";

/** What a cell may have room for: a peer of a role, or one more child cell. */
export type Opening = Role | "child";

const OPENINGS: readonly Opening[] = ["superpeer", "leaf", "monitor", "child"];

/**
 * Cells that may have room, the shallowest first, so that a root does not look through thousands for each peer: a cell
 * is entered whenever something about it changes, and taken off when a look shows that it has no room.
 */
export class Openings {
  readonly #levels: Readonly<Record<Opening, Set<Key>[]>> = {
    superpeer: [],
    leaf: [],
    monitor: [],
    child: [],
  };
  #isTouched = true;

  /** Something about the cell changed. */
  touch(key: Key): void {
    this.#isTouched = true;
    for (const opening of OPENINGS) {
      const levels = this.#levels[opening];
      while (levels.length <= key.length) levels.push(new Set());
      levels[key.length]?.add(key);
    }
  }

  /** Time alone may have made room. */
  touchAll(): void {
    this.#isTouched = true;
  }

  /** Whether anything was touched since this was last asked. */
  takeTouched(): boolean {
    const isTouched = this.#isTouched;
    this.#isTouched = false;
    return isTouched;
  }

  /** The first cell that `hasRoom` and `suits`; those without room are not looked at again until they change. */
  first(
    opening: Opening,
    hasRoom: (key: Key) => boolean,
    suits: (key: Key) => boolean = () => true,
  ): Key | undefined {
    for (const level of this.#levels[opening])
      for (const key of level)
        if (!hasRoom(key)) level.delete(key);
        else if (suits(key)) return key;
    return undefined;
  }
}
