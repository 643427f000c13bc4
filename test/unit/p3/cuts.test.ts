import test from "ava";
import {
  faultsOf,
  PAPER_PEERS,
  rootOf,
  startPeers,
  untilQuiet,
  Watch,
} from "../../support/overlay/index.ts";
import type { SimulatedPeer, Simulation } from "../../support/overlay/index.ts";

const CELLS = ["1", "11", "12", "111", "112", "121", "122"] as const;
/** A cut lasts this long; the two sides are one tree again within `HEALED_MS`. */
const CUT_MS = 4_000;
const HEALED_MS = 4_000;
const BOUNDS = { orphanMs: 2_000, knownMs: 3_000, rivalsMs: 1_000 };

/** The paper's tree at rest, each peer with a service of its name. */
function paperTree(seed: number, heard?: (peer: string, kind: string) => void): Simulation {
  const simulation = startPeers({
    seed,
    ...(heard === undefined
      ? {}
      : { heard: (peer: string, event: { kind: string }) => heard(peer, event.kind) }),
  });
  for (const peer of simulation.peers.values())
    simulation.step(peer, {
      kind: "publish",
      service: { name: peer.ref.id, instance: "1", reference: peer.ref.address },
    });
  untilQuiet(simulation, 3_000);
  return simulation;
}

function cellOf({ machine }: SimulatedPeer): string {
  return machine.cell?.id ?? "";
}

function isCoordinator({ machine }: SimulatedPeer): boolean {
  return machine.standing.at === "coordinator";
}

/** Cuts the network for a while. @returns what is wrong on the sides meanwhile, and when they are one again */
function cut(seed: number, isAway: (peer: SimulatedPeer) => boolean): readonly string[] {
  const simulation = paperTree(seed);
  const sides = new Map(simulation.alive.map((peer) => [peer.ref.id, isAway(peer) ? 1 : 0]));
  simulation.network.partition(sides);
  simulation.run(CUT_MS);
  // Whoever is in a cell has a way up to a root on its own side.
  const strays = simulation.alive
    .filter((peer) => peer.machine.cell !== undefined)
    .filter((peer) => {
      const root = rootOf(simulation, peer);
      return root === undefined || sides.get(root.ref.id) !== sides.get(peer.ref.id);
    })
    .map(({ ref }) => `${ref.id} has no root on its side`);
  simulation.network.partition(new Map());
  const watch = new Watch(simulation, { ...BOUNDS, orphanMs: 3_000, rivalsMs: 2_000 });
  const healed = untilQuiet(simulation, HEALED_MS);
  return [
    ...strays,
    ...watch.faults,
    ...(typeof healed === "number" ? lost(simulation) : healed),
  ].map((fault) => `seed ${seed}: ${fault}`);
}

/** Names of live peers that a live peer does not find. */
function lost(simulation: Simulation): readonly string[] {
  const missed: string[] = [];
  const peers = simulation.alive;
  peers.forEach((asker, i) => {
    const server = peers[(i + 7) % peers.length];
    if (server === undefined) return;
    simulation.ask(asker, { of: "service", name: server.ref.id }, ({ kind }) => {
      if (kind !== "found") missed.push(`${asker.ref.id} asked for ${server.ref.id}: ${kind}`);
    });
  });
  simulation.run(1_200);
  return missed;
}

test("every cut of the paper's tree between its cells heals to one tree that knows every name", (t) => {
  // Cell 1 on one side; each set of the other six but the empty one on the other.
  for (let set = 1; set < 1 << 6; set++) {
    const away = CELLS.slice(1).filter((_, i) => ((set >> i) & 1) === 1);
    t.deepEqual(
      cut(set, (peer) => away.some((cell) => cell === cellOf(peer))),
      [],
      `cells ${away.join(", ")} cut off`,
    );
  }
});

test("each peer cut off alone, and each cell's coordinator with half of its members, comes back", (t) => {
  for (let i = 0; i < PAPER_PEERS; i++)
    t.deepEqual(
      cut(i, ({ ref }) => ref.id === `p${i}`),
      [],
      `p${i} cut off`,
    );
  for (const cell of CELLS)
    t.deepEqual(
      cut(30, (peer) => cellOf(peer) === cell && (isCoordinator(peer) || peer.number % 2 === 0)),
      [],
      `half of cell ${cell} cut off`,
    );
});

test("each whole cell lost, with its connections or silently: every orphan is tied again within two seconds", (t) => {
  for (const trouble of ["kill", "unplug"] as const)
    for (const cell of CELLS) {
      const simulation = paperTree(40);
      const watch = new Watch(simulation, BOUNDS);
      for (const peer of simulation.alive) if (cellOf(peer) === cell) simulation[trouble](peer);
      const healed = untilQuiet(simulation, 5_000);
      t.is(typeof healed, "number", `${trouble} of ${cell}: ${faultsOf(simulation).join("\n")}`);
      t.deepEqual(watch.faults, [], `${trouble} of ${cell}`);
      t.deepEqual(lost(simulation), []);
    }
});

test("nobody that is left may found a tree: one that was beneath the lost root's cell becomes the root all the same", (t) => {
  const simulation = paperTree(41);
  const mayFound = ["p0", "p1", "p2"];
  for (const peer of simulation.alive)
    if (cellOf(peer) === "1" || mayFound.includes(peer.ref.id)) simulation.kill(peer);
  t.is(typeof untilQuiet(simulation, 4_000), "number", faultsOf(simulation).join("\n"));
  t.is(simulation.alive.filter((peer) => rootOf(simulation, peer) === peer).length, 1);
});

test("each peer that stands still for a while is shunned if it was taken for dead, and joins again within a second", (t) => {
  for (let i = 0; i < PAPER_PEERS; i++) {
    const shunned: string[] = [];
    const simulation = paperTree(50 + i, (peer, kind) => {
      if (kind === "shunned") shunned.push(peer);
    });
    const peer = simulation.peers.get(`p${i}`);
    if (peer === undefined) return t.fail("no such peer");
    const { epoch } = peer.machine.cell ?? {};
    simulation.freeze(peer);
    simulation.run(2_000);
    simulation.thaw(peer);
    const healed = untilQuiet(simulation, 1_500);
    t.is(typeof healed, "number", `p${i}: ${faultsOf(simulation).join("\n")}`);
    t.deepEqual(shunned, [peer.ref.id], `p${i} of epoch ${epoch}`);
    t.deepEqual(lost(simulation), []);
  }
});
