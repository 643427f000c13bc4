import { type CellRecord, type PeerEntry, type PeerId, sameRecord } from "../../overlay/index.ts";
import { ServiceIndex } from "./service-index.ts";

/** A cell seen from the one that keeps the directory: "" is that cell itself, "2" its second child, "21" a grandchild. */
export type Key = string;

/** A cell as it is now; undefined when it is gone. */
export type Change = readonly [key: Key, record: CellRecord | undefined];

const NOBODY: readonly PeerEntry[] = [];

/**
 * A cell and everything beneath it: what its coordinator knows, its members have copies of, and its parent has as a
 * part of its own. Keys are relative, so a subtree that moves keeps its directory as it is.
 */
export class Directory {
  readonly #records: Map<Key, CellRecord> = new Map();
  readonly #cellOf: Map<PeerId, Key> = new Map();
  /** Where else a peer is told to be: one that moved, until its former cell is told without it. */
  readonly #alsoIn: Map<PeerId, readonly Key[]> = new Map();
  readonly #services = new ServiceIndex();
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
    return this.#services.cellsWith(service);
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
    this.#reindex(key, before?.members ?? NOBODY, record?.members ?? NOBODY);
    if (record === undefined) this.#records.delete(key);
    else this.#records.set(key, record);
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

  /** Most members of a cell that changed are who they were: no more is done for them than to look. */
  #reindex(key: Key, before: readonly PeerEntry[], after: readonly PeerEntry[]): void {
    // Where nobody is told to be in two cells, a member that stays is known to be here.
    const isAnyTwice = this.#alsoIn.size > 0;
    let isServiceLost = false;
    for (const entry of before) {
      const { ref, services } = entry;
      const stays = after.includes(entry);
      if (!stays || (isAnyTwice && this.#cellOf.get(ref.id) !== key)) this.#leave(ref.id, key);
      if (stays) continue;
      for (const { name } of services) this.#services.remove(name, key);
      isServiceLost ||= services.length > 0;
    }
    for (const entry of after) {
      const { ref, services } = entry;
      const isNew = !before.includes(entry);
      if (isNew || (isAnyTwice && this.#cellOf.get(ref.id) !== key)) this.#enter(ref.id, key);
      // Of two members with a service of one name one may have gone.
      if (isNew || isServiceLost) for (const { name } of services) this.#services.add(name, key);
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
