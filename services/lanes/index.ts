export type { CoreKeeper } from "./awake.ts";
export type { ProcessThreads } from "./helpers.ts";
export { RESTART_LIMITS, type RestartLimits } from "./restarts.ts";
export {
  type LaneConfig,
  type LaneSettings,
  settingsOf,
} from "./settings.ts";
export { ThreadMeasures } from "./thread-measures.ts";
export { WorkerLane } from "./worker-lane.ts";
export { type LaneGroups, WorkerLanes, type WorkerLanesOptions } from "./worker-lanes.ts";
