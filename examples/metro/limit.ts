/** A wait that ends. */
export interface Limit extends Disposable {
  readonly signal: AbortSignal;
}

/**
 * Aborted with `stop`, or after some time: `what` was not done then. The timer keeps it: `AbortSignal.any` of an
 * `AbortSignal.timeout` that nobody else holds may be collected, and never fires then (Node.js 20).
 */
export function limit(stop: AbortSignal, ms: number, what: string): Limit {
  const ending = new AbortController();
  const timer = setTimeout(() => ending.abort(new Error(`${what} within ${ms / 1_000} s`)), ms);
  const end = (): void => ending.abort(stop.reason);
  if (stop.aborted) end();
  else stop.addEventListener("abort", end, { once: true });
  return {
    signal: ending.signal,
    [Symbol.dispose]: () => {
      clearTimeout(timer);
      stop.removeEventListener("abort", end);
    },
  };
}
