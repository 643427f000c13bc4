import type { Clock } from "../../orb/index.ts";

/** The machine's monotonic clock; for delays of up to 24 days. */
export const nodeClock: Clock = {
  nowMs: () => performance.now(),
  wallMs: () => Date.now(),
  timer: (delayMs, fire) => {
    const handle = setTimeout(fire, Math.ceil(delayMs));
    return {
      cancel: () => clearTimeout(handle),
      ref: () => void handle.ref(),
      unref: () => void handle.unref(),
    };
  },
};
