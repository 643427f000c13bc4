import { Trend } from "./trend.ts";

/**
 * How near a process is to its end: at "first" a replacement is started, at "second" its clients leave, and "exhausted"
 * is the end itself.
 */
export type Level = "calm" | "first" | "second" | "exhausted";

const RANK: Readonly<Record<Level, number>> = { calm: 0, first: 1, second: 2, exhausted: 3 };

/** A resource that can be used up. */
export interface Resource {
  readonly name: string;
  /** What there is of it, above 0. */
  readonly limit: number;
}

/** When levels are reached. */
export interface PredictorOptions {
  /** Shares of the limit; 0.6 and 0.8 by default, with `adaptive` 0.9 and 0.95. */
  readonly first?: number;
  readonly second?: number;
  /**
   * Thresholds from the trend: levels are reached when the resource lasts no longer than is needed, so no client is moved
   * without need. Shares hold besides, for what jumps and is seen in no trend.
   */
  readonly adaptive?: AdaptiveOptions;
  /** Points that a trend is made of; 60 by default. */
  readonly windowCount?: number;
}

export interface AdaptiveOptions {
  /** Milliseconds a replacement needs to start, with something to spare. */
  readonly startMs: number;
  /** Milliseconds that clients need to leave, with something to spare. */
  readonly moveMs: number;
  /** How much of the variance a trend explains at least; 0.5 by default. */
  readonly leastFit?: number;
}

/** A level that a resource has come to. */
export interface Forecast {
  readonly resource: string;
  readonly level: Level;
  /** Of the limit. */
  readonly share: number;
  /** Milliseconds it lasts if it goes on like this; Infinity where there is no trend. */
  readonly lastsMs: number;
  /** What told: the share that is used, or the time that is left. */
  readonly by: "share" | "trend";
}

const FIRST = 0.6;
const SECOND = 0.8;
const WINDOW_COUNT = 60;
const LEAST_FIT = 0.5;
/** How far beneath a threshold a share must fall before it counts again: one that swings about it is told of once. */
const HYSTERESIS = 0.05;
/** With the trend, only a share near the end is told of by itself. */
const LAST_FIRST = 0.9;
const LAST_SECOND = 0.95;

/** Sees one resource run out. Pure: it knows what it is told. */
export class Predictor {
  readonly #resource: Resource;
  readonly #first: number;
  readonly #second: number;
  readonly #adaptive: AdaptiveOptions | undefined;
  readonly #trend: Trend;
  #level: Level = "calm";

  /** @throws RangeError that says what is allowed */
  constructor(resource: Resource, options: PredictorOptions = {}) {
    const { adaptive, windowCount = WINDOW_COUNT } = options;
    const isAdaptive = adaptive !== undefined;
    const { first = isAdaptive ? LAST_FIRST : FIRST, second = isAdaptive ? LAST_SECOND : SECOND } =
      options;
    if (!(resource.limit > 0)) {
      throw new RangeError(`the limit of ${resource.name} must be above 0, not ${resource.limit}`);
    }
    if (!(first > 0 && first <= second && second <= 1)) {
      throw new RangeError(
        `thresholds are shares with 0 < first <= second <= 1, not ${first} and ${second}`,
      );
    }
    this.#resource = resource;
    this.#first = first;
    this.#second = second;
    this.#adaptive = adaptive;
    this.#trend = new Trend(windowCount);
  }

  get level(): Level {
    return this.#level;
  }

  /** @returns the level it has come to, where that is another one than before */
  measured(atMs: number, value: number): Forecast | undefined {
    const { name, limit } = this.#resource;
    this.#trend.add(atMs, value);
    const share = value / limit;
    const lastsMs = this.#trend.reachesInMs(limit, this.#adaptive?.leastFit ?? LEAST_FIT);
    const byShare = this.#byShare(share);
    const byTrend = this.#byTrend(lastsMs);
    const level = RANK[byTrend] > RANK[byShare] ? byTrend : byShare;
    if (level === this.#level) return undefined;
    this.#level = level;
    return { resource: name, level, share, lastsMs, by: level === byShare ? "share" : "trend" };
  }

  /** A level that holds is left only well beneath its threshold. */
  #byShare(share: number): Level {
    const kept = (level: Level): number => (RANK[this.#level] >= RANK[level] ? HYSTERESIS : 0);
    if (share >= 1) return "exhausted";
    if (share >= this.#second - kept("second")) return "second";
    return share >= this.#first - kept("first") ? "first" : "calm";
  }

  #byTrend(lastsMs: number): Level {
    if (this.#adaptive === undefined) return "calm";
    const { startMs, moveMs } = this.#adaptive;
    // Twice the time: a line that sinks a little must not take a level back.
    const kept = (level: Level): number => (RANK[this.#level] >= RANK[level] ? 2 : 1);
    if (lastsMs <= moveMs * kept("second")) return "second";
    return lastsMs <= (startMs + moveMs) * kept("first") ? "first" : "calm";
  }
}
