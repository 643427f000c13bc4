// Random changes of a few contexts through all peers, while peers are killed, restarted and cut off.
import test from "ava";
import fc from "fast-check";
import type { Random } from "../../../orb/base/index.ts";
import type { ContextChange, Target } from "../../../services/bindings/index.ts";
import type { NamesOutcome } from "../../../services/names/index.ts";
import { NamesSimulation, type SimulatedNames } from "../../support/names/index.ts";
import { QUIET_NETWORK, ROUGH_NETWORK } from "../../support/overlay/index.ts";

const ROOT = "root";
const NAMES = ["a", "b", "c"];

function pick<T>(random: Random, all: readonly T[]): T {
  const one = all[Math.floor(random.number() * all.length)];
  if (one === undefined) throw new RangeError("nothing to pick from");
  return one;
}

/** A change that was asked for, and what came of it. */
interface Deed {
  readonly contextId: string;
  readonly change: ContextChange;
  readonly startMs: number;
  /** Who asked, and in which life: who is killed is told nothing. */
  readonly peer: SimulatedNames;
  readonly life: number;
  outcome: NamesOutcome | undefined;
  endMs: number;
}

/** One run: the changes asked for, and what was found wrong. */
class Run {
  readonly simulation: NamesSimulation;
  readonly deeds: Deed[] = [];
  readonly faults: string[] = [];
  readonly #random: Random;
  readonly #made: string[] = [];
  #count = 0;

  constructor(seed: number, isRough: boolean, peers: number) {
    const network = isRough ? ROUGH_NETWORK : QUIET_NETWORK;
    this.simulation = new NamesSimulation({ seed, peers, voters: 3, network });
    this.#random = this.simulation.random;
    this.simulation.run(4_000);
    this.simulation.ask(
      this.simulation.peer(3),
      { kind: "change", contextId: ROOT, change: { kind: "create" } },
      10_000,
    );
  }

  /** Changes, questions and troubles for a while; then all is mended. */
  play(steps: number): void {
    const { simulation } = this;
    for (let i = 0; i < steps; i++) {
      const chance = this.#random.number();
      if (chance < 0.08) this.#trouble();
      else if (chance < 0.25) this.#read();
      else this.#change();
      simulation.run(80 * this.#random.number());
    }
    simulation.partition(new Map());
    for (const peer of simulation.peers) if (!peer.isAlive) simulation.restart(peer);
    simulation.run(12_000);
  }

  #trouble(): void {
    const { simulation } = this;
    const random = this.#random;
    const dead = simulation.peers.filter(({ isAlive }) => !isAlive);
    const chance = random.number();
    if (chance < 0.4 && simulation.alive.length > 2)
      simulation.kill(pick(random, simulation.alive));
    else if (chance < 0.7 && dead.length > 0) simulation.restart(pick(random, dead));
    else if (chance < 0.85)
      simulation.partition(
        new Map(simulation.peers.map(({ ref }) => [ref.id, random.number() < 0.4 ? 1 : 0])),
      );
    else simulation.partition(new Map());
  }

  /** An id is used by nobody before its context is made, and never again. */
  #contexts(): readonly string[] {
    return [ROOT, ...this.#made];
  }

  #change(): void {
    const random = this.#random;
    const { simulation } = this;
    const isNew = this.#made.length === 0 || random.number() < 0.05;
    const contextId = isNew ? `c${this.#count}` : pick(random, this.#contexts());
    const component = { id: pick(random, NAMES), kind: "" };
    const target: Target = { type: "object", ior: `IOR:${++this.#count}` };
    const chance = random.number();
    let change: ContextChange = { kind: "bind", component, target };
    if (isNew) change = { kind: "create" };
    else if (chance < 0.15) change = { kind: "rebind", component, target };
    else if (chance < 0.4) change = { kind: "unbind", component };
    else if (contextId !== ROOT && chance < 0.55) change = { kind: "destroy" };
    const peer = pick(random, simulation.alive);
    const deed: Deed = {
      peer,
      life: peer.life,
      contextId,
      change,
      startMs: simulation.nowMs,
      outcome: undefined,
      endMs: 0,
    };
    this.deeds.push(deed);
    const leftMs = 700;
    simulation.wish(
      peer,
      { kind: "change", contextId, change },
      (outcome) => {
        if (isNew && outcome.kind === "done") this.#made.push(contextId);
        deed.outcome = outcome;
        deed.endMs = simulation.nowMs;
      },
      leftMs,
    );
  }

  /** What is decided before a question begins, and not undone, must be in its answer. */
  #read(): void {
    const { simulation } = this;
    const contextId = pick(this.#random, this.#contexts());
    const startMs = simulation.nowMs;
    simulation.wish(
      pick(this.#random, simulation.alive),
      { kind: "read", contextId, wanted: "latest" },
      (outcome) => {
        if (outcome.kind !== "done") return;
        for (const name of NAMES) this.#checkRead(contextId, name, outcome, startMs);
      },
      1_000,
    );
  }

  #checkRead(
    contextId: string,
    name: string,
    outcome: Extract<NamesOutcome, { kind: "done" }>,
    startMs: number,
  ): void {
    const touching = this.deeds.filter(
      ({ contextId: where, change }) =>
        where === contextId && (!("component" in change) || change.component.id === name),
    );
    const sure = touching.findLast(
      ({ outcome: told, endMs }) => told?.kind === "done" && endMs < startMs,
    );
    if (sure === undefined || !("target" in sure.change)) return;
    // Whatever else was asked for since it began may have come after it.
    const isAlone = touching.every(
      (one) => one === sure || one.outcome?.kind === "refused" || this.#endedBefore(one, sure),
    );
    const found = outcome.context?.bindings.get(sure.change.component)?.target;
    if (isAlone && JSON.stringify(found) !== JSON.stringify(sure.change.target))
      this.faults.push(
        `${contextId}/${name}: read ${JSON.stringify(found)} after ${JSON.stringify(sure.change.target)} was told`,
      );
  }

