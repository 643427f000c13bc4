import { type Clock, systemClock, type Timer } from "../../orb/base/index.ts";
import type { Group } from "./port.ts";

/** A group has not had its replicas back in time. */
export interface DegreeFault {
  readonly group: string;
  /** How many there are to be, and are. */
  readonly replicas: number;
  readonly members: number;
  /** Milliseconds since the primary knew that some were missing. */
  readonly missingMs: number;
}

export interface DegreeBoundOptions {
  readonly group: Group;
  readonly replicas: number;
  /** `restoreWithinMs` of the policy. */
  readonly withinMs: number;
  readonly missed: (fault: DegreeFault) => void;
  readonly clock?: Clock;
}

/**
 * Watches whether a group has its replicas back within a time, and says once when it has not: at the primary, from when it
 * knew. Ends by itself when the replica here has left.
 */
export class DegreeBound implements Disposable {
  readonly #options: DegreeBoundOptions;
  readonly #clock: Clock;
  readonly #unwatch: () => void;
  #timer: Timer | undefined;

  constructor(options: DegreeBoundOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#unwatch = options.group.watch(() => this.#look());
    this.#look();
  }

  [Symbol.dispose](): void {
    this.#unwatch();
    this.#stop();
  }

  get #isMissing(): boolean {
    const { group, replicas } = this.#options;
    const { at } = group.standing;
    // A view that is about to end is the primary's still.
    const isPrimary = at === "primary" || (at === "wedged" && this.#timer !== undefined);
    return isPrimary && (group.view?.members.length ?? replicas) < replicas;
  }

  #look(): void {
    const { group, withinMs } = this.#options;
    if (group.standing.at === "left") return this[Symbol.dispose]();
    if (!this.#isMissing) return this.#stop();
    const sinceMs = this.#clock.nowMs();
    this.#timer ??= this.#clock.timer(withinMs, () => this.#tell(sinceMs));
    this.#timer.unref();
  }

  #stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #tell(sinceMs: number): void {
    const { group, replicas, missed } = this.#options;
    const members = group.view?.members.length ?? 0;
    missed({ group: group.name, replicas, members, missingMs: this.#clock.nowMs() - sinceMs });
  }
}
