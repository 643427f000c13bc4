import { parentPort, workerData } from "node:worker_threads";
import { loadNative, nativeFault } from "../../native/index.ts";
import { type LaneBirth, serveLane } from "../lane-thread/index.ts";

/** Milliseconds of silence after which TCP asks, where the configuration does not say. */
const KEEP_ALIVE_MS = 60_000;

/** Wires one thread of a lane: the addon's scheduler, mutexes and reactor where it is there, else `node:net` alone. */
function main(): void {
  if (parentPort === null) throw new TypeError("lane-main is started as a worker thread");
  const addon = loadNative();
  serveLane(parentPort, workerData as LaneBirth, {
    scheduler: addon?.scheduler,
    mutexes: addon?.mutexes,
    without: nativeFault() ?? "",
    newTransport: ({
      orb: { keepAliveMs = KEEP_ALIVE_MS, maxMessageOctets, resetOnCrash = false },
      spinUs,
    }) =>
      addon?.createReactor({
        keepAliveMs,
        spinUs,
        resetOnCrash,
        ...(maxMessageOctets === undefined ? {} : { wholeOctets: maxMessageOctets }),
      }),
  });
}

main();
