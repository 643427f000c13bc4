import { Ring } from "../base/index.ts";

/** Runs tasks one after the other; each says when it is done. For SINGLE_THREAD_MODEL. */
export class Serial {
  readonly #waiting: Ring<(done: () => void) => void>;
  #isBusy = false;

  constructor(capacity: number) {
    this.#waiting = new Ring(capacity);
  }

  get capacity(): number {
    return this.#waiting.capacity;
  }

  /** Whether a task given now has to wait. */
  get isBusy(): boolean {
    return this.#isBusy;
  }

  /** False when as many tasks wait as may; the task is dropped then. */
  run(task: (done: () => void) => void): boolean {
    if (!this.#waiting.push(task)) return false;
    if (!this.#isBusy) this.#drain();
    return true;
  }

  // A loop and not a recursion: a thousand waiting tasks that end at once must not fill the stack.
  #drain(): void {
    while (!this.#isBusy) {
      const task = this.#waiting.shift();
      if (task === undefined) return;
      this.#isBusy = true;
      let isInside = true;
      task(() => {
        this.#isBusy = false;
        if (!isInside) this.#drain();
      });
      isInside = false;
    }
  }
}
