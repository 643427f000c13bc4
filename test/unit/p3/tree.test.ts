import test from "ava";
import type { Answer } from "../../../services/overlay/index.ts";
import { faultsOf, ROUGH_NETWORK, startPeers, untilQuiet } from "../../support/overlay/index.ts";
import type { SimulatedPeer, Simulation } from "../../support/overlay/index.ts";

/** How many peers each cell has, by its id. */
function shapeOf(simulation: Simulation): Readonly<Record<string, number>> {
  const shape: Record<string, number> = {};
  for (const { machine } of simulation.alive) {
    const id = machine.cell?.id ?? machine.standing.at;
    shape[id] = (shape[id] ?? 0) + 1;
  }
  return shape;
}

function coordinatorOf(simulation: Simulation, cell: string): SimulatedPeer {
  const found = simulation.alive.find(
    ({ machine: { standing } }) => standing.at === "coordinator" && standing.cell === cell,
  );
  if (found === undefined) throw new Error(`cell ${cell} has no coordinator`);
  return found;
}

function answerTo(simulation: Simulation, peer: SimulatedPeer, name: string): Answer | undefined {
  let answer: Answer | undefined;
  simulation.ask(peer, { of: "service", name }, (given) => (answer = given));
  simulation.run(1_200);
  return answer;
}

function serve(simulation: Simulation, peer: SimulatedPeer, name: string): void {
  const reference = `${name} at ${peer.ref.id}`;
  simulation.step(peer, { kind: "publish", service: { name, instance: "1", reference } });
}

test("18 peers that start together make the tree of the paper within two seconds", (t) => {
  const simulation = startPeers({ seed: 1 });
  const tookMs = untilQuiet(simulation, 2_000);
  t.is(typeof tookMs, "number", String(tookMs));
  t.deepEqual(shapeOf(simulation), { 1: 4, 11: 3, 12: 3, 111: 2, 112: 2, 121: 2, 122: 2 });
});

test("the same seed gives the same run, another one another", (t) => {
  const digest = (seed: number): number => {
    const simulation = startPeers({ seed, network: ROUGH_NETWORK });
    simulation.run(3_000);
    return simulation.digest;
  };
  t.is(digest(7), digest(7));
  t.not(digest(7), digest(8));
});

test("a cell whose coordinator was killed has another within 150 ms, one that froze within 500 ms", (t) => {
  for (const [cell, trouble, mostMs] of [
    ["1", "kill", 150],
    ["11", "kill", 150],
    ["1", "freeze", 500],
    ["12", "freeze", 500],
    ["1", "unplug", 500],
  ] as const) {
    const simulation = startPeers({ seed: 3 });
    untilQuiet(simulation, 3_000);
    simulation.run(2_000);
    const former = coordinatorOf(simulation, cell);
    simulation[trouble](former);
    const tookMs = simulation.runUntil(
      () =>
        simulation.alive.some(({ machine: { standing }, ref }) =>
          ref.id !== former.ref.id && standing.at === "coordinator"
            ? standing.cell === cell
            : false,
        ),
      2_000,
      10,
    );
    t.true(tookMs !== undefined && tookMs <= mostMs, `${trouble} in ${cell}: ${tookMs} ms`);
    t.is(typeof untilQuiet(simulation, 2_000), "number", faultsOf(simulation).join("\n"));
  }
});

test("one that was wrongly taken for dead is shunned and joins again, its names with it", (t) => {
  const shunned: string[] = [];
  const simulation = startPeers({
    seed: 4,
    heard: (peer, event) => void (event.kind === "shunned" && shunned.push(peer)),
  });
  untilQuiet(simulation, 3_000);
  const peer = coordinatorOf(simulation, "11");
  serve(simulation, peer, "clock");
  simulation.freeze(peer);
  simulation.run(1_500);
  simulation.thaw(peer);
  t.is(typeof untilQuiet(simulation, 1_000), "number", faultsOf(simulation).join("\n"));
  t.deepEqual(shunned, [peer.ref.id]);
  const answer = answerTo(simulation, coordinatorOf(simulation, "122"), "clock");
  t.is(answer?.kind, "found");
});

