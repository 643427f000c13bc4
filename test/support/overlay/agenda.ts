/** Ticks a millisecond is cut into: what falls into one is done in the order it was entered. */
const TICKS_PER_MS = 8;
/** Slots of the wheel, a power of two: what lies further ahead waits in a map. */
const SLOTS = 1 << 12;

/**
 * What will happen, in the order of its instants: a wheel of time slots, for a simulation enters and takes millions.
 * Instants are rounded up to an eighth of a millisecond.
 */
export class Agenda<T> {
  readonly #slots: T[][] = Array.from({ length: SLOTS }, () => []);
  readonly #far: Map<number, T[]> = new Map();
  #tick = 0;
  #at = 0;
  #count = 0;
  readonly #coming: (slot: readonly T[]) => void;

  /** @param coming called with all that happens at one instant, before the first of it is taken */
  constructor(coming: (slot: readonly T[]) => void = () => undefined) {
    this.#coming = coming;
  }

  get nowMs(): number {
    return this.#tick / TICKS_PER_MS;
  }

  get count(): number {
    return this.#count;
  }

  /** Enters what happens `delayMs` from now, later than now in any case. */
  enter(delayMs: number, what: T): void {
    const ahead = Math.max(1, Math.ceil(delayMs * TICKS_PER_MS));
    const tick = this.#tick + ahead;
    this.#count++;
    if (ahead < SLOTS) {
      this.#slots[tick & (SLOTS - 1)]?.push(what);
      return;
    }
    const waiting = this.#far.get(tick);
    if (waiting === undefined) this.#far.set(tick, [what]);
    else waiting.push(what);
  }

  /** Takes what is next and moves the time there; undefined when nothing happens until `endMs`, which is then now. */
  next(endMs: number): T | undefined {
    const end = Math.floor(endMs * TICKS_PER_MS);
    for (;;) {
      const slot = this.#slots[this.#tick & (SLOTS - 1)] ?? [];
      if (this.#at < slot.length) {
        if (this.#at === 0) this.#coming(slot);
        this.#count--;
        return slot[this.#at++];
      }
      slot.length = 0;
      this.#at = 0;
      if (this.#tick >= end) return undefined;
      this.#tick++;
      const due = this.#far.get(this.#tick);
      if (due === undefined) continue;
      this.#far.delete(this.#tick);
      this.#slots[this.#tick & (SLOTS - 1)]?.unshift(...due);
    }
  }
}
