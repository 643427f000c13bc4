import type { MessagePort } from "node:worker_threads";
import type { LaneBirth } from "./control.ts";
import { answerWith } from "./link.ts";
import { type LaneMachine, LaneWorker } from "./worker.ts";

/** Serves as one thread of a lane; what it is told comes by messages of the main thread through `port`. */
export function serveLane(port: MessagePort, birth: LaneBirth, machine: LaneMachine): void {
  // Behind the answer to `close`; timers that a servant left must not keep the thread.
  const end = (): void => void setImmediate(() => process.exit(0));
  const worker = new LaneWorker(birth, machine, port, end);
  port.on("message", (message: unknown) => void answerWith(worker, message, port));
}
