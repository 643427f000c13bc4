import {
  faultsOf,
  LONGEST_TROUBLE_MS,
  makeTroubles,
  startPeers,
  untilQuiet,
} from "../../support/overlay/index.ts";
import type { SimulatedPeer, Simulation } from "../../support/overlay/index.ts";
import { blockOf, rowOf, type Row } from "../block.ts";
import type { BenchOptions } from "../options.ts";

const PEERS = 5_000;
const QUICK_PEERS = 200;
/** Simulated milliseconds: for all to join, for the faults to be mended, at rest. */
const JOIN_MS = 60_000;
const HEAL_MS = 30_000;
const REST_MS = 10_000;
const QUESTIONS = 1_000;
/** One peer in so many meets a trouble. */
const PEERS_PER_TROUBLE = 50;
const MICROSECONDS = 1_000;
/** Parts of the peers that trees are grown of besides, to see what grows with them. */
const SMALLER_PARTS = [0.01, 0.1];
/** Simulated time over processor time: the least. */
const LEAST_SPEED = 3;

/** What a part of the run took: simulated and processor milliseconds. */
interface Part {
  readonly simulatedMs: number;
  readonly cpuMs: number;
}

function timed(simulation: Simulation, run: () => void): Part {
  const startMs = simulation.nowMs;
  const before = process.cpuUsage();
  run();
  const { user, system } = process.cpuUsage(before);
  return { simulatedMs: simulation.nowMs - startMs, cpuMs: (user + system) / MICROSECONDS };
}

function textOf(what: string, { simulatedMs, cpuMs }: Part): string {
  const speed = (simulatedMs / cpuMs).toFixed(1);
  return `${what}: ${(simulatedMs / 1_000).toFixed(1)} s simulated in ${(cpuMs / 1_000).toFixed(1)} s of processor, ${speed} ×`;
}

function sumOf(parts: readonly Part[]): Part {
  const sum = (pick: (part: Part) => number): number =>
    parts.reduce((before, part) => before + pick(part), 0);
  return { simulatedMs: sum((part) => part.simulatedMs), cpuMs: sum((part) => part.cpuMs) };
}

function isIn({ machine }: SimulatedPeer): boolean {
  return machine.cell !== undefined;
}

/** Asks for names at random. @returns hops of the answers, and what was not found */
function askAround(simulation: Simulation): { hops: number[]; missed: number } {
  const peers = simulation.staying;
  const pick = (): SimulatedPeer | undefined =>
    peers[Math.floor(simulation.random.number() * peers.length)];
  const hops: number[] = [];
  let missed = 0;
  for (let i = 0; i < QUESTIONS; i++) {
    const [asker, server] = [pick(), pick()];
    if (asker === undefined || server === undefined) continue;
    simulation.ask(asker, { of: "service", name: server.ref.id }, (answer) => {
      if (answer.kind === "found") hops.push(answer.hops);
      else missed++;
    });
    simulation.run(1);
  }
  simulation.run(1_200);
  return { hops, missed };
}

/** A tree that came together, rested and met its troubles, and what the parts of that took. */
interface Course {
  readonly simulation: Simulation;
  readonly troubles: number;
  readonly joining: Part;
  readonly rest: Part;
  readonly trouble: Part;
}

/**
 * All peers join at once, rest, meet kills, freezes and leaves.
 * @throws Error when the tree does not come together
 */
function course(
  seed: number,
  count: number,
  joined: (simulation: Simulation) => void = () => undefined,
): Course {
  const simulation = startPeers({ seed, peers: count });
  for (const peer of simulation.peers.values())
    simulation.step(peer, {
      kind: "publish",
      service: { name: peer.ref.id, instance: "1", reference: peer.ref.address },
    });
  const joining = timed(simulation, () => {
    simulation.runUntil(() => simulation.alive.every(isIn), JOIN_MS, 100);
  });
  settle(simulation, "joined");
  joined(simulation);
  const rest = timed(simulation, () => simulation.run(REST_MS));
  const troubles = Math.ceil(count / PEERS_PER_TROUBLE);
  const kinds = ["kill", "unplug", "freeze", "leave"] as const;
  const trouble = timed(simulation, () => {
    makeTroubles(simulation, { count: troubles, gapMs: REST_MS / troubles, kinds });
    simulation.run(LONGEST_TROUBLE_MS);
  });
  settle(simulation, `healed after ${troubles} troubles`);
  return { simulation, troubles, joining, rest, trouble };
}

