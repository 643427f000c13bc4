export { MemoryTransport } from "./memory.ts";
export type {
  Channel,
  ChannelEvents,
  Endpoint,
  Listener,
  ListenEndpoint,
  Transport,
} from "./port.ts";
export { newTcpTransport, type TcpOptions, tcpTransport } from "./tcp.ts";
