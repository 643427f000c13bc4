import type { PeerId } from "../../overlay/index.ts";

interface Promised {
  readonly place: string;
  readonly untilMs: number;
}

/** Places promised to peers that are on their way, each for a while: two must not be sent to one. */
export class Promises {
  readonly #byPeer: Map<PeerId, Promised> = new Map();
  readonly #byPlace: Map<string, Set<PeerId>> = new Map();
  #count = 0;
  readonly #freed: (place: string, peer: PeerId) => void;

  /** @param freed called with each promise that is no more */
  constructor(freed: (place: string, peer: PeerId) => void = () => undefined) {
    this.#freed = freed;
  }

  /** A peer has one promise: a new one replaces it. */
  give(peer: PeerId, place: string, untilMs: number): void {
    this.drop(peer);
    this.#byPeer.set(peer, { place, untilMs });
    this.#count++;
    const peers = this.#byPlace.get(place);
    if (peers === undefined) this.#byPlace.set(place, new Set([peer]));
    else peers.add(peer);
  }

  drop(peer: PeerId): void {
    const promised = this.#byPeer.get(peer);
    if (promised === undefined) return;
    this.#byPeer.delete(peer);
    this.#count--;
    const peers = this.#byPlace.get(promised.place);
    peers?.delete(peer);
    if (peers?.size === 0) this.#byPlace.delete(promised.place);
    this.#freed(promised.place, peer);
  }

  placeOf(peer: PeerId): string | undefined {
    return this.#byPeer.get(peer)?.place;
  }

  /** How many have a place's promise. */
  countAt(place: string): number {
    return this.#byPlace.get(place)?.size ?? 0;
  }

  isTakenByOther(place: string, peer: PeerId): boolean {
    const peers = this.#byPlace.get(place);
    return peers !== undefined && (peers.size > 1 || !peers.has(peer));
  }

  get count(): number {
    return this.#count;
  }

  expire(nowMs: number): void {
    if (this.#count === 0) return;
    // In the order given, all for the same time: the first that holds ends it.
    for (const [peer, { untilMs }] of this.#byPeer) {
      if (untilMs > nowMs) break;
      this.drop(peer);
    }
  }
}