/**
 * An overlay on virtual time: all peers join at once, rest, meet kills, freezes and leaves, and ask for each other's
 * names. Smaller trees go the same way first, to see what grows with their size; by then the code is warm, as that of
 * every bench is when its time counts.
 * @throws Error when a tree does not come together, or a name is not found
 */
export async function simulated(
  options: BenchOptions,
  print: (line: string) => void,
): Promise<Row[]> {
  const count = options.peers ?? (options.isQuick ? QUICK_PEERS : PEERS);
  const seed = options.seed ?? 1 + (Date.now() % 1_000_000);
  print(`overlay: ${count} peers, seed ${seed}`);
  const printGrowth = (simulation: Simulation): void => print(growthText(simulation));
  for (const part of SMALLER_PARTS) course(seed, Math.ceil(count * part), printGrowth);
  let growth = { depth: 0, joins: 0 };
  const { simulation, troubles, joining, rest, trouble } = course(seed, count, (tree) => {
    printGrowth(tree);
    growth = growthOf(tree);
    print(
      `${tree.delivered.get("refused") ?? 0} refusals while all of ${count} waited for a place at once`,
    );
  });
  const { depth, joins } = growth;
  print(textOf("join", joining));
  print(textOf("rest", rest));
  print(textOf(`${troubles} troubles`, trouble));
  const { hops, missed } = askAround(simulation);
  const most = Math.max(...hops);
  print(
    `${hops.length} names found in at most ${most} hops of ${2 * depth} allowed, ${missed} missed`,
  );
  print(`messages: ${[...simulation.delivered].map(([kind, n]) => `${kind} ${n}`).join(", ")}`);
  print(`digest ${simulation.digest.toString(16)}`);
  const all = sumOf([joining, rest, trouble]);
  const isFast = all.simulatedMs / all.cpuMs >= LEAST_SPEED;
  print(`${textOf("all", all)} (wanted ${LEAST_SPEED}${isFast ? "" : ", NOT MET"})`);
  if (joins > depth + 1)
    throw new Error(`overlay: ${joins} join messages a peer at depth ${depth}`);
  if (missed > 0 || most > 2 * depth) throw new Error("overlay: names missed or too many hops");
  // Rows are of times: a hop counts as a microsecond.
  return [rowOf("hops", [blockOf(Float64Array.from(hops), hops.length)], "p50")];
}

/** How deep a tree is, and how many messages of joining, over all hops, each peer has cost. */
function growthOf(simulation: Simulation): { readonly depth: number; readonly joins: number } {
  const { alive, delivered } = simulation;
  const depth = Math.max(...alive.map(({ machine }) => machine.cell?.id.length ?? 0)) - 1;
  return { depth, joins: (delivered.get("join") ?? 0) / alive.length };
}

/** To the binder, and up from there: never more hops than there are levels, the binder's own included. */
function growthText(simulation: Simulation): string {
  const { depth, joins } = growthOf(simulation);
  return `${simulation.alive.length} peers: depth ${depth}, ${joins.toFixed(1)} join messages a peer, ${(joins / (depth + 1)).toFixed(2)} a level`;
}

function settle(simulation: Simulation, what: string): void {
  const took = untilQuiet(simulation, HEAL_MS);
  if (typeof took === "number") return;
  const faults = faultsOf(simulation).slice(0, 20);
  throw new Error(`overlay: not ${what}:\n${faults.join("\n")}`);
}
