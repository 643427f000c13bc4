import { readdirSync, readFileSync } from "node:fs";
import { readCoreList } from "../../native/index.ts";

/** Whose a thread is. */
export interface ThreadOwner {
  readonly processId: number;
  readonly userId: number;
  /** The process that started its process; 0: none. */
  readonly parentId: number;
}

/** What the daemon asks of the system about processes. */
export interface Processes {
  /** Undefined: there is no such thread. */
  ownerOf(threadId: number): ThreadOwner | undefined;
  /** The threads of a process; none when it has ended. */
  threadsOf(processId: number): readonly number[];
  /** Whether it is one of the kernel's own. */
  isKernel(threadId: number): boolean;
  /** The cores it may run on; none when it has ended. */
  coresOf(threadId: number): readonly number[];
}

/** The thread that starts all others of the kernel. */
const KTHREADD = 2;

function field(status: string, name: string): number {
  return Number(new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(status)?.[1]);
}

/** By `/proc`. */
export const linuxProcesses: Processes = {
  ownerOf: (threadId) => {
    try {
      const status = readFileSync(`/proc/${threadId}/status`, "utf8");
      return {
        processId: field(status, "Tgid"),
        userId: field(status, "Uid"),
        parentId: field(status, "PPid"),
      };
    } catch {
      return undefined;
    }
  },
  threadsOf: (processId) => {
    try {
      return readdirSync(`/proc/${processId}/task`).map(Number);
    } catch {
      return [];
    }
  },
  isKernel: (threadId) => {
    const whose = linuxProcesses.ownerOf(threadId);
    return whose !== undefined && [whose.parentId, whose.processId].includes(KTHREADD);
  },
  coresOf: (threadId) => {
    try {
      const status = readFileSync(`/proc/${threadId}/status`, "utf8");
      return readCoreList(/^Cpus_allowed_list:\s*(.*)$/m.exec(status)?.[1] ?? "");
    } catch {
      return [];
    }
  },
};
