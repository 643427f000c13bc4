import type { PeerId, PeerRef } from "../overlay/index.ts";

/** Addresses kept besides the seeds; the oldest goes first. */
const REMEMBERED = 64;

/** Peers that may know the root: the seeds, which stay, and those met, which are the likelier to live. */
export class Contacts {
  readonly #self: PeerId;
  readonly #seeds: readonly PeerRef[];
  readonly #met: Map<PeerId, PeerRef> = new Map();
  #turn = 0;

  constructor(self: PeerRef, seeds: readonly PeerRef[]) {
    this.#self = self.id;
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

  /** Each in turn, those that `isOut` names left out; undefined when none is left. */
  next(isOut?: (ref: PeerRef) => boolean): PeerRef | undefined {
    const all = [...this.#seeds, ...this.#met.values()];
    for (let i = 0; i < all.length; i++) {
      const ref = all[this.#turn++ % all.length];
      if (ref !== undefined && isOut?.(ref) !== true) return ref;
    }
    return undefined;
  }

  get count(): number {
    return this.#seeds.length + this.#met.size;
  }
}
