import test from "ava";
import type { Answer, Role } from "../../../services/overlay/index.ts";
import { faultsOf, startPeers, untilQuiet, Watch } from "../../support/overlay/index.ts";
import type { SimulatedPeer, Simulation } from "../../support/overlay/index.ts";

const LEAVES = 200;
const MONITORS = 6;

function rolesOf(simulation: Simulation, role: Role): readonly SimulatedPeer[] {
  return simulation.alive.filter(({ machine }) => machine.self.role === role);
}

/** How many of a role each cell has. */
function countsOf(simulation: Simulation, role: Role): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { machine } of rolesOf(simulation, role)) {
    const id = machine.cell?.id ?? "";
    counts.set(id, (counts.get(id) ?? 0) + 1);
  }
  return counts;
}

/** The paper's tree with 200 sensors and six monitors, which start with it; each serves its own name. */
function system(seed: number): Simulation {
  const simulation = startPeers({ seed });
  for (let i = 0; i < LEAVES; i++) simulation.start(`leaf${i}`, "leaf");
  for (let i = 0; i < MONITORS; i++) simulation.start(`monitor${i}`, "monitor");
  for (const peer of simulation.peers.values())
    simulation.step(peer, {
      kind: "publish",
      service: { name: peer.ref.id, instance: "1", reference: peer.ref.address },
    });
  return simulation;
}

function coordinatorOf(simulation: Simulation, cell: string): SimulatedPeer {
  const found = simulation.alive.find(
    ({ machine: { standing } }) => standing.at === "coordinator" && standing.cell === cell,
  );
  if (found === undefined) throw new Error(`cell ${cell} has no coordinator`);
  return found;
}

function ask(simulation: Simulation, peer: SimulatedPeer, name: string): Answer | undefined {
  let answer: Answer | undefined;
  simulation.ask(peer, { of: "service", name }, (given) => (answer = given));
  simulation.run(1_100);
  return answer;
}

test("200 leaves and six monitors join within three seconds, no cell takes more than its share, and none coordinates", (t) => {
  const simulation = system(1);
  const tookMs = untilQuiet(simulation, 3_000);
  t.is(typeof tookMs, "number", faultsOf(simulation).slice(0, 5).join("\n"));
  for (const [cell, count] of countsOf(simulation, "leaf"))
    t.true(count <= 80, `${count} leaves in ${cell}`);
  for (const [cell, count] of countsOf(simulation, "monitor"))
    t.true(count <= 2, `${count} monitors in ${cell}`);
  for (const { machine } of [...rolesOf(simulation, "leaf"), ...rolesOf(simulation, "monitor")]) {
    t.is(machine.standing.at, "member");
    t.is(machine.cell?.directory.cellCount, 0, "a leaf keeps no copy of the state");
  }
});

test("a leaf publishes, is found, and finds: from everywhere, within the hops of its cell and one", (t) => {
  const simulation = system(2);
  untilQuiet(simulation, 5_000);
  const [leaf] = rolesOf(simulation, "leaf").slice(-1);
  const [monitor] = rolesOf(simulation, "monitor");
  const deep = coordinatorOf(simulation, "122");
  if (leaf === undefined || monitor === undefined) return t.fail("no leaf");
  for (const [asker, server] of [
    [leaf, deep],
    [deep, leaf],
    [monitor, leaf],
    [leaf, monitor],
  ] as const) {
    const answer = ask(simulation, asker, server.ref.id);
    t.is(answer?.kind, "found", `${asker.ref.id} asks for ${server.ref.id}`);
    t.true(answer?.kind === "found" && answer.hops <= 2 * 2 + 1);
  }
  t.is(ask(simulation, leaf, "nothing")?.kind, "none");
});

for (const trouble of ["kill", "unplug", "freeze", "leave"] as const)
  test(`leaves follow the next coordinator when the former one is lost: ${trouble}`, (t) => {
    for (const cell of ["1", "11", "12"]) {
      const simulation = system(3);
      untilQuiet(simulation, 5_000);
      const watch = new Watch(simulation, { orphanMs: 2_000, knownMs: 3_000, rivalsMs: 1_000 });
      const former = coordinatorOf(simulation, cell);
      const leaves = rolesOf(simulation, "leaf").filter(({ machine }) => machine.cell?.id === cell);
      simulation[trouble](former);
      const tookMs = untilQuiet(simulation, 2_000);
      t.is(typeof tookMs, "number", `${cell}: ${faultsOf(simulation).slice(0, 5).join("\n")}`);
      t.deepEqual(watch.faults, [], cell);
      for (const { machine, ref } of leaves) t.is(machine.cell?.id, cell, ref.id);
    }
  });

