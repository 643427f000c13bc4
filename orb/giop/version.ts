import type { GiopMinor } from "../cdr/index.ts";

/** The newest version spoken, 1.2: 1.3 and later repeat its layouts and are refused. */
export const HIGHEST_MINOR = 2;

export function isGiopMinor(minor: number): minor is GiopMinor {
  return minor === 0 || minor === 1 || minor === 2;
}

/** The version to speak to a server whose profile says IIOP 1.`published`: never more than that. */
export function minorFor(published: number): GiopMinor {
  return isGiopMinor(published) ? published : HIGHEST_MINOR;
}