  /** What was late may have happened at any time, and what was done counts from its end. */
  #endedBefore({ outcome, endMs }: Deed, sure: Deed): boolean {
    return outcome?.kind === "done" && endMs < sure.startMs;
  }

  /** What must hold when all is quiet. */
  check(): readonly string[] {
    const { simulation, faults } = this;
    faults.push(...simulation.contradictions);
    if (!simulation.isEqual) faults.push("copies differ in the end");
    for (const { outcome, change, peer, life } of this.deeds)
      if (outcome === undefined && peer.life === life)
        faults.push(`no outcome of ${JSON.stringify(change)}`);
    const contents = [...simulation.seen.values()].join("\n");
    for (const { change, outcome } of this.deeds) {
      if (!("target" in change) || change.target.type !== "object") continue;
      const wasThere = contents.includes(`"${change.target.ior}"`);
      if (outcome?.kind === "refused" && wasThere)
        faults.push(`${change.target.ior} was refused, and bound`);
    }
    this.#checkHistory();
    return faults;
  }

  /** The order of versions is the order of events: it explains every outcome, each change at most once. */
  #checkHistory(): void {
    const { simulation, faults } = this;
    const [first] = simulation.alive;
    for (const contextId of this.#contexts()) {
      const state = first?.machine.copies.get(contextId);
      if (state === undefined) continue;
      const ids = state.recent.map(({ id }) => id);
      if (new Set(ids).size !== ids.length) faults.push(`${contextId}: a change was done twice`);
      const done = this.deeds.filter(
        ({ contextId: where, outcome }) => where === contextId && outcome?.kind === "done",
      );
      const open = this.deeds.filter(
        ({ contextId: where, outcome }) =>
          where === contextId && (outcome === undefined || outcome.kind === "late"),
      );
      const changes = state.recent.filter(({ refused }) => refused === undefined).length;
      // The root was made before.
      const least = done.length;
      const most = done.length + open.length + (contextId === ROOT ? 1 : 0);
      if (changes < least || changes > most)
        faults.push(`${contextId}: ${changes} changes, ${least} to ${most} were told`);
      if (done.some(({ change }) => change.kind === "destroy") && state.bindings !== undefined)
        faults.push(`${contextId} was destroyed, and is there`);
    }
    for (const peer of simulation.alive) this.#checkResolve(peer);
  }

  #checkResolve(peer: SimulatedNames): void {
    const { simulation, faults } = this;
    for (const contextId of this.#contexts())
      for (const name of NAMES) {
        const found = simulation.resolve(peer, contextId, name);
        const [first] = simulation.alive;
        const expected =
          first?.machine.copies.record(contextId)?.bindings.get({ id: name, kind: "" })?.target ??
          "missing";
        if (JSON.stringify(found) !== JSON.stringify(expected))
          faults.push(`${peer.ref.id} resolves ${contextId}/${name} to ${JSON.stringify(found)}`);
      }
  }
}

for (const [title, isRough] of [
  ["a network that works", false],
  ["a network that loses, doubles and delays", true],
] as const)
  test(`100 seeds of changes under kills, restarts and partitions, on ${title}: one winner each, none lost, all equal`, (t) => {
    const kinds = new Map<string, number>();
    for (let seed = 1; seed <= 100; seed++) {
      const run = new Run(1_000 * (isRough ? 2 : 1) + seed, isRough, 7);
      run.play(100);
      t.deepEqual(run.check(), [], `seed ${seed}`);
      for (const { outcome } of run.deeds)
        kinds.set(outcome?.kind ?? "", (kinds.get(outcome?.kind ?? "") ?? 0) + 1);
    }
    // The test is worth something only when all of these happen.
    for (const kind of ["done", "refused", "late"])
      t.true((kinds.get(kind) ?? 0) > 100, `${kind}: ${kinds.get(kind)}`);
  });

test("a bind and a destroy at the same time: exactly one wins, whatever comes first", (t) => {
  const winners = new Set<string>();
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 1_000_000 }),
      fc.double({ min: 0, max: 12, noNaN: true }),
      fc.constantFrom(0, 1, 2, 3, 4),
      fc.constantFrom(0, 1, 2, 3, 4),
      (seed, delayMs, binder, destroyer) => {
        const simulation = new NamesSimulation({ seed, peers: 5, voters: 3 });
        simulation.run(2_500);
        simulation.change(simulation.peer(3), "c", { kind: "create" });
        const told: string[] = [];
        const component = { id: "x", kind: "" };
        const bind: ContextChange = {
          kind: "bind",
          component,
          target: { type: "object", ior: "IOR:" },
        };
        simulation.wish(
          simulation.peer(binder),
          { kind: "change", contextId: "c", change: bind },
          ({ kind }) => told.push(`bind ${kind}`),
        );
        simulation.run(delayMs);
        simulation.wish(
          simulation.peer(destroyer),
          { kind: "change", contextId: "c", change: { kind: "destroy" } },
          ({ kind }) => told.push(`destroy ${kind}`),
        );
        simulation.run(2_500);
        const done = told.filter((one) => one.endsWith("done"));
        t.is(told.length, 2);
        t.is(done.length, 1, told.join());
        winners.add(done.join());
        const state = simulation.peer(4).machine.copies.get("c");
        t.is(state?.bindings?.size, done[0] === "bind done" ? 1 : undefined);
      },
    ),
    { numRuns: 100, seed: 7 },
  );
  t.is(winners.size, 2);
});
