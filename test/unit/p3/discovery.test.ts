import test from "ava";
import type { Answer, Query } from "../../../services/overlay/index.ts";
import { startPeers, untilQuiet } from "../../support/overlay/index.ts";
import type { SimulatedPeer, Simulation } from "../../support/overlay/index.ts";

const DEADLINE_MS = 1_000;
/** From a change of a dynamic attribute to when every peer finds by it: a heartbeat, and the way up to the root. */
const FRESH_MS = 100 + 10;

function tree(seed: number): Simulation {
  const simulation = startPeers({ seed });
  untilQuiet(simulation, 3_000);
  return simulation;
}

function coordinatorOf(simulation: Simulation, cell: string): SimulatedPeer {
  return peerIn(simulation, cell, "coordinator");
}

function peerIn(simulation: Simulation, cell: string, at: "coordinator" | "member"): SimulatedPeer {
  const found = simulation.alive.find(
    ({ machine: { standing } }) => standing.at === at && standing.cell === cell,
  );
  if (found === undefined) throw new Error(`no ${at} in ${cell}`);
  return found;
}

function serve(
  simulation: Simulation,
  peer: SimulatedPeer,
  name: string,
  instance: string = "1",
  attributes: Readonly<Record<string, string | number>> = {},
): void {
  const reference = `${name} ${instance} at ${peer.ref.id}`;
  simulation.step(peer, {
    kind: "publish",
    service: { name, instance, reference, attributes },
  });
}

function ask(simulation: Simulation, peer: SimulatedPeer, query: Query): Answer | undefined {
  let answer: Answer | undefined;
  simulation.ask(peer, query, (given) => (answer = given));
  const tookMs = simulation.runUntil(() => answer !== undefined, DEADLINE_MS + 200, 5);
  return tookMs === undefined ? undefined : answer;
}

/** Ids of the peers found, in order, and the hops; or how else it ended. */
function found(answer: Answer | undefined): readonly [string, number] | string {
  if (answer?.kind !== "found") return JSON.stringify(answer);
  return [
    answer.found
      .map(({ peer }) => peer.id)
      .toSorted()
      .join(" "),
    answer.hops,
  ];
}

const byName = (name: string, more: object = {}): Query => ({ of: "service", name, ...more });

test("who asks is answered as near as the answer is known: at home, by the coordinator, by the next above", (t) => {
  for (const [server, asker, at, hops] of [
    ["111", "111", "member", 0], // its copy of the cell
    ["112", "11", "member", 0], // its copy of what is beneath the cell
    ["112", "11", "coordinator", 0],
    ["112", "111", "coordinator", 1], // 11
    ["112", "111", "member", 1], // 11: its coordinator knows no more than its copy
    ["122", "111", "coordinator", 2], // 11, 1
    ["122", "111", "member", 2], // 11, 1
    ["1", "111", "member", 2],
    ["122", "1", "member", 0],
  ] as const) {
    const simulation = tree(1);
    const there = coordinatorOf(simulation, server);
    serve(simulation, there, "doors");
    simulation.run(100);
    const peer = peerIn(simulation, asker, at);
    t.deepEqual(
      found(ask(simulation, peer, byName("doors"))),
      [there.ref.id, hops],
      `${at} of ${asker} asks for a service in ${server}`,
    );
  }
});

test("a peer's own service is found without any tree at all", (t) => {
  const simulation = startPeers({ seed: 2, peers: 1, settings: { seeds: [] } });
  const [peer] = simulation.alive;
  if (peer === undefined) return t.fail("no peer");
  serve(simulation, peer, "doors");
  t.deepEqual(found(ask(simulation, peer, byName("doors"))), [peer.ref.id, 0]);
});

test("the root has the last word: there is none, and the answer says how far the question went", (t) => {
  const simulation = tree(3);
  for (const [cell, at, hops] of [
    ["1", "coordinator", 0],
    ["1", "member", 1],
    ["12", "coordinator", 1],
    ["122", "member", 2],
  ] as const)
    t.deepEqual(ask(simulation, peerIn(simulation, cell, at), byName("nothing")), {
      kind: "none",
      hops,
    });
});

