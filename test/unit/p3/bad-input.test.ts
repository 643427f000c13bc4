import test from "ava";
import type { OverlayEvent } from "../../../services/overlay/index.ts";
import type { Change, Message } from "../../../services/p3/index.ts";
import { faultsOf, startPeers, untilQuiet } from "../../support/overlay/index.ts";
import type { SimulatedPeer, Simulation } from "../../support/overlay/index.ts";

/** A tree at rest, and what its peers reject from now on. */
function quietTree(): { simulation: Simulation; rejected: string[]; root: SimulatedPeer } {
  const rejected: string[] = [];
  const simulation = startPeers({
    seed: 12,
    heard: (_, event: OverlayEvent) =>
      void (
        event.kind === "rejected" &&
        rejected.push(`${event.from.id} ${event.message}: ${event.reason}`)
      ),
  });
  untilQuiet(simulation, 3_000);
  rejected.length = 0;
  const root = simulation.alive.find(
    ({ machine: { standing } }) => standing.at === "coordinator" && standing.up === "root",
  );
  if (root === undefined) throw new Error("no root");
  return { simulation, rejected, root };
}

function coordinatorOf(simulation: Simulation, cell: string): SimulatedPeer {
  const found = simulation.alive.find(
    ({ machine: { standing } }) => standing.at === "coordinator" && standing.cell === cell,
  );
  if (found === undefined) throw new Error(`cell ${cell} has no coordinator`);
  return found;
}

function same(reason: string): [string, string, string] {
  return [reason, reason, reason];
}

const STRANGER = { id: "stranger", address: "elsewhere" };
const ENTRY = {
  ref: STRANGER,
  role: "superpeer",
  version: 1,
  services: [],
  attributes: {},
} as const;
const AROUND = {
  parent: STRANGER,
  root: STRANGER,
  kin: { parents: [STRANGER], siblings: [], roots: [STRANGER] },
  mates: [STRANGER],
};
const PLACE = { quest: 1, joiner: "peer", cell: "1", isNew: false, entry: ENTRY } as const;
const RECORD = { epoch: 99, coordinator: "stranger", members: [ENTRY] };
const RANK = { isRoot: false, voterCount: 0, peerCount: 0, id: "stranger" };

