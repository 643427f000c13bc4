import type { Refusal } from "../lane-thread/index.ts";

/** Keeps cores from sleeping; `AwakeCores` of `orbweaver/native`. */
export interface CoreKeeper {
  /** Keeps exactly these awake. @returns those that sleep all the same */
  keep(cores: readonly number[]): readonly { readonly core: number; readonly reason: string }[];
}

/** The cores that lanes of this process have reserved and want awake, as long as these lanes are there. */
export class AwakeLanes {
  readonly #keeper: CoreKeeper | undefined;
  /** By whom. */
  readonly #wanted: Map<object, readonly number[]> = new Map();

  constructor(keeper: CoreKeeper | undefined) {
    this.#keeper = keeper;
  }

  /** @returns what is not to be had, for the lane's warning */
  begin(lane: object, cores: readonly number[]): readonly Refusal[] {
    if (cores.length === 0) return [];
    this.#wanted.set(lane, cores);
    const why = "nobody keeps cores awake here";
    const asleep = this.#keeper?.keep(this.#all) ?? cores.map((core) => ({ core, reason: why }));
    return asleep
      .filter(({ core }) => cores.includes(core))
      .map(({ core, reason }) => ({ what: `core ${core} awake`, why: reason }));
  }

  end(lane: object): void {
    if (this.#wanted.delete(lane)) this.#keeper?.keep(this.#all);
  }

  get #all(): readonly number[] {
    return [...new Set([...this.#wanted.values()].flat())];
  }
}
