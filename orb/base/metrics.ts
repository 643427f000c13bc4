/** Labels of one measurement: name → value. */
export type Labels = Readonly<Record<string, string>>;

/** Only grows. */
export interface Counter {
  add(by: number, labels?: Labels): void;
}

/** Goes up and down. */
export interface Gauge {
  add(by: number, labels?: Labels): void;
}

/** Counts measurements by size. */
export interface Histogram {
  observe(value: number, labels?: Labels): void;
  /**
   * Takes in what was observed elsewhere, as in the threads of lanes. One without it observes the middle of each range.
   * @param counts by range, what is above all bounds last; those that are left out are 0
   */
  merge?(counts: readonly number[], sum: number, labels?: Labels): void;
}

/** Port to the program's metrics. Names are those of Prometheus: lower case, the unit at the end. */
export interface Metrics {
  counter(name: string, help: string, labelNames: readonly string[]): Counter;
  gauge(name: string, help: string, labelNames: readonly string[]): Gauge;
  /** @param bounds upper bounds of the counted ranges, ascending */
  histogram(
    name: string,
    help: string,
    labelNames: readonly string[],
    bounds: readonly number[],
  ): Histogram;
}

function nothing(): void {
  return undefined;
}

/** Measures nothing. */
export const noMetrics: Metrics = {
  counter: () => ({ add: nothing }),
  gauge: () => ({ add: nothing }),
  histogram: () => ({ observe: nothing }),
};
