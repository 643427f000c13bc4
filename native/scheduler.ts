import { readdirSync, readFileSync } from "node:fs";
import { constants } from "node:os";
import { NativeError } from "./error.ts";
import { lockMemory } from "./memory.ts";
import type { RawSched } from "./raw.ts";
import { cpuGroup, grant, holds, raise } from "./rights.ts";

/** How the kernel schedules a thread; sched(7). */
export type NativeScheduling =
  | { readonly policy: "other" /** −20 (first) to 19. */; readonly nice: number }
  | { readonly policy: "fifo" | "rr" /** 1 to 99 (first). */; readonly priority: number }
  | {
      /** `runtimeNs` of processor in every `periodNs`, done within `deadlineNs` of its start. */
      readonly policy: "deadline";
      readonly runtimeNs: number;
      readonly deadlineNs: number;
      readonly periodNs: number;
    };

/** A thread of this process. */
export interface ProcessThread {
  readonly id: number;
  /** Node calls every one of its threads `node`. */
  readonly name: string;
}

/**
 * Threads of this process by the kernel's ids. What `setScheduling` gives a thread is not inherited by threads
 * that it makes; what `setAffinity` gives is. Every call throws NativeError when the system refuses.
 */
export interface NativeScheduler {
  /** Of the calling thread. */
  threadId(): number;
  /** Of the calling thread; the kernel keeps 15 octets. */
  setThreadName(name: string): void;
  /** The threads of this process, the main thread first; those that end meanwhile may be missing. */
  threads(): readonly ProcessThread[];
  /** Batch and idle threads are told as `other`. */
  scheduling(threadId: number): NativeScheduling;
  setScheduling(threadId: number, scheduling: NativeScheduling): void;
  /** The cores that the thread may run on, rising. */
  affinity(threadId: number): readonly number[];
  setAffinity(threadId: number, cores: readonly number[]): void;
  /** Processor time that a thread of this process took since it began. */
  cpuTimeNs(threadId: number): number;
  /** How late timers of the calling thread may fire; real-time threads have no slack. */
  timerSlackNs(): number;
  /** @param slackNs 0: the default it was born with */
  setTimerSlackNs(slackNs: number): void;
  /**
   * Keeps the program, its libraries, the C heap and the main thread's stack in memory, each page once it was touched,
   * until `unlockMemory`. What is loaded later is not part of it. V8's heaps cannot be locked: where there is no swap,
   * or the control group may not swap, they stay in memory all the same.
   */
  lockMemory(): void;
  unlockMemory(): void;
}

/** `SCHED_…` of the kernel; what is not named here is told as `other`. */
const POLICY = { other: 0, fifo: 1, rr: 2, deadline: 6 } as const;
/** Policy, nice, priority, runtime, deadline, period: `RawSched.getattr`. */
const FIELD_COUNT = 6;
/** Cores that a set of the C library can name. */
const MOST_CORES = 1_024;

/** The scheduler's typed face. */
export function createScheduler(raw: RawSched): NativeScheduler {
  return {
    threadId: () => raw.threadId(),
    setThreadName(name) {
      checked(raw.setName(name), "prctl", () => `thread name "${name}"`);
    },
    threads,
    scheduling(threadId) {
      const fields = new Float64Array(FIELD_COUNT);
      checked(raw.getattr(threadId, fields), "sched_getattr", () => `thread ${threadId}`);
      return decoded(fields);
    },
    setScheduling(threadId, scheduling) {
      const result = raw.setattr(threadId, encoded(scheduling));
      if (result < 0) throw refusal(threadId, scheduling, -result);
    },
    affinity(threadId) {
      const cores = new Int32Array(MOST_CORES);
      const count = checked(
        raw.getaffinity(threadId, cores),
        "sched_getaffinity",
        () => `thread ${threadId}`,
      );
      return [...cores.subarray(0, count)];
    },
    setAffinity(threadId, cores) {
      const result = raw.setaffinity(threadId, Int32Array.from(cores));
      if (result < 0) throw affinityRefusal(threadId, cores, -result);
    },
    cpuTimeNs: (threadId) =>
      checked(raw.cpuTime(threadId), "clock_gettime", () => `thread ${threadId}`),
    timerSlackNs: () => checked(raw.timerSlack(), "prctl", () => "timer slack"),
    setTimerSlackNs(slackNs) {
      checked(raw.setTimerSlack(slackNs), "prctl", () => `timer slack of ${slackNs} ns`);
    },
    lockMemory: () => lockMemory(raw),
    unlockMemory() {
      checked(raw.unlockMemory(), "munlockall", () => "memory of this process");
    },
  };
}

function checked(result: number, syscall: string, what: () => string): number {
  if (result < 0) throw new NativeError(syscall, -result, what());
  return result;
}