test("a whole cell is lost: what was beneath it finds another place", (t) => {
  for (const cell of ["1", "11"]) {
    const simulation = startPeers({ seed: 5 });
    untilQuiet(simulation, 3_000);
    for (const peer of simulation.alive) if (peer.machine.cell?.id === cell) simulation.kill(peer);
    t.is(typeof untilQuiet(simulation, 3_000), "number", faultsOf(simulation).join("\n"));
    t.is(simulation.alive.length, cell === "1" ? 14 : 15);
  }
});

test("a partition makes two trees, and one again when it ends", (t) => {
  const simulation = startPeers({ seed: 6 });
  untilQuiet(simulation, 3_000);
  const sides = simulation.alive.map(({ ref }, i) => [ref.id, i % 2] as const);
  simulation.network.partition(new Map(sides));
  simulation.run(5_000);
  const roots = simulation.alive.filter(
    ({ machine: { standing } }) => standing.at === "coordinator" && standing.up === "root",
  );
  t.is(roots.length, 2);
  simulation.network.partition(new Map());
  t.is(typeof untilQuiet(simulation, 4_000), "number", faultsOf(simulation).join("\n"));
});

test("a peer that leaves is gone at once, a coordinator that leaves is replaced at once", (t) => {
  const simulation = startPeers({ seed: 8 });
  untilQuiet(simulation, 3_000);
  for (const cell of ["122", "11", "1"]) {
    simulation.leave(coordinatorOf(simulation, cell));
    const tookMs = untilQuiet(simulation, 1_000);
    t.is(typeof tookMs, "number", `${cell}: ${String(tookMs)}`);
    t.true(Number(tookMs) <= 400, `${cell}: ${String(tookMs)} ms`);
  }
});

test("a name is found in at most two hops a level, and the root says when there is none", (t) => {
  const simulation = startPeers({ seed: 9 });
  untilQuiet(simulation, 3_000);
  const server = coordinatorOf(simulation, "122");
  serve(simulation, server, "doors");
  simulation.run(500);
  for (const peer of simulation.alive) {
    const answer = answerTo(simulation, peer, "doors");
    t.is(answer?.kind, "found");
    if (answer?.kind !== "found") continue;
    t.is(answer.found[0]?.peer.id, server.ref.id);
    t.true(answer.hops <= 2 * 2, `${peer.ref.id}: ${answer.hops} hops`);
  }
  const none = answerTo(simulation, coordinatorOf(simulation, "111"), "nothing");
  t.deepEqual(none, { kind: "none", hops: 2 });
});

test("what was remembered of a service is dropped when the service goes", (t) => {
  const simulation = startPeers({ seed: 10 });
  untilQuiet(simulation, 3_000);
  const server = coordinatorOf(simulation, "122");
  const asker = coordinatorOf(simulation, "111");
  serve(simulation, server, "doors");
  simulation.run(500);
  t.is(answerTo(simulation, asker, "doors")?.kind, "found");
  const again = answerTo(simulation, asker, "doors");
  t.is(again?.kind === "found" ? again.hops : undefined, 0);
  simulation.step(server, { kind: "withdraw", name: "doors", instance: "1" });
  simulation.run(100);
  t.is(answerTo(simulation, asker, "doors")?.kind, "none");
});

test("when the whole root cell is killed all others are one tree again within a second", (t) => {
  for (let seed = 1; seed <= 20; seed++) {
    const simulation = startPeers({ seed });
    untilQuiet(simulation, 3_000);
    simulation.run(1_000);
    for (const peer of simulation.alive) if (peer.machine.cell?.id === "1") simulation.kill(peer);
    const took = untilQuiet(simulation, 1_000);
    t.is(typeof took, "number", `seed ${seed}: ${String(took)}`);
  }
});
