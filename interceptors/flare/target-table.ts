import type { ObjectReference } from "../../orb/index.ts";
import type { FailoverTargets } from "./redirection.ts";

/** Where one object is. */
export interface Places {
  /** The one in use, then where to go when it fails, the best first. */
  readonly targets: readonly ObjectReference[];
  /** Those that are known to have failed. */
  readonly gone?: readonly ObjectReference[];
}

interface Entry {
  readonly targets: readonly ObjectReference[];
  readonly gone: readonly ObjectReference[];
}

/** Objects one table may have; one more is refused. */
const MOST_OBJECTS = 100_000;
const LARGEST_HASH = 0xffff_ffff;
const NOBODY: readonly Entry[] = [];

const isAmong = (place: ObjectReference, others: readonly ObjectReference[]): boolean =>
  others.some((other) => other._is_equivalent(place));

/** All places of objects, in this process: a look at it is no call. Filled once (static), or whenever something changes. */
export class TargetTable implements FailoverTargets {
  readonly #entries: Map<string, Entry> = new Map();
  /** Entries by the hashes of their places. */
  readonly #byPlace: Map<number, readonly Entry[]> = new Map();
  #goneCount = 0;

  /** @returns names of the objects that are known */
  get objects(): readonly string[] {
    return [...this.#entries.keys()];
  }

  get knowsGone(): boolean {
    return this.#goneCount > 0;
  }

  /**
   * Says where an object is; what was said of it before is void.
   * @param object any name for it, the same each time
   * @throws RangeError for more than 100,000 objects
   */
  set(object: string, { targets, gone = [] }: Places): void {
    this.delete(object);
    if (this.#entries.size >= MOST_OBJECTS)
      throw new RangeError(`a table of targets has ${MOST_OBJECTS} objects at most`);
    const entry: Entry = { targets: [...targets], gone: [...gone] };
    this.#entries.set(object, entry);
    this.#goneCount += entry.gone.length;
    for (const hash of hashesOf(entry))
      this.#byPlace.set(hash, [...(this.#byPlace.get(hash) ?? NOBODY), entry]);
  }

  delete(object: string): void {
    const entry = this.#entries.get(object);
    if (entry === undefined) return;
    this.#entries.delete(object);
    this.#goneCount -= entry.gone.length;
    for (const hash of hashesOf(entry)) {
      const left = (this.#byPlace.get(hash) ?? NOBODY).filter((each) => each !== entry);
      if (left.length === 0) this.#byPlace.delete(hash);
      else this.#byPlace.set(hash, left);
    }
  }

  isGone(place: ObjectReference): boolean {
    return this.#at(place).some(({ gone }) => isAmong(place, gone));
  }

  next(failed: readonly ObjectReference[]): ObjectReference | undefined {
    for (const place of failed.toReversed()) {
      const [entry] = this.#at(place).filter(
        ({ targets, gone }) => isAmong(place, targets) || isAmong(place, gone),
      );
      if (entry !== undefined) return entry.targets.find((target) => !isAmong(target, failed));
    }
    return undefined;
  }

  #at(place: ObjectReference): readonly Entry[] {
    return this.#byPlace.get(place._hash(LARGEST_HASH)) ?? NOBODY;
  }
}

function hashesOf({ targets, gone }: Entry): ReadonlySet<number> {
  return new Set([...targets, ...gone].map((place) => place._hash(LARGEST_HASH)));
}
