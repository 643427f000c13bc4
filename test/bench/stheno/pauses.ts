import { getHeapSpaceStatistics, setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

type Collect = (how?: { readonly type: "minor" }) => void;

/** A pause: so long nothing came, milliseconds. Where calls come each 4 ms and take 1, it ends before the next. */
const QUIET_MS = 1;
/** Looks for a pause after so many messages. */
const MESSAGES = 16;
/** Not worth a collection: octets of new objects. */
const LEAST_OCTETS = 256 << 10;

/**
 * Collects new objects in the pauses between requests, so that the collector is not at work while somebody waits. V8
 * by itself does it when there is no room for the next object, which is in the midst of a request.
 */
export class PauseCollector {
  readonly #collect: Collect;
  readonly #when: (collect: () => void) => void;
  #hasBegun = false;
  /** Processes that hear the same do not all collect in the same pause: the next call finds their caches cold. */
  #count = Math.floor(Math.random() * MESSAGES);
  #heardAtMs = 0;
  #timer: NodeJS.Timeout | undefined;

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

  /** Something came. */
  note(): void {
    if (!this.#hasBegun) return;
    this.#heardAtMs = performance.now();
    if (++this.#count < MESSAGES || this.#timer !== undefined) return;
    this.#count = 0;
    this.#arm();
  }

  #arm(): void {
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      if (performance.now() - this.#heardAtMs < QUIET_MS) return this.#arm();
      if (newOctets() >= LEAST_OCTETS) this.#when(() => this.#collect({ type: "minor" }));
    }, QUIET_MS).unref();
  }
}

function newOctets(): number {
  const space = getHeapSpaceStatistics().find(({ space_name }) => space_name === "new_space");
  return space?.space_used_size ?? 0;
}
