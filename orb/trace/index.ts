export { messageTrace, type TraceLevel } from "./message-trace.ts";
export { type ChannelObserver, type Observe, ObservedTransport } from "./observed-transport.ts";
export { OrbMetrics } from "./orb-metrics.ts";
