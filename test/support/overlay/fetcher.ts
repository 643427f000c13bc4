import type { Cell, Link, P3Machine, Up } from "../../../services/p3/index.ts";

/**
 * Brings what steps will need into the processor's cache. The state of thousands of peers does not fit there, and each
 * step would wait a dozen times, for one object leads to the next. Here the same object of all that are stepped at one
 * instant is asked for together, so that they are waited for together. It changes nothing.
 */
export class Fetcher {
  readonly #machines: P3Machine[] = [];
  readonly #cells: Readonly<Cell>[] = [];
  readonly #seats: Cell["seat"][] = [];
  readonly #ups: (Up | undefined)[] = [];
  readonly #links: Link[] = [];
  #count = 0;
  /** What was read last, lest the reading be left out as of no use. */
  read = 0;

  add({ machine }: { readonly machine: P3Machine }): void {
    this.#machines[this.#count++] = machine;
  }

  /** Fetches those that were added since. */
  fetch(): void {
    const links = this.#links;
    const count = this.#fetchLinks(this.#fetchSeats());
    let read = 0;
    for (let i = 0; i < count; i++) read += links[i]?.acked ?? 0;
    // A number that is none of the small integers has a place of its own.
    for (let i = 0; i < count; i++) read += links[i]?.suspectAtMs ?? 0;
    this.read = read;
  }

  /** @returns how many there are, as below */
  #fetchSeats(): number {
    const [machines, cells, seats, ups] = [this.#machines, this.#cells, this.#seats, this.#ups];
    let count = 0;
    for (let i = 0; i < this.#count; i++) {
      const cell = machines[i]?.cell;
      if (cell !== undefined) cells[count++] = cell;
    }
    this.#count = 0;
    for (let i = 0; i < count; i++) {
      const seat = cells[i]?.seat;
      if (seat !== undefined) seats[i] = seat;
    }
    for (let i = 0; i < count; i++) {
      const seat = seats[i];
      ups[i] = seat?.at === "coordinator" ? seat.up : undefined;
    }
    return count;
  }

  #fetchLinks(seatCount: number): number {
    const [seats, ups, links] = [this.#seats, this.#ups, this.#links];
    let count = 0;
    for (let i = 0; i < seatCount; i++) {
      const seat = seats[i];
      const up = ups[i];
      if (up?.at === "linked") links[count++] = up.link;
      if (seat?.at === "follower") links[count++] = seat.coordinator;
      if (seat?.at !== "coordinator") continue;
      for (const link of seat.members.values()) links[count++] = link;
      for (const link of seat.children.values()) links[count++] = link;
    }
    return count;
  }
}
