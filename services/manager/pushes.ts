import type { Clock, Logger, Timer } from "../../orb/index.ts";
import type { Flare } from "../monitor/index.ts";

/** Milliseconds that an agent may take to hear of a change. */
const PUSH_TIMEOUT_MS = 2_000;
/** Milliseconds before it is told again, and how often it is told. */
const AGAIN_MS = 200;
const ATTEMPTS = 5;
/** Agents that are told at a time. */
const MOST_AT_ONCE = 64;

/** A call to one agent. */
export type Push = (agent: string, changed: Flare.RankList, timeoutMs: number) => Promise<void>;

export interface PushesOptions {
  readonly push: Push;
  /** Told of an agent that was not reached: it is to be forgotten. */
  readonly lost: (agent: string) => void;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** What one agent is still to hear. */
interface Line {
  /** The latest ranking of each object: older ones need not be told. */
  readonly pending: Map<string, Flare.Ranking>;
  at: "idle" | "waiting" | "telling" | "pausing";
  failures: number;
  timer: Timer | undefined;
}

/** Tells agents what has changed: each one at a time, the latest of each object, and none waits for a slow one. */
export class Pushes {
  readonly #options: PushesOptions;
  readonly #lines: Map<string, Line> = new Map();
  readonly #queue: string[] = [];
  #tellingCount = 0;
  #isClosed = false;

  constructor(options: PushesOptions) {
    this.#options = options;
  }

  /** Tells these agents, and no longer any other. */
  tell(agents: readonly string[], changed: readonly Flare.Ranking[]): void {
    if (this.#isClosed) return;
    const wanted = new Set(agents);
    for (const known of this.#lines.keys()) if (!wanted.has(known)) this.#forget(known);
    for (const agent of agents) {
      const line = this.#lineOf(agent);
      for (const ranking of changed) line.pending.set(ranking.object_id, ranking);
      if (line.at !== "idle") continue;
      line.at = "waiting";
      this.#queue.push(agent);
    }
    this.#work();
  }

  close(): void {
    this.#isClosed = true;
    this.#queue.length = 0;
    for (const agent of this.#lines.keys()) this.#forget(agent);
  }

  #lineOf(agent: string): Line {
    let line = this.#lines.get(agent);
    if (line === undefined) {
      line = { pending: new Map(), at: "idle", failures: 0, timer: undefined };
      this.#lines.set(agent, line);
    }
    return line;
  }

  #forget(agent: string): void {
    this.#lines.get(agent)?.timer?.cancel();
    this.#lines.delete(agent);
  }

  #work(): void {
    while (this.#tellingCount < MOST_AT_ONCE) {
      const agent = this.#queue.shift();
      if (agent === undefined) return;
      const line = this.#lines.get(agent);
      if (line?.at === "waiting") void this.#tellOne(agent, line);
    }
  }

  async #tellOne(agent: string, line: Line): Promise<void> {
    const changed = [...line.pending.values()];
    line.pending.clear();
    line.at = "telling";
    this.#tellingCount++;
    try {
      await this.#options.push(agent, changed, PUSH_TIMEOUT_MS);
      line.failures = 0;
      this.#next(agent, line);
    } catch (error) {
      for (const ranking of changed)
        if (!line.pending.has(ranking.object_id)) line.pending.set(ranking.object_id, ranking);
      this.#failed(agent, line, error);
    } finally {
      this.#tellingCount--;
      this.#work();
    }
  }

  #next(agent: string, line: Line): void {
    if (line.pending.size === 0) {
      line.at = "idle";
      return;
    }
    line.at = "waiting";
    this.#queue.push(agent);
  }

  #failed(agent: string, line: Line, error: unknown): void {
    if (this.#isClosed || this.#lines.get(agent) !== line) return;
    const { clock, logger, lost } = this.#options;
    if (++line.failures >= ATTEMPTS) {
      logger.info("a forwarding agent is not reached, and forgotten", { error });
      this.#forget(agent);
      lost(agent);
      return;
    }
    line.at = "pausing";
    line.timer = clock.timer(AGAIN_MS * 2 ** (line.failures - 1), () => {
      line.at = "waiting";
      this.#queue.push(agent);
      this.#work();
    });
    line.timer.unref();
  }
}
