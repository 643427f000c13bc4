import type { AwakeCores } from "../../native/index.ts";
import type { Logger } from "../../orb/index.ts";
import { type Holdings, poolOf } from "../admission/index.ts";

/** Cores of lanes that somebody has, in partitions whose cores are kept awake. */
function coresToKeep(
  { runtimes, ...holdings }: Holdings,
  partitions: readonly string[],
  isClaimed: (runtime: string) => boolean,
): readonly number[] {
  const cores = [...runtimes.values()]
    .filter(({ demand }) => partitions.includes(demand.partition) && isClaimed(demand.name))
    .flatMap((runtime) =>
      [...runtime.lanes.values()].flatMap((lane) =>
        lane.cores.length > 0 ? lane.cores : poolOf({ runtimes, ...holdings }, runtime),
      ),
    );
  return [...new Set(cores)].toSorted((a, b) => a - b);
}

/**
 * Keeps the cores of lanes awake, in the partitions that are configured so: while a lane is held by a process that
 * is there, no longer.
 */
export class AwakePartitions {
  readonly #partitions: readonly string[];
  readonly #cores: AwakeCores;
  readonly #log: Logger;
  readonly #told: Set<number> = new Set();

  /** @param partitions names */
  constructor(partitions: readonly string[], cores: AwakeCores, log: Logger) {
    this.#partitions = partitions;
    this.#cores = cores;
    this.#log = log;
  }

  /** The cores that are kept awake now. */
  get cores(): readonly number[] {
    return this.#cores.cores;
  }

  /** Follows a change of what is held. A core that cannot be kept awake is told of once: its lanes serve all the same. */
  follow(holdings: Holdings, isClaimed: (runtime: string) => boolean): void {
    for (const { core, reason } of this.#cores.keep(
      coresToKeep(holdings, this.#partitions, isClaimed),
    )) {
      if (this.#told.has(core)) continue;
      this.#told.add(core);
      this.#log.warn("a core of lanes may sleep: the first call after a pause takes longer", {
        core,
        reason,
      });
    }
  }
}
