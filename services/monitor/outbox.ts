import type { Clock, Logger, Timer } from "../../orb/index.ts";
import type * as Monitor from "./gen/Monitor.ts";

const TELL_TIMEOUT_MS = 2_000;
const AGAIN_MS = 200;
/** A subscriber that is not reached for so long is forgotten. */
const FORGET_MS = 60_000;

/** Tells one observer: the latest report, one at a time. What a report says is all there is, so older ones are dropped. */
export class Outbox {
  readonly #observer: Monitor.Observer;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #lost: (() => void) | undefined;
  #latest: Monitor.Report | undefined;
  #isTelling = false;
  #failingMs: number | undefined;
  #timer: Timer | undefined;
  #isClosed = false;

  /** @param lost told when the observer was not reached for a minute; undefined: it is tried for ever */
  constructor(
    observer: Monitor.Observer,
    clock: Clock,
    logger: Logger,
    lost: (() => void) | undefined,
  ) {
    this.#observer = observer;
    this.#clock = clock;
    this.#logger = logger;
    this.#lost = lost;
  }

  tell(report: Monitor.Report): void {
    this.#latest = report;
    if (this.#timer === undefined) this.#work();
  }

  close(): void {
    this.#isClosed = true;
    this.#timer?.cancel();
  }

  #work(): void {
    const report = this.#latest;
    if (report === undefined || this.#isTelling || this.#isClosed) return;
    this.#latest = undefined;
    this.#isTelling = true;
    this.#observer.observe(report, { timeoutMs: TELL_TIMEOUT_MS }).then(
      () => this.#told(),
      (error: unknown) => this.#failed(report, error),
    );
  }

  #told(): void {
    this.#isTelling = false;
    this.#failingMs = undefined;
    this.#work();
  }

  #failed(report: Monitor.Report, error: unknown): void {
    this.#isTelling = false;
    if (this.#isClosed) return;
    this.#latest ??= report;
    const nowMs = this.#clock.nowMs();
    if (this.#failingMs === undefined)
      this.#logger.warn("an observer of this processor is not reached", { error });
    this.#failingMs ??= nowMs;
    if (this.#lost !== undefined && nowMs - this.#failingMs > FORGET_MS) {
      this.close();
      this.#lost();
      return;
    }
    this.#timer = this.#clock.timer(AGAIN_MS, () => {
      this.#timer = undefined;
      this.#work();
    });
    this.#timer.unref();
  }
}
