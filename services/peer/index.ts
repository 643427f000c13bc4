export { Activator, type ActivatorOptions } from "./activator.ts";
export { AllowList, moduleUrl } from "./allow-list.ts";
export { PEER_KEY } from "./control-servant.ts";
export * as Peers from "./gen/Peers.ts";
export { News, tellingMetrics } from "./news.ts";
export {
  CHAOS_OPTIONS,
  type ChaosTable,
  CONTROL_OPTIONS,
  type ControlTable,
  HEALTH_OPTIONS,
  type HealthTable,
  LOG_OPTIONS,
  type LogTable,
  NAMING_OPTIONS,
  type NamingTable,
  PEER_SECTIONS,
  type PeerSettings,
  PROCESS_OPTIONS,
  type ProcessTable,
  QOS_OPTIONS,
  type QosTable,
  SERVICE_OPTIONS,
  type ServiceTable,
} from "./options.ts";
export { OVERLAY_OPTIONS, type OverlayTable } from "./overlay-options.ts";
export { MONITOR_OPTIONS, type MonitorTable } from "../monitor/index.ts";
export { GROUPS_OPTIONS, type GroupsTable } from "../peer-groups/index.ts";
export { isIn, type OverlayNode, standingText } from "./overlay-node.ts";
export { PartFailed, Parts } from "./parts.ts";
export { type PeerOptions, type PeerOrb, type RunningPeer, startPeer } from "./peer.ts";
export {
  type Activation,
  ServiceFailed,
  type ServiceHost,
  ServiceRunner,
  type ServiceSpec,
  type ServiceState,
} from "./service-runner.ts";
export { DemandError, NotAllowedError, Services, UnknownServiceError } from "./services.ts";
export type { BeginningService, ServiceContext } from "./service-hooks.ts";
export { openStaticNode } from "./static-node.ts";
