import type { Clock, Logger, Timer } from "../../orb/base/index.ts";
import type { Group, MemberCard } from "../replication/index.ts";
import { addressOf } from "./carrier.ts";

/** A place where another replica can be. */
export interface Site {
  /** As {@link MemberCard.site} has it. */
  readonly name: string;
  /**
   * Has a replica started there.
   * @param contacts addresses of members
   * @throws why not
   */
  start(contacts: readonly string[], signal: AbortSignal): Promise<void>;
}

export interface DegreeKeeperOptions {
  readonly group: Group;
  /** How many replicas there are to be. */
  readonly replicas: number;
  /** Places for further ones, the best first; none of those taken. */
  readonly sites: (taken: readonly MemberCard[]) => Promise<readonly Site[]>;
  readonly clock: Clock;
  readonly log: Logger;
  /** Milliseconds that a replica may take to become a member; 5,000 where absent. */
  readonly attemptMs?: number;
}

const ATTEMPT_MS = 5_000;
/** Milliseconds before sites are looked for again where there were none: the first time, and the most. */
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5_000;
/** A site that failed is the last choice for so long, milliseconds. */
const SHUN_MS = 30_000;

/**
 * Restores a group's number of replicas: while its member here is the primary it has what is missing started elsewhere,
 * one attempt after the other. Every member of a group has one; the primary's acts.
 */
export class DegreeKeeper implements Disposable {
  readonly #options: DegreeKeeperOptions;
  readonly #shunnedUntilMs: Map<string, number> = new Map();
  readonly #unwatch: () => void;
  #attempt: AbortController | undefined;
  #timer: Timer | undefined;
  #pauseMs = FIRST_PAUSE_MS;
  #isClosed = false;

  constructor(options: DegreeKeeperOptions) {
    this.#options = options;
    this.#unwatch = options.group.watch(() => this.#look());
    this.#look();
  }

  [Symbol.dispose](): void {
    this.#isClosed = true;
    this.#unwatch();
    this.#timer?.cancel();
    this.#attempt?.abort(new Error("the group is no longer kept here"));
  }

  /** Missing replicas; 0 where they are not this member's affair. */
  #missing(): number {
    const { group, replicas } = this.#options;
    if (this.#isClosed || group.standing.at !== "primary") return 0;
    return Math.max(0, replicas - (group.view?.members.length ?? replicas));
  }

  #look(): void {
    if (this.#missing() === 0) {
      this.#pauseMs = FIRST_PAUSE_MS;
      this.#timer?.cancel();
      this.#timer = undefined;
      // What is under way is somebody else's affair now, or done.
      this.#attempt?.abort(new Error("no replica is missing here any more"));
      return;
    }
    if (this.#attempt !== undefined || this.#timer !== undefined) return;
    const attempt = new AbortController();
    this.#attempt = attempt;
    void this.#restore(attempt.signal)
      .catch((error: unknown) => {
        const { group, log } = this.#options;
        if (!attempt.signal.aborted)
          log.warn(`group "${group.name}": no place for another replica`, { error });
      })
      .then(() => {
        this.#attempt = undefined;
        this.#lookLater();
      });
  }

  #lookLater(): void {
    if (this.#missing() === 0) return;
    this.#timer = this.#options.clock.timer(this.#pauseMs, () => {
      this.#timer = undefined;
      this.#look();
    });
    this.#timer.unref();
    this.#pauseMs = Math.min(LONGEST_PAUSE_MS, this.#pauseMs * 2);
  }

  async #restore(signal: AbortSignal): Promise<void> {
    const { group, sites, log } = this.#options;
    const taken = group.view?.members ?? [];
    const found = [...this.#ordered(await sites(taken))];
    if (found.length === 0) throw new Error("no other peer can have one");
    const contacts = taken.flatMap(({ id }) => addressOf(id) ?? []);
    const place = async (): Promise<void> => {
      for (let site = found.shift(); site !== undefined && !signal.aborted; site = found.shift()) {
        log.info(`group "${group.name}": another replica at ${site.name}`);
        if (await this.#start(site, contacts, signal)) return;
      }
    };
    await Promise.all(Array.from({ length: this.#missing() }, place));
  }

  /** @returns whether there is one now; else the next site is tried */
  async #start(site: Site, contacts: readonly string[], signal: AbortSignal): Promise<boolean> {
    const { group, log } = this.#options;
    try {
      await this.#within(signal, (limit) => site.start(contacts, limit));
      return true;
    } catch (error) {
      this.#shun(site);
      if (!signal.aborted) log.warn(`group "${group.name}": no replica at ${site.name}`, { error });
      return false;
    }
  }

  #shun({ name }: Site): void {
    const { clock } = this.#options;
    const nowMs = clock.nowMs();
    for (const [one, untilMs] of this.#shunnedUntilMs)
      if (untilMs < nowMs) this.#shunnedUntilMs.delete(one);
    this.#shunnedUntilMs.set(name, nowMs + SHUN_MS);
  }

  #ordered(found: readonly Site[]): readonly Site[] {
    const nowMs = this.#options.clock.nowMs();
    const isShunned = ({ name }: Site): boolean =>
      (this.#shunnedUntilMs.get(name) ?? -Infinity) > nowMs;
    return [...found.filter((site) => !isShunned(site)), ...found.filter(isShunned)];
  }

  async #within(signal: AbortSignal, work: (signal: AbortSignal) => Promise<void>): Promise<void> {
    const { clock, attemptMs = ATTEMPT_MS } = this.#options;
    const late = new AbortController();
    const timer = clock.timer(attemptMs, () =>
      late.abort(new Error(`it has not become a member within ${attemptMs} ms`)),
    );
    timer.unref();
    const limit = AbortSignal.any([signal, late.signal]);
    const ended = new Promise<never>((_, reject) => {
      limit.addEventListener("abort", () => reject(limit.reason as Error), { once: true });
    });
    try {
      await Promise.race([work(limit), ended]);
    } finally {
      timer.cancel();
    }
  }
}
