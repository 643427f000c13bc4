import { lookup } from "node:dns/promises";
import { loadNative } from "../../native/index.ts";
import { noLogger, systemClock } from "../../orb/base/index.ts";
import {
  type Channel,
  type Clock,
  type Endpoint,
  INITIALIZE,
  type Listener,
  type Logger,
  MINOR,
  newTcpTransport,
  type Timer,
  type Transport,
} from "../../orb/index.ts";
import { examine, plainHost, printEndpoint } from "../p3-net/index.ts";
import { parseAddress } from "./address.ts";
import type { CarrierEars, LetterCarrier } from "./carrier.ts";
import { HostConnection } from "./connection.ts";
import { Pulse } from "./pulse.ts";
import { Reach } from "./reach.ts";

/** What the endpoint of groups is opened with. */
export interface TcpCarrierOptions {
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
  /** Where absent the reactor of the thread, or Node's sockets where there is none. */
  readonly transport?: Transport;
  readonly clock?: Clock;
  readonly logger?: Logger;
}

const IDLE_MS = 60_000;
const KEEP_ALIVE_MS = 30_000;
/** Connections that others opened. */
const MOST_ACCEPTED = 1_000;
/** To say who it is, milliseconds. */
const GREETING_MS = 2_000;
/** For what waits to leave at the end, milliseconds. */
const CLOSE_MS = 500;
/** Hosts that are known; the one unused for longest goes first. */
const MOST_REACHES = 512;

/**
 * Opens an endpoint for the letters of groups, over TCP.
 * @throws INITIALIZE when the endpoint cannot be had; Error for a host that is not found
 */
export async function openTcpCarrier(options: TcpCarrierOptions): Promise<LetterCarrier> {
  const carrier = new TcpCarrier(options);
  await carrier.open();
  return carrier;
}

/** What the letters of a call cost is mostly what the sockets cost: the reactor's less. */
function newTransport(): Transport {
  const options = { keepAliveMs: KEEP_ALIVE_MS };
  return loadNative()?.createReactor(options) ?? newTcpTransport(options);
}

class TcpCarrier implements LetterCarrier {
  readonly #options: TcpCarrierOptions;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #transport: Transport;
  readonly #reaches: Map<string, Reach> = new Map();
  readonly #connections: Set<HostConnection> = new Set();
  readonly #examined: Set<string> = new Set();
  #acceptedCount = 0;
  #address = "";
  #listener: Listener | undefined;
  #pulse: Pulse | undefined;
  #ears: CarrierEars | undefined;
  #scanning: Timer | undefined;
  #isClosed = false;
  #whenEmpty: (() => void) | undefined;

  constructor(options: TcpCarrierOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#log = options.logger ?? noLogger;
    this.#transport = options.transport ?? newTransport();
  }

  get address(): string {
    return this.#address;
  }

