import type { Change, Directory, Key } from "./directory.ts";
import { Openings } from "./openings.ts";
import { Promises } from "./promises.ts";
import { Waiting } from "./waiting.ts";

/** A place is taken for granted to be free so often until some were given, milliseconds. */
const FIRST_INTERVAL_MS = 2;
/** A longer pause between two places says nothing of how fast they are given. */
const LONGEST_INTERVAL_MS = 100;
/** Weight of the newest interval in the mean. */
const NEWEST = 0.05;

const NEW = ":new";

/** What only the root keeps: who was promised which place, which cells may have room, and who waits for one. */
export class Portal {
  readonly promised: Promises;
  readonly openings: Openings = new Openings();
  readonly waiting: Waiting = new Waiting();
  #givenAtMs: number | undefined;
  #intervalMs = FIRST_INTERVAL_MS;

  constructor(directory: Directory) {
    for (const [key] of directory.cells) this.openings.touch(key);
    this.promised = new Promises((place) => this.#touchPlace(place));
  }

  /** The tree has changed so. */
  note(changes: readonly Change[]): void {
    for (const [key, record] of changes) {
      this.#touch(key);
      for (const { ref } of record?.members ?? []) {
        this.promised.drop(ref.id);
        this.waiting.drop(ref.id);
      }
    }
  }

  /** A place was given. */
  given(nowMs: number): void {
    const sinceMs = Math.min(nowMs - (this.#givenAtMs ?? nowMs), LONGEST_INTERVAL_MS);
    if (this.#givenAtMs !== undefined) this.#intervalMs += NEWEST * (sinceMs - this.#intervalMs);
    this.#givenAtMs = nowMs;
  }

  /** How often a place is given at present, milliseconds. */
  get intervalMs(): number {
    return this.#intervalMs;
  }

  /** Whether a cell was promised as a new one whose key is shorter than `digits`. */
  hasNewAbove(digits: number): boolean {
    for (const place of this.promised.places)
      if (place.endsWith(NEW) && place.length - NEW.length < digits) return true;
    return false;
  }

  #touch(key: Key): void {
    this.openings.touch(key);
    if (key !== "") this.openings.touch(key.slice(0, -1));
  }

  #touchPlace(place: string): void {
    this.#touch(place.slice(0, place.indexOf(":")));
  }
}

/** What the promise of a place is kept under: a new cell, or a role in one that is there. */
export function placeKey(key: Key, role: string, isNew: boolean): string {
  return isNew ? key + NEW : `${key}:${role}`;
}
