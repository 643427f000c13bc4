import { setFlagsFromString } from "node:v8";

/**
 * Has new objects collected by the thread that made them: the collector's helpers are ordinary threads, and a
 * real-time one that waits for them waits for every thread above ordinary. V8 takes this for the whole process, from
 * the next collection on. The rest of `--single-threaded-gc` it takes from the command line alone: set while the
 * process runs, V8 aborts it at the end of the next marking.
 */
export function scavengeAlone(): void {
  setFlagsFromString("--no-parallel-scavenge");
}
