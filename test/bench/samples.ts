/** A growing list of measured values, without an object per value. */
export class Samples {
  #values: Float64Array = new Float64Array(1 << 14);
  #count = 0;

  get count(): number {
    return this.#count;
  }

  add(value: number): void {
    if (this.#count === this.#values.length) {
      const larger = new Float64Array(this.#values.length * 2);
      larger.set(this.#values);
      this.#values = larger;
    }
    this.#values[this.#count++] = value;
  }

  clear(): void {
    this.#count = 0;
  }

  /** The values so far: a view, valid until the next `add` or `clear`. */
  view(): Float64Array {
    return this.#values.subarray(0, this.#count);
  }
}

/**
 * The value that a share of the samples does not exceed (nearest rank).
 * @param sorted at least one value, ascending
 * @param share 0 to 1
 */
export function percentile(sorted: Float64Array, share: number): number {
  const rank = Math.max(1, Math.ceil(sorted.length * share));
  const value = sorted[rank - 1];
  if (value === undefined) throw new RangeError("no samples to take a percentile of");
  return value;
}

/** The middle value; of an even number of values the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = Float64Array.from(values).sort();
  const half = sorted.length >> 1;
  const upper = sorted[half];
  if (upper === undefined) throw new RangeError("no values to take a median of");
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[half - 1] ?? upper)) / 2;
}
