import type { Qos } from "./qos.ts";

/**
 * A share of time, exactly: half and half are the whole, which rounded numbers would not always say. Since
 * it is exact the kernel, which rounds each group's share down, never sees more than was promised here.
 */
export interface Share {
  readonly part: bigint;
  readonly of: bigint;
}

export const NO_SHARE: Share = { part: 0n, of: 1n };
/** The kernel's unit: 2^20 is the whole. */
const KERNEL_WHOLE = 1n << 20n;
const PPM = 1_000_000n;

function gcd(a: bigint, b: bigint): bigint {
  return b === 0n ? a : gcd(b, a % b);
}

function reduced(part: bigint, of: bigint): Share {
  const common = gcd(part < 0n ? -part : part, of);
  return common > 1n ? { part: part / common, of: of / common } : { part, of };
}

/** `runtime` in `period`; nothing where the period is 0. */
export function shareOf(runtime: number | bigint, period: number | bigint): Share {
  return BigInt(period) === 0n ? NO_SHARE : reduced(BigInt(runtime), BigInt(period));
}

export function plus(a: Share, b: Share): Share {
  return reduced(a.part * b.of + b.part * a.of, a.of * b.of);
}

export function minus(a: Share, b: Share): Share {
  return plus(a, { part: -b.part, of: b.of });
}

export function times(a: Share, count: number): Share {
  return reduced(a.part * BigInt(count), a.of);
}

export function isWithin(a: Share, most: Share): boolean {
  return a.part * most.of <= most.part * a.of;
}

export function least(a: Share, b: Share): Share {
  return isWithin(a, b) ? a : b;
}

export function sumOf<T>(of: Iterable<T>, share: (each: T) => Share): Share {
  let sum = NO_SHARE;
  for (const each of of) sum = plus(sum, share(each));
  return sum;
}

/** The longest runtime in a period whose share is at most `share`. */
export function runtimeWithin({ part, of }: Share, period: number): number {
  return Number((part * BigInt(period)) / of);
}

/** A share in millionths, rounded down. */
export function ppmOf({ part, of }: Share): number {
  return Number((part * PPM) / of);
}

/** The same in millionths rounded up: what is asked for is not made to look less. */
export function ppmAsked({ part, of }: Share): number {
  return Number((part * PPM + of - 1n) / of);
}

/** A share as the kernel counts it, rounded down, of a period that makes it exact: 2^20 µs. */
export function kernelTime({ part, of }: Share): { runtimeUs: number; periodUs: number } {
  return { runtimeUs: Number((part * KERNEL_WHOLE) / of), periodUs: Number(KERNEL_WHOLE) };
}

/** The share that FIFO and RR threads are given. */
export function realtimeShare({ runtime_us, period_us }: Qos.CpuTime): Share {
  return shareOf(runtime_us, period_us);
}

/** The share of one core that a DEADLINE thread takes. */
export function deadlineShare({ runtime_ns, period_ns }: Qos.DeadlineTimes): Share {
  return shareOf(runtime_ns, period_ns);
}
