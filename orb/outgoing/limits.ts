import type { Clock } from "../base/index.ts";
import type { RedirectOptions } from "../hook/index.ts";

/** Work of which each piece has a time that it may take, and all of which ends when its owner does. */
export class Limits {
  readonly #clock: Clock;
  /** Milliseconds for work that says nothing else. */
  readonly #timeoutMs: number;
  readonly #running = new Set<AbortController>();
  #ended: Error | undefined;

  constructor(clock: Clock, timeoutMs: number) {
    this.#clock = clock;
    this.#timeoutMs = timeoutMs;
  }

  /** @param work its signal is aborted when its time is over, its caller's signal is, or everything ends; `end` ends this one */
  async within<T>(
    options: RedirectOptions,
    work: (signal: AbortSignal, end: (reason: Error) => void) => Promise<T>,
  ): Promise<T> {
    const { timeoutMs = this.#timeoutMs, signal: given } = options;
    // One controller: to join signals costs more than all else that a fail-over does.
    const limit = new AbortController();
    const abort = (): void => limit.abort(given?.reason);
    const timer = this.#clock.timer(timeoutMs, () =>
      limit.abort(new Error(`it took more than ${timeoutMs} ms`)),
    );
    this.#running.add(limit);
    given?.addEventListener("abort", abort, { once: true });
    if (given?.aborted === true) abort();
    if (this.#ended !== undefined) limit.abort(this.#ended);
    try {
      return await work(limit.signal, (reason) => limit.abort(reason));
    } finally {
      timer.cancel();
      this.#running.delete(limit);
      given?.removeEventListener("abort", abort);
    }
  }

  /** Ends all work, and that which would begin. */
  end(reason: Error): void {
    this.#ended = reason;
    for (const limit of this.#running) limit.abort(reason);
  }

  /** @throws what everything was ended with */
  throwIfEnded(): void {
    if (this.#ended !== undefined) throw this.#ended;
  }
}
