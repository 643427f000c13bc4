export { FailOverClient, type FailOverClientOptions } from "./fail-over-client.ts";
export { failOverContext, failOverIn } from "./fail-over-message.ts";
export {
  FailOverServer,
  type FailOverServerOptions,
  type ServerScheme,
} from "./fail-over-server.ts";
export { FAIL_OVER, type FailOver, type Replica as ReplicaAddress } from "./gen/Mead.ts";
export {
  addressing,
  type AddressingOptions,
  cached,
  type FailOverScheme,
  type LostServer,
  Messages,
  resolved,
  type Whereabouts,
} from "./schemes.ts";
