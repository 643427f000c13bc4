import type { Machine } from "./machine.ts";

/** `well`: as it should be; `note`: good to know, lanes work; `fault`: keeps real-time lanes from working. */
export type Level = "well" | "note" | "fault";

/** One thing that was looked at. */
export interface Finding {
  /** Names it for programs: `scheduling-rights`, `rt-throttling`, … */
  readonly code: string;
  readonly level: Level;
  /** What was found, and what it means for a lane. */
  readonly what: string;
  /** The command that mends it, or what else does; left out where nothing is to be mended. */
  readonly mend?: string;
}

/** Looks at one thing. */
export type Check = (machine: Machine) => readonly Finding[];
