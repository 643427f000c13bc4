/** A line through what was measured: least squares over a bounded window. */
export interface Line {
  /** Of the measure, per millisecond. */
  readonly slope: number;
  /** What the line says of the newest instant. */
  readonly now: number;
  /** The share of the variance that the line explains, 0 to 1: whether there is a trend at all. */
  readonly fit: number;
}

interface Point {
  readonly atMs: number;
  readonly value: number;
}

/** Fewer than these say nothing of a trend. */
const LEAST_POINTS = 5;

/** The latest of a measure, and where they lead. */
export class Trend {
  readonly #mostPoints: number;
  readonly #points: Point[] = [];

  /** @param mostPoints older ones are forgotten. @throws RangeError for fewer than 5 */
  constructor(mostPoints: number) {
    if (!(mostPoints >= LEAST_POINTS)) {
      throw new RangeError(`a trend needs ${LEAST_POINTS} points at least, not ${mostPoints}`);
    }
    this.#mostPoints = mostPoints;
  }

  get count(): number {
    return this.#points.length;
  }

  /** Instants must not go back: one that does begins anew, as after a clock that was set. */
  add(atMs: number, value: number): void {
    const last = this.#points.at(-1);
    if (last !== undefined && atMs <= last.atMs) this.#points.length = 0;
    this.#points.push({ atMs, value });
    if (this.#points.length > this.#mostPoints) this.#points.shift();
  }

  /** The measure fell for good, as after a collection of garbage that found much: what was before says nothing any more. */
  forget(): void {
    this.#points.length = 0;
  }

  /** undefined while there are too few points. */
  line(): Line | undefined {
    const points = this.#points;
    const { length } = points;
    const last = points.at(-1);
    if (length < LEAST_POINTS || last === undefined) return undefined;
    // From the newest on, so that large instants cost no digits.
    let [sumX, sumY] = [0, 0];
    for (const { atMs, value } of points) {
      sumX += atMs - last.atMs;
      sumY += value - last.value;
    }
    const [meanX, meanY] = [sumX / length, sumY / length];
    let [xx, xy, yy] = [0, 0, 0];
    for (const { atMs, value } of points) {
      const x = atMs - last.atMs - meanX;
      const y = value - last.value - meanY;
      xx += x * x;
      xy += x * y;
      yy += y * y;
    }
    const slope = xy / xx;
    const fit = yy === 0 ? 1 : Math.min(1, (xy * xy) / (xx * yy));
    return { slope, now: last.value + meanY - slope * meanX, fit };
  }

  /**
   * Milliseconds until the measure reaches a limit if it goes on like this; 0 where it has; Infinity where it does not
   * rise, or nobody can tell.
   * @param leastFit lines that explain less are no trend
   */
  reachesInMs(limit: number, leastFit: number): number {
    const last = this.#points.at(-1);
    if (last === undefined) return Infinity;
    if (last.value >= limit) return 0;
    const line = this.line();
    if (line === undefined || line.slope <= 0 || line.fit < leastFit) return Infinity;
    return Math.max(0, (limit - line.now) / line.slope);
  }
}
