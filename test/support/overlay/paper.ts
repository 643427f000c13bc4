import type { OverlayEvent, PeerId } from "../../../services/overlay/index.ts";
import type { LevelSettings, P3Settings } from "../../../services/p3/index.ts";
import { faultsOf } from "./invariants.ts";
import type { NetworkSettings } from "./network.ts";
import { type Delivery, Simulation } from "./simulation.ts";

const LEVEL: LevelSettings = { span: 2, superpeers: 2, leaves: 80, monitors: 2 };

/** The tree of the Stheno paper: 4 peers in the root cell, 3 in each of 2 cells, 2 in each of 4. */
export const PAPER_LEVELS: readonly LevelSettings[] = [
  { ...LEVEL, superpeers: 4 },
  { ...LEVEL, superpeers: 3 },
  LEVEL,
];

export const PAPER_PEERS = 18;

/** Peers that may found the tree. */
const SEEDS = 3;

export interface StartOptions {
  readonly seed: number;
  readonly network?: NetworkSettings;
  readonly settings?: Partial<P3Settings>;
  readonly peers?: number;
  readonly heard?: (peer: PeerId, event: OverlayEvent, atMs: number) => void;
  readonly delivered?: (letter: Delivery) => void;
}

/** Starts superpeers `p0`, `p1`, … at the same instant; the first three are the seeds. They have yet to join. */
export function startPeers({
  seed,
  network,
  settings,
  peers,
  heard,
  delivered,
}: StartOptions): Simulation {
  const seeds = Array.from({ length: SEEDS }, (_, i) => ({ id: `p${i}`, address: `p${i}` }));
  const simulation = new Simulation({
    seed,
    ...(network === undefined ? {} : { network }),
    ...(heard === undefined ? {} : { heard }),
    ...(delivered === undefined ? {} : { delivered }),
    settings: { levels: PAPER_LEVELS, seeds, mayFound: false, ...settings },
  });
  for (let i = 0; i < (peers ?? PAPER_PEERS); i++)
    simulation.start(`p${i}`, "superpeer", i < SEEDS ? { mayFound: true } : {});
  return simulation;
}

/** @returns milliseconds until nothing was wrong; the faults that were left after `mostMs` */
export function untilQuiet(simulation: Simulation, mostMs: number): number | readonly string[] {
  const tookMs = simulation.runUntil(() => faultsOf(simulation).length === 0, mostMs);
  return tookMs ?? faultsOf(simulation);
}
