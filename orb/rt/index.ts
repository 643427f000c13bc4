export type {
  Lane,
  LaneAdapter,
  LaneEndpoint,
  LaneHost,
  LaneSpec,
  ModuleServant,
} from "./lane.ts";
export type { PriorityMutexes, Scheduler, Scheduling } from "./port.ts";
