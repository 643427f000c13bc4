import test from "ava";
import type { Answer } from "../../../services/overlay/index.ts";
import {
  againBy,
  LONGEST_TROUBLE_MS,
  makeTroubles,
  QUIET_NETWORK,
  ROUGH_NETWORK,
  seedsToRun,
  startPeers,
  untilQuiet,
  Watch,
} from "../../support/overlay/index.ts";
import type { SimulatedPeer, Simulation } from "../../support/overlay/index.ts";

const SEEDS = seedsToRun(200);
const TROUBLES_A_SEED = 6;
/** What holds all the while, milliseconds: a peer that was frozen has to be shunned first. */
const BOUNDS = { orphanMs: 4_000, knownMs: 4_000, rivalsMs: 2_000 };
/** When the last trouble is over, all have found each other within this, milliseconds. */
const HEALED_MS = 5_000;

function nameOf(peer: SimulatedPeer): string {
  return `service of ${peer.ref.id}`;
}

/** Every live peer asks for the name of another one. @returns what went wrong */
function askAll(simulation: Simulation): readonly string[] {
  const peers = simulation.staying;
  const faults: string[] = [];
  peers.forEach((asker, i) => {
    const server =
      peers[(i + 1 + Math.floor(simulation.random.number() * peers.length)) % peers.length];
    if (server === undefined) return;
    let answer: Answer | undefined;
    simulation.ask(asker, { of: "service", name: nameOf(server) }, (given) => (answer = given));
    simulation.after(1_200, () => {
      if (answer?.kind !== "found" || answer.found[0]?.peer.id !== server.ref.id)
        faults.push(`${asker.ref.id} asked for ${nameOf(server)}: ${answer?.kind ?? "no answer"}`);
    });
  });
  simulation.run(1_300);
  return faults;
}

/** @returns what was wrong in the end */
function trouble(seed: number): readonly string[] {
  const simulation = startPeers({ seed, network: seed % 2 === 0 ? QUIET_NETWORK : ROUGH_NETWORK });
  for (const peer of simulation.peers.values())
    simulation.step(peer, {
      kind: "publish",
      service: { name: nameOf(peer), instance: "1", reference: peer.ref.address },
    });
  const joined = untilQuiet(simulation, 10_000);
  if (typeof joined !== "number") return ["not joined", ...joined];
  const watch = new Watch(simulation, BOUNDS);
  makeTroubles(simulation, { count: TROUBLES_A_SEED, gapMs: 1_500 });
  simulation.run(LONGEST_TROUBLE_MS);
  const healed = untilQuiet(simulation, HEALED_MS);
  if (typeof healed !== "number" || watch.faults.length > 0)
    return [...watch.faults, ...(typeof healed === "number" ? [] : healed)];
  simulation.network.settings = QUIET_NETWORK;
  return askAll(simulation);
}

test(`${SEEDS.length} seeds: kills, freezes, leaves, partitions and a bad network; in the end one tree that knows every name`, (t) => {
  for (const seed of SEEDS) t.deepEqual(trouble(seed), [], againBy("trouble", seed));
});
