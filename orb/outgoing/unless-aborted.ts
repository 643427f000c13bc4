/** What is waited for; undefined when the signal is aborted before: who never answers is waited for no longer than that. */
export function unlessAborted<T>(signal: AbortSignal, awaited: Promise<T>): Promise<T | undefined> {
  return new Promise((resolve, reject) => {
    const abort = (): void => resolve(undefined);
    signal.addEventListener("abort", abort, { once: true });
    if (signal.aborted) abort();
    awaited.finally(() => signal.removeEventListener("abort", abort)).then(resolve, reject);
  });
}
