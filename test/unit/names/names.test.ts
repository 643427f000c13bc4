import test from "ava";
import { seededRandom } from "../../../orb/base/index.ts";
import type { ContextChange, Target } from "../../../services/bindings/index.ts";
import {
  NAMES_DEFAULTS,
  type NamesEffect,
  type NamesInput,
  NamesMachine,
  type NamesMessage,
  type NamesOutcome,
} from "../../../services/names/index.ts";
import { NamesSimulation } from "../../support/names/index.ts";

const ROOT = "root";
const target = (ior: string): Target => ({ type: "object", ior });
const bind = (id: string, ior: string): ContextChange => ({
  kind: "bind",
  component: { id, kind: "" },
  target: target(ior),
});

const rebind = (id: string, ior: string): ContextChange => ({
  kind: "rebind",
  component: { id, kind: "" },
  target: target(ior),
});

function started(seed: number, peers: number = 7, voters: number = 3): NamesSimulation {
  const simulation = new NamesSimulation({ seed, peers, voters });
  simulation.run(3_000);
  const made = simulation.change(simulation.peer(peers - 1), ROOT, { kind: "create" });
  if (made.kind !== "done") throw new Error(`no root: ${JSON.stringify(made)}`);
  return simulation;
}

test("voters that meet for the first time found the names", (t) => {
  const simulation = new NamesSimulation({ seed: 1, peers: 5, voters: 3 });
  simulation.run(3_000);
  for (const { machine } of simulation.peers) {
    t.true(machine.status.config.epoch >= 1);
    t.deepEqual(
      machine.status.config.voters.map(({ peer }) => peer.id),
      ["p0", "p1", "p2"],
    );
  }
  t.is(simulation.peers.filter(({ machine }) => machine.status.isVoting).length, 3);
});

test("a name bound through one peer is resolved through every other", (t) => {
  const simulation = started(2);
  t.is(simulation.change(simulation.peer(5), ROOT, bind("doors", "IOR:1")).kind, "done");
  for (const peer of simulation.peers)
    t.deepEqual(simulation.resolve(peer, ROOT, "doors"), target("IOR:1"));
  t.like(simulation.change(simulation.peer(4), ROOT, bind("doors", "IOR:2")), {
    kind: "refused",
    refusal: "AlreadyBound",
  });
  t.is(simulation.resolve(simulation.peer(6), ROOT, "windows"), "missing");
  t.not(
    simulation.runUntil(() => simulation.isEqual, 3_000),
    undefined,
  );
});

test("what a peer changed it sees at once; others see it before they are told that a name is missing", (t) => {
  const simulation = started(3);
  for (let i = 0; i < 20; i++) {
    const peer = simulation.peer(i % 7);
    simulation.change(peer, ROOT, bind(`n${i}`, `IOR:${i}`));
    t.deepEqual(simulation.resolve(peer, ROOT, `n${i}`), target(`IOR:${i}`));
    t.deepEqual(
      simulation.resolve(simulation.peer((i + 3) % 7), ROOT, `n${i}`),
      target(`IOR:${i}`),
    );
  }
});

test("two hundred binds in one context at once, from all peers, need few ballots and all happen", (t) => {
  const simulation = started(4);
  let done = 0;
  for (let i = 0; i < 200; i++)
    simulation.wish(
      simulation.peer(i % 7),
      { kind: "change", contextId: ROOT, change: bind(`n${i}`, `IOR:${i}`) },
      ({ kind }) => void (done += kind === "done" ? 1 : 0),
    );
  const ms = simulation.runUntil(() => done === 200, 2_000);
  t.not(ms, undefined);
  t.true((ms ?? Infinity) < 400, `${ms} ms`);
  t.not(
    simulation.runUntil(() => simulation.isEqual, 3_000),
    undefined,
  );
  t.is(simulation.peer(6).machine.status.bindings, 200);
});

