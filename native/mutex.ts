import { constants } from "node:os";
import { threadId as nodeThreadId } from "node:worker_threads";
import { NativeError } from "./error.ts";
import type { RawFutex } from "./raw.ts";

/**
 * Mutexes, each one word of memory that threads share: 0 when free. One that nobody else wants is taken and
 * given back without a system call. All threads must use mutexes of the same kind on a word. Every wait ends
 * when the thread is terminated.
 */
export interface NativeMutexes {
  /** Whether a thread that waits lends its priority to the one that holds the mutex. */
  readonly inherits: boolean;
  /**
   * Blocks the thread until it has the mutex.
   * @throws NativeError EDEADLK when the thread holds it already, or waits in a circle; EOWNERDEAD when the
   *   thread that held it ended: the mutex is free again, this is said once, and what it guards may be half changed
   */
  lock(words: Int32Array, index: number): void;
  /**
   * Takes the mutex if it can within `timeoutMs`, 0: at once.
   * @returns whether the thread has it now
   * @throws NativeError as `lock` does; of its own mutex at once it returns false
   */
  tryLock(words: Int32Array, index: number, timeoutMs: number): boolean;
  /** @throws NativeError EPERM when the thread does not hold it */
  unlock(words: Int32Array, index: number): void;
}

/** The part of a word that names its owner; the rest are FUTEX_WAITERS and FUTEX_OWNER_DIED. */
const OWNER = 0x3fff_ffff;
const OWNER_DIED = 0x4000_0000;
/** A blocked thread looks up this often whether it is to end: nothing wakes it for that. */
const TURN_MS = 1_000;

const { EAGAIN, EDEADLK, EINVAL, EPERM, ESRCH, ETIMEDOUT } = constants.errno;
/** Between two tries at a mutex that the kernel has not settled yet. */
const UNSETTLED_MS = 1;
/** As Linux numbers it; `os.constants` lacks it. */
const EOWNERDEAD = 130;

/**
 * The mutexes' typed face in one thread.
 * @param threadId the kernel's id of the calling thread
 */
export function createMutexes(raw: RawFutex, threadId: number): NativeMutexes {
  /** Whether the thread has it now; false: not within `timeoutMs`. */
  function take(words: Int32Array, index: number, timeoutMs: number): boolean {
    for (let unsettledMs = 0; ; ) {
      const seen = Atomics.load(words, index);
      const result = timeoutMs > 0 ? raw.lock(words, index, timeoutMs) : raw.tryLock(words, index);
      if (result === -ETIMEDOUT) return false;
      if (result === -EINVAL && (seen & OWNER) !== 0) {
        // The owner has ended, and the one that the mutex goes to, who may have to wait for a core, is not in the word yet.
        if (timeoutMs <= 0) return false;
        if (unsettledMs >= timeoutMs) throw failure(result, index);
        Atomics.wait(words, index, seen, UNSETTLED_MS);
        unsettledMs += UNSETTLED_MS;
        continue;
      }
      if (result === -EAGAIN) {
        // Of `lock`: the owner is about to end, and the kernel has not settled what it leaves.
        if (timeoutMs <= 0) return false;
      } else if (result === -ESRCH) {
        // The kernel knows no such thread, and nobody waits. One that is quicker says it.
        if (Atomics.compareExchange(words, index, seen, 0) === seen) throw ownerDead(index);
      } else if (result < 0) {
        throw failure(result, index);
      } else if ((Atomics.load(words, index) & OWNER_DIED) !== 0) {
        raw.unlock(words, index);
        throw ownerDead(index);
      } else {
        return true;
      }
    }
  }

  return {
    inherits: true,
    lock(words, index) {
      if (Atomics.compareExchange(words, index, 0, threadId) === 0) return;
      while (!take(words, index, TURN_MS));
    },
    tryLock(words, index, timeoutMs) {
      if (Atomics.compareExchange(words, index, 0, threadId) === 0) return true;
      if (timeoutMs <= 0)
        return (Atomics.load(words, index) & OWNER) !== threadId && take(words, index, 0);
      return within(timeoutMs, (turnMs) => take(words, index, turnMs));
    },
    unlock(words, index) {
      if (Atomics.compareExchange(words, index, threadId, 0) === threadId) return;
      if ((Atomics.load(words, index) & OWNER) !== threadId) throw failure(-EPERM, index);
      const result = raw.unlock(words, index);
      if (result < 0) throw failure(result, index);
    },
  };
}

/** Tries in turns of at most a second until it worked or `timeoutMs` are over. */
function within(timeoutMs: number, attempt: (turnMs: number) => boolean): boolean {
  const until = performance.now() + timeoutMs;
  for (let leftMs = timeoutMs; leftMs > 0; leftMs = until - performance.now())
    if (attempt(Math.ceil(Math.min(leftMs, TURN_MS)))) return true;
  return false;
}

function ownerDead(index: number): NativeError {
  return new NativeError(
    "futex",
    EOWNERDEAD,
    `mutex at word ${index}: the thread that held it has ended; it is free again, what it guards may be half changed`,
  );
}

function failure(result: number, index: number): NativeError {
  const what =
    result === -EDEADLK
      ? `mutex at word ${index} is held by this thread already, or by one that waits for it`
      : result === -EPERM
        ? `mutex at word ${index} is not held by this thread`
        : `mutex at word ${index}`;
  return new NativeError("futex", -result, what);
}

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
  const me = nodeThreadId + 1;

  function take(words: Int32Array, index: number, timeoutMs: number): boolean {
    const found = Atomics.load(words, index);
    if ((found & ~WAITED_FOR) === me) throw failure(-EDEADLK, index);
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
      if ((Atomics.load(words, index) & ~WAITED_FOR) !== me) throw failure(-EPERM, index);
      Atomics.store(words, index, 0);
      Atomics.notify(words, index, 1);
    },
  };
}
