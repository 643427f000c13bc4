import { type Clock, Deferred, type Timer } from "../base/index.ts";
import {
  BAD_INV_ORDER,
  Completion,
  MINOR,
  NO_RESOURCES,
  OBJECT_NOT_EXIST,
  TIMEOUT,
} from "../exception/index.ts";
import type { PriorityMutexes } from "./port.ts";

/** Who may wait for one mutex at once. */
const MAX_WAITING = 10_000;
/** Milliseconds between two looks at a mutex that another thread holds. */
const LOOK_AGAIN_MS = 1;
/** Units of TimeBase::TimeT in a millisecond. */
const UNITS_A_MS = 10_000;

/** What mutexes need of the ORB. */
export interface MutexHost {
  readonly clock: Clock;
  readonly mutexes: PriorityMutexes;
  /** Milliseconds `lockAsync` waits where nobody says. */
  readonly deadlineMs: number;
  /** Of what runs now: who is more urgent gets the mutex first. */
  priority(): number;
}

/** How long to wait. */
export interface LockOptions {
  /** The ORB's `deadlineMs` where absent. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

interface Waiter {
  readonly priority: number;
  readonly settled: Deferred<boolean>;
  timer: Timer | undefined;
  forget: () => void;
}

/**
 * RTCORBA::Mutex (RT-CORBA 1.2, 5.9). Between threads it inherits priority where the native mutexes are there. Within
 * a thread, where many chains of awaits take turns, those who wait in `lockAsync` get it in the order of their
 * priorities; `lock` can only block the whole thread, and so cannot wait for one of them.
 */
export class Mutex {
  readonly #host: MutexHost;
  readonly #words: Int32Array;
  readonly #index: number;
  readonly #waiting: Waiter[] = [];
  #lookAgain: Timer | undefined;
  #isHeld = false;
  #isDestroyed = false;

  /** @param words shared memory; the word at `index` is the mutex */
  constructor(host: MutexHost, words: Int32Array, index: number) {
    this.#host = host;
    this.#words = words;
    this.#index = index;
  }

  /** Blocks this thread. @throws BAD_INV_ORDER when the mutex is held within this thread, which would wait for itself */
  lock(): void {
    this.#check();
    if (this.#isHeld) {
      throw new BAD_INV_ORDER(
        "lock() of a mutex that is held in this thread would wait for itself: use lockAsync()",
        MINOR.wouldDeadlock,
        Completion.no,
      );
    }
    this.#host.mutexes.lock(this.#words, this.#index);
    this.#isHeld = true;
  }

  /** @throws BAD_INV_ORDER when it is not held in this thread */
  unlock(): void {
    if (!this.#isHeld) {
      throw new BAD_INV_ORDER("unlock() of a mutex that is not held", MINOR.none, Completion.no);
    }
    this.#isHeld = false;
    this.#host.mutexes.unlock(this.#words, this.#index);
    this.#offer();
  }

  /**
   * Blocks this thread for `max_wait` units of 100 ns at most; 0 for not at all.
   * @returns whether it is held now. One held within this thread cannot become free meanwhile: false at once
   */
  try_lock(max_wait: bigint | number): boolean {
    this.#check();
    if (this.#isHeld) return false;
    this.#isHeld = this.#host.mutexes.tryLock(this.#words, this.#index, msOf(max_wait));
    return this.#isHeld;
  }

  /**
   * Waits without blocking the thread.
   * @throws TIMEOUT after `timeoutMs`, NO_RESOURCES when 10,000 wait already, OBJECT_NOT_EXIST when it is destroyed;
   *   the signal's reason
   */
  async lockAsync(options: LockOptions = {}): Promise<void> {
    const { timeoutMs = this.#host.deadlineMs } = options;
    if (await this.#acquire(timeoutMs, options.signal)) return;
    const text = `the mutex was not free within ${timeoutMs} ms`;
    throw new TIMEOUT(text, MINOR.none, Completion.no);
  }

  /** `try_lock` without blocking the thread. @throws as `lockAsync`, TIMEOUT apart */
  tryLockAsync(max_wait: bigint | number, signal?: AbortSignal): Promise<boolean> {
    return this.#acquire(msOf(max_wait), signal);
  }

  /** Internal: nobody gets it any more. */
  _destroy(): void {
    this.#isDestroyed = true;
    this.#lookAgain?.cancel();
    for (const waiter of this.#waiting.splice(0)) {
      waiter.forget();
      waiter.settled.reject(destroyed());
    }
  }

  #check(): void {
    if (this.#isDestroyed) throw destroyed();
  }

  async #acquire(timeoutMs: number, signal: AbortSignal | undefined): Promise<boolean> {
    this.#check();
    signal?.throwIfAborted();
    if (!this.#isHeld && this.#waiting.length === 0 && this.#take()) return true;
    if (!(timeoutMs > 0)) return false;
    if (this.#waiting.length >= MAX_WAITING) {
      const text = `${MAX_WAITING} wait for the mutex already`;
      throw new NO_RESOURCES(text, MINOR.queueFull, Completion.no);
    }
    const waiter = this.#wait(timeoutMs, signal);
    if (!this.#isHeld) this.#offer();
    return await waiter.settled.promise;
  }

  #wait(timeoutMs: number, signal: AbortSignal | undefined): Waiter {
    const leave = (): void => {
      waiter.forget();
      this.#waiting.splice(this.#waiting.indexOf(waiter), 1);
    };
    const aborted = (): void => {
      leave();
      waiter.settled.reject(signal?.reason);
    };
    const waiter: Waiter = {
      priority: this.#host.priority(),
      settled: new Deferred(),
      timer: undefined,
      forget: () => {
        waiter.timer?.cancel();
        signal?.removeEventListener("abort", aborted);
      },
    };
    if (Number.isFinite(timeoutMs)) {
      waiter.timer = this.#host.clock.timer(timeoutMs, () => {
        leave();
        waiter.settled.resolve(false);
      });
    }
    signal?.addEventListener("abort", aborted, { once: true });
    const behind = this.#waiting.findIndex(({ priority }) => priority < waiter.priority);
    this.#waiting.splice(behind < 0 ? this.#waiting.length : behind, 0, waiter);
    return waiter;
  }

  #take(): boolean {
    this.#isHeld = this.#host.mutexes.tryLock(this.#words, this.#index, 0);
    return this.#isHeld;
  }

  /** Gives it to the first who waits; where another thread holds it, looks again in a while. */
  #offer(): void {
    this.#lookAgain?.cancel();
    this.#lookAgain = undefined;
    const [first] = this.#waiting;
    if (first === undefined) return;
    if (this.#take()) {
      this.#waiting.shift();
      first.forget();
      first.settled.resolve(true);
    } else {
      this.#lookAgain = this.#host.clock.timer(LOOK_AGAIN_MS, () => this.#offer());
    }
  }
}

function msOf(units: bigint | number): number {
  return Number(units) / UNITS_A_MS;
}

function destroyed(): OBJECT_NOT_EXIST {
  return new OBJECT_NOT_EXIST("the mutex was destroyed", MINOR.none, Completion.no);
}
