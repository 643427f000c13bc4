export { MemoryTransport } from "./memory.ts";
export type {
  Channel,
  ChannelEvents,
  Endpoint,
  Listener,
  ListenEndpoint,
  Transport,
} from "./port.ts";
export { tcpTransport } from "./tcp.ts";
