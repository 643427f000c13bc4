/** What a source gives until the signal is aborted: one that never answers is waited for no longer than that. */
export async function* until<T>(
  signal: AbortSignal,
  source: AsyncIterable<T> | Iterable<T>,
): AsyncGenerator<T, void> {
  const aborted = new Promise<undefined>((resolve) => {
    if (signal.aborted) resolve(undefined);
    signal.addEventListener("abort", () => resolve(undefined), { once: true });
  });
  const values = iteratorOf(source);
  try {
    for (;;) {
      const next = await Promise.race([values.next(), aborted]);
      if (next === undefined || next.done === true || signal.aborted) return;
      yield next.value;
    }
  } finally {
    // Not waited for: a source that hangs would hang here, too.
    Promise.resolve(values.return?.()).catch(() => undefined);
  }
}

function iteratorOf<T>(source: AsyncIterable<T> | Iterable<T>): AsyncIterator<T> | Iterator<T> {
  return Symbol.asyncIterator in source
    ? source[Symbol.asyncIterator]()
    : source[Symbol.iterator]();
}
