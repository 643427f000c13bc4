import test from "ava";
import {
  againBy,
  faultsOf,
  makeTroubles,
  QUIET_NETWORK,
  ROUGH_NETWORK,
  seedsToRun,
  startPeers,
  untilQuiet,
  Watch,
} from "../../support/overlay/index.ts";
import type { WatchBounds } from "../../support/overlay/index.ts";

const SEEDS = seedsToRun(200);
const KILLS_A_SEED = 5;
const GAP_MS = 2_000;
const HEALED_MS = 5_000;

/** What is promised: on a network that keeps what it is given, and on one that loses, delays, doubles and reorders. */
const BOUNDS: Readonly<Record<"quiet" | "rough", WatchBounds>> = {
  quiet: { orphanMs: 2_000, knownMs: 3_000, rivalsMs: 600 },
  rough: { orphanMs: 2_500, knownMs: 3_000, rivalsMs: 1_000 },
};

/** @returns what was wrong at any time, and how long each orphan was one */
function killSome(seed: number): { faults: readonly string[]; orphanedMs: readonly number[] } {
  const isQuiet = seed % 2 === 0;
  const simulation = startPeers({ seed, network: isQuiet ? QUIET_NETWORK : ROUGH_NETWORK });
  const joined = untilQuiet(simulation, 10_000);
  if (typeof joined !== "number") return { faults: ["not joined", ...joined], orphanedMs: [] };
  const watch = new Watch(simulation, BOUNDS[isQuiet ? "quiet" : "rough"]);
  makeTroubles(simulation, { count: KILLS_A_SEED, gapMs: GAP_MS, kinds: ["kill", "unplug"] });
  untilQuiet(simulation, HEALED_MS);
  return { faults: [...watch.faults, ...faultsOf(simulation)], orphanedMs: watch.orphanedMs };
}

test(`${SEEDS.length} seeds, ${SEEDS.length * KILLS_A_SEED} kills: every orphan has a way up again within its bound, and every root knows whom it should`, (t) => {
  const orphanedMs: number[] = [];
  const before = process.cpuUsage();
  for (const seed of SEEDS) {
    const run = killSome(seed);
    t.deepEqual(run.faults, [], againBy("kills", seed));
    orphanedMs.push(...run.orphanedMs);
  }
  const { user, system } = process.cpuUsage(before);
  const sorted = orphanedMs.toSorted((a, b) => a - b);
  const at = (part: number): number =>
    Math.round(sorted[Math.floor(part * (sorted.length - 1))] ?? 0);
  t.log(
    `${sorted.length} orphans: p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, longest ${at(1)} ms; ${Math.round((user + system) / 1e3)} ms of processor`,
  );
});
