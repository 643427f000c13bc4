import type { Measure } from "./block.ts";

/** A load on one server: echo calls of one size. */
export interface Workload {
  readonly name: string;
  readonly octets: number;
  readonly connections: number;
  /** Calls under way at a time on each connection. */
  readonly outstanding: number;
  readonly measure: Measure;
  /** What our own ORB shall reach on one core, as a ratio to the baseline. */
  readonly target?: number;
}

/** A program and its arguments. */
export type Command = readonly [program: string, ...args: string[]];

/**
 * Something that answers echo calls and something that makes them, each a process of its own.
 *
 * The server prints `ready ADDRESS` when it listens and ends when its standard input does.
 * The client reads lines `run MILLISECONDS FILE`; after each it calls for that long, writes one
 * 64-bit float per call (microseconds, in the machine's byte order) to FILE and prints
 * `done ELAPSED_MICROSECONDS`, or `failed REASON`. It too ends with its standard input.
 */
export interface Contender {
  readonly name: string;
  /** Builds what is missing. Returns why it cannot run on this machine, if so. */
  readonly prepare: () => Promise<string | undefined>;
  readonly server: () => Command;
  readonly client: (address: string, workload: Workload) => Command;
}
