import { availableParallelism } from "node:os";
import { isMainThread } from "node:worker_threads";
import type { Scheduling } from "../../orb/index.ts";
import type { LaneSettings } from "./settings.ts";

/** Threads of this process, as the machine's scheduler has them. */
export interface ProcessThreads {
  threads(): readonly { readonly id: number; readonly name: string }[];
  setScheduling(threadId: number, scheduling: Scheduling): void;
  setAffinity(threadId: number, cores: readonly number[]): void;
}

function priorityOf(scheduling: Scheduling): number {
  return scheduling.policy === "fifo" || scheduling.policy === "rr" ? scheduling.priority : 0;
}

/** Workers there are already; they look like V8's helpers from outside. */
function workerCount(): number {
  const report = process.report.getReport() as { readonly workers?: readonly unknown[] };
  return report.workers?.length ?? 0;
}

/**
 * Puts V8's helper threads one above the lanes, on the cores that no lane reserves. A lane that hands them code to
 * compile takes a lock that one of them may hold: an ordinary thread that real-time ones keep from its core keeps
 * the lane waiting, for up to a second. To be called before the first worker is made.
 * @returns why that was not done, for people; undefined when it was, or need not be
 */
export function raiseHelpers(
  threads: ProcessThreads | undefined,
  lanes: readonly LaneSettings[],
): string | undefined {
  const highest = Math.max(0, ...lanes.map(({ wish }) => priorityOf(wish.scheduling)));
  const reserved = new Set(lanes.flatMap(({ wish }) => wish.cores));
  if (threads === undefined || highest === 0 || reserved.size === 0) return undefined;
  const cores = Array.from({ length: availableParallelism() }, (_, core) => core);
  const left = cores.filter((core) => !reserved.has(core));
  if (left.length === 0) return "lanes reserve all cores";
  if (!isMainThread || workerCount() > 0) return "there are other workers already";
  try {
    for (const { id } of threads.threads()) {
      if (id === process.pid) continue;
      threads.setAffinity(id, left);
      threads.setScheduling(id, { policy: "fifo", priority: highest + 1 });
    }
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
