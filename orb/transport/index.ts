export { MemoryTransport } from "./memory.ts";
export { type ChannelWatch, PassedOnChannel } from "./passed-on-channel.ts";
export { isSamePlace, placeOf } from "./port.ts";
export type {
  Channel,
  ChannelEvents,
  ChannelOptions,
  Credentials,
  Endpoint,
  Listener,
  ListenEndpoint,
  Transport,
} from "./port.ts";
export { newTcpTransport, type TcpOptions, tcpTransport } from "./tcp.ts";
export { holderBy, optionsBy, resetterBy, type SocketOptions } from "./socket-options.ts";
export { MAX_PATH_OCTETS } from "./unix.ts";
