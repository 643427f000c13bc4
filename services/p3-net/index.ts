export { plainHost, printEndpoint } from "./address.ts";
export type { Carrier } from "./carriers.ts";
export { examine, type Finding } from "./examination.ts";
export { HeartbeatThread } from "./heartbeat-thread.ts";
export type {
  MulticastOptions,
  OpenPeerOptions,
  PeerPorts,
  PeerPriorities,
} from "./options.ts";
export { type AddressedBeat, hearOrders, type ToLane } from "./lane-messages.ts";
export { openPeer, type PeerNode } from "./peer.ts";
export { type Sender, type SenderNaming, Senders, type SendersOptions } from "./senders.ts";
export { Way, type WayOptions } from "./way.ts";
