import type { Counter, Gauge, Histogram, Labels, Metrics } from "../../orb/base/index.ts";
import type { LaneTally, MeasuredMetric, MeasuredSeries } from "../lane-thread/index.ts";

type Port = (series: MeasuredSeries, labels: Labels) => void;

/** Hands what one thread of a lane measured to the program's metrics, each series with the lane's name. */
export class ThreadMeasures {
  readonly #metrics: Metrics;
  readonly #lane: string;
  readonly #ports = new Map<string, Port>();
  /** What each gauge of the thread adds to those of others: taken back when it dies. */
  readonly #gauges = new Map<string, { gauge: Gauge; labels: Labels; value: number }>();

  constructor(metrics: Metrics, lane: string) {
    this.#metrics = metrics;
    this.#lane = lane;
  }

  take({ measured }: LaneTally): void {
    for (const metric of measured) {
      const port = this.#portOf(metric);
      const hasLane = metric.labelNames.includes("lane");
      for (const series of metric.series)
        port(series, hasLane ? { ...series.labels, lane: this.#lane } : series.labels);
    }
  }

  /** Nothing is open in it, held or waiting, any more. */
  died(): void {
    for (const { gauge, labels, value } of this.#gauges.values())
      if (value !== 0) gauge.add(-value, labels);
    this.#gauges.clear();
  }

  #portOf(metric: MeasuredMetric): Port {
    let port = this.#ports.get(metric.name);
    if (port === undefined) {
      port = this.#newPort(metric);
      this.#ports.set(metric.name, port);
    }
    return port;
  }

  #newPort({ kind, name, help, labelNames, bounds }: MeasuredMetric): Port {
    switch (kind) {
      case "counter": {
        const counter: Counter = this.#metrics.counter(name, help, labelNames);
        return ({ value }, labels) => counter.add(value, labels);
      }
      case "gauge": {
        const gauge = this.#metrics.gauge(name, help, labelNames);
        return ({ value: by }, labels) => {
          gauge.add(by, labels);
          const key = [name, ...Object.values(labels)].join("\0");
          const { value = 0 } = this.#gauges.get(key) ?? {};
          this.#gauges.set(key, { gauge, labels, value: value + by });
        };
      }
      case "histogram": {
        const histogram = this.#metrics.histogram(name, help, labelNames, bounds);
        return ({ counts, value: sum }, labels) => merge(histogram, bounds, counts, sum, labels);
      }
    }
  }
}

/** A histogram that cannot be merged into observes as much in each range, whose middle the value is. */
function merge(
  histogram: Histogram,
  bounds: readonly number[],
  counts: readonly number[],
  sum: number,
  labels: Labels,
): void {
  if (histogram.merge !== undefined) {
    histogram.merge(counts, sum, labels);
    return;
  }
  for (const [at, count] of counts.entries()) {
    const low = bounds[at - 1] ?? 0;
    const value = (low + (bounds[at] ?? low)) / 2;
    for (let each = 0; each < count; each++) histogram.observe(value, labels);
  }
}
