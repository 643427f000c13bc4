import type { ReplicaAddress } from "../../interceptors/index.ts";
import { noLogger, systemClock } from "../../orb/base/index.ts";
import type { Clock, Logger, Timer } from "../../orb/index.ts";
import type { Level } from "../predictor/index.ts";
import type { Launcher, RunningReplica } from "./launcher.ts";
import {
  NO_RECOVERY,
  type RecoveryEffect,
  type RecoveryInput,
  type RecoveryState,
  stepRecovery,
} from "./plan.ts";

/** What happened, in the order in which it did. */
export type RecoveryEvent =
  | { readonly kind: "started"; readonly replica: string; readonly instead?: string }
  | { readonly kind: "start failed"; readonly instead: string | undefined; readonly error: unknown }
  | { readonly kind: "level"; readonly replica: string; readonly level: Level }
  | { readonly kind: "moving"; readonly replica: string; readonly to: readonly ReplicaAddress[] }
  | { readonly kind: "moved"; readonly replica: string }
  | { readonly kind: "ended"; readonly replica: string; readonly why: string }
  /** Its replacement could not be started, so often as it may fail: there is one replica fewer. */
  | { readonly kind: "given up"; readonly replica: string };

export interface RecoveryOptions {
  readonly launcher: Launcher;
  /** Replicas that there shall be, 1 to 8. */
  readonly degree: number;
  /** Milliseconds a replica may take to start (10,000), and its clients to leave (5,000). */
  readonly startTimeoutMs?: number;
  readonly moveTimeoutMs?: number;
  /** Milliseconds before a failed start is tried again (1,000), and how often it may fail (3). */
  readonly pauseMs?: number;
  readonly mostFailures?: number;
  readonly onEvent?: (event: RecoveryEvent) => void;
  readonly clock?: Clock;
  readonly logger?: Pick<Logger, "warn">;
}

/** A fail-over message names as many. */
const MOST_REPLICAS = 8;
const START_TIMEOUT_MS = 10_000;
const MOVE_TIMEOUT_MS = 5_000;
const PAUSE_MS = 1_000;
const MOST_FAILURES = 3;

interface Tracked {
  readonly replica: RunningReplica;
  state: RecoveryState;
  pause: Timer | undefined;
}

/**
 * Keeps so many replicas of a server: starts another one when the resources of one run out or it dies, has the clients of
 * the first leave before it fails, and stops it then. Each replica is recovered once, whatever is told of it.
 */
export class RecoveryManager implements AsyncDisposable {
  readonly #options: RecoveryOptions;
  readonly #clock: Clock;
  readonly #logger: Pick<Logger, "warn">;
  /** Those that have not ended, in the order in which they were started. */
  readonly #replicas: Map<string, Tracked> = new Map();
  readonly #stop: AbortController = new AbortController();
  /** What is under way; of each replica one start and one move at most. */
  readonly #work: Set<Promise<void>> = new Set();

  /** @throws RangeError that says what is allowed */
  constructor(options: RecoveryOptions) {
    const { degree } = options;
    if (!(Number.isInteger(degree) && degree >= 1 && degree <= MOST_REPLICAS)) {
      throw new RangeError(`degree is a number of replicas, 1 to ${MOST_REPLICAS}, not ${degree}`);
    }
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#logger = options.logger ?? noLogger;
  }

