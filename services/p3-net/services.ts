import {
  type Clock,
  type Logger,
  newTcpTransport,
  type ORB,
  ORB_init,
  type Transport,
} from "../../orb/index.ts";
import type { PeerRef } from "../overlay/index.ts";
import type { Message } from "../p3/index.ts";
import {
  DiscoveryReceiver,
  isDiscovery,
  MembershipReceiver,
  P3,
  tellDiscovery,
  tellMembership,
  isBeat,
} from "../p3-wire/index.ts";
import { printEndpoint } from "./address.ts";
import type { PeerPorts, PeerPriorities } from "./options.ts";
import { Senders } from "./senders.ts";
import { KEYS, Ways } from "./ways.ts";

/** Messages of one neighbour that have not left; more are dropped, and the machine sends again what matters. */
const MOST_WAITING = 128;
/** Milliseconds to reach a peer, and for a message to leave. */
const CONNECT_TIMEOUT_MS = 1_000;
const SEND_TIMEOUT_MS = 2_000;
const IDLE_MS = 60_000;
/** Octets that wait for one neighbour. */
const MOST_QUEUED_OCTETS = 4 * 1024 * 1024;
/** A snapshot of thousands of peers is a few hundred kilobytes. */
const LARGEST_MESSAGE_OCTETS = 4 * 1024 * 1024;
const MOST_CONNECTIONS = 1_000;
const KEEP_ALIVE_MS = 30_000;

/** Who hears what comes to a peer. */
export interface ServiceEars {
  receive(sender: PeerRef, message: Message): void;
  carried(sender: PeerRef, channel: string, message: Uint8Array): void;
  /** Nobody listens where the peer did. */
  gone(peer: PeerRef): void;
}

export interface PeerServicesOptions {
  readonly listenHost: string;
  readonly ports: PeerPorts;
  readonly priorities: PeerPriorities;
  readonly checksHosts: boolean;
  readonly transport: Transport | undefined;
  readonly clock: Clock;
  readonly log: Logger;
}

/**
 * P3::Membership and P3::Discovery of this peer, each behind a lane of its own: an endpoint and a priority. What comes to
 * the membership is queued by that, what comes to the discovery is worked off as it is read.
 */
export class PeerServices implements AsyncDisposable {
  readonly ports: Pick<PeerPorts, "membership" | "discovery">;
  readonly #orb: ORB;
  readonly #membership: Ways<P3.Membership>;
  readonly #discovery: Ways<P3.Discovery>;

  private constructor(
    orb: ORB,
    ports: Pick<PeerPorts, "membership" | "discovery">,
    { clock, log }: PeerServicesOptions,
    ears: ServiceEars,
  ) {
    this.#orb = orb;
    this.ports = ports;
    const gone = (peer: PeerRef): void => ears.gone(peer);
    const common = { orb, mostWaiting: MOST_WAITING, gone, clock, log };
    this.#membership = new Ways({
      ...common,
      service: "membership",
      repositoryId: P3.Membership.repositoryId,
      narrow: (reference) => P3.Membership.uncheckedNarrow(reference),
    });
    this.#discovery = new Ways({
      ...common,
      service: "discovery",
      repositoryId: P3.Discovery.repositoryId,
      narrow: (reference) => P3.Discovery.uncheckedNarrow(reference),
    });
  }

  /**
   * Opens both endpoints; what comes is held until `ears` has somebody to hear it.
   * @throws INITIALIZE for an endpoint that cannot be had
   */
  static async open(options: PeerServicesOptions, ears: ServiceEars): Promise<PeerServices> {
    const { checksHosts, clock, listenHost, log } = options;
    const base = options.transport ?? newTcpTransport({ keepAliveMs: KEEP_ALIVE_MS });
    const senders = new Senders({ log, checksHosts });
    const orb = await ORB_init([], {
      transport: senders.transport(base),
      clock,
      logger: log,
      config: {
        orb: {
          listen: [],
          publish: [`${listenHost}:{port}`],
          deadlineMs: SEND_TIMEOUT_MS,
          connectTimeoutMs: CONNECT_TIMEOUT_MS,
          openedIdleMs: IDLE_MS,
          acceptedIdleMs: IDLE_MS * 2,
          maxConnections: MOST_CONNECTIONS,
          maxMessageOctets: LARGEST_MESSAGE_OCTETS,
          maxQueuedOctets: MOST_QUEUED_OCTETS,
        },
      },
    });
    try {
      const ports = await serve(orb, senders, options, ears);
      return new PeerServices(orb, ports, options, ears);
    } catch (error) {
      await orb.destroy();
      throw error;
    }
  }

  /** Everything but heartbeats, which have a lane of their own. */
  send(self: PeerRef, to: PeerRef, message: Message): void {
    if (isDiscovery(message))
      this.#discovery.send(to, (there) => tellDiscovery(there, self, message));
    else if (!isBeat(message))
      this.#membership.send(to, (there) => tellMembership(there, self, message));
  }

  carry(self: PeerRef, to: PeerRef, channel: string, message: Uint8Array): boolean {
    return this.#discovery.send(to, (there) => there.carry(self, channel, message));
  }

  /** Settled when what was sent has left. */
  async idle(): Promise<void> {
    await Promise.all([this.#membership.idle(), this.#discovery.idle()]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#orb.destroy();
  }
}

/** @returns the ports in force */
async function serve(
  orb: ORB,
  senders: Senders,
  { listenHost, ports, priorities }: PeerServicesOptions,
  ears: ServiceEars,
): Promise<Pick<PeerPorts, "membership" | "discovery">> {
  const services = ["membership", "discovery"] as const;
  const lanes = services.map((service) => ({
    lane_priority: priorities[service],
    static_threads: 1,
    dynamic_threads: 0,
  }));
  const listen = services.map((service) => `iiop://${printEndpoint(listenHost, ports[service])}`);
  const threadpool = await orb.rt.create_threadpool_with_lanes(0, lanes, false, true, 0, 0, {
    name: "overlay",
    listen,
  });
  const servants = {
    membership: new MembershipReceiver((sender, message) => ears.receive(sender, message)),
    discovery: new DiscoveryReceiver(ears),
  };
  for (const service of services) {
    const poa = await orb.rootPOA.createPoa(service, {
      idAssignment: "USER_ID",
      threadpool,
      priorityModel: { model: "SERVER_DECLARED", priority: priorities[service] },
      gate: senders.gate(servants[service]._descriptor),
    });
    orb.bindPlainKey(KEYS[service], await poa.activate(service, servants[service]));
  }
  // Questions cross several peers, one after the other, and each is short: they are answered as they are read.
  orb.receiveDirectly(KEYS.discovery, senders.receiver(servants.discovery));
  orb.rootPOA.the_POAManager.activate();
  const bound = orb.rt.threadpoolState(threadpool).lanes.map(({ endpoint }) => endpoint?.port ?? 0);
  const [membership = 0, discovery = 0] = bound;
  return { membership, discovery };
}
