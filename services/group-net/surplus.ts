import type { Clock, Logger, Timer } from "../../orb/base/index.ts";
import type { Group, MemberCard } from "../replication/index.ts";

export interface SurplusOptions {
  readonly group: Group;
  /** How many replicas there are to be. */
  readonly replicas: number;
  /** Has a member leave its group for good, and not come back by itself. @throws why not */
  readonly dismiss: (member: MemberCard) => Promise<void>;
  readonly clock: Clock;
  readonly log: Logger;
  /** Milliseconds for which there must have been too many; 5,000 where absent: a replica is moved by one that comes first. */
  readonly graceMs?: number;
}

const GRACE_MS = 5_000;

/**
 * Dismisses replicas that a group has too many of, as after a partition, when the one that was replaced comes back: while its
 * member here is the primary, one after the other; never the primary, and the one first that came last. Every member of a
 * group has one; the primary's acts.
 */
export class Surplus implements Disposable {
  readonly #options: SurplusOptions;
  readonly #unwatch: () => void;
  #timer: Timer | undefined;
  #isDismissing = false;
  #isClosed = false;

  constructor(options: SurplusOptions) {
    this.#options = options;
    this.#unwatch = options.group.watch(() => this.#look());
    this.#look();
  }

  [Symbol.dispose](): void {
    this.#isClosed = true;
    this.#unwatch();
    this.#timer?.cancel();
  }

  /** Who is to go now; undefined where nobody is, or it is not this member's affair. */
  #next(): MemberCard | undefined {
    const { group, replicas } = this.#options;
    const { view } = group;
    if (this.#isClosed || view === undefined || group.standing.at !== "primary") return undefined;
    const { members, primary } = view.view;
    if (members.length <= replicas) return undefined;
    // Who stays keeps its place in the next view, and who comes is behind them.
    const youngest = members.findLast((id) => id !== primary);
    return view.members.find(({ id }) => id === youngest);
  }

  #look(): void {
    if (this.#next() === undefined) {
      this.#timer?.cancel();
      this.#timer = undefined;
      return;
    }
    if (this.#timer !== undefined || this.#isDismissing) return;
    const { clock, graceMs = GRACE_MS } = this.#options;
    this.#timer = clock.timer(graceMs, () => {
      this.#timer = undefined;
      void this.#dismiss();
    });
    this.#timer.unref();
  }

  async #dismiss(): Promise<void> {
    const { group, replicas, dismiss, log } = this.#options;
    const member = this.#next();
    if (member === undefined) return;
    const { id, site } = member;
    this.#isDismissing = true;
    log.info(
      `group "${group.name}": more than ${replicas} replicas; the one at ${site} is dismissed`,
      {
        member: id,
      },
    );
    try {
      await dismiss(member);
    } catch (error) {
      log.warn(`group "${group.name}": the replica at ${site} stays for now`, { error });
    } finally {
      this.#isDismissing = false;
      this.#look();
    }
  }
}
