import { constants } from "node:os";
import { threadId } from "node:worker_threads";
import { failure, within } from "./mutex.ts";
import type { NativeMutexes } from "./mutex.ts";

/** Set beside the owner while others wait or may wait. */
const WAITED_FOR = 0x4000_0000;

/**
 * Mutexes without the addon: the same calls, no priority inheritance, and a thread that ends with a mutex keeps it.
 * @param warn told that, once
 * @param why there is no addon
 */
export function plainMutexes(warn: (message: string) => void, why: string): NativeMutexes {
  warn(`mutexes do not lend priorities: ${why}`);
  // 0 is a free mutex, and the id of the main thread.
  const me = threadId + 1;

  function take(words: Int32Array, index: number, timeoutMs: number): boolean {
    const found = Atomics.load(words, index);
    if ((found & ~WAITED_FOR) === me) throw failure(-constants.errno.EDEADLK, index);
    // Whoever waited cannot know whether others still do, so it takes the mutex as one that is waited for.
    if (found === 0) return Atomics.compareExchange(words, index, 0, me | WAITED_FOR) === 0;
    const marked = found | WAITED_FOR;
    if (found !== marked && Atomics.compareExchange(words, index, found, marked) !== found)
      return false;
    Atomics.wait(words, index, marked, timeoutMs);
    return Atomics.compareExchange(words, index, 0, me | WAITED_FOR) === 0;
  }

  return {
    inherits: false,
    lock(words, index) {
      if (Atomics.compareExchange(words, index, 0, me) === 0) return;
      while (!take(words, index, Infinity));
    },
    tryLock(words, index, timeoutMs) {
      if (Atomics.compareExchange(words, index, 0, me) === 0) return true;
      return within(timeoutMs, (turnMs) => take(words, index, turnMs));
    },
    unlock(words, index) {
      if (Atomics.compareExchange(words, index, me, 0) === me) return;
      if ((Atomics.load(words, index) & ~WAITED_FOR) !== me)
        throw failure(-constants.errno.EPERM, index);
      Atomics.store(words, index, 0);
      Atomics.notify(words, index, 1);
    },
  };
}
