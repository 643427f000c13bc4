import { lookup } from "node:dns/promises";
import { noLogger, systemClock } from "../../orb/base/index.ts";
import {
  type Clock,
  type Endpoint,
  type Logger,
  newTcpTransport,
  type ORB,
  ORB_init,
  type Transport,
} from "../../orb/index.ts";
import { Groups } from "../group-wire/index.ts";
import { examine, plainHost, printEndpoint, Senders, Way } from "../p3-net/index.ts";
import type { CarrierEars, LetterCarrier } from "./carrier.ts";

/** What the endpoint of groups is opened with. */
export interface GiopCarrierOptions {
  /** Where others reach it: a name or an IP address of this machine; a name is looked up once. */
  readonly host: string;
  /** Where it listens, when that is not `host`. */
  readonly listenHost?: string;
  /** 0, where absent, lets the system choose. */
  readonly port?: number;
  /** The port that others are to connect to, where something between forwards it. */
  readonly publishedPort?: number;
  /** Whether letters are taken only of hosts whose address is that of the connection; true where absent. */
  readonly checksHosts?: boolean;
  readonly transport?: Transport;
  readonly clock?: Clock;
  readonly logger?: Logger;
}

const OBJECT_KEY = "Groups";
/** Letters for one host that have not left; the window of operations is smaller. */
const MOST_WAITING = 4_096;
/** Octets that wait for one host: parts of a state, and operations. */
const MOST_QUEUED_OCTETS = 32 << 20;
/** An operation carries a request: as large as those that the ORB takes from clients. */
const LARGEST_LETTER_OCTETS = 128 << 20;
const CONNECT_TIMEOUT_MS = 1_000;
const SEND_TIMEOUT_MS = 2_000;
const IDLE_MS = 60_000;
const MOST_CONNECTIONS = 1_000;
const KEEP_ALIVE_MS = 30_000;
/** Hosts that are sent to; the one unused for longest goes first. */
const MOST_WAYS = 512;

const FORM = /^(?:\[([^\]]+)\]|([^:[\]]+)):(\d{1,5})$/;

/** `HOST:PORT`; undefined for anything else. */
function parseAddress(text: string): Endpoint | undefined {
  const match = FORM.exec(text);
  const port = Number(match?.[3]);
  if (match === null || port === 0 || port > 0xffff) return undefined;
  return { host: match[1] ?? match[2] ?? "", port };
}

/**
 * Opens an endpoint for the letters of groups: an object of interface `Groups::Host` (idl/own/Group.idl).
 * @throws INITIALIZE when the endpoint cannot be had; Error for a host that is not found
 */
export async function openGiopCarrier(options: GiopCarrierOptions): Promise<LetterCarrier> {
  const carrier = new GiopCarrier(options);
  try {
    await carrier.open();
    return carrier;
  } catch (error) {
    await carrier[Symbol.asyncDispose]();
    throw error;
  }
}

class GiopCarrier implements LetterCarrier {
  readonly #options: GiopCarrierOptions;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #transport: Transport;
  readonly #ways: Map<string, Way<Groups.Host>> = new Map();
  readonly #examined: Set<string> = new Set();
  #address = "";
  #orb: ORB | undefined;
  #ears: CarrierEars | undefined;

  constructor(options: GiopCarrierOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#log = options.logger ?? noLogger;
    this.#transport = options.transport ?? newTcpTransport({ keepAliveMs: KEEP_ALIVE_MS });
  }

  get address(): string {
    return this.#address;
  }

  async open(): Promise<void> {
    const { host, listenHost = host, port = 0, publishedPort, checksHosts = true } = this.#options;
    const own = plainHost((await lookup(host)).address);
    const senders = new Senders({
      log: this.#log,
      checksHosts,
      naming: {
        read: (body) => {
          const address = body.string();
          return { id: address, address };
        },
        hostOf: ({ address }) => parseAddress(address)?.host,
        form: "an address of a host of groups (HOST:PORT)",
      },
      closed: ({ ref }) => {
        if (ref !== undefined) this.#examine(ref.address);
      },
    });
    const orb = await ORB_init([], {
      transport: senders.transport(this.#transport),
      clock: this.#clock,
      logger: this.#log,
      connectionWatch: {
        broken: ({ route }, end) => {
          if (end.kind !== "left") this.#examine(printEndpoint(route.host, route.port));
        },
      },
      config: {
        orb: {
          listen: [`iiop://${printEndpoint(listenHost, port)}`],
          deadlineMs: SEND_TIMEOUT_MS,
          connectTimeoutMs: CONNECT_TIMEOUT_MS,
          openedIdleMs: IDLE_MS,
          acceptedIdleMs: IDLE_MS * 2,
          maxConnections: MOST_CONNECTIONS,
          maxMessageOctets: LARGEST_LETTER_OCTETS,
          maxQueuedOctets: MOST_QUEUED_OCTETS,
        },
      },
    });
    this.#orb = orb;
    this.#address = printEndpoint(own, publishedPort ?? orb.endpoints[0]?.port ?? 0);
    const servant = new HostServant((from, letter) => this.#ears?.heard(from, letter));
    const poa = await orb.rootPOA.createPoa("groups", {
      idAssignment: "USER_ID",
      gate: senders.gate(servant._descriptor),
    });
    orb.bindPlainKey(OBJECT_KEY, await poa.activate(OBJECT_KEY, servant));
    orb.rootPOA.the_POAManager.activate();
  }

  start(ears: CarrierEars): void {
    this.#ears = ears;
  }

  send(to: string, letter: Uint8Array): boolean {
    const way = this.#way(to);
    return way?.send((host) => host.tell(this.#address, letter)) ?? false;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ears = undefined;
    await this.#orb?.destroy();
  }

  #way(to: string): Way<Groups.Host> | undefined {
    const known = this.#ways.get(to);
    const at = parseAddress(to);
    const orb = this.#orb;
    if (known !== undefined) {
      // Last in the order of use.
      this.#ways.delete(to);
      this.#ways.set(to, known);
      return known;
    }
    if (at === undefined || orb === undefined) return undefined;
    const made = new Way({
      name: `groups of ${to}`,
      to: orb.string_to_object(`corbaloc:iiop:1.2@${to}/${OBJECT_KEY}`).then((reference) => {
        if (reference === null) throw new TypeError(`${to} is nil`);
        return Groups.Host.uncheckedNarrow(reference);
      }),
      mostWaiting: MOST_WAITING,
      refused: () => this.#ears?.gone(to),
      clock: this.#clock,
      log: this.#log,
    });
    this.#ways.set(to, made);
    for (const [address, way] of this.#ways) {
      if (this.#ways.size <= MOST_WAYS) break;
      if (!way.isBusy) this.#ways.delete(address);
    }
    return made;
  }

  /** A connection that broke says nothing of the process: it is looked after. */
  #examine(address: string): void {
    const at = parseAddress(address);
    if (at === undefined || this.#ears === undefined || this.#examined.has(address)) return;
    this.#examined.add(address);
    void examine(at, this.#transport, this.#clock).then((finding) => {
      this.#examined.delete(address);
      this.#log.debug("the connection of a host of groups broke", { address, finding });
      if (finding === "gone") this.#ears?.gone(address);
    });
  }
}

class HostServant extends Groups.HostSkeleton {
  readonly #heard: (from: string, letter: Uint8Array) => void;

  constructor(heard: (from: string, letter: Uint8Array) => void) {
    super();
    this.#heard = heard;
  }

  tell(address: string, letter: Uint8Array): void {
    // Long ones are views of the message, and what they carry is kept.
    this.#heard(address, letter.slice());
  }
}
