import { getHeapSpaceStatistics, setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

type Collect = (how?: { readonly type: "minor" }) => void;

/** What comes so long after the first message that a request brings is of the next one: they come each 4 ms. */
const REQUEST_MS = 3;
/** Looks for objects to collect after so many messages. */
const MESSAGES = 16;
/** Not worth a collection: octets of new objects. */
const LEAST_OCTETS = 256 << 10;

/**
 * Collects new objects in the pauses between requests, so that the collector is not at work while somebody waits. V8
 * by itself does it when there is no room for the next object, which is in the midst of a request. It begins with the last
 * message that a request brings: nobody knows a pause's end, and of its beginning the most is left.
 */
export class PauseCollector {
  readonly #collect: Collect;
  readonly #when: (collect: () => void) => void;
  #hasBegun = false;
  /** Processes that hear the same do not all collect in the same pause: the next call finds their caches cold. */
  #count = Math.floor(Math.random() * MESSAGES);
  #firstHeardAtMs = 0;
  /** Of the request at hand, and all it brings. */
  #heard = 0;
  #perRequest = 1;

  /** @param when does in a pause what it is given */
  constructor(when: (collect: () => void) => void) {
    this.#when = when;
    setFlagsFromString("--expose-gc");
    this.#collect = runInNewContext("gc") as Collect;
  }

  /** All there is: what the warming up has left is not gone through while others wait. */
  collectAll(): void {
    this.#collect();
  }

  begin(): void {
    this.#hasBegun = true;
  }

  /** Messages that each request brings from now on: one, before somebody says so. */
  expect(messages: number): void {
    this.#perRequest = messages;
  }

  /** Something came. */
  note(): void {
    if (!this.#hasBegun) return;
    const nowMs = performance.now();
    if (nowMs - this.#firstHeardAtMs > REQUEST_MS) {
      this.#firstHeardAtMs = nowMs;
      this.#heard = 0;
    }
    this.#heard++;
    this.#count++;
    if (this.#count < MESSAGES || this.#heard !== this.#perRequest) return;
    this.#count = 0;
    // What came is done first.
    setImmediate(() => {
      if (newOctets() >= LEAST_OCTETS) this.#when(() => this.#collect({ type: "minor" }));
    });
  }
}

function newOctets(): number {
  const space = getHeapSpaceStatistics().find(({ space_name }) => space_name === "new_space");
  return space?.space_used_size ?? 0;
}
