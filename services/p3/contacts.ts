import type { PeerId, PeerRef } from "../overlay/index.ts";

/** Addresses kept besides the seeds; the oldest goes first. */
const REMEMBERED = 64;

/** Peers that may know the root: the seeds, which stay, and those met, which are the likelier to live. */
export class Contacts {
  readonly #self: PeerId;
  readonly #seeds: readonly PeerRef[];
  /** How many seeds are named before this peer: the first founds the tree, the others leave it time to. */
  readonly rank: number;
  readonly #met: Map<PeerId, PeerRef> = new Map();
  #turn = 0;

  constructor(self: PeerRef, seeds: readonly PeerRef[]) {
    this.#self = self.id;
    const at = seeds.findIndex(({ id, address }) => id === self.id || address === self.address);
    this.rank = at < 0 ? seeds.length : at;
    this.#seeds = seeds.filter(({ id, address }) => id !== self.id && address !== self.address);
  }

  remember(refs: Iterable<PeerRef>): void {
    for (const ref of refs) {
      if (ref.id === this.#self) continue;
      this.#met.delete(ref.id);
      this.#met.set(ref.id, ref);
    }
    for (const id of this.#met.keys()) {
      if (this.#met.size <= REMEMBERED) break;
      this.#met.delete(id);
    }
  }

  forget(id: PeerId): void {
    this.#met.delete(id);
  }

  next(): PeerRef | undefined {
    return this.some(1)[0];
  }

  /** The next `count` in turn, those that `isOut` names left out. */
  some(count: number, isOut?: (ref: PeerRef) => boolean): readonly PeerRef[] {
    const all = [...this.#seeds, ...this.#met.values()];
    const some: PeerRef[] = [];
    for (let i = 0; i < all.length && some.length < count; i++) {
      const ref = all[this.#turn++ % all.length];
      if (ref !== undefined && isOut?.(ref) !== true) some.push(ref);
    }
    return some;
  }
}
