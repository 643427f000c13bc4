import { BAD_PARAM } from "../../../orb/index.ts";

/** What a client may ask a servant to make: a size that a broken message names must not fill the memory. */
const LARGEST = 1_000_000;

/** @throws BAD_PARAM for a size below 0 or above what servants make */
export function checkedSize(size: number): number {
  if (size >= 0 && size <= LARGEST) return size;
  throw new BAD_PARAM(`a size of ${size}; 0 to ${LARGEST} are made`);
}
