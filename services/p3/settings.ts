import type { DetectorSettings } from "../overlay/index.ts";
import type { PeerId, PeerRef } from "../overlay/index.ts";

/** How wide the tree is at one level and how full its cells. */
export interface LevelSettings {
  /** Children of a cell, 1 to 15. */
  readonly span: number;
  readonly superpeers: number;
  readonly leaves: number;
  readonly monitors: number;
}

/** What a P3 peer is run with; times in milliseconds. */
export interface P3Settings {
  /** By depth, the root's first; levels below the last are like the last. */
  readonly levels: readonly LevelSettings[];
  /** Where joining starts; the peer's own address among them is skipped. */
  readonly seeds: readonly PeerRef[];
  /** Peers whose majority decides on names; the root cell that has more of them wins a merge. */
  readonly voters: readonly PeerId[];
  /** Whether this peer becomes the root when no seed answers. */
  readonly mayFound: boolean;
  /** Every link carries a heartbeat this often, each way; also the grain of all other times. */
  readonly heartbeatMs: number;
  readonly detector: DetectorSettings;
  /** An unanswered message of joining is sent again after this. */
  readonly requestMs: number;
  /** Unanswered requests in a row after which the first seed becomes the root; each next seed waits as many more. */
  readonly foundTries: number;
  /** Each next member of a cell waits this much longer before it stands for coordinator. */
  readonly staggerMs: number;
  /** A coordinator that lost its parent tries the rest of the parent's cell this long. */
  readonly rebindMs: number;
  /** A cell without a parent looks for the root this long before it becomes one. */
  readonly seekMs: number;
  /** A child cell that fell silent is kept this long for its next coordinator. */
  readonly graceMs: number;
  /** A root asks one peer that is not beneath it for another root this often. */
  readonly mergeMs: number;
  /** A place promised to a joining peer is kept this long. */
  readonly promiseMs: number;
  /** Discovery ends after this, answered or not. */
  readonly deadlineMs: number;
  /** An answer of discovery is believed this long unless it is called off. */
  readonly cacheMs: number;
}

export const LEVEL_DEFAULTS: LevelSettings = { span: 2, superpeers: 2, leaves: 80, monitors: 2 };

export const P3_DEFAULTS: P3Settings = {
  levels: [LEVEL_DEFAULTS],
  seeds: [],
  voters: [],
  mayFound: true,
  heartbeatMs: 100,
  detector: { threshold: 8, expectedMs: 100, leastDeviationMs: 25 },
  requestMs: 200,
  foundTries: 2,
  staggerMs: 200,
  rebindMs: 600,
  seekMs: 300,
  graceMs: 1_000,
  mergeMs: 1_000,
  promiseMs: 1_000,
  deadlineMs: 1_000,
  cacheMs: 5_000,
};

/** What holds at a depth. */
export function levelAt(settings: P3Settings, depth: number): LevelSettings {
  return settings.levels[Math.min(depth, settings.levels.length - 1)] ?? LEVEL_DEFAULTS;
}

/** How many peers of a role a cell of that level takes. */
export function roomFor(level: LevelSettings, role: "superpeer" | "leaf" | "monitor"): number {
  if (role === "superpeer") return level.superpeers;
  return role === "leaf" ? level.leaves : level.monitors;
}
