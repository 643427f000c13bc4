/** TimeBase as numbers: units of 100 ns, instants since 15 October 1582 (Time Service, OMG formal/02-05-06). */

/** An instant with its inaccuracy, as TimeBase::UtcT. */
export interface UtcT {
  readonly time: bigint;
  readonly inacclo: number;
  readonly inacchi: number;
  /** Minutes east of UTC; `time` is UTC all the same. */
  readonly tdf: number;
}

const UNITS_PER_MS = 10_000;
/** Midnight of 1 January 1970. */
const UNIX_EPOCH = 0x01b2_1dd2_1381_4000n;
/** As long as a duration can be: no limit. */
const LONGEST = 0xffff_ffff_ffff_ffffn;

/** A duration; `Infinity` is the longest there is. */
export function timeFromMs(ms: number): bigint {
  const units = ms * UNITS_PER_MS;
  return units >= Number(LONGEST) ? LONGEST : BigInt(Math.max(1, Math.round(units)));
}

export function timeToMs(time: bigint): number {
  return time === LONGEST ? Infinity : Number(time) / UNITS_PER_MS;
}

/** @param wallMs milliseconds since 1970 */
export function utcFromWallMs(wallMs: number): UtcT {
  const time = BigInt(Math.round(wallMs * UNITS_PER_MS)) + UNIX_EPOCH;
  return { time, inacclo: 0, inacchi: 0, tdf: 0 };
}

/** Milliseconds since 1970. */
export function utcToWallMs({ time }: UtcT): number {
  return Number(time - UNIX_EPOCH) / UNITS_PER_MS;
}
