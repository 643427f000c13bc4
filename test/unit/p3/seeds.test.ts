import test from "ava";
import type { PeerRef } from "../../../services/overlay/index.ts";
import { faultsOf, Simulation, untilQuiet } from "../../support/overlay/index.ts";

const SEED: PeerRef = { id: "first", address: "first" };

test("a peer whose seeds are found late joins as soon as it is told of them", (t) => {
  const simulation = new Simulation({ seed: 1, settings: { mayFound: false } });
  simulation.start(SEED.id, "superpeer", { mayFound: true });
  const late = simulation.start("late");
  t.is(
    typeof simulation.runUntil(() => late.machine.standing.at !== "joining", 5_000),
    "undefined",
  );
  simulation.step(late, { kind: "seeds", seeds: [SEED] });
  const tookMs = untilQuiet(simulation, 200);
  t.is(typeof tookMs, "number", faultsOf(simulation).join("\n"));
});

test("seeds that have changed are the ones asked, the former ones no more", (t) => {
  const simulation = new Simulation({
    seed: 2,
    settings: { mayFound: false, seeds: [{ id: "gone", address: "gone" }] },
  });
  const peer = simulation.start("a");
  let nowMs = simulation.nowMs;
  const askedIn = (ms: number): readonly string[] => {
    const asked = new Set<string>();
    for (const endMs = nowMs + ms; nowMs < endMs; nowMs += 50)
      for (const effect of peer.machine.step({ kind: "tick" }, nowMs))
        if (effect.kind === "send") asked.add(effect.to.id);
    return [...asked];
  };
  t.deepEqual(askedIn(1_000), ["gone"]);
  const effects = peer.machine.step({ kind: "seeds", seeds: [SEED, peer.ref] }, nowMs);
  t.deepEqual(
    effects.map((effect) => effect.kind === "send" && effect.to),
    [SEED],
  );
  t.deepEqual(askedIn(1_000), [SEED.id]);
});

test("a root that is told of seeds finds the other tree there, and one tree is left", (t) => {
  const simulation = new Simulation({ seed: 3 });
  simulation.start("a");
  const b = simulation.start("b");
  t.is(simulation.runUntil(() => simulation.alive.every(isRoot), 3_000) === undefined, false);
  simulation.run(3_000);
  t.true(simulation.alive.every(isRoot));
  simulation.step(b, { kind: "seeds", seeds: [{ id: "a", address: "a" }] });
  t.is(typeof untilQuiet(simulation, 3_000), "number", faultsOf(simulation).join("\n"));
});

function isRoot({ machine: { standing } }: { machine: { standing: object } }): boolean {
  return "up" in standing && standing.up === "root";
}
