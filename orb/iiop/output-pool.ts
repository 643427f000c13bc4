import { CdrOutput } from "../cdr/index.ts";
import { Giop11Output } from "../giop/index.ts";

/** Outputs kept for another message; each may keep some MiB. */
const MOST_KEPT = 4;

/**
 * Outputs whose large message has been sent and which may be written again. Memory of a MiB that is
 * new costs more than filling it: the system clears every page of it first.
 */
export class OutputPool {
  readonly #free: CdrOutput[] = [];
  readonly #isSplitting: boolean;

  /** @param fragmentOctets above 0 when messages are split, for which GIOP 1.1 needs outputs that remember more */
  constructor(fragmentOctets: number) {
    this.#isSplitting = fragmentOctets > 0;
  }

  /** An empty output; version, code sets and context are as its last user left them. */
  take(): CdrOutput {
    return this.#free.pop() ?? (this.#isSplitting ? new Giop11Output() : new CdrOutput());
  }

  /** To be called when nobody reads the output's octets any more. */
  giveBack(out: CdrOutput): void {
    if (this.#free.length === MOST_KEPT) return;
    out.reset();
    this.#free.push(out);
  }
}
