import { compareRanks, NO_RANK, type Rank } from "../base/index.ts";
import { Completion, MINOR, TRANSIENT } from "../exception/index.ts";
import type { Waiting } from "../iiop/index.ts";

/** Octets of arguments that one manager keeps; oneway requests are in no connection's account. */
const MAX_HELD_OCTETS = 256 * 1024 * 1024;

interface Held {
  readonly request: Waiting;
  /** What it is for: one of those that may go while the manager stays. */
  readonly to: object;
  readonly rank: Rank;
  readonly octets: number;
  readonly run: () => void;
  readonly forget: () => void;
}

/** Requests that wait until their manager says what becomes of them, by rank, the oldest first among equals. */
export class HeldRequests {
  /** Most requests kept. */
  readonly capacity: number;
  readonly #held = new Set<Held>();
  readonly #changed: (by: 1 | -1) => void;
  #octets = 0;
  /** Those of `#held` last first; undefined until they are asked for, or when their order is that of the set. */
  #lastFirst: Held[] | undefined;
  #isRanked = false;

  /** @param changed told of each that is kept, and that is kept no more */
  constructor(capacity: number, changed: (by: 1 | -1) => void) {
    this.capacity = capacity;
    this.#changed = changed;
  }

  get length(): number {
    return this.#held.size;
  }

  /** Keeps a request for as long as its client waits; false, and nothing done, where there is no room. */
  push(request: Waiting, to: object, run: () => void, rank: Rank = NO_RANK): boolean {
    const octets = request.input.remaining;
    if (this.#held.size >= this.capacity || this.#octets + octets > MAX_HELD_OCTETS) return false;
    const { signal } = request;
    const forget = (): void => {
      this.#take(held);
      request.systemException(clientGone());
    };
    const held = { request, to, rank, octets, run, forget };
    this.#held.add(held);
    this.#lastFirst = undefined;
    this.#isRanked ||= rank !== NO_RANK;
    this.#octets += octets;
    this.#changed(1);
    signal.addEventListener("abort", forget, { once: true });
    return true;
  }

  /** Takes the first in order. */
  shift(): Held | undefined {
    const held = this.#isRanked ? this.#first() : this.#held.values().next().value;
    if (held !== undefined) this.#take(held);
    return held;
  }

  // Put in order once for all that leave together: nothing joins while they do.
  #first(): Held | undefined {
    this.#lastFirst ??= [...this.#held]
      .toSorted((a, b) => compareRanks(a.rank, b.rank))
      .toReversed();
    let held = this.#lastFirst.pop();
    while (held !== undefined && !this.#held.has(held)) held = this.#lastFirst.pop();
    return held;
  }

  /** Takes all that are for `to`. */
  takeFor(to: object): readonly Held[] {
    const taken = [...this.#held].filter((held) => held.to === to);
    for (const held of taken) this.#take(held);
    return taken;
  }

  #take(held: Held): void {
    if (!this.#held.delete(held)) return;
    this.#octets -= held.octets;
    this.#changed(-1);
    if (this.#held.size === 0) {
      this.#isRanked = false;
      this.#lastFirst = undefined;
    }
    held.request.signal.removeEventListener("abort", held.forget);
  }
}

/** What a request gets that nobody waits for any more: the client does not hear it, those who look at requests do. */
export function clientGone(): TRANSIENT {
  return new TRANSIENT(
    "the client cancelled the request, or is gone, before it ran",
    MINOR.requestDiscarded,
    Completion.no,
  );
}
