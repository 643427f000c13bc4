/**
 * What real-time lanes ask of the machine. `orbweaver/native` gives objects of these shapes; the two never
 * import each other. Every call throws an Error with `code` (EPERM, EINVAL, …) when the system refuses.
 */

/** How the kernel schedules a thread: `sched(7)`. */
export type Scheduling =
  | { readonly policy: "other" /** −20 (first) to 19. */; readonly nice: number }
  | { readonly policy: "fifo" | "rr" /** 1 to 99 (first). */; readonly priority: number }
  | {
      /** `runtimeNs` of processor in every `periodNs`, done within `deadlineNs` of its start. */
      readonly policy: "deadline";
      readonly runtimeNs: number;
      readonly deadlineNs: number;
      readonly periodNs: number;
    };

/** Threads of this process, by the kernel's ids. */
export interface Scheduler {
  /** Of the calling thread. */
  threadId(): number;
  /** Of the calling thread; the kernel keeps 15 octets. */
  setThreadName(name: string): void;
  scheduling(threadId: number): Scheduling;
  /** Threads made by `threadId` afterwards start as `other`. */
  setScheduling(threadId: number, scheduling: Scheduling): void;
  affinity(threadId: number): readonly number[];
  setAffinity(threadId: number, cores: readonly number[]): void;
  /** How late timers of the calling thread may fire. */
  setTimerSlackNs(slackNs: number): void;
}

/** Mutexes with priority inheritance, each one word of shared memory: 0 when free. */
export interface PriorityMutexes {
  /** Blocks the thread. @throws EDEADLK when it holds the mutex, EOWNERDEAD when its owner died with it */
  lock(words: Int32Array, index: number): void;
  /** @param timeoutMs 0: at once; @returns whether the mutex is held */
  tryLock(words: Int32Array, index: number, timeoutMs: number): boolean;
  /** @throws EPERM when the calling thread does not hold it */
  unlock(words: Int32Array, index: number): void;
}
