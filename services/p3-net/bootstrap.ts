import { lookup } from "node:dns/promises";
import type { Clock, Logger, Timer } from "../../orb/index.ts";
import type { PeerRef } from "../overlay/index.ts";
import { type PeerPlace, parsePlace, plainHost, printEndpoint } from "./address.ts";
import { Multicast } from "./multicast.ts";
import type { MulticastOptions } from "./options.ts";

/** All addresses of a name. */
export type Lookup = (host: string) => Promise<readonly string[]>;

/** In an order that is the same everywhere: resolvers turn their answers round. */
export const systemLookup: Lookup = async (host) => {
  const found = await lookup(host, { all: true });
  return [...new Set(found.map(({ address }) => address))].toSorted();
};

/** Questions to the local network before joining, and milliseconds between them. */
const ASKS = 3;
const ASK_GAP_MS = 25;
/** Milliseconds after which names are looked up, and the local network is asked, again. */
const REFRESH_MS = 5_000;
/** Peers of the local network that are kept; a newer one takes the place of the oldest. */
const MOST_MET = 16;

export interface BootstrapOptions {
  readonly seeds: readonly PeerPlace[];
  readonly multicast: MulticastOptions | undefined;
  readonly checksHosts: boolean;
  /** Takes the place of its own address among the seeds. */
  readonly self: PeerRef;
  /** The seeds are others now. */
  readonly changed: (seeds: readonly PeerRef[]) => void;
  readonly clock: Clock;
  readonly log: Logger;
  readonly look?: Lookup;
}

/** @throws RangeError for a seed that is no `HOST:PORT` */
export function readSeeds(seeds: readonly string[]): readonly PeerPlace[] {
  return seeds.map((seed) => {
    const place = parsePlace(seed);
    if (place !== undefined && place.discovery === undefined) return place;
    throw new RangeError(
      `seed "${seed}" is not understood; allowed: HOST:PORT, e.g. peers.example:7400 or [::1]:7400`,
    );
  });
}

/**
 * The peers that joining starts from: of a list, in its order, then those of the local network, by their ids. The first
 * founds the tree, so the order is the same for all. The ids of the former are not known; until they answer it is their
 * address.
 */
export class Bootstrap implements AsyncDisposable {
  readonly #options: BootstrapOptions;
  readonly #met: Map<string, PeerRef> = new Map();
  #listed: readonly PeerRef[] = [];
  #told: string = "";
  #multicast: Multicast | undefined;
  #timer: Timer | undefined;
  #isClosed = false;

  constructor(options: BootstrapOptions) {
    this.#options = options;
  }

  /** Looks and asks, for the first time, and again and again from then on. @throws Error when there is no multicast */
  async first(): Promise<readonly PeerRef[]> {
    const { multicast: options, self, checksHosts, log, clock } = this.#options;
    if (options !== undefined) {
      const met = (peer: PeerRef): void => this.#meet(peer);
      this.#multicast = await Multicast.open({ self, options, checksHosts, log, met });
    }
    await this.#look();
    for (let ask = 0; ask < ASKS && this.#multicast !== undefined; ask++) {
      this.#multicast.ask();
      await new Promise<void>((resolve) => void clock.timer(ASK_GAP_MS, resolve));
    }
    this.#later();
    this.#told = JSON.stringify(this.#seeds());
    return this.#seeds();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    this.#timer?.cancel();
    await this.#multicast?.[Symbol.asyncDispose]();
  }

  #later(): void {
    const isFixed =
      this.#multicast === undefined && this.#options.seeds.every(({ host }) => isNumeric(host));
    if (isFixed || this.#isClosed) return;
    this.#timer = this.#options.clock.timer(REFRESH_MS, () => {
      this.#multicast?.ask();
      void this.#look().then(() => {
        this.#tell();
        this.#later();
      });
    });
    this.#timer.unref();
  }

  #meet(peer: PeerRef): void {
    this.#met.delete(peer.id);
    this.#met.set(peer.id, peer);
    const [oldest] = this.#met.keys();
    if (this.#met.size > MOST_MET && oldest !== undefined) this.#met.delete(oldest);
    if (this.#told !== "") this.#tell();
  }

  #tell(): void {
    const seeds = this.#seeds();
    const text = JSON.stringify(seeds);
    if (text === this.#told || this.#isClosed) return;
    this.#told = text;
    this.#options.changed(seeds);
  }

  #seeds(): readonly PeerRef[] {
    const { self, multicast } = this.#options;
    const near = multicast === undefined ? [] : [...this.#met.values(), self];
    const byId = near.toSorted((a, b) => (a.id < b.id ? -1 : 1));
    const listed = this.#listed.some(({ id }) => id === self.id)
      ? byId.filter(({ id }) => id !== self.id)
      : byId;
    return [...this.#listed, ...listed];
  }

  async #look(): Promise<void> {
    const { look = systemLookup, log, self, seeds } = this.#options;
    const found = await Promise.all(
      seeds.map(async ({ host, membership }) => {
        try {
          return (await look(host)).map((each) => printEndpoint(plainHost(each), membership));
        } catch (error) {
          log.warn("a seed is not found", { seed: host, error });
          return undefined;
        }
      }),
    );
    // What cannot be looked up now is where it was.
    if (this.#listed.length > 0 && found.includes(undefined)) return;
    const place = parsePlace(self.address);
    const own = place === undefined ? "" : printEndpoint(place.host, place.membership);
    const addresses = new Set(found.flatMap((each) => each ?? []));
    this.#listed = [...addresses].map((address) =>
      address === own ? self : { id: address, address },
    );
  }
}

function isNumeric(host: string): boolean {
  return host.includes(":") || /^[\d.]+$/.test(host);
}
