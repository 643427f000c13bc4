import { CdrOutput } from "../cdr/index.ts";

/**
 * An output that remembers where its eight-octet primitives are: GIOP 1.1 may cut a message into
 * fragments anywhere but inside one, and the octets alone do not tell.
 */
export class Giop11Output extends CdrOutput {
  readonly #positions: number[] = [];

  /** Positions of the first octets, ascending. */
  get eightOctetPositions(): readonly number[] {
    return this.#positions;
  }

  override longlong(v: bigint | number): this {
    super.longlong(v);
    return this.#note();
  }

  override ulonglong(v: bigint | number): this {
    super.ulonglong(v);
    return this.#note();
  }

  override double(v: number): this {
    super.double(v);
    return this.#note();
  }

  override reset(): void {
    super.reset();
    this.#positions.length = 0;
  }

  #note(): this {
    // An encapsulation is a sequence of octets to whoever joins the fragments: it may be cut anywhere.
    if (this.position === this.absolutePosition) this.#positions.push(this.absolutePosition - 8);
    return this;
  }
}
