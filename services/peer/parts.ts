import { type Clock, Deadline, type Logger } from "../../orb/base/index.ts";
import type { PartState } from "../health/index.ts";

/** A part did not start; the message names it, and how long it took where it was too long. */
export class PartFailed extends Error {
  override readonly name: string = "PartFailed";
  readonly part: string;

  constructor(part: string, why: string, options?: ErrorOptions) {
    super(`${part} did not start: ${why}`, options);
    this.part = part;
  }
}

/** What closes a part; given the end of the time that there is. */
export type Close = (deadline: Deadline) => Promise<void>;

interface Part {
  readonly name: string;
  readonly close: Close;
  readonly state: () => PartState;
}

export interface PartsOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  /** Milliseconds that each part may take to start. */
  readonly startMs: number;
}

/** The parts of a process: started one after the other, ended the other way round within a bound. */
export class Parts {
  readonly #options: PartsOptions;
  readonly #parts: Part[] = [];
  #starting: string | undefined;
  #isStopping = false;

  constructor(options: PartsOptions) {
    this.#options = options;
  }

  /**
   * Starts a part. One that is there too late is closed again.
   * @param close ends it
   * @param state whether it is ready; where absent it is, once it has started
   * @throws PartFailed
   */
  async start<T>(
    name: string,
    open: () => Promise<T>,
    close: (part: T, deadline: Deadline) => Promise<void>,
    state: (part: T) => PartState = () => ({ ready: true, state: "up" }),
  ): Promise<T> {
    const { clock, startMs, logger } = this.#options;
    this.#starting = name;
    const opening = open();
    let timer: ReturnType<Clock["timer"]> | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = clock.timer(startMs, () =>
        reject(new PartFailed(name, `it was not ready within ${startMs} ms (peer.startMs)`)),
      );
    });
    try {
      const part = await Promise.race([opening, late]);
      this.#parts.push({
        name,
        close: (deadline) => close(part, deadline),
        state: () => state(part),
      });
      logger.debug(`${name} is up`);
      return part;
    } catch (thrown) {
      opening.then((part) => close(part, Deadline.after(clock, startMs))).catch(() => undefined);
      if (thrown instanceof PartFailed) throw thrown;
      const why = thrown instanceof Error ? thrown.message : String(thrown);
      throw new PartFailed(name, why, { cause: thrown });
    } finally {
      timer?.cancel();
      this.#starting = undefined;
    }
  }

  /** Each part that was started, and the one that is starting. */
  states(): Readonly<Record<string, PartState>> {
    const states: Record<string, PartState> = {};
    for (const { name, state } of this.#parts)
      states[name] = this.#isStopping ? { ready: false, state: "ending" } : state();
    if (this.#starting !== undefined) states[this.#starting] = { ready: false, state: "starting" };
    return states;
  }

  /**
   * Ends all parts, the last one first. When the time is over the others are told to end, and not waited for.
   * @returns those that had not ended
   */
  async stop(deadline: Deadline): Promise<readonly string[]> {
    this.#isStopping = true;
    const unfinished: string[] = [];
    for (const part of this.#parts.splice(0).toReversed())
      if (!(await this.#stopOne(part, deadline))) unfinished.push(part.name);
    return unfinished;
  }

  async #stopOne({ name, close }: Part, deadline: Deadline): Promise<boolean> {
    const { clock, logger } = this.#options;
    const closing = close(deadline).then(
      () => true,
      (error: unknown) => {
        logger.warn(`${name} did not end in order`, { error });
        return false;
      },
    );
    let timer: ReturnType<Clock["timer"]> | undefined;
    const late = new Promise<false>((resolve) => {
      timer = clock.timer(deadline.remainingMs(clock), () => {
        logger.warn(`${name} has not ended in time`);
        resolve(false);
      });
    });
    try {
      return await Promise.race([closing, late]);
    } finally {
      timer?.cancel();
    }
  }
}