test("without a majority names resolve and nothing is bound; with it again nothing is lost", (t) => {
  const simulation = started(5);
  simulation.change(simulation.peer(3), ROOT, bind("a", "IOR:1"));
  simulation.run(500);
  for (const at of [0, 1]) simulation.kill(simulation.peer(at));
  for (const peer of simulation.alive)
    t.deepEqual(simulation.resolve(peer, ROOT, "a"), target("IOR:1"));
  t.like(simulation.change(simulation.peer(3), ROOT, bind("b", "IOR:2")), {
    kind: "late",
    isOpen: true,
  });
  t.is(simulation.resolve(simulation.peer(3), ROOT, "c"), "late");
  simulation.restart(simulation.peer(0));
  t.is(simulation.change(simulation.peer(4), ROOT, bind("d", "IOR:4")).kind, "done");
  t.deepEqual(simulation.resolve(simulation.peer(0), ROOT, "a"), target("IOR:1"));
});

test("of binds in two partitions exactly one wins, and the winner's is what both sides see", (t) => {
  const simulation = started(6);
  const sides = new Map([
    ["p0", 1],
    ["p3", 1],
    ["p5", 1],
  ]);
  simulation.partition(sides);
  simulation.run(1_000);
  const kinds: string[] = [];
  for (const [at, ior] of [
    [3, "IOR:minority"],
    [4, "IOR:majority"],
  ] as const)
    simulation.wish(
      simulation.peer(at),
      { kind: "change", contextId: ROOT, change: bind("x", ior) },
      ({ kind }) => kinds.push(`${ior} ${kind}`),
    );
  simulation.run(3_000);
  t.deepEqual(kinds.toSorted(), ["IOR:majority done", "IOR:minority late"]);
  simulation.partition(new Map());
  simulation.run(3_000);
  for (const peer of simulation.alive)
    t.deepEqual(simulation.resolve(peer, ROOT, "x"), target("IOR:majority"));
  t.true(simulation.isEqual);
});

test("after a restart of all peers every name is there, before anybody asks", (t) => {
  const simulation = started(7);
  simulation.change(simulation.peer(3), ROOT, { ...bind("a", "IOR:1") });
  simulation.change(simulation.peer(3), "lines", { kind: "create" });
  simulation.change(simulation.peer(3), "lines", bind("D", "IOR:2"));
  for (const peer of simulation.alive) simulation.kill(peer);
  simulation.run(1_000);
  for (const peer of simulation.peers) simulation.restart(peer);
  simulation.run(5_000);
  for (const { machine } of simulation.peers) {
    t.is(machine.status.contexts, 2);
    t.is(machine.status.bindings, 2);
  }
  t.deepEqual(simulation.contradictions, []);
});

test("a voter that lost its disk has no vote until the others took it in again", (t) => {
  const simulation = started(8);
  simulation.change(simulation.peer(3), ROOT, bind("a", "IOR:1"));
  const { epoch } = simulation.peer(0).machine.status.config;
  simulation.kill(simulation.peer(2));
  simulation.restart(simulation.peer(2), true);
  t.false(simulation.peer(2).machine.status.isVoting);
  t.not(
    simulation.runUntil(() => simulation.peer(2).machine.status.isVoting, 10_000),
    undefined,
  );
  t.true(simulation.peer(0).machine.status.config.epoch > epoch);
  // It counts again: with one of the others gone it makes the majority.
  simulation.kill(simulation.peer(0));
  t.is(simulation.change(simulation.peer(4), ROOT, bind("b", "IOR:2")).kind, "done");
  t.deepEqual(simulation.resolve(simulation.peer(2), ROOT, "a"), target("IOR:1"));
});

test("the voters are changed by a majority of those before, and the old ones are refused afterwards", (t) => {
  const simulation = started(9);
  simulation.change(simulation.peer(3), ROOT, bind("a", "IOR:1"));
  const voters = [3, 4, 5].map((at) => simulation.peer(at));
  t.is(simulation.reform(simulation.peer(6), voters, false).kind, "done");
  for (const at of [0, 1, 2]) t.false(simulation.peer(at).machine.status.isVoting);
  for (const at of [0, 1, 2]) simulation.kill(simulation.peer(at));
  t.is(simulation.change(simulation.peer(6), ROOT, bind("b", "IOR:2")).kind, "done");
  for (const name of ["a", "b"])
    t.deepEqual(
      simulation.resolve(simulation.peer(6), ROOT, name),
      target(name === "a" ? "IOR:1" : "IOR:2"),
    );
});

