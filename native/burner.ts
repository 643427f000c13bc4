import { constants } from "node:os";
import { NativeError } from "./error.ts";
import type { RawBurn } from "./raw.ts";
import { refusal } from "./scheduler.ts";

/** Threads that load cores: slices of random length, each followed by rest, so that the duty comes out. */
export interface LoadSpec {
  /** Of SCHED_FIFO, 1 to 98; 0: ordinary threads. */
  readonly priority: number;
  /** Share of the time of a core that each thread takes, 0.001 to 0.95. */
  readonly duty: number;
  /** Slices are uniformly long, from a twentieth of this to this; at most 50. */
  readonly sliceMs: number;
  /** They end by themselves after this; at most 600. */
  readonly seconds: number;
  /** One thread for each: the core it is bound to, or undefined for whichever is free. */
  readonly cores: readonly (number | undefined)[];
}

/** Threads at work. */
export interface Burning {
  /** Ends the threads, within 20 ms; @returns the share of a core that each had */
  stop(): readonly number[];
}

/** Processor time spent on purpose, for tests and measurements: always bounded. */
export interface NativeBurner {
  /**
   * Starts the threads; those that are not stopped end with the thread that started them.
   * @throws RangeError for a value that is not allowed, NativeError when the system refuses
   */
  start(load: LoadSpec): Burning;
  /**
   * Spends processor time of the calling thread.
   * @param mostMs of the clock, at most 600,000: however little of the processor the thread gets
   * @returns how much it was, in ms
   */
  spend(cpuMs: number, mostMs: number): number;
  /** From now on the kernel kills this process when the one that started it ends. */
  endWithParent(): void;
}

const NS_PER_MS = 1_000_000;
const NS_PER_S = 1_000_000_000;

/** What is allowed, by field. */
const RANGE = {
  priority: [0, 98],
  duty: [0.001, 0.95],
  sliceMs: [0.001, 50],
  seconds: [0.001, 600],
} as const;

/** The burner's typed face. */
export function createBurner(raw: RawBurn): NativeBurner {
  return {
    start(load) {
      for (const [name, [least, most]] of Object.entries(RANGE)) {
        const value = load[name as keyof typeof RANGE];
        if (!(value >= least && value <= most))
          throw new RangeError(`${name} ${value}: ${least} to ${most} are allowed`);
      }
      const cores = Int32Array.from(load.cores, (core) => core ?? -1);
      const id = raw.start(
        load.priority,
        Math.round(load.duty * 1_000),
        Math.round(load.sliceMs * NS_PER_MS),
        Math.round(load.seconds * NS_PER_S),
        cores,
      );
      if (id < 0) throw loadRefusal(load, -id);
      return {
        stop() {
          const shares = new Float64Array(cores.length);
          const count = raw.stop(id, shares);
          if (count < 0) throw new NativeError("pthread_join", -count, `load ${id} was stopped`);
          return [...shares];
        },
      };
    },
    spend(cpuMs, mostMs) {
      const spent = raw.spend(Math.round(cpuMs * NS_PER_MS), Math.round(mostMs * NS_PER_MS));
      if (spent < 0) throw new NativeError("clock_gettime", -spent, `${cpuMs} ms in ${mostMs} ms`);
      return spent / NS_PER_MS;
    },
    endWithParent() {
      const result = raw.endWithParent();
      if (result < 0) throw new NativeError("prctl", -result, "end with the parent");
    },
  };
}

function loadRefusal({ priority, cores }: LoadSpec, errno: number): NativeError {
  if (errno === constants.errno.EPERM) return refusal(0, { policy: "fifo", priority }, errno);
  const where = cores.map((core) => core ?? "any").join(", ");
  return new NativeError("pthread_create", errno, `no threads to load cores ${where}`);
}
