import { parentPort } from "node:worker_threads";
import type { Logger } from "../../orb/index.ts";
import { BeatThread } from "./beat-thread.ts";
import { type FromLane, hearOrders, type LaneStart } from "./lane-messages.ts";
import { placeBeatThread } from "./thread-priority.ts";

/** What crosses threads: errors as their text. */
function plain(fields: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(fields).map(([key, value]) => [
      key,
      value instanceof Error ? String(value) : value,
    ]),
  );
}

/** The most urgent that this thread was placed for. */
let placedFor = -1;

/** The heartbeats of one peer; what it is told comes by messages of the main thread. */
async function serve({ port, ...birth }: LaneStart): Promise<void> {
  const post = (message: FromLane): void => port.postMessage(message);
  const line =
    (level: "debug" | "info" | "warn" | "error") =>
    (message: string, fields: Readonly<Record<string, unknown>> = {}): void =>
      post({ kind: "log", level, message, fields: plain(fields) });
  const log: Logger = {
    // Nobody reads those: they would cost every heartbeat a message between threads.
    debug: () => undefined,
    info: line("info"),
    warn: line("warn"),
    error: line("error"),
  };
  const thread = new BeatThread({ birth, post, log });
  try {
    const listening = await thread.open();
    // Not before: making an ORB is no work of that priority.
    if (birth.priority > placedFor) {
      placedFor = birth.priority;
      placeBeatThread(birth.priority, log);
    }
    post({ kind: "open", port: listening });
  } catch (error) {
    // The port would keep the thread, which is of no use.
    post({ kind: "failed", why: error instanceof Error ? error.message : String(error) });
    port.close();
    return;
  }
  hearOrders(port, (message) => thread.take(message));
}

if (parentPort === null) throw new TypeError("beat-main is started as a worker thread");
parentPort.on("message", (start: LaneStart) => void serve(start));