test("one of several instances, and by ranges over what services and peers tell of themselves", (t) => {
  const simulation = tree(4);
  const [a, b] = [coordinatorOf(simulation, "111"), coordinatorOf(simulation, "122")];
  serve(simulation, a, "video", "1", { codec: "h264", rate: 25 });
  serve(simulation, a, "video", "2", { codec: "av1", rate: 60 });
  serve(simulation, b, "video", "3", { codec: "av1", rate: 30 });
  simulation.step(b, { kind: "describe", attributes: { load: 0.2 } });
  simulation.run(300);
  const asker = coordinatorOf(simulation, "1");
  const instances = (more: object): string => {
    const answer = ask(simulation, asker, byName("video", more));
    return answer?.kind === "found"
      ? answer.found
          .map(({ service }) => service?.instance ?? "")
          .toSorted()
          .join(" ")
      : (answer?.kind ?? "");
  };
  t.is(instances({}), "1 2 3");
  t.is(instances({ instance: "2" }), "2");
  t.is(instances({ instance: "4" }), "none");
  t.is(instances({ attributes: { codec: "av1" } }), "2 3");
  t.is(instances({ attributes: { rate: { least: 25, most: 30 } } }), "1 3");
  t.is(instances({ attributes: { rate: { least: 25.5 } } }), "2 3");
  t.is(instances({ attributes: { rate: { most: 24 } } }), "none");
  t.is(instances({ attributes: { codec: { least: 0 } } }), "none", "text is in no range");
  t.is(instances({ attributes: { codec: "av1", load: { most: 0.5 } } }), "3");
});

test("peers by level, role and resources: those with the fewest services first, never one that is excepted", (t) => {
  const simulation = tree(5);
  simulation.start("sensor", "leaf");
  untilQuiet(simulation, 1_000);
  const deep = simulation.alive.filter(({ machine }) => machine.cell?.id.length === 3);
  deep.forEach((peer, i) => {
    simulation.step(peer, { kind: "describe", attributes: { memory: 100 * i } });
    for (let n = 0; n < i; n++) serve(simulation, peer, `s${n}`, peer.ref.id);
  });
  simulation.run(300);
  const asker = coordinatorOf(simulation, "1");
  const ids = (query: object): string => {
    const answer = ask(simulation, asker, { of: "peer", count: 3, ...query });
    return answer?.kind === "found"
      ? answer.found.map(({ peer }) => peer.id).join(" ")
      : (answer?.kind ?? "");
  };
  const id = (i: number): string => deep[i]?.ref.id ?? "";
  t.is(
    ids({ level: 2, attributes: { memory: { least: 300, most: 500 } } }),
    `${id(3)} ${id(4)} ${id(5)}`,
  );
  t.is(
    ids({ level: 2, count: 1, attributes: { memory: { least: 300 } }, except: [id(3), id(4)] }),
    id(5),
  );
  t.is(ids({ level: 5 }), "none");
  t.is(ids({ role: "leaf" }), "sensor");
  t.is(ids({ role: "monitor" }), "none");
});

test("a dynamic attribute is found by anew within a heartbeat and the way to the root, however often it changes", (t) => {
  const simulation = tree(6);
  const server = coordinatorOf(simulation, "111");
  const asker = coordinatorOf(simulation, "122");
  serve(simulation, server, "doors");
  const isIdle: Query = byName("doors", { attributes: { load: { most: 0.5 } } });
  const describe = (load: number): void =>
    simulation.step(server, { kind: "describe", attributes: { load } });
  describe(0.1);
  simulation.run(FRESH_MS);
  t.is(ask(simulation, asker, isIdle)?.kind, "found");
  describe(0.9);
  simulation.run(FRESH_MS);
  t.is(ask(simulation, asker, isIdle)?.kind, "none", "nobody remembers what it was");
  const before = simulation.delivered.get("feed") ?? 0;
  for (let i = 0; i < 1_000; i++) {
    describe(i / 1_000);
    simulation.run(1);
  }
  simulation.run(FRESH_MS);
  // Ten heartbeats and one that was due, each a feed to the mate, the parent's cell of three, and the root's of four.
  const feeds = (simulation.delivered.get("feed") ?? 0) - before;
  t.true(feeds <= 12 * 8, `${feeds} feeds`);
});

test("an answer is remembered for five seconds, and dropped when the service goes, moves, or proves wrong", (t) => {
  const simulation = tree(7);
  const server = coordinatorOf(simulation, "122");
  const asker = peerIn(simulation, "111", "member");
  serve(simulation, server, "doors");
  simulation.run(100);
  const hops = (): number | string | undefined => {
    const answer = ask(simulation, asker, byName("doors"));
    return answer?.kind === "found" ? answer.hops : answer?.kind;
  };
  t.is(hops(), 2);
  t.is(hops(), 0);
  simulation.run(5_000);
  t.is(hops(), 2, "it was believed long enough");
  simulation.step(asker, { kind: "discredit", service: "doors" });
  t.is(hops(), 2, "it proved wrong");
  t.is(hops(), 0);
  serve(simulation, server, "doors", "1", { speed: 2 });
  simulation.step(server, {
    kind: "publish",
    service: { name: "doors", instance: "1", reference: "elsewhere" },
  });
  simulation.run(100);
  t.is(hops(), 2, "it has another reference");
  simulation.kill(server);
  simulation.run(100);
  t.is(hops(), "none", "its process is gone");
});

