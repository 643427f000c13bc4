import { parentPort, workerData } from "node:worker_threads";
import { loadNative, nativeFault } from "../../native/index.ts";
import { type LaneBirth, serveLane } from "../lane/index.ts";

/** Wires one thread of a lane. */
function main(): void {
  if (parentPort === null) throw new TypeError("lane-main is started as a worker thread");
  serveLane(parentPort, workerData as LaneBirth, {
    scheduler: loadNative()?.scheduler,
    without: nativeFault() ?? "",
    transport: undefined,
  });
}

main();
