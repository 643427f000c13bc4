import type { Scheduler, Scheduling } from "../../orb/index.ts";
import type { Placement, PlacementWish, Refusal } from "./control.ts";

/** `SCHED_FIFO 37`, as people who know Linux say it. */
export function schedulingText(scheduling: Scheduling): string {
  switch (scheduling.policy) {
    case "other":
      return `SCHED_OTHER, nice ${scheduling.nice}`;
    case "deadline":
      return `SCHED_DEADLINE, ${scheduling.runtimeNs / 1_000} µs in every ${scheduling.periodNs / 1_000} µs`;
    case "fifo":
    case "rr":
      return `SCHED_${scheduling.policy.toUpperCase()} ${scheduling.priority}`;
  }
}

/** What SCHED_OTHER is without asking for it. */
function isOrdinary(scheduling: Scheduling): boolean {
  return scheduling.policy === "other" && scheduling.nice === 0;
}

/**
 * Places the calling thread: name, affinity, timer slack, scheduling last, for a group without real-time budget
 * refuses it. What the system refuses is told and left.
 * @param scheduler undefined where the machine or the addon has none
 * @param without why there is none
 */
export function placeThread(
  scheduler: Scheduler | undefined,
  without: string,
  wish: PlacementWish,
): Placement {
  if (scheduler === undefined) return placeNowhere(without, wish);
  const refused: Refusal[] = [];
  const attempt = (what: string, act: () => void): void => {
    try {
      act();
    } catch (error) {
      refused.push({ what, why: error instanceof Error ? error.message : String(error) });
    }
  };
  const { cores, scheduling, timerSlackNs } = wish;
  const threadId = scheduler.threadId();
  if (cores.length > 0) {
    const what = `${cores.length === 1 ? "core" : "cores"} ${cores.join(", ")}`;
    attempt(what, () => scheduler.setAffinity(threadId, cores));
  }
  attempt(`timer slack ${timerSlackNs} ns`, () => scheduler.setTimerSlackNs(timerSlackNs));
  if (!isOrdinary(scheduling)) {
    const text = schedulingText(scheduling);
    attempt(text, () => scheduler.setScheduling(threadId, scheduling));
  }
  return {
    threadId,
    scheduling: scheduler.scheduling(threadId),
    cores: scheduler.affinity(threadId),
    refused,
  };
}

function placeNowhere(without: string, { scheduling, cores }: PlacementWish): Placement {
  const wishes = [
    ...(isOrdinary(scheduling) ? [] : [schedulingText(scheduling)]),
    ...(cores.length === 0 ? [] : [`core ${cores.join(", ")}`]),
  ];
  const refused =
    wishes.length === 0 ? [] : [{ what: wishes.join(" on "), why: without } satisfies Refusal];
  return { threadId: undefined, scheduling: undefined, cores: [], refused };
}

/** One line for people; undefined where all was granted. */
export function placementWarning(lane: string, refused: readonly Refusal[]): string | undefined {
  if (refused.length === 0) return undefined;
  const parts = refused.map(({ what, why }) => `${what} was not granted (${why})`);
  return `lane "${lane}" serves without what it asked for: ${parts.join("; ")}`;
}
