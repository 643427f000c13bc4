import type { PriorityMutexes } from "./port.ts";

const FREE = 0;
const HELD = 1;
/** Held, and threads may sleep for it. */
const CONTENDED = 2;

function tryLock(words: Int32Array, index: number, timeoutMs: number): boolean {
  if (Atomics.compareExchange(words, index, FREE, HELD) === FREE) return true;
  const endMs = performance.now() + timeoutMs;
  while (Atomics.exchange(words, index, CONTENDED) !== FREE) {
    const leftMs = endMs - performance.now();
    if (!(leftMs > 0)) return false;
    Atomics.wait(words, index, CONTENDED, leftMs);
  }
  return true;
}

/** Mutexes without priority inheritance, where the native ones are not there. The words must be shared memory. */
export const atomicMutexes: PriorityMutexes = {
  lock: (words, index) => void tryLock(words, index, Number.POSITIVE_INFINITY),
  tryLock,
  unlock: (words, index) => {
    if (Atomics.exchange(words, index, FREE) === CONTENDED) Atomics.notify(words, index, 1);
  },
};
