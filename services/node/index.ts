export type { PolicyConfig } from "./policies.ts";
export { ConfigError, loadConfig, type NodeConfig, parseConfig } from "./config.ts";
export type { OrbConfig } from "./orb-options.ts";
export { type PinoOptions, pinoLogger } from "./pino-logger.ts";
export { type MetricsEndpoint, PrometheusMetrics, serveMetrics } from "./prometheus.ts";
export { threadpoolLanes, wire, type Wired, type WireOptions } from "./wire.ts";
export { loadQosdConfig, parseQosdConfig, qosdConfigText } from "./qosd-config.ts";
export { qosGroups, type QosGroupsOptions } from "./qos-groups.ts";
