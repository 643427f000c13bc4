import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { isMainThread } from "node:worker_threads";

/**
 * Has garbage collected by the thread whose garbage it is: the collector's helpers are ordinary threads, and a
 * real-time one that waits for them waits for every thread above ordinary. V8 takes this for the whole process, and
 * from no worker: to be called before the first one is made. Another thread than the main one can but have new
 * objects collected so.
 */
export function collectSingleThreaded(): void {
  if (!isMainThread) {
    setFlagsFromString("--no-parallel-scavenge");
    return;
  }
  // V8 aborts the process when helpers mark at that moment; after a whole collection none does.
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  setFlagsFromString("--no-expose-gc");
  collect();
  setFlagsFromString("--single-threaded-gc");
}