function threads(): readonly ProcessThread[] {
  return readdirSync("/proc/self/task").flatMap((id) => {
    try {
      return [
        { id: Number(id), name: readFileSync(`/proc/self/task/${id}/comm`, "utf8").trimEnd() },
      ];
    } catch {
      return []; // ended since the folder was read
    }
  });
}

function encoded(scheduling: NativeScheduling): Float64Array {
  const fields = new Float64Array(FIELD_COUNT);
  fields[0] = POLICY[scheduling.policy];
  switch (scheduling.policy) {
    case "other":
      fields[1] = scheduling.nice;
      break;
    case "fifo":
    case "rr":
      fields[2] = scheduling.priority;
      break;
    case "deadline":
      fields.set([scheduling.runtimeNs, scheduling.deadlineNs, scheduling.periodNs], 3);
      break;
  }
  return fields;
}

function decoded(fields: Float64Array): NativeScheduling {
  const [policy, nice = 0, priority = 0, runtimeNs = 0, deadlineNs = 0, periodNs = 0] = fields;
  if (policy === POLICY.fifo) return { policy: "fifo", priority };
  if (policy === POLICY.rr) return { policy: "rr", priority };
  if (policy === POLICY.deadline) return { policy: "deadline", runtimeNs, deadlineNs, periodNs };
  return { policy: "other", nice };
}

/** `FIFO priority 40`, as people say it. */
export function schedulingText(scheduling: NativeScheduling): string {
  switch (scheduling.policy) {
    case "other":
      return `nice ${scheduling.nice}`;
    case "fifo":
    case "rr":
      return `${scheduling.policy.toUpperCase()} priority ${scheduling.priority}`;
    case "deadline": {
      const { runtimeNs, deadlineNs, periodNs } = scheduling;
      return `DEADLINE of ${runtimeNs} ns in ${periodNs} ns, due after ${deadlineNs} ns`;
    }
  }
}

/** What refused `scheduling`, in words. @param threadId 0: of a thread that was to be made */
export function refusal(
  threadId: number,
  scheduling: NativeScheduling,
  errno: number,
): NativeError {
  const who = threadId === 0 ? "a new thread" : `thread ${threadId}`;
  const what = `${who} is not scheduled ${schedulingText(scheduling)}`;
  if (errno === constants.errno.EBUSY && scheduling.policy === "deadline")
    return new NativeError(
      "sched_setattr",
      errno,
      `${what}: no such bandwidth is free (95 % of each core is there for DEADLINE threads; what a thread gave back returns at the end of its period)`,
    );
  if (errno !== constants.errno.EPERM) return new NativeError("sched_setattr", errno, what);
  return new NativeError("sched_setattr", errno, what, schedulingRight(threadId, scheduling));
}

/** What EPERM of `sched_setattr` means. */
function schedulingRight(threadId: number, scheduling: NativeScheduling): string {
  if (!holds("CAP_SYS_NICE")) {
    const forGood = `for good: ${grant("CAP_SYS_NICE")}`;
    switch (scheduling.policy) {
      case "deadline":
        return `CAP_SYS_NICE is missing; ${forGood}`;
      case "fifo":
      case "rr":
        return `CAP_SYS_NICE or an RLIMIT_RTPRIO of ${scheduling.priority} is missing; now: ${raise("rtprio", scheduling.priority)}; ${forGood}`;
      case "other":
        return `CAP_SYS_NICE or an RLIMIT_NICE of ${20 - scheduling.nice} is missing; now: ${raise("nice", 20 - scheduling.nice)}; ${forGood}`;
    }
  }
  if (scheduling.policy === "deadline")
    return "a DEADLINE thread must be allowed on every core of its cpuset; give it all of them by setAffinity first";
  const group = cpuGroup(threadId === 0 ? process.pid : threadId);
  return group === undefined || group === "/"
    ? "the system forbids it to a thread that has CAP_SYS_NICE: a security module or a container's filter does"
    : `its control group ${group} has no real-time budget; write microseconds into cpu.rt_runtime_us of it, in each group above it first`;
}

function affinityRefusal(threadId: number, cores: readonly number[], errno: number): NativeError {
  const what = `thread ${threadId} is not confined to cores ${cores.join(", ")}`;
  switch (errno) {
    case constants.errno.EINVAL:
      return new NativeError(
        "sched_setaffinity",
        errno,
        `${what}: none of them is in its cpuset, or the machine has no such core`,
      );
    case constants.errno.EBUSY:
      return new NativeError(
        "sched_setaffinity",
        errno,
        `${what}: a DEADLINE thread keeps every core of its cpuset`,
      );
    case constants.errno.EPERM:
      return new NativeError(
        "sched_setaffinity",
        errno,
        what,
        `CAP_SYS_NICE is missing for a thread of another user; for good: ${grant("CAP_SYS_NICE")}`,
      );
    default:
      return new NativeError("sched_setaffinity", errno, what);
  }
}
