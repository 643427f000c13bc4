import { Session } from "node:inspector/promises";

/**
 * Counts how often code runs: the blocks and calls that V8 counts for coverage. Unlike a time the count is the same
 * in each run, however busy the machine. What built-in functions do by themselves (a spread, `includes`) counts as one.
 */
export class StepCounter implements Disposable {
  readonly #session: Session;
  readonly #within: string;

  private constructor(session: Session, within: string) {
    this.#session = session;
    this.#within = within;
  }

  /** @param within part of the addresses of the files whose code counts */
  static async start(within: string): Promise<StepCounter> {
    const session = new Session();
    session.connect();
    await session.post("Profiler.enable");
    await session.post("Profiler.startPreciseCoverage", { callCount: true, detailed: true });
    return new StepCounter(session, within);
  }

  /** The steps that `work` takes, with those of anything else that runs meanwhile. */
  async stepsOf(work: () => unknown): Promise<number> {
    await this.#taken();
    await work();
    return this.#taken();
  }

  /** The steps since the last look. */
  async #taken(): Promise<number> {
    const { result } = await this.#session.post("Profiler.takePreciseCoverage");
    return result
      .filter(({ url }) => url.includes(this.#within))
      .flatMap(({ functions }) => functions.flatMap(({ ranges }) => ranges))
      .reduce((sum, { count }) => sum + count, 0);
  }

  [Symbol.dispose](): void {
    this.#session.disconnect();
  }
}
