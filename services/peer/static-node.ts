import { systemClock } from "../../orb/base/index.ts";
import {
  type Logger,
  newTcpTransport,
  type ORB,
  ORB_init,
  PassedOnChannel,
  type Transport,
} from "../../orb/index.ts";
import {
  type AttributeValue,
  type PeerEntry,
  type PeerRef,
  type Service,
  type StaticMessage,
  StaticOverlay,
} from "../overlay/index.ts";
import * as StaticPeers from "./gen/StaticPeers.ts";
import type { OverlayTable } from "./overlay-options.ts";
import type { OverlayNode } from "./overlay-node.ts";

/** The object key of each peer at its overlay's endpoint. */
const KEY = "StaticPeer";
/** Heartbeats are small; a list is of a few peers. */
const LARGEST_MESSAGE_OCTETS = 1_048_576;
const KEEP_ALIVE_MS = 10_000;
const CONNECT_TIMEOUT_MS = 500;
/** Milliseconds for the words of farewell to leave. */
const FAREWELL_MS = 500;

type Attributes = Readonly<Record<string, AttributeValue>>;

function propertiesOf(attributes: Attributes = {}): StaticPeers.PropertyList {
  return Object.entries(attributes).map(([name, value]) => ({
    name,
    value:
      typeof value === "string"
        ? { $d: "VALUE_TEXT", text: value }
        : { $d: "VALUE_NUMBER", number: value },
  }));
}

function attributesOf(properties: StaticPeers.PropertyList): Attributes {
  return Object.fromEntries(
    properties.map(({ name, value }) => [
      name,
      value.$d === "VALUE_TEXT" ? value.text : value.number,
    ]),
  );
}

/** An entry as it travels; a peer of a list is always a superpeer. */
export function entryToWire({ ref, version, services, attributes }: PeerEntry): StaticPeers.Entry {
  return {
    address: ref.address,
    version,
    services: services.map(({ name, instance, reference, attributes: own }) => ({
      name,
      instance,
      reference,
      properties: propertiesOf(own),
    })),
    properties: propertiesOf(attributes),
  };
}

export function entryFromWire(entry: StaticPeers.Entry): PeerEntry {
  return {
    ref: { id: entry.address, address: entry.address },
    role: "superpeer",
    version: entry.version,
    services: entry.services.map(
      ({ name, instance, reference, properties }): Service => ({
        name,
        instance,
        reference,
        attributes: attributesOf(properties),
      }),
    ),
    attributes: attributesOf(entry.properties),
  };
}

class Ear extends StaticPeers.PeerSkeleton {
  readonly #receive: (from: PeerRef, message: StaticMessage) => void;

  constructor(receive: (from: PeerRef, message: StaticMessage) => void) {
    super();
    this.#receive = receive;
  }

  override here(from: StaticPeers.Entry): void {
    const entry = entryFromWire(from);
    this.#receive(entry.ref, { kind: "here", entry });
  }

  override left(address: string): void {
    this.#receive({ id: address, address }, { kind: "leave" });
  }
}

/** Tells one other peer; what it does not take in time is left out, for the next heartbeat says it again. */
class Mouth {
  readonly #orb: ORB;
  readonly #to: PeerRef;
  readonly #timeoutMs: number;
  #last: Promise<unknown> = Promise.resolve();
  #isBusy = false;
  #peer: StaticPeers.Peer | undefined;

  constructor(orb: ORB, to: PeerRef, timeoutMs: number) {
    this.#orb = orb;
    this.#to = to;
    this.#timeoutMs = timeoutMs;
  }

  /** Settled when the last message left, or could not. */
  get idle(): Promise<unknown> {
    return this.#last;
  }

  say(self: PeerRef, message: StaticMessage): void {
    if (this.#isBusy && message.kind === "here") return;
    this.#isBusy = true;
    this.#last = this.#say(self, message)
      // Nobody is there: the detector draws its own conclusions.
      .catch(() => undefined)
      .finally(() => (this.#isBusy = false));
  }

  async #say(self: PeerRef, message: StaticMessage): Promise<void> {
    this.#peer ??=
      StaticPeers.Peer.uncheckedNarrow(
        await this.#orb.string_to_object(`corbaloc::${this.#to.address}/${KEY}`),
      ) ?? undefined;
    const options = { timeoutMs: this.#timeoutMs };
    if (message.kind === "leave") await this.#peer?.left(self.address, options);
    else await this.#peer?.here(entryToWire(message.entry), options);
  }
}

export interface StaticNodeOptions {
  readonly settings: Pick<
    OverlayTable,
    "host" | "listenHost" | "port" | "peers" | "heartbeatMs" | "suspicionPhi" | "leastDeviationMs"
  >;
  readonly logger: Logger;
}

/** An ORB of its own at the overlay's endpoint; the end of a connection to a peer is told. */
async function openOrb(
  { settings, logger }: StaticNodeOptions,
  broken: (address: string) => void,
): Promise<ORB> {
  const tcp = newTcpTransport({ keepAliveMs: KEEP_ALIVE_MS });
  const transport: Transport = {
    listen: (at, accept) => tcp.listen(at, accept),
    connect: async (to, signal) => {
      const host = to.host.includes(":") ? `[${to.host}]` : to.host;
      return new PassedOnChannel(await tcp.connect(to, signal), {
        closed: () => broken(`${host}:${to.port}`),
      });
    },
  };
  const { listenHost = settings.host, port } = settings;
  const host = listenHost.includes(":") ? `[${listenHost}]` : listenHost;
  return await ORB_init([], {
    transport,
    logger,
    config: {
      orb: {
        listen: [`iiop://${host}:${port}`],
        openedIdleMs: 0,
        connectTimeoutMs: CONNECT_TIMEOUT_MS,
        maxMessageOctets: LARGEST_MESSAGE_OCTETS,
      },
    },
  });
}

/**
 * Opens a peer of a fixed list at its endpoint.
 * @throws RangeError when the list does not name this peer; INITIALIZE for an endpoint that cannot be had
 */
export async function openStaticNode(options: StaticNodeOptions): Promise<OverlayNode> {
  const { settings } = options;
  const { host, port, heartbeatMs, suspicionPhi, leastDeviationMs } = settings;
  const address = `${host.includes(":") ? `[${host}]` : host}:${port}`;
  const ref: PeerRef = { id: address, address };
  const peers = settings.peers.map((each): PeerRef => ({ id: each, address: each }));
  const mouths = new Map<string, Mouth>();
  const overlay = new StaticOverlay({
    self: ref,
    peers,
    heartbeatMs,
    detector: { threshold: suspicionPhi, expectedMs: heartbeatMs, leastDeviationMs },
    clock: systemClock,
    send: (to, message) => mouths.get(to.id)?.say(ref, message),
  });
  const orb = await openOrb(options, (gone) => overlay.broken({ id: gone, address: gone }));
  for (const peer of peers)
    if (peer.id !== ref.id) mouths.set(peer.id, new Mouth(orb, peer, heartbeatMs));
  const poa = await orb.rootPOA.createPoa("overlay", { idAssignment: "USER_ID" });
  const ear = await poa.activate(KEY, new Ear((from, message) => overlay.receive(from, message)));
  orb.bindPlainKey(KEY, ear);
  poa.the_POAManager.activate();
  let closing: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    overlay.leave();
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise((resolve) => (timer = setTimeout(resolve, FAREWELL_MS)));
    await Promise.race([Promise.all([...mouths.values()].map(({ idle }) => idle)), late]);
    clearTimeout(timer);
    await orb.destroy();
  };
  return { overlay, ref, close: () => (closing ??= close()) };
}
