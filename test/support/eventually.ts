/** Milliseconds between two looks. */
const LOOK_MS = 10;

/**
 * Looks until it is so: for what nothing tells, such as another process's state.
 * @param what for the failure: "the load burns"
 * @throws Error when it is not so in time
 */
export async function eventually(
  what: string,
  isSo: () => boolean | Promise<boolean>,
  timeoutMs: number = 30_000,
): Promise<void> {
  const begunAtMs = performance.now();
  while (!(await isSo())) {
    if (performance.now() - begunAtMs > timeoutMs)
      throw new Error(`not so within ${timeoutMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}
