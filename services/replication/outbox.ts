import type { Effect, StoreChange } from "../group/index.ts";

/** Where a durable replica keeps what it must find again. */
export interface GroupStore {
  /** What it says is safe when this has returned, or when the promise is fulfilled; changes are kept in their order. */
  save(change: StoreChange): void | Promise<void>;
}

export interface OutboxOptions {
  readonly store: GroupStore | undefined;
  /** What is not for the store. */
  readonly act: (effect: Exclude<Effect, { kind: "store" }>) => void;
  /** Effects were acted upon, after what they waited for. */
  readonly acted: () => void;
  readonly failed: (error: unknown) => void;
}

type Item =
  | { readonly is: "effect"; readonly effect: Exclude<Effect, { kind: "store" }> }
  | { readonly is: "saving"; isDone: boolean };

/**
 * What a replica's steps want done, in order: nothing leaves before what was stored before it is safe. Steps go on
 * meanwhile, so that one turn of the disk serves many.
 */
export class Outbox {
  readonly #options: OutboxOptions;
  readonly #items: Item[] = [];

  constructor(options: OutboxOptions) {
    this.#options = options;
  }

  add(effect: Effect): void {
    if (effect.kind === "store") this.#save(effect.change);
    // A question tells nothing, and waits for no disk: its answer would be late.
    else if (this.#items.length === 0 || effect.kind === "doubt") this.#options.act(effect);
    else this.#items.push({ is: "effect", effect });
  }

  #save(change: StoreChange): void {
    const saving = this.#options.store?.save(change);
    if (!(saving instanceof Promise)) return;
    const item: Item = { is: "saving", isDone: false };
    this.#items.push(item);
    saving
      .then(() => {
        item.isDone = true;
        this.#drain();
      })
      .catch((error: unknown) => {
        this.#items.length = 0;
        this.#options.failed(error);
      });
  }

  #drain(): void {
    for (let first = this.#items[0]; first !== undefined; first = this.#items[0]) {
      if (first.is === "saving" && !first.isDone) break;
      this.#items.shift();
      if (first.is === "effect") this.#options.act(first.effect);
    }
    this.#options.acted();
  }
}