test("a peer of another version is refused with that reason", (t) => {
  const { simulation, root } = quietTree();
  const where: Message = {
    kind: "where",
    quest: 1,
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
    {
      kind: "send",
      to: STRANGER,
      message: { kind: "refused", quest: 1, reason: "version", afterMs: 0 },
    },
    {
      kind: "event",
      event: { kind: "rejected", from: STRANGER, message: "where", reason: "version", untold: 0 },
    },
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
  say({ kind: "bind", quest: 1, version: 1, joiner: "peer", cell, isNew: true, entry });
  t.is(answers[0]?.kind, "bound");
  say({
    kind: "join",
    quest: 1,
    joiner: "peer",
    cell,
    isNew: true,
    height: 0,
    entry,
    path: [twin],
  });
  simulation.run(3_000);
  t.is(simulation.delivered.get("welcome"), welcomes);
  t.deepEqual(faultsOf(simulation), []);
  for (const { machine } of simulation.alive)
    for (const [, record] of machine.cell?.directory.cells ?? [])
      for (const { ref } of record.members) t.not(ref.address, "elsewhere");
});

/** What a stranger may try, and why nothing comes of it at a root, at another coordinator and at a member. */
const FORGED: readonly (readonly [Message, root: string, coordinator: string, member: string])[] = [
  [{ kind: "root", quest: 1, root: STRANGER }, ...same("not asked for")],
  [
    { kind: "place", quest: 1, cell: "12", isNew: true, binder: STRANGER },
    ...same("not asked for"),
  ],
  [
    { kind: "bind", version: 1, ...PLACE, cell: "../.." },
    "forged parent",
    "forged parent",
    "not the coordinator",
  ],
  [{ kind: "bound", quest: 1, cell: "1" }, ...same("not asked for")],
  [
    { kind: "join", ...PLACE, height: 0, path: [STRANGER] },
    "forged parent",
    "forged parent",
    "not the coordinator",
  ],
  [
    { kind: "join", ...PLACE, height: 0, path: [] },
    "forged parent",
    "forged parent",
    "not the coordinator",
  ],
  [{ kind: "verdict", ...PLACE, refused: "", path: [STRANGER] }, ...same("not from the parent")],
  [
    {
      kind: "welcome",
      quest: 1,
      cell: "1",
      isNew: true,
      epoch: 99,
      version: 9,
      records: [],
      around: AROUND,
    },
    ...same("not asked for"),
  ],
  [{ kind: "refused", quest: 1, reason: "full", afterMs: 1e9 }, ...same("not asked for")],
  [{ kind: "refused", quest: 0, reason: "forged parent", afterMs: 0 }, ...same("not asked for")],
  [{ kind: "adopted", cell: "1", root: STRANGER, kin: AROUND.kin }, ...same("not asked for")],
  [{ kind: "coordinator", coordinator: STRANGER }, ...same("not asked for")],
  [{ kind: "rebind", epoch: 99 }, "forged parent", "forged parent", ""],
  [
    { kind: "claim", cell: "1", epoch: 99, version: 99, records: [["", RECORD]], around: AROUND },
    "no link of mine",
    "no link of mine",
    "not from the cell",
  ],
  [
    { kind: "superseded", epoch: 99, coordinator: STRANGER },
    "not from the cell",
    "not from the cell",
    "not asked for",
  ],
  [
    { kind: "feed", epoch: 1, from: 0, to: 99, changes: [["", RECORD]] },
    "no link of mine",
    "no link of mine",
    "not from the coordinator",
  ],
  [
    { kind: "snapshot", epoch: 99, version: 99, records: [["", RECORD]] },
    "no link of mine",
    "no link of mine",
    "not from the coordinator",
  ],
  [{ kind: "entry", entry: ENTRY }, ...same("no link of mine")],
  [{ kind: "stray" }, ...same("no link of mine")],
  [{ kind: "leave" }, ...same("no link of mine")],
  [{ kind: "dissolve", root: STRANGER }, ...same("not from the coordinator")],
  [
    { kind: "parent-beat", cell: "1", version: 1, root: STRANGER, kin: AROUND.kin },
    ...same("no link of mine"),
  ],
  [
    {
      kind: "coordinator-beat",
      cell: "1",
      epoch: 99,
      entryVersion: 0,
      root: STRANGER,
      around: AROUND,
    },
    ...same("no link of mine"),
  ],
  [{ kind: "member-beat", epoch: 1, version: 99, entryVersion: 9 }, ...same("no link of mine")],
  [{ kind: "child-beat", epoch: 1, version: 99 }, ...same("no link of mine")],
  [
    {
      kind: "ask",
      id: 1,
      query: { of: "service", name: "x" },
      hops: 1,
      path: [STRANGER],
      isStraight: true,
    },
    ...same("no link of mine"),
  ],
  [{ kind: "answer", id: 1, hops: 1, found: [], path: [] }, ...same("")],
  [{ kind: "answer", id: 1, hops: 1, found: [], path: [STRANGER] }, ...same("not from the parent")],
  [{ kind: "forget", service: "x", path: [] }, ...same("")],
  [{ kind: "forget", service: "x", path: [STRANGER] }, ...same("not from the parent")],
];

test("what a stranger says is rejected with a reason, and the tree stays as it is", (t) => {
  const { simulation, rejected } = quietTree();
  const standings = (): object[] => simulation.alive.map(({ machine }) => machine.standing);
  const before = standings();
  for (const [message, ...reasons] of FORGED) {
    for (const peer of simulation.alive) {
      rejected.length = 0;
      const { standing } = peer.machine;
      simulation.step(peer, { kind: "message", from: STRANGER, message });
      const seat = standing.at !== "coordinator" ? 2 : standing.up === "root" ? 0 : 1;
      const reason = reasons[seat];
      const expected = reason === "" ? [] : [`stranger ${message.kind}: ${reason}`];
      t.deepEqual(rejected, expected, `${JSON.stringify(message)} to ${peer.ref.id}`);
    }
    simulation.run(500);
    t.deepEqual(faultsOf(simulation), []);
    t.deepEqual(standings(), before);
  }
});

test("what a link may not say of another, and a state that does not hold together, are rejected", (t) => {
  const { simulation, rejected } = quietTree();
  const parent = coordinatorOf(simulation, "11");
  const child = coordinatorOf(simulation, "111");
  const member = simulation.alive.find(
    ({ machine: { standing } }) => standing.at === "member" && standing.cell === "11",
  );
  const { cell } = parent.machine;
  const own = child.machine.cell?.directory.get("");
  if (member === undefined || cell === undefined || own === undefined) return t.fail("no member");
  const applied =
    cell.seat.at === "coordinator" ? (cell.seat.children.get(child.ref.id)?.applied ?? 0) : 0;
  const feed = (changes: readonly Change[], to = applied + 1): Message => ({
    kind: "feed",
    epoch: own.epoch,
    from: applied,
    to,
    changes,
  });
  const [first] = own.members;
  if (first === undefined) return t.fail("no entry");
  const entry = { ...member.machine.self, version: 99 };
  const says: readonly (readonly [SimulatedPeer, Message, string])[] = [
    [child, feed([["", { ...own, coordinator: "nobody" }]]), "malformed"],
    [child, feed([["", { ...own, members: [first, first] }]]), "malformed"],
    [child, feed([["", undefined]]), "malformed"],
    [child, feed([["0", own]]), "malformed"],
    [child, feed([["../..", own]]), "malformed"],
    [child, feed([["1".repeat(31), own]]), "malformed"],
    [child, feed([["", own]], 4_000_000_000), "malformed"],
    [child, { kind: "snapshot", epoch: 1, version: 99, records: [] }, "malformed"],
    [member, { kind: "entry", entry: { ...entry, ref: child.ref } }, "not its own"],
    [member, { kind: "entry", entry: { ...entry, role: "leaf" } }, "not its own"],
    [
      member,
      { kind: "entry", entry: { ...entry, ref: { ...member.ref, address: "x" } } },
      "not its own",
    ],
    [member, feed([["", own]]), "no link of mine"],
    [
      child,
      {
        kind: "ask",
        id: 1,
        query: { of: "service", name: "x" },
        hops: 1,
        path: [{ id: "victim", address: "elsewhere" }],
        isStraight: true,
      },
      "a forged path",
    ],
    [child, { kind: "join", ...PLACE, height: 0, path: [STRANGER, STRANGER] }, "forged parent"],
  ];
  for (const [from, message, reason] of says) {
    rejected.length = 0;
    simulation.step(parent, { kind: "message", from: from.ref, message });
    t.deepEqual(rejected, [`${from.ref.id} ${message.kind}: ${reason}`], JSON.stringify(message));
  }
  simulation.run(500);
  t.deepEqual(faultsOf(simulation), []);
});

test("an answer is passed on only to where questions come from", (t) => {
  const { simulation, rejected, root } = quietTree();
  const child = coordinatorOf(simulation, "11");
  const message: Message = {
    kind: "answer",
    id: 1,
    hops: 1,
    found: [],
    path: [{ id: "victim", address: "elsewhere" }],
  };
  const effects = child.machine.step(
    { kind: "message", from: root.ref, message },
    simulation.nowMs,
  );
  t.deepEqual(
    effects.map((effect) => effect.kind),
    ["event"],
  );
  t.deepEqual(rejected, []);
});

test("who binds without having been sent there by the root is refused", (t) => {
  const { simulation, rejected } = quietTree();
  const binder = coordinatorOf(simulation, "112");
  const peer = { id: "pushy", address: "pushy" };
  const place = { quest: 7, joiner: "peer", cell: "1121", isNew: true } as const;
  const entry = { ...ENTRY, ref: peer };
  const say = (message: Message): void =>
    simulation.step(binder, { kind: "message", from: peer, message });
  say({ kind: "bind", version: 1, ...place, entry });
  say({ kind: "join", ...place, height: 0, entry, path: [peer] });
  simulation.run(300);
  t.deepEqual(rejected, [`${coordinatorOf(simulation, "11").ref.id} join: not placed`]);
  t.deepEqual(faultsOf(simulation), []);
});

test("a flood of bad messages is told a few at a time, with the number of the others", (t) => {
  const { simulation, root } = quietTree();
  const events: OverlayEvent[] = [];
  const flood = (count: number): void => {
    for (let i = 0; i < count; i++)
      for (const effect of root.machine.step(
        { kind: "message", from: STRANGER, message: { kind: "leave" } },
        simulation.nowMs,
      ))
        if (effect.kind === "event") events.push(effect.event);
  };
  flood(1_000);
  t.is(events.length, 16);
  simulation.run(150);
  flood(1);
  const last = events.at(-1);
  t.is(last?.kind === "rejected" ? last.untold : 0, 984);
});

test("a state that was told in a neighbour's name, and that it never had, is put right by that neighbour", (t) => {
  const { simulation } = quietTree();
  const parent = coordinatorOf(simulation, "11");
  const child = coordinatorOf(simulation, "111");
  const member = simulation.alive.find(
    ({ machine: { standing } }) => standing.at === "member" && standing.cell === "11",
  );
  const own = child.machine.cell?.directory.get("");
  const { seat } = parent.machine.cell ?? {};
  if (own === undefined || member === undefined || seat?.at !== "coordinator")
    return t.fail("no child");
  const from = seat.children.get(child.ref.id)?.applied ?? 0;
  const alone = { ...own, members: own.members.filter(({ ref }) => ref.id === child.ref.id) };
  const forged: readonly (readonly [SimulatedPeer, SimulatedPeer, Message])[] = [
    [parent, child, { kind: "feed", epoch: own.epoch, from, to: from + 1, changes: [["", alone]] }],
    [
      member,
      parent,
      {
        kind: "snapshot",
        epoch: parent.machine.cell?.epoch ?? 0,
        version: 1_000,
        records: (parent.machine.cell?.directory.snapshot() ?? []).filter(([key]) => key === ""),
      },
    ],
    [
      parent,
      member,
      { kind: "entry", entry: { ...member.machine.self, version: 50, attributes: { load: 1 } } },
    ],
  ];
  for (const [to, as, message] of forged) {
    simulation.step(to, { kind: "message", from: as.ref, message });
    t.not(faultsOf(simulation).length, 0, `${message.kind} is believed at first`);
    const healed = untilQuiet(simulation, 1_000);
    t.is(typeof healed, "number", `${message.kind}: ${JSON.stringify(healed)}`);
  }
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
