export { MemoryTransport } from "./memory.ts";
export type { Channel, ChannelEvents, Endpoint, Listener, Transport } from "./port.ts";
export { tcpTransport } from "./tcp.ts";