test("leaves move with their cell's subtree when the cell above is lost", (t) => {
  // Two lines of cells beneath the root's, three long, with leaves in the lower two of each.
  const level = { span: 1, superpeers: 2, leaves: 5, monitors: 0 };
  const top = { span: 2, superpeers: 3, leaves: 0, monitors: 0 };
  const simulation = startPeers({
    seed: 4,
    peers: 3 + 2 * 3 * 2,
    settings: { levels: [top, { ...level, leaves: 0 }, level] },
  });
  untilQuiet(simulation, 5_000);
  for (let i = 0; i < 20; i++) simulation.start(`leaf${i}`, "leaf");
  t.is(typeof untilQuiet(simulation, 5_000), "number");
  const coordinatorOfLeaf = ({ machine: { standing } }: SimulatedPeer): string =>
    standing.at === "member" ? standing.coordinator.id : "";
  const leaves = rolesOf(simulation, "leaf");
  const before = leaves.map(coordinatorOfLeaf);
  t.deepEqual([...countsOf(simulation, "leaf").keys()].toSorted(), ["111", "1111", "121", "1211"]);
  for (const peer of simulation.alive) if (peer.machine.cell?.id === "11") simulation.kill(peer);
  t.is(typeof untilQuiet(simulation, 4_000), "number", faultsOf(simulation).join("\n"));
  t.deepEqual(leaves.map(coordinatorOfLeaf), before);
  t.false([...countsOf(simulation, "leaf").keys()].includes("1111"), "the line has moved");
});

test("a tree that is full of leaves refuses one more and says so; it comes in when one leaves", (t) => {
  const refused: string[] = [];
  const simulation = startPeers({
    seed: 5,
    peers: 3,
    settings: { levels: [{ span: 1, superpeers: 3, leaves: 5, monitors: 0 }] },
    heard: (peer, event) =>
      void (event.kind === "refused" && refused.push(`${peer}: ${event.reason}`)),
  });
  for (let i = 0; i < 5; i++) simulation.start(`leaf${i}`, "leaf");
  t.is(typeof untilQuiet(simulation, 3_000), "number");
  const late = simulation.start("late", "leaf");
  simulation.run(3_000);
  t.is(late.machine.standing.at, "joining");
  t.true(refused.includes("late: full"), refused.join("; "));
  t.true(refused.length <= 6, `${refused.length} refusals in three seconds`);
  const gone = simulation.peers.get("leaf3");
  if (gone === undefined) return t.fail("no such leaf");
  simulation.leave(gone);
  const tookMs = simulation.runUntil(() => late.machine.standing.at === "member", 1_000, 5);
  t.true(
    tookMs !== undefined && tookMs <= 50,
    `${tookMs} ms: it was told as soon as there was room`,
  );
});

test("all superpeers of a cell die: its leaves find another cell, and nobody among them becomes coordinator", (t) => {
  for (const cell of ["1", "11", "12"]) {
    const simulation = system(6);
    untilQuiet(simulation, 5_000);
    for (const peer of rolesOf(simulation, "superpeer"))
      if (peer.machine.cell?.id === cell) simulation.kill(peer);
    const tookMs = untilQuiet(simulation, 5_000);
    t.is(typeof tookMs, "number", `${cell}: ${faultsOf(simulation).slice(0, 5).join("\n")}`);
    for (const { machine } of rolesOf(simulation, "leaf")) t.is(machine.standing.at, "member");
  }
});

test("no superpeer is left at all: leaves wait, and join the first that starts again", (t) => {
  const simulation = startPeers({ seed: 7, peers: 3 });
  for (let i = 0; i < 10; i++) simulation.start(`leaf${i}`, "leaf", { mayFound: true });
  untilQuiet(simulation, 3_000);
  for (const peer of rolesOf(simulation, "superpeer")) simulation.kill(peer);
  simulation.run(4_000);
  for (const { machine } of simulation.alive) t.is(machine.standing.at, "joining");
  // A process that starts again at a seed's address has another id.
  const again = simulation.start("p9", "superpeer", { mayFound: true });
  for (const leaf of rolesOf(simulation, "leaf"))
    simulation.step(leaf, { kind: "seeds", seeds: [again.ref] });
  t.is(typeof untilQuiet(simulation, 3_000), "number", faultsOf(simulation).join("\n"));
  t.is(again.machine.standing.at, "coordinator");
});