test("by force one survivor's copy is what the new voters start from, and the old majority is refused", (t) => {
  const simulation = started(10);
  simulation.change(simulation.peer(3), ROOT, bind("a", "IOR:1"));
  simulation.run(1_000);
  for (const at of [0, 1, 2]) simulation.kill(simulation.peer(at));
  t.is(simulation.change(simulation.peer(3), ROOT, bind("b", "IOR:2")).kind, "late");
  const voters = [3, 4, 5].map((at) => simulation.peer(at));
  t.is(simulation.reform(simulation.peer(6), voters, false, 4_000).kind, "late");
  t.is(simulation.reform(simulation.peer(6), voters, true).kind, "done");
  t.is(simulation.change(simulation.peer(6), ROOT, bind("b", "IOR:3")).kind, "done");
  t.deepEqual(simulation.resolve(simulation.peer(4), ROOT, "a"), target("IOR:1"));
  for (const at of [0, 1, 2]) simulation.restart(simulation.peer(at));
  simulation.run(5_000);
  for (const at of [0, 1, 2]) t.false(simulation.peer(at).machine.status.isVoting);
  t.deepEqual(simulation.resolve(simulation.peer(0), ROOT, "b"), target("IOR:3"));
  t.is(simulation.change(simulation.peer(1), ROOT, bind("c", "IOR:4")).kind, "done");
  t.not(
    simulation.runUntil(() => simulation.isEqual, 3_000),
    undefined,
  );
});

test("a change that comes again after its answer was lost is not done twice", (t) => {
  // Half of all messages are lost: most changes are asked for of several voters.
  const simulation = new NamesSimulation({ seed: 11, peers: 5, voters: 3 });
  simulation.run(3_000);
  simulation.change(simulation.peer(4), ROOT, { kind: "create" });
  simulation.network.settings = {
    ...simulation.network.settings,
    lossChance: 0.3,
    duplicateChance: 0.3,
  };
  const told = new Map<string, number>();
  for (let i = 0; i < 60; i++) {
    const { kind } = simulation.ask(
      simulation.peer(i % 5),
      { kind: "change", contextId: ROOT, change: bind(`n${i}`, `IOR:${i}`) },
      10_000,
    );
    told.set(kind, (told.get(kind) ?? 0) + 1);
  }
  // Each name is unlike the others: a refusal would mean that its own first attempt was taken for another's.
  t.deepEqual([...told], [["done", 60]]);
  simulation.network.settings = {
    ...simulation.network.settings,
    lossChance: 0,
    duplicateChance: 0,
  };
  simulation.run(5_000);
  t.is(simulation.peer(1).machine.copies.get(ROOT)?.version.count, 61);
  t.true(simulation.isEqual);
  t.deepEqual(simulation.contradictions, []);
});

test("news that were lost are made up for when copies are compared", (t) => {
  const simulation = started(12);
  simulation.network.settings = { ...simulation.network.settings, lossChance: 0.5 };
  for (let i = 0; i < 30; i++)
    simulation.ask(
      simulation.peer(i % 7),
      { kind: "change", contextId: `c${i}`, change: { kind: "create" } },
      10_000,
    );
  simulation.network.settings = { ...simulation.network.settings, lossChance: 0 };
  const ms = simulation.runUntil(() => simulation.isEqual, 10_000);
  t.true((ms ?? Infinity) <= 5_000, `${ms} ms`);
  for (const { machine } of simulation.peers) t.is(machine.status.contexts, 31);
});

test("a peer that was cut off for long makes its copy anew, and teaches nobody what was destroyed meanwhile", (t) => {
  const events: string[] = [];
  const simulation = new NamesSimulation({
    seed: 13,
    peers: 5,
    voters: 3,
    settings: { tombstoneMs: 9_000 },
    heard: (peer, { kind }) => events.push(`${peer} ${kind}`),
  });
  simulation.run(3_000);
  for (const contextId of [ROOT, "old"])
    simulation.change(simulation.peer(4), contextId, { kind: "create" });
  simulation.change(simulation.peer(4), "old", bind("a", "IOR:1"));
  simulation.run(3_000);
  simulation.partition(new Map([["p4", 1]]));
  simulation.change(simulation.peer(3), "old", {
    kind: "unbind",
    component: { id: "a", kind: "" },
  });
  t.is(simulation.change(simulation.peer(3), "old", { kind: "destroy" }).kind, "done");
  // Until all others have forgotten that it was ever there.
  simulation.run(25_000);
  t.is(simulation.peer(3).machine.copies.get("old"), undefined);
  t.deepEqual(simulation.resolve(simulation.peer(4), "old", "a"), target("IOR:1"));
  simulation.partition(new Map());
  t.not(
    simulation.runUntil(() => simulation.isEqual, 5_000),
    undefined,
  );
  simulation.run(3_000);
  for (const peer of simulation.peers) {
    t.is(peer.machine.copies.get("old"), undefined);
    t.is(peer.machine.status.contexts, 1);
  }
  t.true(events.includes("p4 cut-off") && events.includes("p4 renewed"));
});

