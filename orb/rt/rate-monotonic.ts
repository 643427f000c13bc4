import { MAX_PRIORITY, MIN_PRIORITY } from "./priority.ts";

/**
 * Rate-monotonic priorities: what runs more often is more urgent; equal rates get equal priorities. They lie as far
 * apart as the range lets them, so that a mapping to few native priorities keeps them apart.
 * @param rates how often each runs, in any unit that is the same for all
 * @throws RangeError for a rate that is not above 0, or more different rates than there are priorities
 */
export function rateMonotonic<K extends string>(
  rates: Readonly<Record<K, number>>,
  range: { readonly min: number; readonly max: number } = { min: MIN_PRIORITY, max: MAX_PRIORITY },
): Record<K, number> {
  const entries = Object.entries<number>(rates);
  for (const [name, rate] of entries) {
    if (!(rate > 0)) throw new RangeError(`the rate of ${name} is ${rate}; above 0 is needed`);
  }
  const distinct = [...new Set(entries.map(([, rate]) => rate))].toSorted((a, b) => a - b);
  const room = range.max - range.min + 1;
  if (distinct.length > room) {
    throw new RangeError(`${distinct.length} different rates, and ${room} priorities for them`);
  }
  const step = (range.max - range.min) / Math.max(1, distinct.length - 1);
  const priorityOf = (rate: number): number =>
    range.max - Math.floor((distinct.length - 1 - distinct.indexOf(rate)) * step);
  return Object.fromEntries(entries.map(([name, rate]) => [name, priorityOf(rate)])) as Record<
    K,
    number
  >;
}
