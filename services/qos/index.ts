export { laneDemand, Qos, runtimeDemand } from "../admission/index.ts";
export {
  connectToDaemon,
  type LaneReservation,
  QosClient,
  type QosClientOptions,
  qosFaultText,
} from "./client.ts";
export {
  coresOfHost,
  defaultConfig,
  defaultPartitions,
  type PartitionConfig,
  type QosdConfig,
  type RuntimeConfig,
} from "./config.ts";
export { daemonAddress, DEFAULT_SOCKET } from "./daemon-reference.ts";
export { type Guard, guard, startGuard } from "./guard.ts";
export { GroupTree } from "./group-tree.ts";
export { type Layout, planOf, type PlannedGroup } from "./plan.ts";
export { linuxProcesses, type Processes, type ThreadOwner } from "./processes.ts";
export { QosConfigError } from "./hold.ts";
export { type QosDaemon, type QosDaemonOptions, startQosDaemon } from "./service.ts";
export { statusText } from "./status-text.ts";
