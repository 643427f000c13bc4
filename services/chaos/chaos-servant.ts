import * as Chaos from "./gen/Chaos.ts";
import type { InsideFaults } from "./inside.ts";
import { ChaosError } from "./process.ts";

/** The object key of the faults of a process, where it has them. */
export const CHAOS_KEY = "Chaos";

function orRefused(fault: () => void): void {
  try {
    fault();
  } catch (thrown) {
    if (thrown instanceof ChaosError) throw new Chaos.Refused({ reason: thrown.message });
    throw thrown;
  }
}

/** Faults of this process, for those who may call it. */
export class ChaosServant extends Chaos.FaultsSkeleton {
  readonly #faults: InsideFaults;

  constructor(faults: InsideFaults) {
    super();
    this.#faults = faults;
  }

  override leak(octetsPerSecond: bigint, mostOctets: bigint): void {
    orRefused(() => this.#faults.leak(Number(octetsPerSecond), Number(mostOctets)));
  }

  override burn(percent: number, ms: bigint): void {
    orRefused(() => this.#faults.burn(percent, Number(ms)));
  }

  override stop(): void {
    this.#faults.stop();
  }

  override now(): Chaos.FaultState {
    const { leakedOctets, octetsPerSecond, busyPercent, busyMs } = this.#faults;
    return {
      leaked_octets: BigInt(leakedOctets),
      octets_per_second: BigInt(octetsPerSecond),
      busy_percent: busyPercent,
      busy_ms: BigInt(Math.round(busyMs)),
    };
  }
}
