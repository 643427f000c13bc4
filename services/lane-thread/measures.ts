import type { Counter, Gauge, Histogram, Labels, Metrics } from "../../orb/base/index.ts";
import type { MeasuredMetric, MeasuredSeries } from "./control.ts";

/** Series of one thread: labels come from few sets, and what is beyond is not measured. */
const MOST_SERIES = 4_096;

/** One set of labels of one metric: what came to it since it was last taken. */
interface Series {
  readonly labels: Labels;
  /** Of a histogram: the sum. */
  value: number;
  /** Of a histogram. */
  counts: number[];
  hasChanged: boolean;
}

type Definition = Omit<MeasuredMetric, "series">;

/** Collects what an ORB measures, to be taken now and then: sums alone, however much there was to measure. */
export class LaneMeasures implements Metrics {
  readonly #metrics = new Map<string, { definition: Definition; series: Map<string, Series> }>();
  readonly #changed: () => void;
  #count = 0;

  /** @param changed there is something to take */
  constructor(changed: () => void) {
    this.#changed = changed;
  }

  counter(name: string, help: string, labelNames: readonly string[]): Counter {
    return this.#summing({ kind: "counter", name, help, labelNames, bounds: [] });
  }

  gauge(name: string, help: string, labelNames: readonly string[]): Gauge {
    return this.#summing({ kind: "gauge", name, help, labelNames, bounds: [] });
  }

  histogram(
    name: string,
    help: string,
    labelNames: readonly string[],
    bounds: readonly number[],
  ): Histogram {
    const seriesOf = this.#define({ kind: "histogram", name, help, labelNames, bounds });
    return {
      observe: (value, labels) => {
        const series = seriesOf(labels);
        if (series === undefined) return;
        const found = bounds.findIndex((bound) => value <= bound);
        const at = found < 0 ? bounds.length : found;
        series.counts[at] = (series.counts[at] ?? 0) + 1;
        series.value += value;
      },
    };
  }

  /** What came since the last time; a gauge by how much it changed. */
  take(): readonly MeasuredMetric[] {
    return [...this.#metrics.values()].flatMap(({ definition, series }) => {
      const changed = [...series.values()].filter(({ hasChanged }) => hasChanged);
      if (changed.length === 0) return [];
      return [{ ...definition, series: changed.map(taken) }];
    });
  }

  #summing(definition: Definition): Counter & Gauge {
    const seriesOf = this.#define(definition);
    return {
      add: (by, labels) => {
        const series = seriesOf(labels);
        if (series !== undefined) series.value += by;
      },
    };
  }

  /** @returns finds a series, which changes */
  #define(definition: Definition): (labels?: Labels) => Series | undefined {
    const { name, labelNames } = definition;
    const metric = this.#metrics.get(name) ?? { definition, series: new Map<string, Series>() };
    this.#metrics.set(name, metric);
    return (labels = {}) => {
      const key = labelNames.map((label) => labels[label] ?? "").join("\0");
      let series = metric.series.get(key);
      if (series === undefined) {
        if (this.#count >= MOST_SERIES) return undefined;
        this.#count++;
        series = { labels, value: 0, counts: [], hasChanged: false };
        metric.series.set(key, series);
      }
      series.hasChanged = true;
      this.#changed();
      return series;
    };
  }
}

function taken(series: Series): MeasuredSeries {
  const { labels, value, counts } = series;
  series.value = 0;
  series.counts = [];
  series.hasChanged = false;
  return { labels, value, counts: Array.from(counts, (each) => each ?? 0) };
}
