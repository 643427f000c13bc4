export type { Carrier } from "./carriers.ts";
export type {
  MulticastOptions,
  OpenPeerOptions,
  PeerPorts,
  PeerPriorities,
} from "./options.ts";
export { openPeer, type PeerNode } from "./peer.ts";
