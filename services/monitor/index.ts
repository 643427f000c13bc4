export * as Flare from "./gen/Flare.ts";
export * as Monitor from "./gen/Monitor.ts";
export { DEFAULT_LIFE_SOCKET, Life, type LifeOptions } from "./life.ts";
export { Outbox } from "./outbox.ts";
export { type ProcessEvents, Processes } from "./processes.ts";
export {
  type MonitorEvent,
  PLAN_BEGINNING,
  type PlanState,
  type PlanStep,
  type ReportTimes,
  stepPlan,
} from "./report-plan.ts";
export { MONITOR_KEY, type MonitorOptions, type ResourceMonitor, startMonitor } from "./service.ts";
export { MONITOR_OPTIONS, monitorOf, type MonitorTable } from "./table.ts";
export {
  groupUtilization,
  type Jiffies,
  machineUtilization,
  MonitorError,
  readJiffies,
  type UtilizationSource,
  utilizationBetween,
} from "./utilization.ts";
