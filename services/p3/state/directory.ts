import { type CellRecord, type PeerId, sameRecord } from "../../overlay/index.ts";

/** A cell seen from the one that keeps the directory: "" is that cell itself, "2" its second child, "21" a grandchild. */
export type Key = string;

/** A cell as it is now; undefined when it is gone. */
export type Change = readonly [key: Key, record: CellRecord | undefined];

/**
 * A cell and everything beneath it: what its coordinator knows, its members have copies of, and its parent has as a
 * part of its own. Keys are relative, so a subtree that moves keeps its directory as it is.
 */
export class Directory {
  readonly #records: Map<Key, CellRecord> = new Map();
  readonly #cellOf: Map<PeerId, Key> = new Map();
  /** Where else a peer is told to be: one that moved, until its former cell is told without it. */
  readonly #alsoIn: Map<PeerId, readonly Key[]> = new Map();
  readonly #servicesAt: Map<string, Set<Key>> = new Map();
  readonly #childCounts: Map<Key, number> = new Map();
  /** Direct children: asked for with every heartbeat. */
  #ownChildCount = 0;
  #height = 0;
  #isHeightKnown = true;

  get(key: Key): CellRecord | undefined {
    return this.#records.get(key);
  }

  /** The cell that a peer is in; the latest told where it is told twice. */
  cellOf(peer: PeerId): Key | undefined {
    return this.#cellOf.get(peer);
  }

  /** Cells where a service of that name runs. */
  cellsWith(service: string): Iterable<Key> {
    return this.#servicesAt.get(service) ?? [];
  }

  get cells(): IterableIterator<[Key, CellRecord]> {
    return this.#records.entries();
  }

  get peers(): IterableIterator<PeerId> {
    return this.#cellOf.keys();
  }

  get cellCount(): number {
    return this.#records.size;
  }

  get peerCount(): number {
    return this.#cellOf.size;
  }

  /** Levels beneath the cell itself. */
  get height(): number {
    if (!this.#isHeightKnown) {
      this.#height = 0;
      for (const key of this.#records.keys()) this.#height = Math.max(this.#height, key.length);
      this.#isHeightKnown = true;
    }
    return this.#height;
  }

  childCount(key: Key): number {
    if (key === "") return this.#ownChildCount;
    return this.#childCounts.get(key) ?? 0;
  }

  /** The direct children: their digits and records. */
  *children(): IterableIterator<readonly [digit: Key, record: CellRecord]> {
    if (this.childCount("") === 0) return;
    for (let number = 1; number <= 15; number++) {
      const digit = number.toString(16);
      const record = this.#records.get(digit);
      if (record !== undefined) yield [digit, record];
    }
  }

  apply(changes: readonly Change[]): void {
    for (const [key, record] of changes) this.set(key, record);
  }

  set(key: Key, record: CellRecord | undefined): void {
    const before = this.#records.get(key);
    if (before !== undefined) this.#forget(key, before);
    if (record === undefined) this.#records.delete(key);
    else {
      this.#records.set(key, record);
      this.#remember(key, record);
    }
    if ((before === undefined) === (record === undefined)) return;
    this.#isHeightKnown = false;
    if (key === "") return;
    const parent = key.slice(0, -1);
    if (parent === "") {
      this.#ownChildCount += record === undefined ? -1 : 1;
      return;
    }
    const count = this.childCount(parent) + (record === undefined ? -1 : 1);
    if (count > 0) this.#childCounts.set(parent, count);
    else this.#childCounts.delete(parent);
  }

  /** What has to change for the branch under `prefix` to be exactly `records`, whose keys are relative to it. */
  changesTo(prefix: Key, records: readonly Change[]): readonly Change[] {
    const told = new Set(records.map(([key]) => prefix + key));
    const gone = this.#branch(prefix)
      .filter((key) => !told.has(key))
      .map((key): Change => [key, undefined]);
    const changed = records
      .map(([key, record]): Change => [prefix + key, record])
      .filter(([key, record]) => !sameRecord(this.#records.get(key), record));
    return [...gone, ...changed];
  }

  /** Everything, for a copy elsewhere. */
  snapshot(): readonly Change[] {
    return [...this.#records];
  }

  #branch(prefix: Key): readonly Key[] {
    return [...this.#records.keys()].filter((key) => key.startsWith(prefix));
  }

  #forget(key: Key, record: CellRecord): void {
    for (const { ref, services } of record.members) {
      this.#leave(ref.id, key);
      for (const { name } of services) {
        const cells = this.#servicesAt.get(name);
        cells?.delete(key);
        if (cells?.size === 0) this.#servicesAt.delete(name);
      }
    }
  }

  #remember(key: Key, record: CellRecord): void {
    for (const { ref, services } of record.members) {
      this.#enter(ref.id, key);
      for (const { name } of services) {
        const cells = this.#servicesAt.get(name);
        if (cells === undefined) this.#servicesAt.set(name, new Set([key]));
        else cells.add(key);
      }
    }
  }

  #enter(peer: PeerId, key: Key): void {
    const former = this.#cellOf.get(peer);
    this.#cellOf.set(peer, key);
    if (former === undefined || former === key) return;
    this.#alsoIn.set(peer, [
      former,
      ...(this.#alsoIn.get(peer) ?? []).filter((one) => one !== key),
    ]);
  }

  #leave(peer: PeerId, key: Key): void {
    const rest = (this.#alsoIn.get(peer) ?? []).filter((one) => one !== key);
    if (this.#cellOf.get(peer) === key) {
      const next = rest.shift();
      if (next === undefined) this.#cellOf.delete(peer);
      else this.#cellOf.set(peer, next);
    }
    if (rest.length > 0) this.#alsoIn.set(peer, rest);
    else this.#alsoIn.delete(peer);
  }
}
