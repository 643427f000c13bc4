import type { CarrierEars, LetterCarrier } from "../../../services/group-net/index.ts";

/** Letters in memory, a turn of the event loop later. */
export class Post {
  readonly #ears = new Map<string, CarrierEars>();
  readonly #lost = new Set<string>();

  carrier(address: string): LetterCarrier {
    return {
      address,
      send: (to, letter) => {
        const copy = Buffer.from(letter);
        setImmediate(() => {
          if (!this.#lost.has(address) && !this.#lost.has(to))
            this.#ears.get(to)?.heard(address, copy);
        });
        return true;
      },
      beat: () => undefined,
      ask: () => undefined,
      start: (ears) => void this.#ears.set(address, ears),
      [Symbol.asyncDispose]: () => {
        this.#ears.delete(address);
        return Promise.resolve();
      },
    };
  }

  /** From now on nothing goes to that address, or comes from it. */
  lose(address: string): void {
    this.#lost.add(address);
  }

  /** How long each host leaves it to others to find out about one. */
  patience(address: string): readonly (number | undefined)[] {
    return [...this.#ears.values()].map((ears) => ears.patienceMs?.(address));
  }
}
