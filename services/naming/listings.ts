import type { Clock, Timer } from "../../orb/index.ts";
import type { Binding } from "../bindings/index.ts";

export interface ListingsOptions {
  readonly clock: Clock;
  /** Milliseconds after which a listing nobody asks is closed. */
  readonly idleMs?: number;
  /** Listings open at a time; one more closes the one that was asked longest ago. */
  readonly most?: number;
  /** Told the id of each listing that is closed, by whomever. */
  readonly onClosed?: (id: string) => void;
}

const IDLE_MS = 5 * 60_000;
const MOST = 1_000;

interface Listing {
  readonly rest: readonly Binding[];
  at: number;
  askedMs: number;
}

/**
 * The listings that clients have not read to the end (BindingIterator). Clients forget to destroy
 * them, so their number is bounded and idle ones go by themselves.
 */
export class Listings {
  readonly #clock: Clock;
  readonly #idleMs: number;
  readonly #most: number;
  readonly #onClosed: (id: string) => void;
  // In the order they were last asked: the first is the first to become idle.
  readonly #open: Map<string, Listing> = new Map();
  #timer: Timer | undefined;
  #count = 0;

  constructor(options: ListingsOptions) {
    this.#clock = options.clock;
    this.#idleMs = options.idleMs ?? IDLE_MS;
    this.#most = options.most ?? MOST;
    this.#onClosed = options.onClosed ?? (() => undefined);
  }

  /** Listings open now. */
  get size(): number {
    return this.#open.size;
  }

  /** Opens a listing of `rest` and returns its id, which is never used again. */
  open(rest: readonly Binding[]): string {
    for (const id of this.#open.keys()) {
      if (this.#open.size < this.#most) break;
      this.close(id);
    }
    const id = `${++this.#count}`;
    this.#open.set(id, { rest, at: 0, askedMs: this.#clock.nowMs() });
    this.#arm();
    return id;
  }

  /**
   * At most `howMany` further bindings; none at the end. `undefined` when there is no such listing:
   * closed, or idle too long.
   */
  next(id: string, howMany: number): readonly Binding[] | undefined {
    const listing = this.#open.get(id);
    if (listing === undefined) return undefined;
    const part = listing.rest.slice(listing.at, listing.at + howMany);
    listing.at += part.length;
    listing.askedMs = this.#clock.nowMs();
    this.#open.delete(id);
    this.#open.set(id, listing);
    return part;
  }

  /** Says whether there was one to close. */
  close(id: string): boolean {
    const was = this.#open.delete(id);
    if (was) this.#onClosed(id);
    return was;
  }

  /** Closes all; nothing is left behind, no timer either. */
  closeAll(): void {
    for (const id of this.#open.keys()) this.close(id);
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #arm(): void {
    const [oldest] = this.#open.values();
    if (oldest === undefined || this.#timer !== undefined) return;
    const delayMs = Math.max(0, oldest.askedMs + this.#idleMs - this.#clock.nowMs());
    this.#timer = this.#clock.timer(delayMs, () => {
      this.#timer = undefined;
      this.#closeIdle();
      this.#arm();
    });
    this.#timer.unref();
  }

  #closeIdle(): void {
    const idleSinceMs = this.#clock.nowMs() - this.#idleMs;
    for (const [id, listing] of this.#open) {
      if (listing.askedMs > idleSinceMs) break;
      this.close(id);
    }
  }
}
