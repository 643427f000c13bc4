import { randomFillSync } from "node:crypto";

/** Randomness for ids and jitter. */
export interface Random {
  /** `n` new octets. */
  octets(n: number): Uint8Array;
  /** Unsigned 32-bit integer. */
  uint32(): number;
  /** At least 0, less than 1. */
  number(): number;
}

/** Unpredictable randomness of the machine. */
export const systemRandom: Random = {
  octets: (n) => randomFillSync(new Uint8Array(n)),
  uint32: () => randomFillSync(new Uint32Array(1))[0] ?? 0,
  number: () => (randomFillSync(new Uint32Array(1))[0] ?? 0) / 0x1_0000_0000,
};

/** The same sequence for the same seed (mulberry32); for tests and simulations, never for ids. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  const uint32 = (): number => {
    state = (state + 0x6d2b_79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
  return {
    octets: (n) => Uint8Array.from({ length: n }, () => uint32() & 0xff),
    uint32,
    number: () => uint32() / 0x1_0000_0000,
  };
}
