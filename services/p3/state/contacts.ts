import type { PeerId, PeerRef } from "../../overlay/index.ts";

/** Addresses kept besides the seeds; the oldest goes first. */
const REMEMBERED = 64;

/** Peers that may know the root: the seeds, which stay, and those met, which are the likelier to live. */
export class Contacts {
  readonly #self: PeerRef;
  #seeds: readonly PeerRef[] = [];
  #rank = 0;
  readonly #met: Map<PeerId, PeerRef> = new Map();
  #turn = 0;

  constructor(self: PeerRef, seeds: readonly PeerRef[]) {
    this.#self = self;
    this.setSeeds(seeds);
  }

  /** How many seeds are named before this peer: the first founds the tree, the others leave it time to. */
  get rank(): number {
    return this.#rank;
  }

  /** Peers to ask there are. */
  get count(): number {
    return this.#seeds.length + this.#met.size;
  }

  /** Replaces the seeds; those met are kept. */
  setSeeds(seeds: readonly PeerRef[]): void {
    const isSelf = ({ id, address }: PeerRef): boolean =>
      id === this.#self.id || address === this.#self.address;
    const at = seeds.findIndex(isSelf);
    this.#rank = at < 0 ? seeds.length : at;
    this.#seeds = seeds.filter((seed) => !isSelf(seed));
  }

  remember(refs: Iterable<PeerRef>): void {
    for (const ref of refs) {
      if (ref.id === this.#self.id) continue;
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
