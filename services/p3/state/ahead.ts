import type { Change } from "./directory.ts";

/** Feeds kept for one sender; when more are missing, the whole state is on its way sooner. */
const MOST_AHEAD = 32;

/** Feeds that overtook the ones before them, where a network does not keep the order. */
export class Ahead {
  readonly #feeds: Map<number, readonly Change[]> = new Map();

  /** @param from the version that the changes were made on */
  keep(from: number, changes: readonly Change[]): void {
    if (this.#feeds.size >= MOST_AHEAD) this.#feeds.clear();
    this.#feeds.set(from, changes);
  }

  /** Takes those that were made on that version; what is older is of no use any more. */
  take(from: number): readonly Change[] | undefined {
    if (this.#feeds.size === 0) return undefined;
    const changes = this.#feeds.get(from);
    for (const version of this.#feeds.keys()) if (version <= from) this.#feeds.delete(version);
    return changes;
  }
}