  /** Starts the replicas, all at once. @throws what kept the first from starting; those that started are stopped then */
  async start(): Promise<void> {
    const starts = Array.from({ length: this.#options.degree }, () => this.#launch(undefined));
    const failed = (await Promise.allSettled(starts)).find(({ status }) => status === "rejected");
    if (failed === undefined) return;
    await this.close();
    throw (failed as PromiseRejectedResult).reason;
  }

  /** Those that have not ended, the oldest first. */
  get replicas(): readonly RunningReplica[] {
    return [...this.#replicas.values()].map(({ replica }) => replica);
  }

  /** Those whose clients are not leaving: where others may go. */
  get addresses(): readonly ReplicaAddress[] {
    return this.#serving().map(({ replica }) => replica.address);
  }

  /** Stops all replicas, and all that is under way. */
  async close(): Promise<void> {
    this.#stop.abort(new Error("the recovery manager was closed"));
    for (const tracked of this.#replicas.values()) {
      tracked.pause?.cancel();
      tracked.replica.retire();
    }
    while (this.#work.size > 0) await Promise.all(this.#work);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #serving(): readonly Tracked[] {
    return [...this.#replicas.values()].filter(({ state }) => state.clients === "here");
  }

  async #launch(instead: Tracked | undefined): Promise<void> {
    const { launcher, startTimeoutMs = START_TIMEOUT_MS } = this.#options;
    const late = new AbortController();
    const timer = this.#clock.timer(startTimeoutMs, () =>
      late.abort(new Error(`the replica did not start within ${startTimeoutMs} ms`)),
    );
    // It may end, or tell of itself, before it is known here.
    let tracked: Tracked | undefined;
    let ended: string | undefined;
    const signal = AbortSignal.any([late.signal, this.#stop.signal]);
    try {
      const replica = await launcher.start(
        {
          level: (level) => {
            if (tracked !== undefined) this.#level(tracked, level);
          },
          ended: (why) => {
            ended = why;
            if (tracked !== undefined) this.#ended(tracked, why);
          },
        },
        signal,
      );
      if (this.#stop.signal.aborted) {
        replica.kill();
        this.#stop.signal.throwIfAborted();
      }
      tracked = { replica, state: NO_RECOVERY, pause: undefined };
      this.#replicas.set(replica.name, tracked);
      const of = instead === undefined ? {} : { instead: instead.replica.name };
      this.#tell({ kind: "started", replica: replica.name, ...of });
      this.#introduce();
      if (ended !== undefined) this.#ended(tracked, ended);
    } catch (error) {
      this.#tell({ kind: "start failed", instead: instead?.replica.name, error });
      throw error;
    } finally {
      timer.cancel();
    }
  }

  /** Each is to know where its clients go when it is gone. */
  #introduce(): void {
    const serving = this.#serving();
    for (const { replica } of serving) {
      const others = serving.filter((other) => other.replica !== replica);
      replica.know(others.map((other) => other.replica.address));
    }
  }

  #level(tracked: Tracked, level: Level): void {
    this.#tell({ kind: "level", replica: tracked.replica.name, level });
    this.#take(tracked, { kind: "level", level });
  }

  #ended(tracked: Tracked, why: string): void {
    this.#replicas.delete(tracked.replica.name);
    this.#tell({ kind: "ended", replica: tracked.replica.name, why });
    this.#take(tracked, { kind: "ended" });
    if (!this.#stop.signal.aborted) this.#introduce();
  }

  #take(tracked: Tracked, input: RecoveryInput): void {
    if (this.#stop.signal.aborted) return;
    const { mostFailures = MOST_FAILURES } = this.#options;
    const { state, effects } = stepRecovery(tracked.state, input, mostFailures);
    tracked.state = state;
    for (const effect of effects) this.#do(tracked, effect);
  }

  #do(tracked: Tracked, effect: RecoveryEffect): void {
    const { name } = tracked.replica;
    switch (effect) {
      case "start":
        this.#run(async () => {
          const isStarted = await this.#launch(tracked).then(
            () => true,
            () => false,
          );
          this.#take(tracked, { kind: isStarted ? "started" : "start failed" });
        });
        return;
      case "pause":
        tracked.pause = this.#clock.timer(this.#options.pauseMs ?? PAUSE_MS, () =>
          this.#take(tracked, { kind: "again" }),
        );
        return;
      case "move":
        this.#run(() => this.#move(tracked));
        return;
      case "retire":
        tracked.replica.retire();
        return;
      case "give up":
        this.#tell({ kind: "given up", replica: name });
    }
  }

  async #move(tracked: Tracked): Promise<void> {
    const { moveTimeoutMs = MOVE_TIMEOUT_MS } = this.#options;
    const { replica } = tracked;
    // The youngest first: it has the longest to live.
    const to = [...this.addresses].toReversed();
    this.#tell({ kind: "moving", replica: replica.name, to });
    this.#introduce();
    const late = new AbortController();
    const timer = this.#clock.timer(moveTimeoutMs, () => late.abort());
    try {
      await replica.move(to, AbortSignal.any([late.signal, this.#stop.signal]));
    } catch (error) {
      this.#logger.warn("the clients of a replica may not all have left", {
        replica: replica.name,
        error,
      });
    } finally {
      timer.cancel();
    }
    this.#tell({ kind: "moved", replica: replica.name });
    this.#take(tracked, { kind: "moved" });
  }

  #run(work: () => Promise<void>): void {
    const running = work().finally(() => this.#work.delete(running));
    this.#work.add(running);
  }

  #tell(event: RecoveryEvent): void {
    try {
      this.#options.onEvent?.(event);
    } catch (error) {
      this.#logger.warn("an event of the recovery was not taken", { event: event.kind, error });
    }
  }
}
