export {
  type Candidate,
  failoverTargets,
  type Processor,
  rankTargets,
  type RunningObject,
  type RunningProcess,
} from "./algorithm.ts";
export {
  addAgent,
  type NewReplica,
  observe,
  processFailed,
  type ProcessorReport,
  processorFailed,
  register,
  removeAgent,
  withdraw,
} from "./changes.ts";
export { FailoverLocator } from "./locator.ts";
export { type Push, Pushes, type PushesOptions } from "./pushes.ts";
export { rank } from "./ranking.ts";
export {
  type ManagerOptions,
  type ReplicationManager,
  startManager,
  MANAGER_KEY,
} from "./service.ts";
export { ManagerServant, type ManagerWatch } from "./servant.ts";
export { LIMITS, type ManagerState, newManagerState } from "./state.ts";
