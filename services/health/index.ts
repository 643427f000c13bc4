export { type HealthEndpoint, type HealthOptions, openHealth } from "./endpoint.ts";
export { EventQueue, type EventSink } from "./event-queue.ts";
export type { HealthEvent, HealthSource, PartState } from "./source.ts";
