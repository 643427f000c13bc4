import { noLogger, systemClock } from "../../orb/base/index.ts";
import type { Clock, Logger, Timer } from "../../orb/index.ts";
import type { Gauge } from "./gauges.ts";
import { type Forecast, type Level, Predictor, type PredictorOptions } from "./predictor.ts";

export interface ResourceWatchOptions extends PredictorOptions {
  readonly gauges: readonly Gauge[];
  /** Told of each level that a resource comes to. What it throws is logged. */
  readonly onForecast: (forecast: Forecast) => void;
  /** Milliseconds between two looks; 250 by default. */
  readonly everyMs?: number;
  /** Milliseconds a gauge may take; a look that takes longer counts as not measured. 1,000 by default. */
  readonly readTimeoutMs?: number;
  readonly clock?: Clock;
  readonly logger?: Pick<Logger, "warn">;
}

const EVERY_MS = 250;
const READ_TIMEOUT_MS = 1_000;

interface Watched {
  readonly gauge: Gauge;
  readonly predictor: Predictor;
}

/** Looks at the resources of its process from time to time, and tells when one will run out. Ends with `close`. */
export class ResourceWatch implements Disposable {
  readonly #options: ResourceWatchOptions;
  readonly #watched: readonly Watched[];
  readonly #clock: Clock;
  readonly #logger: Pick<Logger, "warn">;
  #timer: Timer | undefined;
  #isClosed = false;

  /** @throws RangeError for thresholds or a limit that are not allowed */
  constructor(options: ResourceWatchOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#logger = options.logger ?? noLogger;
    this.#watched = options.gauges.map((gauge) => ({
      gauge,
      predictor: new Predictor(gauge, options),
    }));
    this.#later();
  }

  /** By resource. */
  get levels(): ReadonlyMap<string, Level> {
    return new Map(this.#watched.map(({ gauge, predictor }) => [gauge.name, predictor.level]));
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#timer?.cancel();
    for (const { gauge } of this.#watched) gauge.close?.();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  /** Looks now; settled when every gauge has answered, or its time is over. */
  async look(): Promise<void> {
    await Promise.all(this.#watched.map((one) => this.#measure(one)));
  }

  #later(): void {
    if (this.#isClosed) return;
    this.#timer = this.#clock.timer(this.#options.everyMs ?? EVERY_MS, () => {
      void this.look().finally(() => this.#later());
    });
    this.#timer.unref();
  }

  async #measure({ gauge, predictor }: Watched): Promise<void> {
    let value: number;
    try {
      value = await this.#within(gauge.read());
    } catch (error) {
      this.#logger.warn("a resource was not measured", { resource: gauge.name, error });
      return;
    }
    if (this.#isClosed) return;
    const forecast = predictor.measured(this.#clock.nowMs(), value);
    if (forecast === undefined) return;
    try {
      this.#options.onForecast(forecast);
    } catch (error) {
      this.#logger.warn("a forecast was not taken", { ...forecast, error });
    }
  }

  #within(value: number | Promise<number>): number | Promise<number> {
    if (typeof value === "number") return value;
    const { readTimeoutMs = READ_TIMEOUT_MS } = this.#options;
    return new Promise((resolve, reject) => {
      const timer = this.#clock.timer(readTimeoutMs, () =>
        reject(new Error(`no answer within ${readTimeoutMs} ms`)),
      );
      value.then(resolve, reject).finally(() => timer.cancel());
    });
  }
}
