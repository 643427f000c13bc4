import type { PeerId } from "../../overlay/index.ts";
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
/** New cells that take longer to come are not waited for: whoever was to make them may be gone. */
const SLOW_MS = 200;

const NEW = ":new";

/** New cells promised on one level. */
interface Underway {
  count: number;
  latestAtMs: number;
}

/** A place given in answer to a quest. */
interface Placed {
  readonly place: string;
  readonly quest: number;
  readonly nowMs: number;
  readonly untilMs: number;
}

/** What only the root keeps: who was promised which place, which cells may have room, and who waits for one. */
export class Portal {
  readonly promised: Promises;
  readonly openings: Openings = new Openings();
  readonly waiting: Waiting = new Waiting();
  /** By the length of the new cells' keys. */
  readonly #underway: Underway[] = [];
  readonly #quests: Map<PeerId, number> = new Map();
  #givenAtMs: number | undefined;
  #intervalMs = FIRST_INTERVAL_MS;

  constructor(directory: Directory) {
    for (const [key] of directory.cells) this.openings.touch(key);
    this.promised = new Promises((place, peer) => this.#freed(place, peer));
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

  /** Gives a place to a peer, or prolongs what it was promised. */
  promise(peer: PeerId, { place, quest, nowMs, untilMs }: Placed): void {
    this.promised.give(peer, place, untilMs);
    this.#quests.set(peer, quest);
    if (!place.endsWith(NEW)) return;
    const underway = (this.#underway[keyOf(place).length] ??= { count: 0, latestAtMs: nowMs });
    underway.count++;
    underway.latestAtMs = nowMs;
  }

  /** In which quest a peer was promised what it was. */
  questOf(peer: PeerId): number | undefined {
    return this.promised.placeOf(peer) === undefined ? undefined : this.#quests.get(peer);
  }

  /** A place was found for one more peer. */
  given(nowMs: number): void {
    const sinceMs = Math.min(nowMs - (this.#givenAtMs ?? nowMs), LONGEST_INTERVAL_MS);
    if (this.#givenAtMs !== undefined) this.#intervalMs += NEWEST * (sinceMs - this.#intervalMs);
    this.#givenAtMs = nowMs;
  }

  /** How often a place is given at present, milliseconds. */
  get intervalMs(): number {
    return this.#intervalMs;
  }

  /** Whether new cells whose keys are shorter than `digits` will soon be there. */
  hasNewAbove(digits: number, nowMs: number): boolean {
    return this.#underway.some(
      (underway, length) =>
        length < digits && underway.count > 0 && nowMs - underway.latestAtMs < SLOW_MS,
    );
  }

  #freed(place: string, peer: PeerId): void {
    this.#quests.delete(peer);
    this.#touch(keyOf(place));
    const underway = this.#underway[keyOf(place).length];
    if (underway !== undefined && place.endsWith(NEW)) underway.count--;
  }

  #touch(key: Key): void {
    this.openings.touch(key);
    if (key !== "") this.openings.touch(key.slice(0, -1));
  }
}

/** What the promise of a place is kept under: a new cell, or a role in one that is there. */
export function placeKey(key: Key, role: string, isNew: boolean): string {
  return isNew ? key + NEW : `${key}:${role}`;
}

function keyOf(place: string): Key {
  return place.slice(0, place.indexOf(":"));
}
