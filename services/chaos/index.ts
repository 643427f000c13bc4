export { CHAOS_KEY, ChaosServant } from "./chaos-servant.ts";
export { type ChildOptions, ChildTarget } from "./child.ts";
export { drill, type DrillOptions, type Named } from "./drill.ts";
export {
  type Fault,
  type FaultKind,
  faultText,
  harmLink,
  harmProcess,
  LINK_FAULTS,
  type LinkTarget,
  PROCESS_FAULTS,
  type SignalTarget,
} from "./faults.ts";
export * as Chaos from "./gen/Chaos.ts";
export { burnProcessor, InsideFaults, type InsideOptions } from "./inside.ts";
export { pause } from "./pause.ts";
export { type Planned, type PlanOptions, planOf } from "./plan.ts";
export {
  ChaosError,
  type ProcessTable,
  type Signal,
  systemProcesses,
  Victim,
} from "./process.ts";
export { type LinkMode, TcpProxy } from "./tcp-proxy.ts";
