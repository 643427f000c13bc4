export { RTCurrent, type Running } from "./current.ts";
export type {
  GivenOrb,
  Lane,
  LaneAdapter,
  LaneCounts,
  LaneEndpoint,
  LaneHost,
  LaneManager,
  LaneSpec,
  ModuleExport,
  ModuleServant,
} from "./lane.ts";
export {
  ContinuousMapping,
  DEFAULT_NATIVE_RANGE,
  DirectMapping,
  LinearMapping,
  mappingByName,
  type MappingName,
  type NativeRange,
  type PriorityMapping,
  PriorityMappingManager,
  type PriorityTransform,
} from "./mapping.ts";
export { type LockOptions, Mutex, type MutexHost } from "./mutex.ts";
export { MutexNotFound, mutexesOf, MutexTable, newMutexMemory } from "./mutex-table.ts";
export type { PriorityMutexes, Scheduler, Scheduling } from "./port.ts";
export { checkPriority, isPriority, MAX_PRIORITY, MIN_PRIORITY } from "./priority.ts";
export { ReadyQueue } from "./ready-queue.ts";
export { rateMonotonic } from "./rate-monotonic.ts";
export {
  type BufferBounds,
  type LaneShape,
  type Work,
  WorkQueue,
} from "./work-queue.ts";
