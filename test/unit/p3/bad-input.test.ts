import test from "ava";
import type { OverlayEvent } from "../../../services/overlay/index.ts";
import type { Message } from "../../../services/p3/index.ts";
import { faultsOf, startPeers, untilQuiet } from "../../support/overlay/index.ts";
import type { SimulatedPeer, Simulation } from "../../support/overlay/index.ts";

/** A tree at rest, and what its peers are refused. */
function quietTree(): { simulation: Simulation; refused: string[]; root: SimulatedPeer } {
  const refused: string[] = [];
  const simulation = startPeers({
    seed: 12,
    heard: (_, event: OverlayEvent) =>
      void (event.kind === "refused" && refused.push(event.reason)),
  });
  untilQuiet(simulation, 3_000);
  refused.length = 0;
  const root = simulation.alive.find(
    ({ machine: { standing } }) => standing.at === "coordinator" && standing.up === "root",
  );
  if (root === undefined) throw new Error("no root");
  return { simulation, refused, root };
}

const STRANGER = { id: "stranger", address: "elsewhere" };
const ENTRY = {
  ref: STRANGER,
  role: "superpeer",
  version: 1,
  services: [],
  attributes: {},
} as const;
const RANK = { isRoot: false, voterCount: 0, peerCount: 0, id: "stranger" };

test("a peer of another version is refused with that reason", (t) => {
  const { simulation, root } = quietTree();
  const where: Message = {
    kind: "where",
    version: 2,
    joiner: "peer",
    role: "superpeer",
    height: 0,
    rank: RANK,
  };
  const effects = root.machine.step(
    { kind: "message", from: STRANGER, message: where },
    simulation.nowMs,
  );
  t.deepEqual(effects, [
    { kind: "send", to: STRANGER, message: { kind: "refused", reason: "version", afterMs: 0 } },
  ]);
});

test("a peer with the id of a live one at another address does not come in", (t) => {
  const { simulation, root } = quietTree();
  const taken = simulation.alive.find((peer) => peer !== root)?.ref.id ?? "";
  const twin = { id: taken, address: "elsewhere" };
  const entry = { ...ENTRY, ref: twin };
  const cell = "1111";
  const binder = simulation.alive.find(
    ({ machine: { standing } }) => standing.at === "coordinator" && standing.cell === "111",
  );
  if (binder === undefined) return t.fail("no cell 111");
  const welcomes = simulation.delivered.get("welcome");
  const answers: Message[] = [];
  const say = (message: Message): void => {
    for (const effect of binder.machine.step(
      { kind: "message", from: twin, message },
      simulation.nowMs,
    ))
      if (effect.kind === "send") {
        if (effect.to.address === "elsewhere") answers.push(effect.message);
        else {
          const to = simulation.peers.get(effect.to.id);
          if (to !== undefined)
            simulation.step(to, { kind: "message", from: binder.ref, message: effect.message });
        }
      }
  };
  say({ kind: "bind", version: 1, joiner: "peer", cell, isNew: true, entry });
  t.is(answers[0]?.kind, "bound");
  say({ kind: "join", joiner: "peer", cell, isNew: true, height: 0, entry, path: [twin] });
  simulation.run(3_000);
  t.is(simulation.delivered.get("welcome"), welcomes);
  t.deepEqual(faultsOf(simulation), []);
  for (const { machine } of simulation.alive)
    for (const [, record] of machine.cell?.directory.cells ?? [])
      for (const { ref } of record.members) t.not(ref.address, "elsewhere");
});

test("messages out of place, from strangers and with forged parents leave the tree as it is", (t) => {
  const { simulation } = quietTree();
  const around = {
    parent: STRANGER,
    root: STRANGER,
    kin: { parents: [STRANGER], siblings: [], roots: [STRANGER] },
  };
  const place = { joiner: "peer", cell: "1", isNew: false, entry: ENTRY } as const;
  const record = { epoch: 99, coordinator: "stranger", members: [ENTRY] };
  const forged: readonly Message[] = [
    { kind: "join", ...place, height: 0, path: [STRANGER] },
    { kind: "join", ...place, height: 0, path: [] },
    { kind: "verdict", ...place, refused: "", path: [STRANGER] },
    { kind: "verdict", ...place, refused: "", path: [] },
    { kind: "welcome", cell: "1", isNew: true, epoch: 99, version: 99, records: [], around },
    { kind: "place", cell: "zz", isNew: true, binder: STRANGER },
    { kind: "bind", version: 1, ...place, cell: "../.." },
    { kind: "bound", cell: "1" },
    { kind: "adopted", cell: "1", root: STRANGER, kin: around.kin },
    { kind: "claim", cell: "1", epoch: 99, version: 99, records: [["", record]], around },
    { kind: "superseded", epoch: 99, coordinator: STRANGER },
    { kind: "feed", epoch: 1, from: 0, to: 99, changes: [["", record]] },
    { kind: "snapshot", epoch: 99, version: 99, records: [["", record]] },
    { kind: "entry", entry: ENTRY },
    { kind: "stray" },
    { kind: "leave" },
    { kind: "dissolve", root: STRANGER },
    { kind: "coordinator", coordinator: STRANGER },
    { kind: "rebind", epoch: 99 },
    { kind: "parent-beat", cell: "1", version: 1, root: STRANGER, kin: around.kin },
    { kind: "coordinator-beat", cell: "1", epoch: 99, entryVersion: 0, root: STRANGER, around },
    { kind: "member-beat", epoch: 1, version: 99, entryVersion: 9 },
    { kind: "child-beat", epoch: 1, version: 99 },
    { kind: "answer", id: 1, hops: 1, found: [], path: [] },
    { kind: "forget", service: "x", path: [] },
  ];
  const before = simulation.alive.map(({ machine }) => machine.standing);
  for (const peer of simulation.alive)
    for (const message of forged)
      simulation.step(peer, { kind: "message", from: STRANGER, message });
  simulation.run(3_000);
  t.deepEqual(faultsOf(simulation), []);
  t.deepEqual(
    simulation.alive.map(({ machine }) => machine.standing),
    before,
  );
});

test("a flood of joins fills the tree as wide as it may be, and the peers that are in stay in", (t) => {
  const { simulation } = quietTree();
  for (let i = 0; i < 150; i++) simulation.start(`late${i}`);
  t.is(typeof untilQuiet(simulation, 6_000), "number", faultsOf(simulation).slice(0, 5).join("\n"));
  const sizes = new Map<string, number>();
  for (const { machine } of simulation.alive)
    sizes.set(machine.cell?.id ?? "", (sizes.get(machine.cell?.id ?? "") ?? 0) + 1);
  for (const [cell, size] of sizes)
    t.true(size <= ([4, 3][cell.length - 1] ?? 2), `${size} in ${cell}`);
  t.is(simulation.alive.length, 168);
});