test("without a way to the root a question ends late, at its deadline; a lost one is asked again in time", (t) => {
  const simulation = tree(8);
  const asker = peerIn(simulation, "111", "member");
  const server = coordinatorOf(simulation, "122");
  serve(simulation, server, "doors");
  simulation.run(100);
  // Two hops up and one straight back: one question in seventeen is lost, or its answer.
  simulation.network.settings = { ...simulation.network.settings, lossChance: 0.02 };
  let late = 0;
  for (let i = 0; i < 50; i++) {
    simulation.step(asker, { kind: "discredit", service: "doors" });
    if (ask(simulation, asker, byName("doors"))?.kind !== "found") late++;
  }
  t.true(late <= 1, `${late} of 50 late where one message in fifty is lost`);
  simulation.network.settings = { ...simulation.network.settings, lossChance: 0 };
  simulation.network.partition(new Map([[asker.ref.id, 1]]));
  const startMs = simulation.nowMs;
  const answer = ask(simulation, asker, byName("nowhere"));
  t.is(answer?.kind, "late");
  const tookMs = simulation.nowMs - startMs;
  t.true(tookMs >= DEADLINE_MS && tookMs <= DEADLINE_MS + 105, `${tookMs} ms`);
});

test("an answer goes straight to who asked; a question asked again takes the links of the tree, and so does its answer", (t) => {
  const said: string[] = [];
  const simulation = startPeers({
    seed: 9,
    delivered: ({ from, to, message: { kind } }) => {
      if (kind === "ask" || kind === "answer" || kind === "forget")
        said.push(`${from.id} ${kind} ${to.ref.id}`);
    },
  });
  untilQuiet(simulation, 3_000);
  const server = coordinatorOf(simulation, "122");
  serve(simulation, server, "doors");
  simulation.run(100);
  const asker = peerIn(simulation, "111", "member");
  const [at111, at11, root] = ["111", "11", "1"].map(
    (cell) => coordinatorOf(simulation, cell).ref.id,
  );
  const { id } = asker.ref;
  ask(simulation, asker, byName("doors"));
  t.deepEqual(said.splice(0), [`${id} ask ${at11}`, `${at11} ask ${root}`, `${root} answer ${id}`]);
  simulation.step(server, { kind: "withdraw", name: "doors", instance: "1" });
  simulation.run(20);
  t.deepEqual(said.splice(0), [`${root} forget ${id}`]);
  serve(simulation, server, "doors");
  simulation.run(100);
  // What it sends now is lost.
  asker.machine.step({ kind: "ask", id: 0, query: byName("doors") }, simulation.nowMs);
  simulation.run(500);
  t.deepEqual(said.splice(0), [
    `${id} ask ${at111}`,
    `${at111} ask ${at11}`,
    `${at11} ask ${root}`,
    `${root} answer ${at11}`,
    `${at11} answer ${at111}`,
    `${at111} answer ${id}`,
  ]);
});

test("nobody but who gave an answer, and those above, takes it back", (t) => {
  const rejected: string[] = [];
  const simulation = startPeers({
    seed: 10,
    heard: (_, event) => {
      if (event.kind === "rejected") rejected.push(`${event.message}: ${event.reason}`);
    },
  });
  untilQuiet(simulation, 3_000);
  rejected.length = 0;
  serve(simulation, coordinatorOf(simulation, "122"), "doors");
  simulation.run(100);
  const asker = peerIn(simulation, "111", "member");
  ask(simulation, asker, byName("doors"));
  const forget = (from: SimulatedPeer): number | undefined => {
    const message = { kind: "forget", service: "doors", path: [] } as const;
    simulation.step(asker, { kind: "message", from: from.ref, message });
    const answer = ask(simulation, asker, byName("doors"));
    return answer?.kind === "found" ? answer.hops : undefined;
  };
  t.is(forget(coordinatorOf(simulation, "112")), 0);
  t.deepEqual(rejected, ["forget: not from the parent"]);
  t.is(forget(coordinatorOf(simulation, "1")), 2);
  t.is(forget(coordinatorOf(simulation, "111")), 2);
  t.is(rejected.length, 1);
});

test("an answer goes straight to nobody but a peer of the tree, at the address that it told itself", (t) => {
  const simulation = tree(11);
  const root = coordinatorOf(simulation, "1");
  const child = coordinatorOf(simulation, "11");
  const asker = peerIn(simulation, "111", "member");
  const answeredTo = (first: { readonly id: string; readonly address: string }): string[] =>
    root.machine
      .step(
        {
          kind: "message",
          from: child.ref,
          message: {
            kind: "ask",
            id: 1,
            query: byName("nothing"),
            hops: 2,
            path: [first, child.ref],
            isStraight: true,
          },
        },
        simulation.nowMs,
      )
      .flatMap((effect) => (effect.kind === "send" ? [effect.to.address] : []));
  t.deepEqual(answeredTo(asker.ref), [asker.ref.address]);
  t.deepEqual(answeredTo({ id: asker.ref.id, address: "elsewhere" }), [asker.ref.address]);
  t.deepEqual(answeredTo({ id: "victim", address: "elsewhere" }), [child.ref.address]);
});