  async open(): Promise<void> {
    const { host, listenHost = host, port = 0, publishedPort } = this.#options;
    const own = plainHost((await lookup(host)).address);
    try {
      this.#listener = await this.#transport.listen({ host: listenHost, port }, (channel) =>
        this.#accept(channel),
      );
    } catch (error) {
      const at = printEndpoint(listenHost, port);
      const text = `the endpoint of groups at ${at} cannot be had: ${String(error)}`;
      throw new INITIALIZE(text, MINOR.none, "COMPLETED_NO", { cause: error });
    }
    this.#address = printEndpoint(own, publishedPort ?? this.#listener.endpoint.port);
    this.#pulse = new Pulse({
      own: this.#address,
      at: { host: listenHost === host ? own : listenHost, port: this.#listener.endpoint.port },
      log: this.#log,
      clock: this.#clock,
      alive: (address, quietMs) => this.#ears?.alive(address, quietMs),
    });
    this.#scan();
  }

  start(ears: CarrierEars): void {
    this.#ears = ears;
  }

  send(to: string, letter: Uint8Array): boolean {
    if (this.#isClosed) return false;
    return this.#reach(to)?.send(letter) ?? false;
  }

  beat(): void {
    this.#pulse?.beat();
  }

  ask(to: string): void {
    const at = parseAddress(to);
    if (at !== undefined) this.#pulse?.ask(to, at);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#ears = undefined;
    this.#scanning?.cancel();
    for (const reach of this.#reaches.values()) reach.close();
    const closed = this.#listener?.close();
    const pulse = this.#pulse?.close();
    for (const connection of this.#connections) connection.end();
    const late = this.#clock.timer(CLOSE_MS, () => {
      for (const connection of this.#connections) connection.destroy();
    });
    if (this.#connections.size > 0)
      await new Promise<void>((resolve) => (this.#whenEmpty = resolve));
    late.cancel();
    await Promise.all([closed, pulse]);
  }

  #reach(to: string): Reach | undefined {
    const known = this.#reaches.get(to);
    if (known !== undefined) return known;
    const at = parseAddress(to);
    if (at === undefined || this.#isClosed) return undefined;
    const made: Reach = new Reach({
      address: to,
      own: this.#address,
      at,
      transport: this.#transport,
      clock: this.#clock,
      log: this.#log,
      begin: (channel) => this.#begin(channel, to),
      refusedThere: () => this.#ears?.gone(to),
    });
    this.#reaches.set(to, made);
    for (const [address, reach] of this.#reaches) {
      if (this.#reaches.size <= MOST_REACHES) break;
      if (reach.isIdle && reach !== made) this.#reaches.delete(address);
    }
    return made;
  }

  #accept(channel: Channel): void {
    if (this.#isClosed || this.#acceptedCount >= MOST_ACCEPTED) return channel.destroy();
    this.#acceptedCount++;
    const connection = this.#begin(channel, undefined);
    const late = this.#clock.timer(GREETING_MS, () => {
      if (connection.address === undefined) connection.destroy();
    });
    late.unref();
  }

  /** @param dialled where it leads; undefined for one that the other side opened */
  #begin(channel: Channel, dialled: string | undefined): HostConnection {
    const connection: HostConnection = new HostConnection({
      channel,
      own: this.#address,
      greeted: (_, address) => {
        const fault = this.#faultOf(address, dialled, channel.peer);
        if (fault === undefined && dialled === undefined) this.#reach(address)?.accept(connection);
        return fault;
      },
      heard: (from, letter) => this.#hear(from, letter),
      refused: ({ peer }, reason) =>
        this.#log.warn("a connection of groups was closed", { peer, dialled, reason }),
      closed: () => this.#closed(connection, dialled),
    });
    this.#connections.add(connection);
    return connection;
  }

  #faultOf(address: string, dialled: string | undefined, peer: string): string | undefined {
    if (dialled !== undefined)
      return address === dialled ? undefined : `wrong host: it says that it is at ${address}`;
    const host = parseAddress(address)?.host;
    if (host === undefined)
      return `wrong sender: "${address}" is no address of a host of groups (HOST:PORT)`;
    const { checksHosts = true } = this.#options;
    const seen = plainHost(peer.slice(0, peer.lastIndexOf(":")));
    if (checksHosts && plainHost(host) !== seen)
      return `wrong sender: it says that it is at ${host}, and comes from ${seen}`;
    return undefined;
  }

  #hear(from: string, letter: Uint8Array): void {
    try {
      this.#ears?.heard(from, letter);
    } catch (error) {
      this.#log.error("a letter of groups was not acted upon", { from, error });
    }
  }

  #closed(connection: HostConnection, dialled: string | undefined): void {
    this.#connections.delete(connection);
    if (dialled === undefined) this.#acceptedCount--;
    if (this.#connections.size === 0) this.#whenEmpty?.();
    const address = dialled ?? connection.address;
    if (address === undefined) return;
    this.#reaches.get(address)?.closed(connection);
    if (!connection.isEnding) this.#examine(address);
  }

  /** A connection that broke says nothing of the process: it is looked after. */
  #examine(address: string): void {
    const at = parseAddress(address);
    const ears = this.#ears;
    if (at === undefined || ears === undefined || this.#examined.has(address)) return;
    this.#examined.add(address);
    // Somebody who found out before may wait for an answer that was just written.
    for (const connection of this.#connections) connection.flush();
    this.#reaches.get(address)?.doubt();
    const patienceMs = ears.patienceMs?.(address) ?? 0;
    if (patienceMs === 0) return void this.#look(address, at);
    const others = this.#clock.timer(patienceMs, () => void this.#look(address, at));
    others.unref();
  }

  async #look(address: string, at: Endpoint): Promise<void> {
    if (this.#isClosed) return;
    const finding = await examine(at, this.#transport, this.#clock);
    this.#examined.delete(address);
    this.#reaches.get(address)?.settle(finding === "gone");
    this.#log.debug("the connection of a host of groups broke", { address, finding });
    if (finding === "gone") this.#ears?.gone(address);
  }

  /** Closes what nobody uses. */
  #scan(): void {
    this.#scanning = this.#clock.timer(IDLE_MS, () => {
      for (const connection of this.#connections) if (!connection.wasUsed()) connection.end();
      this.#scan();
    });
    this.#scanning.unref();
  }
}
