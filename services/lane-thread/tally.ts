import type { LaneBusy, LaneTally } from "./control.ts";
import type { DeskEvents } from "./desk.ts";
import type { Post } from "./link.ts";

/** Milliseconds between tellings, when there is something to tell. */
const TELL_EVERY_MS = 200;

/** Counts for the main thread, which is told now and then. */
export class Tally implements DeskEvents {
  readonly #post: Post;
  #handedOver: Record<number, number> = {};
  #refused = 0;
  #timer: NodeJS.Timeout | undefined;
  #hasToldBusy = false;

  constructor(post: Post) {
    this.#post = post;
  }

  handedOver(toLane: number): void {
    this.#handedOver[toLane] = (this.#handedOver[toLane] ?? 0) + 1;
    this.#soon();
  }

  refused(): void {
    this.#refused++;
    this.#soon();
  }

  /** Told once until there is a thread more. */
  allBusy(): void {
    if (this.#hasToldBusy) return;
    this.#hasToldBusy = true;
    const busy: LaneBusy = { allBusy: true };
    this.#post.postMessage(busy);
  }

  /** There is a thread more. */
  grown(): void {
    this.#hasToldBusy = false;
  }

  #soon(): void {
    if (this.#timer !== undefined) return;
    this.#timer = setTimeout(() => this.#tell(), TELL_EVERY_MS).unref();
  }

  #tell(): void {
    this.#timer = undefined;
    const tally: LaneTally = { handedOver: this.#handedOver, refused: this.#refused };
    this.#handedOver = {};
    this.#refused = 0;
    this.#post.postMessage(tally);
  }
}
