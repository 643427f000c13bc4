import type { Metric } from "prom-client";
import type { Histogram, Labels } from "../../orb/base/index.ts";

interface Series {
  readonly labels: Labels;
  /** By range, what is above all bounds last. */
  readonly counts: number[];
  sum: number;
}

/** One line of a metric, as prom-client writes it. */
interface Line {
  readonly metricName: string;
  readonly labels: Readonly<Record<string, string | number>>;
  readonly value: number;
}

/** A histogram for a registry of prom-client, whose own cannot take in what was counted elsewhere. */
export class BucketHistogram implements Histogram {
  readonly name: string;
  readonly help: string;
  readonly type = "histogram";
  readonly aggregator = "sum";
  readonly #labelNames: readonly string[];
  readonly #bounds: readonly number[];
  readonly #series = new Map<string, Series>();

  /** @param bounds upper bounds of the counted ranges, ascending */
  constructor(
    name: string,
    help: string,
    labelNames: readonly string[],
    bounds: readonly number[],
  ) {
    this.name = name;
    this.help = help;
    this.#labelNames = labelNames;
    this.#bounds = bounds;
  }

  /** What a registry takes. */
  get metric(): Metric {
    return this as unknown as Metric;
  }

  observe(value: number, labels: Labels = {}): void {
    const series = this.#of(labels);
    const found = this.#bounds.findIndex((bound) => value <= bound);
    const at = found < 0 ? this.#bounds.length : found;
    series.counts[at] = (series.counts[at] ?? 0) + 1;
    series.sum += value;
  }

  merge(counts: readonly number[], sum: number, labels: Labels = {}): void {
    const series = this.#of(labels);
    for (const [at, count] of counts.entries())
      series.counts[at] = (series.counts[at] ?? 0) + count;
    series.sum += sum;
  }

  /** Of prom-client. */
  get(): Promise<object> {
    const { name, help, type, aggregator } = this;
    const values = [...this.#series.values()].flatMap((series) => this.#lines(series));
    return Promise.resolve({ name, help, type, aggregator, values });
  }

  /** Of prom-client. */
  reset(): void {
    this.#series.clear();
  }

  #of(labels: Labels): Series {
    const key = this.#labelNames.map((label) => labels[label] ?? "").join("\0");
    let series = this.#series.get(key);
    if (series === undefined) {
      series = { labels, counts: Array.from({ length: this.#bounds.length + 1 }, () => 0), sum: 0 };
      this.#series.set(key, series);
    }
    return series;
  }

  #lines({ labels, counts, sum }: Series): readonly Line[] {
    const { name } = this;
    const bounds: readonly (string | number)[] = [...this.#bounds, "+Inf"];
    let total = 0;
    const buckets = bounds.map((le, at): Line => {
      total += counts[at] ?? 0;
      return { metricName: `${name}_bucket`, labels: { le, ...labels }, value: total };
    });
    return [
      ...buckets,
      { metricName: `${name}_sum`, labels, value: sum },
      { metricName: `${name}_count`, labels, value: total },
    ];
  }
}