test("beyond the limits a bind is refused, and what is there stays", (t) => {
  const simulation = new NamesSimulation({
    seed: 14,
    peers: 4,
    voters: 3,
    settings: { mostContexts: 2, mostBindings: 3 },
  });
  simulation.run(3_000);
  for (const contextId of [ROOT, "c"])
    t.is(simulation.change(simulation.peer(3), contextId, { kind: "create" }).kind, "done");
  t.is(simulation.change(simulation.peer(3), "d", { kind: "create" }).kind, "full");
  for (const id of ["1", "2", "3"])
    t.is(simulation.change(simulation.peer(3), ROOT, bind(id, "IOR:")).kind, "done");
  t.is(simulation.change(simulation.peer(3), "c", bind("4", "IOR:")).kind, "full");
  t.is(simulation.change(simulation.peer(3), ROOT, rebind("3", "IOR:3")).kind, "done");
  simulation.change(simulation.peer(3), ROOT, { kind: "unbind", component: { id: "1", kind: "" } });
  t.is(simulation.change(simulation.peer(3), "c", bind("4", "IOR:")).kind, "done");
});

test("the register that holds the next configuration is no context", (t) => {
  const simulation = started(15);
  t.like(simulation.change(simulation.peer(4), "", bind("a", "IOR:1")), { kind: "refused" });
  t.is(simulation.resolve(simulation.peer(4), "", "a"), "missing");
  const { epoch } = simulation.peer(0).machine.status.config;
  simulation.run(3_000);
  t.is(simulation.peer(0).machine.status.config.epoch, epoch);
});

test("a peer whose clock stands anywhere when it starts is not cut off", (t) => {
  const machine = new NamesMachine({
    self: { id: "x", address: "x" },
    settings: { ...NAMES_DEFAULTS, voters: [{ id: "v", address: "v" }] },
    random: seededRandom(1),
    stored: undefined,
  });
  const events = (nowMs: number): readonly string[] =>
    machine
      .step({ kind: "tick" }, nowMs)
      .flatMap((effect) => (effect.kind === "event" ? effect.event.kind : []));
  t.deepEqual(events(1e9), []);
  t.deepEqual(events(1e9 + 250_000), ["cut-off"]);
});

test("what was told as done is there after all peers were killed at that moment", (t) => {
  for (let seed = 100; seed < 120; seed++) {
    const simulation = new NamesSimulation({ seed, peers: 4, voters: 3, diskMs: 40 });
    simulation.run(5_000);
    simulation.change(simulation.peer(3), ROOT, { kind: "create" });
    t.is(simulation.change(simulation.peer(3), ROOT, bind("a", `IOR:${seed}`)).kind, "done");
    for (const peer of simulation.alive) simulation.kill(peer);
    simulation.run(1_000);
    for (const peer of simulation.peers) simulation.restart(peer);
    simulation.run(3_000);
    t.deepEqual(simulation.resolve(simulation.peer(3), ROOT, "a"), target(`IOR:${seed}`));
  }
});

