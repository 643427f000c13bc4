import type { BorrowedSettings } from "./borrowed.ts";
import { codeOf } from "./cgroup/index.ts";

const CPUS = "/sys/devices/system/cpu";
/** What the kernel reads as "no latency at all is tolerated"; 0 stands for "any is". */
const NO_LATENCY = "n/a";

/** The file that says how long a core may take to wake up; Documentation/admin-guide/pm/cpuidle.rst of Linux. */
export function wakeUpFile(core: number): string {
  return `${CPUS}/cpu${core}/power/pm_qos_resume_latency_us`;
}

/** The command that keeps a core awake by hand. */
export function awakeCommand(core: number): string {
  return `echo ${NO_LATENCY} | sudo tee ${wakeUpFile(core)}`;
}

/** A core that sleeps all the same. */
export interface SleepyCore {
  readonly core: number;
  /** Why, and what helps. */
  readonly reason: string;
}

/**
 * Cores that poll for work instead of halting: a core that sleeps takes its time to wake up, in a virtual machine
 * many times that of a call. Other cores are untouched, and any thread gets the core as before; it costs power.
 */
export class AwakeCores {
  readonly #settings: BorrowedSettings;
  readonly #awake: Set<number> = new Set();

  /** @param settings where what stood there is kept; given back by its owner's `close`, too */
  constructor(settings: BorrowedSettings) {
    this.#settings = settings;
  }

  /** The cores that are kept awake, by this or by somebody else who was there before. */
  get cores(): readonly number[] {
    return [...this.#awake].toSorted((a, b) => a - b);
  }

  /** Keeps exactly these cores awake, and lets those go that were. @returns the cores that cannot be */
  keep(cores: readonly number[]): readonly SleepyCore[] {
    for (const core of this.cores) if (!cores.includes(core)) this.#letGo(core);
    return cores.flatMap((core) => this.#keepOne(core));
  }

  #keepOne(core: number): readonly SleepyCore[] {
    try {
      this.#settings.put(wakeUpFile(core), NO_LATENCY);
    } catch (thrown) {
      this.#awake.delete(core);
      return [{ core, reason: reasonOf(core, thrown) }];
    }
    this.#awake.add(core);
    return this.#hasIdleStates()
      ? []
      : [
          {
            core,
            reason: "this kernel has no cpuidle driver; idle=poll on its command line helps",
          },
        ];
  }

  #letGo(core: number): void {
    this.#awake.delete(core);
    try {
      this.#settings.giveBack(wakeUpFile(core));
    } catch {
      // Stays in the state file: given back when the settings are closed, or by the next who opens them.
    }
  }

  /** Without a driver nobody asks for the latency that is tolerated. */
  #hasIdleStates(): boolean {
    try {
      return this.#settings.read(`${CPUS}/cpuidle/current_driver`) !== "none";
    } catch {
      return false;
    }
  }
}

function reasonOf(core: number, thrown: unknown): string {
  const code = codeOf(thrown);
  if (code === "ENOENT")
    return `this kernel has no ${wakeUpFile(core)}; /dev/cpu_dma_latency may be there`;
  const why = thrown instanceof Error ? thrown.message : String(thrown);
  return `${why}; by hand: ${awakeCommand(core)}`;
}
