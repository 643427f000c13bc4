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
export {
  type HeldLane,
  type HeldRuntime,
  type Holdings,
  type Host,
  type Partition,
  poolOf,
} from "./holdings.ts";
export { Qos } from "./qos.ts";
export { findLate, type Late, type Work } from "./response-time.ts";
export { ppmOf, runtimeWithin, type Share, shareOf } from "./shares.ts";
