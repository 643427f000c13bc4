import type { PeerId, PeerRef, Role } from "../../overlay/index.ts";

/** A peer that asked the root for a place when there was none. */
export interface Waiter {
  readonly ref: PeerRef;
  readonly quest: number;
  readonly role: Role;
  /** When it is no longer believed to wait. */
  readonly untilMs: number;
}

/** Peers that wait at the root at most; others are told when to ask again. */
export const MOST_WAITERS: number = 8_192;

/** Those that wait for a place, in the order they came; one that asks again keeps its turn. */
export class Waiting {
  readonly #lines: Readonly<Record<Role, Map<PeerId, Waiter>>> = {
    superpeer: new Map(),
    leaf: new Map(),
    monitor: new Map(),
  };

  get count(): number {
    const { superpeer, leaf, monitor } = this.#lines;
    return superpeer.size + leaf.size + monitor.size;
  }

  /** Does nothing when the line is too long for another one. */
  add(waiter: Waiter): void {
    const line = this.#lines[waiter.role];
    if (line.has(waiter.ref.id) || this.count < MOST_WAITERS) line.set(waiter.ref.id, waiter);
  }

  drop(id: PeerId): void {
    for (const line of [this.#lines.superpeer, this.#lines.leaf, this.#lines.monitor])
      if (line.delete(id)) return;
  }

  /** The next of a role, those that gave up left out. */
  next(role: Role, nowMs: number): Waiter | undefined {
    const line = this.#lines[role];
    for (const waiter of line.values()) {
      if (waiter.untilMs > nowMs) return waiter;
      line.delete(waiter.ref.id);
    }
    return undefined;
  }
}
