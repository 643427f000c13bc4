import type { OverlayEvent } from "./port.ts";

/** Those that hear the events of an overlay. */
export class Watchers {
  readonly #heard: Set<(event: OverlayEvent) => void> = new Set();

  /** @returns ends it */
  add(heard: (event: OverlayEvent) => void): () => void {
    // Of its own, so that one function given twice hears twice and ends one at a time.
    const own = (event: OverlayEvent): void => heard(event);
    this.#heard.add(own);
    return () => void this.#heard.delete(own);
  }

  tell(event: OverlayEvent): void {
    for (const heard of this.#heard) heard(event);
  }
}
