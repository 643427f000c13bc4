import type { Group } from "../../../services/replication/index.ts";

/** Resolves when all of so many are in the group. @throws Error when the signal ends it */
export function complete(group: Group, count: number, signal: AbortSignal): Promise<void> {
  const isComplete = (): boolean => group.view?.members.length === count;
  return new Promise((resolve, reject) => {
    const look = (): void => {
      if (!isComplete() && !signal.aborted) return;
      end();
      signal.removeEventListener("abort", look);
      if (isComplete()) resolve();
      else reject(new Error(`${String(group.view?.members.length)} of ${count} replicas in time`));
    };
    const end = group.watch(look);
    signal.addEventListener("abort", look);
    look();
  });
}
