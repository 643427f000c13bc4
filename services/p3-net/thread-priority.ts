import { loadNative, nativeFault } from "../../native/index.ts";
import { LinearMapping, type Logger } from "../../orb/index.ts";

/** The kernel shows this name; 15 octets. */
const THREAD_NAME = "p3-heartbeats";

/**
 * Names the calling thread, and has the kernel schedule it by SCHED_FIFO, ahead of whatever is busy. Without the addon or
 * the right to it heartbeats go as other threads do; one line of the log says what is missing.
 * @param priority of CORBA
 */
export function placeBeatThread(priority: number, log: Logger): void {
  const scheduler = loadNative()?.scheduler;
  const native = new LinearMapping().to_native(priority);
  const without = "heartbeats are sent without real-time priority";
  if (scheduler === undefined) {
    log.info(without, { why: nativeFault() });
    return;
  }
  try {
    scheduler.setThreadName(THREAD_NAME);
    if (native === undefined) return;
    scheduler.setScheduling(scheduler.threadId(), { policy: "fifo", priority: native });
  } catch (error) {
    log.info(without, { why: error instanceof Error ? error.message : String(error) });
  }
}