test("a voter keeps to what it promised before it was killed", (t) => {
  // Voters end and start again in the midst of ballots; who asked them asks the next one, which begins its own.
  for (let seed = 200; seed < 260; seed++) {
    const simulation = new NamesSimulation({ seed, peers: 5, voters: 3, diskMs: 5 });
    simulation.run(4_000);
    simulation.change(simulation.peer(3), ROOT, { kind: "create" });
    const told: string[] = [];
    for (const [at, ior] of [
      [0, "IOR:0"],
      [1, "IOR:1"],
    ] as const) {
      const wish = { kind: "change", contextId: ROOT, change: bind("x", ior) } as const;
      simulation.wish(simulation.peer(at), wish, ({ kind }) => told.push(`${kind} ${ior}`));
      simulation.run(6 * simulation.random.number());
    }
    for (let i = 0; i < 6; i++) {
      const voter = simulation.peer(Math.floor(3 * simulation.random.number()));
      simulation.kill(voter);
      simulation.run(10 * simulation.random.number());
      simulation.restart(voter);
      simulation.run(20 * simulation.random.number());
    }
    simulation.run(5_000);
    t.true(told.filter((one) => one.startsWith("done")).length <= 1, `${seed}: ${told.join()}`);
    t.deepEqual(simulation.contradictions, []);
    t.true(simulation.isEqual, `${seed}`);
  }
});

/** A peer without a vote that wants a change of two voters, at 0 ms. */
class Wanting {
  readonly machine = new NamesMachine({
    self: { id: "x", address: "x" },
    settings: {
      ...NAMES_DEFAULTS,
      voters: ["v", "w"].map((id) => ({ id, address: id })),
    },
    random: seededRandom(1),
    stored: undefined,
  });
  #nowMs = 0;

  asks(input: NamesInput, afterMs: number): readonly Extract<NamesMessage, { kind: "ask" }>[] {
    return this.#step(input, afterMs).flatMap((effect) =>
      effect.kind === "send" && effect.message.kind === "ask" ? effect.message : [],
    );
  }

  outcomes(input: NamesInput): readonly NamesOutcome[] {
    return this.#step(input, 1).flatMap((effect) =>
      effect.kind === "outcome" ? effect.outcome : [],
    );
  }

  #step(input: NamesInput, afterMs: number): readonly NamesEffect[] {
    this.#nowMs += afterMs;
    return this.machine.step(input, this.#nowMs);
  }
}

const WISH: NamesInput = {
  kind: "wish",
  id: 1,
  wish: { kind: "change", contextId: ROOT, change: bind("a", "IOR:1") },
  leftMs: 5_000,
};
const stale = (from: string, id: string): NamesInput => ({
  kind: "message",
  from: { id: from, address: from },
  message: {
    kind: "told",
    id,
    contextId: ROOT,
    result: "stale",
    refusal: undefined,
    isFinal: true,
    count: 900,
    news: undefined,
  },
});

test("a change that a voter never did, and came too late, is started anew under another id", (t) => {
  const wanting = new Wanting();
  const [first] = wanting.asks(WISH, 0);
  const [second] = wanting.asks(stale("v", first?.id ?? ""), 1);
  t.like(second, { since: 900, isAgain: false });
  t.not(second?.id, first?.id);
});

test("a change that was asked of two voters, and is too long ago to tell, is open: it is not done again", (t) => {
  const wanting = new Wanting();
  const [first] = wanting.asks(WISH, 0);
  const again: NamesMessage[] = [];
  for (let i = 0; i < 40; i++) again.push(...wanting.asks({ kind: "tick" }, 10));
  t.like(again[0], { id: first?.id, isAgain: true });
  const outcomes = wanting.outcomes(stale("w", first?.id ?? ""));
  t.like(outcomes[0], { kind: "late", isOpen: true });
  t.false(wanting.machine.isBusy);
});

test("a new voter that comes late takes over from one that votes, when those before are gone", (t) => {
  const simulation = started(16);
  simulation.change(simulation.peer(3), ROOT, bind("a", "IOR:1"));
  simulation.partition(new Map([["p5", 1]]));
  const voters = [3, 4, 5].map((at) => simulation.peer(at));
  t.is(simulation.reform(simulation.peer(6), voters, false).kind, "done");
  t.false(simulation.peer(5).machine.status.isVoting);
  for (const at of [0, 1, 2]) simulation.kill(simulation.peer(at));
  simulation.partition(new Map());
  t.not(
    simulation.runUntil(() => simulation.peer(5).machine.status.isVoting, 5_000),
    undefined,
  );
  simulation.kill(simulation.peer(3));
  t.is(simulation.change(simulation.peer(6), ROOT, bind("b", "IOR:2")).kind, "done");
  t.deepEqual(simulation.resolve(simulation.peer(5), ROOT, "a"), target("IOR:1"));
});
