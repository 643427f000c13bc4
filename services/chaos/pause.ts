import type { Clock } from "../../orb/base/index.ts";

/** Settled after some milliseconds, or when `stop` is aborted: with whether that was so. */
export function pause(clock: Clock, ms: number, stop: AbortSignal): Promise<boolean> {
  if (stop.aborted) return Promise.resolve(true);
  return new Promise((resolve) => {
    const settle = (isStopped: boolean): void => {
      timer.cancel();
      stop.removeEventListener("abort", end);
      resolve(isStopped);
    };
    const end = (): void => settle(true);
    const timer = clock.timer(ms, () => settle(false));
    stop.addEventListener("abort", end, { once: true });
  });
}
