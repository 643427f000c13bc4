export type { PolicyConfig } from "./policies.ts";
export { loadConfig, type NodeConfig, parseConfig } from "./config.ts";
export { ConfigError } from "./config-error.ts";
export type { OrbConfig } from "./orb-options.ts";
export { type PinoOptions, pinoLogger } from "./pino-logger.ts";
export { type MetricsEndpoint, PrometheusMetrics, serveMetrics } from "./prometheus.ts";
export { threadpoolLanes, wire, type Wired, type WireOptions } from "./wire.ts";
export { loadQosdConfig, parseQosdConfig, qosdConfigText } from "./qosd-config.ts";
export { qosGroups, type QosGroupsOptions } from "./qos-groups.ts";
export {
  loadPeerConfig,
  parsePeerConfig,
  PEER_TABLES,
  type PeerConfig,
  peerConfigText,
  type PeerSources,
} from "./peer/config.ts";
export {
  openPeerProcess,
  type PeerEnd,
  runPeer,
  type RunPeerOptions,
} from "./peer/process.ts";
export { Notifier, type NotifierOptions } from "./peer/notifier.ts";
