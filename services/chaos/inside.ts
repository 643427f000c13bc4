import type { Clock, Timer } from "../../orb/base/index.ts";
import { ChaosError } from "./process.ts";

export interface InsideOptions {
  readonly clock: Clock;
  /** The most that a leak may take in all. */
  readonly mostOctets: number;
  /** Does nothing but compute, for so many milliseconds. */
  readonly burn: (ms: number) => void;
}

/** Milliseconds between two pieces of a leak, and in which a busy thread computes and rests once. */
const LEAK_MS = 100;
const BURN_MS = 20;
const MS_PER_SECOND = 1_000;
const PERCENT = 100;
const LONGEST_BURN_MS = 3_600_000;
const MOST_PERCENT = 95;

/** Faults of the process that this runs in: memory that is not given back, a main thread that is busy. */
export class InsideFaults implements Disposable {
  readonly #options: InsideOptions;
  readonly #taken: Uint8Array[] = [];
  #leaked = 0;
  #perSecond = 0;
  #most = 0;
  #leaking: Timer | undefined;
  #percent = 0;
  #burnEndMs = 0;
  #burning: Timer | undefined;

  constructor(options: InsideOptions) {
    this.#options = options;
  }

  get leakedOctets(): number {
    return this.#leaked;
  }

  /** Octets in each second; 0 where no more are taken. */
  get octetsPerSecond(): number {
    return this.#leaking === undefined ? 0 : this.#perSecond;
  }

  get busyPercent(): number {
    return this.#burning === undefined ? 0 : this.#percent;
  }

  /** Milliseconds for which it will be. */
  get busyMs(): number {
    if (this.#burning === undefined) return 0;
    return Math.max(0, this.#burnEndMs - this.#options.clock.nowMs());
  }

  /** Takes memory and keeps it, until `mostOctets` are taken in all. @throws ChaosError beyond what is allowed here */
  leak(octetsPerSecond: number, mostOctets: number): void {
    const { mostOctets: allowed } = this.#options;
    if (mostOctets > allowed)
      throw new ChaosError(
        `${mostOctets} octets are more than chaos.mostOctets of its configuration allows: ${allowed}`,
      );
    this.#leaking?.cancel();
    this.#perSecond = octetsPerSecond;
    this.#most = mostOctets;
    this.#take();
  }

  /** @throws ChaosError for a share that would leave nothing to stop it with */
  burn(percent: number, ms: number): void {
    if (percent < 1 || percent > MOST_PERCENT)
      throw new ChaosError(`busy for ${percent} % of its time: 1 to ${MOST_PERCENT} are allowed`);
    if (ms < 1 || ms > LONGEST_BURN_MS)
      throw new ChaosError(`busy for ${ms} ms: 1 to ${LONGEST_BURN_MS} are allowed`);
    this.#burning?.cancel();
    this.#percent = percent;
    this.#burnEndMs = this.#options.clock.nowMs() + ms;
    this.#compute();
  }

  /** Ends all of it, and gives the memory back. */
  stop(): void {
    this.#leaking?.cancel();
    this.#burning?.cancel();
    this.#leaking = undefined;
    this.#burning = undefined;
    this.#taken.length = 0;
    this.#leaked = 0;
  }

  [Symbol.dispose](): void {
    this.stop();
  }

  #take(): void {
    const piece = Math.min(
      Math.ceil((this.#perSecond * LEAK_MS) / MS_PER_SECOND),
      this.#most - this.#leaked,
    );
    if (piece <= 0) {
      this.#leaking = undefined;
      return;
    }
    // Memory that nobody wrote to is not there yet.
    this.#taken.push(new Uint8Array(piece).fill(1));
    this.#leaked += piece;
    this.#leaking = this.#options.clock.timer(LEAK_MS, () => this.#take());
  }

  #compute(): void {
    const { clock, burn } = this.#options;
    if (clock.nowMs() >= this.#burnEndMs) {
      this.#burning = undefined;
      return;
    }
    const busyMs = (BURN_MS * this.#percent) / PERCENT;
    burn(busyMs);
    this.#burning = clock.timer(BURN_MS - busyMs, () => this.#compute());
  }
}

/** Computes, and looks at nothing but the time. */
export function burnProcessor(ms: number): void {
  const endMs = performance.now() + ms;
  while (performance.now() < endMs);
}
