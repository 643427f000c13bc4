import type { Random } from "../../../orb/base/index.ts";
import type { PeerId } from "../../../services/overlay/index.ts";

/** What a simulated network does to messages; times in milliseconds, chances from 0 to 1. */
export interface NetworkSettings {
  readonly leastDelayMs: number;
  readonly mostDelayMs: number;
  /** Chance that a message takes up to `lateMs` longer, and others overtake it. */
  readonly lateChance: number;
  readonly lateMs: number;
  readonly lossChance: number;
  readonly duplicateChance: number;
}

export const QUIET_NETWORK: NetworkSettings = {
  leastDelayMs: 0.1,
  mostDelayMs: 2,
  lateChance: 0,
  lateMs: 0,
  lossChance: 0,
  duplicateChance: 0,
};

export const ROUGH_NETWORK: NetworkSettings = {
  leastDelayMs: 0.1,
  mostDelayMs: 8,
  lateChance: 0.02,
  lateMs: 40,
  lossChance: 0.01,
  duplicateChance: 0.01,
};

/** Delay, loss, reordering, duplication and partitions, all from one source of randomness. */
export class SimulatedNetwork {
  settings: NetworkSettings;
  readonly #random: Random;
  /** The side each peer is on; those that are not named are on side 0. */
  #sides: ReadonlyMap<PeerId, number> = new Map();

  constructor(settings: NetworkSettings, random: Random) {
    this.settings = settings;
    this.#random = random;
  }

  /** From now on peers of different sides do not reach each other; an empty map heals the network. */
  partition(sides: ReadonlyMap<PeerId, number>): void {
    this.#sides = sides;
  }

  get isPartitioned(): boolean {
    return this.#sides.size > 0;
  }

  isReachable(from: PeerId, to: PeerId): boolean {
    return this.#sides.size === 0 || (this.#sides.get(from) ?? 0) === (this.#sides.get(to) ?? 0);
  }

  /** How long a message takes, milliseconds; undefined: it is lost. */
  delayMs(): number | undefined {
    const { lossChance } = this.settings;
    if (lossChance > 0 && this.#random.number() < lossChance) return undefined;
    return this.#delayMs();
  }

  /** How long a second copy of a message takes; undefined: there is none. */
  copyDelayMs(): number | undefined {
    const { duplicateChance } = this.settings;
    if (duplicateChance === 0 || this.#random.number() >= duplicateChance) return undefined;
    return this.#delayMs();
  }

  #delayMs(): number {
    const { leastDelayMs, mostDelayMs, lateChance, lateMs } = this.settings;
    const usual = leastDelayMs + (mostDelayMs - leastDelayMs) * this.#random.number();
    if (lateChance === 0 || this.#random.number() >= lateChance) return usual;
    return usual + lateMs * this.#random.number();
  }
}
