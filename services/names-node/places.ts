import type { Clock } from "../../orb/base/index.ts";
import type { Overlay, PeerId, PeerRef } from "../overlay/index.ts";

/** What peers that keep names publish, each with its lasting id as the instance. */
export const NAMES_SERVICE: string = "orbweaver.names";

/** A peer that is not found is asked for again after this, and one that was found is looked up anew. */
const RETRY_MS = 300;
const RENEW_MS = 5_000;
/** Peers whose place is kept. */
const MOST_PLACES = 4_096;

/** The id of a peer that is the same after a restart: `HOST:PORT` of its membership. */
export function lastingId({ address }: PeerRef): PeerId {
  return address.split(",", 1)[0] ?? "";
}

interface Place {
  readonly ref: PeerRef;
  readonly renewAtMs: number;
}

export interface PlacesOptions {
  readonly overlay: Overlay;
  readonly clock: Clock;
}

/** Where peers are now that are known by their lasting ids: what they said themselves, or what discovery finds. */
export class Places {
  readonly #options: PlacesOptions;
  readonly #places: Map<PeerId, Place> = new Map();
  readonly #askedAtMs: Map<PeerId, number> = new Map();

  constructor(options: PlacesOptions) {
    this.#options = options;
  }

  /** A peer as the overlay knows it was met. @returns it, by its lasting id */
  meet(ref: PeerRef): PeerRef {
    const id = lastingId(ref);
    // An address without the other ports does not tell where the peer hears.
    const isWhole = ref.address !== id;
    if (isWhole && this.#places.get(id)?.ref.address !== ref.address) this.#keep(id, ref);
    return { id, address: ref.address };
  }

  /** Where a peer is; undefined while it is being looked for, and its address does not tell. */
  find(peer: PeerRef): PeerRef | undefined {
    const { id, address } = peer;
    const place = this.#places.get(id);
    if (place === undefined || this.#options.clock.nowMs() >= place.renewAtMs) this.#look(id);
    return place?.ref ?? (address === id ? undefined : peer);
  }

  forget(id: PeerId): void {
    this.#places.delete(id);
  }

  #keep(id: PeerId, ref: PeerRef): void {
    this.#places.delete(id);
    this.#places.set(id, { ref, renewAtMs: this.#options.clock.nowMs() + RENEW_MS });
    for (const oldest of this.#places.keys()) {
      if (this.#places.size <= MOST_PLACES) return;
      this.#places.delete(oldest);
    }
  }

  #look(id: PeerId): void {
    const { overlay, clock } = this.#options;
    const nowMs = clock.nowMs();
    if (nowMs - (this.#askedAtMs.get(id) ?? -Infinity) < RETRY_MS) return;
    if (this.#askedAtMs.size >= MOST_PLACES) this.#askedAtMs.clear();
    this.#askedAtMs.set(id, nowMs);
    overlay.discovery.ask({ of: "service", name: NAMES_SERVICE, instance: id }, (answer) => {
      if (answer.kind !== "found") return;
      const [found] = answer.found;
      if (found === undefined) return;
      this.#keep(id, found.peer);
    });
  }
}
