/**
 * One walk over a graph of values. Instances met again are found in `known`; what is put off until the
 * value around it is done takes no call stack, so that chains of values have no greatest length.
 */
export class Work {
  /** By instance of a value, or by node: what it became, or what it was compared with. */
  readonly known: Map<object, unknown> = new Map();
  /** A value was met whose own type has more members than the known one. */
  wasTruncated = false;
  readonly #later: (() => void)[] = [];

  later(step: () => void): void {
    this.#later.push(step);
  }

  /** Does what was put off, and what that puts off. */
  finish(): void {
    for (let step = this.#later.pop(); step !== undefined; step = this.#later.pop()) step();
  }
}
