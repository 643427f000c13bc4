import type { Clock, Logger, ObjectReference, ORB } from "../../orb/index.ts";
import type { PeerRef } from "../overlay/index.ts";
import { parsePlace, type ServiceName } from "./address.ts";
import { referenceText } from "./reference.ts";
import { Way } from "./way.ts";

/** Object keys of the services; short, for every heartbeat carries one. */
export const KEYS: Readonly<Record<ServiceName, string>> = {
  membership: "P3m",
  discovery: "P3d",
  faultTolerance: "P3f",
};

/** Ways kept; the one unused for longest goes first. */
const MOST_WAYS = 512;

export interface WaysOptions<T> {
  readonly orb: ORB;
  readonly service: ServiceName;
  readonly repositoryId: string;
  readonly narrow: (reference: ObjectReference) => T;
  readonly mostWaiting: number;
  /** Nobody listens where a peer did: its process has ended. */
  readonly gone: (peer: PeerRef) => void;
  readonly clock: Clock;
  readonly log: Logger;
}

/** The ways to one service of all peers that are met, by address. */
export class Ways<T> {
  readonly #options: WaysOptions<T>;
  readonly #ways: Map<string, Way<T>> = new Map();

  constructor(options: WaysOptions<T>) {
    this.#options = options;
  }

  /** @returns whether it was taken: there is an address, and room */
  send(peer: PeerRef, call: (to: T) => Promise<void>): boolean {
    return this.to(peer)?.send(call) ?? false;
  }

  /** Undefined for a peer whose address does not tell where the service is. */
  to(peer: PeerRef): Way<T> | undefined {
    const { address } = peer;
    const known = this.#ways.get(address);
    if (known !== undefined) {
      // Last in the order of use.
      this.#ways.delete(address);
      this.#ways.set(address, known);
      return known;
    }
    const made = this.#make(peer);
    if (made === undefined) return undefined;
    this.#ways.set(address, made);
    if (this.#ways.size > MOST_WAYS) this.#forgetOne();
    return made;
  }

  /** Settled when nothing waits to leave. */
  async idle(): Promise<void> {
    await Promise.all([...this.#ways.values()].map((way) => way.idle()));
  }

  #make(peer: PeerRef): Way<T> | undefined {
    const { orb, service, repositoryId, narrow, mostWaiting, gone, clock, log } = this.#options;
    const { address } = peer;
    const place = parsePlace(address);
    const port = place?.[service];
    if (place === undefined || port === undefined) {
      log.debug("a peer has no such address", { address, service });
      return undefined;
    }
    const text = referenceText({ repositoryId, host: place.host, port, key: KEYS[service] });
    const to = orb.string_to_object(text).then((reference) => {
      if (reference === null) throw new TypeError(`${address} is nil`);
      return narrow(reference);
    });
    const name = `${service} of ${address}`;
    return new Way({ name, to, mostWaiting, refused: () => gone(peer), clock, log });
  }

  #forgetOne(): void {
    for (const [address, way] of this.#ways) {
      if (way.isBusy) continue;
      this.#ways.delete(address);
      return;
    }
  }
}
