import type { Clock, Logger, Random, Transport } from "../../orb/index.ts";
import type { PeerId, Role } from "../overlay/index.ts";
import type { P3Settings } from "../p3/index.ts";
import type { HeartbeatThread } from "./heartbeat-thread.ts";

/** What a peer on the network is opened with. */
export interface OpenPeerOptions {
  /** Where others reach this peer: a name or an IP address of this machine; a name is looked up once. */
  readonly host: string;
  /** Where it listens, when that is not `host`: `0.0.0.0`, for example. */
  readonly listenHost?: string;
  /** Ports of the three services; 0, where absent, lets the system choose. */
  readonly ports?: PeerPorts;
  /** Ports that others are to connect to, where something between forwards them to those listened on. */
  readonly publishedPorts?: PeerPorts;
  /** Peers to ask for the tree, `HOST:PORT` of their membership; a name stands for all of its addresses. */
  readonly seeds: readonly string[];
  /** Asks for peers in the local network, too; not done where absent. */
  readonly multicast?: MulticastOptions;
  /** Unique among all processes that ever were; made up where absent. */
  readonly id?: PeerId;
  /** `superpeer` where absent. */
  readonly role?: Role;
  /** `seeds` of these is filled in. */
  readonly settings?: Partial<Omit<P3Settings, "seeds">>;
  /** How long a neighbour whose process lives, but whose main thread does not run, is not taken for dead; 2,000 ms where absent. */
  readonly stallPatienceMs?: number;
  /** CORBA priorities of the services, 0 to 32767. */
  readonly priorities?: Partial<PeerPriorities>;
  /** Whether messages are taken only of peers whose address is that of the connection; true where absent. Not behind address translation. */
  readonly checksHosts?: boolean;
  /** The thread that heartbeats go by, shared with other peers of this process; one of its own where absent. */
  readonly heartbeats?: HeartbeatThread;
  readonly logger?: Logger;
  readonly clock?: Clock;
  readonly random?: Random;
  /** Beneath the connections of membership and discovery; `node:net` where absent. */
  readonly transport?: Transport;
  /** Ends the opening. */
  readonly signal?: AbortSignal;
}

export interface PeerPorts {
  readonly membership: number;
  readonly discovery: number;
  readonly faultTolerance: number;
}

export interface PeerPriorities {
  /** Of the thread that heartbeats are sent and answered by. */
  readonly faultTolerance: number;
  readonly membership: number;
  readonly discovery: number;
}

/** Asking for peers by UDP; no router passes the questions on. */
export interface MulticastOptions {
  /** IPv4; 239.192.73.51 where absent. */
  readonly group?: string;
  /** 7351 where absent. */
  readonly port?: number;
  /** IP address of the interface; the system's choice where absent. */
  readonly interface?: string;
}

/** The most urgent is what tells the living from the dead. */
export const DEFAULT_PRIORITIES: PeerPriorities = {
  faultTolerance: 24_000,
  membership: 20_000,
  discovery: 16_000,
};

export const DEFAULT_STALL_PATIENCE_MS: number = 2_000;
export const ANY_PORTS: PeerPorts = { membership: 0, discovery: 0, faultTolerance: 0 };
