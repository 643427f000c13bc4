import { type Place, RankedQueue } from "../base/index.ts";

/** Octets that tasks which wait may keep in memory. */
const MAX_WAITING_OCTETS = 256 * 1024 * 1024;

/** Runs tasks one after the other, by rank and by age; each says when it is done. For SINGLE_THREAD_MODEL. */
export class Serial {
  readonly #waiting: RankedQueue<(done: () => void) => void>;
  #isBusy = false;

  constructor(capacity: number, maxOctets: number = MAX_WAITING_OCTETS) {
    this.#waiting = new RankedQueue(capacity, maxOctets);
  }

  get capacity(): number {
    return this.#waiting.capacity;
  }

  get maxOctets(): number {
    return this.#waiting.maxOctets;
  }

  get waitingCount(): number {
    return this.#waiting.length;
  }

  get waitingOctets(): number {
    return this.#waiting.octets;
  }

  /** Whether a task given now has to wait. */
  get isBusy(): boolean {
    return this.#isBusy;
  }

  /** False when as many tasks wait as may, or octets; the task is dropped then. */
  run(task: (done: () => void) => void, place?: Place): boolean {
    if (!this.#waiting.push(task, place)) return false;
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
