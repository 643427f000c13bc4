export {
  admitLane,
  admitRuntime,
  changeLane,
  changeRuntime,
  freeDeadline,
  freeMemory,
  freePercent,
  freeRealtime,
  releaseLane,
  releaseRuntime,
  type Verdict,
} from "./admission.ts";
export { laneDemand, runtimeDemand } from "./blank.ts";
export {
  type HeldLane,
  type HeldRuntime,
  type Holdings,
  type Host,
  type Partition,
  poolOf,
  runtimesOf,
  sharedCores,
} from "./holdings.ts";
export { Qos } from "./qos.ts";
export { findLate, type Late, type Work } from "./response-time.ts";
export {
  kernelTime,
  minus,
  NO_SHARE,
  ppmOf,
  realtimeShare,
  runtimeWithin,
  type Share,
  shareOf,
  sumOf,
} from "./shares.ts";
