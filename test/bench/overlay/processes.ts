import { setTimeout as wait } from "node:timers/promises";
import { type Random, seededRandom } from "../../../orb/base/index.ts";
import { machineMs, PeerTree } from "../../support/peer-process/index.ts";
import type { PeerProcess } from "../../support/peer-process/index.ts";
import { blockOf, rowOf, type Row } from "../block.ts";
import type { BenchOptions } from "../options.ts";
import { percentile } from "../samples.ts";
import { HEADER_OCTETS, sentBy } from "./traffic.ts";

const MICROSECONDS = 1_000;
const KILLS = 50;
const QUICK_KILLS = 3;
const STOPS = 5;
const REST_MS = 5_000;
const QUESTIONS = 5;
const EXERCISES = 200;
/** Between two questions: an answer is remembered for a millisecond here, so that each is asked anew. */
const QUESTION_GAP_MS = 3;
/** Within which a tree is whole again, whatever happened. */
const WHOLE_MS = 20_000;
const LOOK_MS = 2;
/** A service is lost when it is not found for so long, three deadlines of discovery: one question may be lost with a peer. */
const PATIENCE_MS = 3_000;

/** What is wanted, by what is measured; milliseconds, or what the name says. */
const WANTED: Readonly<Record<string, number>> = {
  "all joined": 2_000,
  "resolve over 2 links": 1,
  "coordinator after SIGKILL": 150,
  "coordinator after SIGSTOP": 500,
  "back in after SIGCONT": 1_000,
  "in again after the root cell died": 1_000,
  "kB/s a link at rest": 4,
  "MB a peer": 90,
};

/** Figures by name, each with all its samples. */
class Figures {
  readonly #samples: Map<string, number[]> = new Map();
  readonly #print: (line: string) => void;

  constructor(print: (line: string) => void) {
    this.#print = print;
  }

  add(name: string, ...values: readonly number[]): void {
    this.#samples.set(name, [...(this.#samples.get(name) ?? []), ...values]);
  }

  /** Prints p50 and the largest of a figure, beside what is wanted. */
  tell(name: string): void {
    const sorted = Float64Array.from(this.#samples.get(name) ?? []).toSorted();
    if (sorted.length === 0) return;
    const [p50, most] = [percentile(sorted, 0.5), percentile(sorted, 1)];
    const wanted = WANTED[name];
    const verdict =
      wanted === undefined ? "" : ` (wanted ${wanted}${p50 > wanted ? ", NOT MET" : ""})`;
    this.#print(
      `${name}: p50 ${p50.toFixed(2)}, max ${most.toFixed(2)} of ${sorted.length}${verdict}`,
    );
  }

  rows(): Row[] {
    return [...this.#samples].map(([name, values]) => {
      const us = Float64Array.from(values, (value) => value * MICROSECONDS);
      return rowOf(
        name,
        [
          blockOf(
            us,
            us.reduce((sum, value) => sum + value, 0),
          ),
        ],
        "p50",
      );
    });
  }
}

/**
 * The tree of the paper as real processes on loopback: joining, rest, questions, and what dies in it.
 * @throws Error when the tree does not come together again, or a service of a living peer is not found
 */
export async function processes(
  options: BenchOptions,
  print: (line: string) => void,
): Promise<Row[]> {
  const seed = options.seed ?? 1 + (Date.now() % 1_000_000);
  const random = seededRandom(seed);
  const figures = new Figures(print);
  const peers = options.peers === undefined ? {} : { peers: options.peers };
  print(`overlay: real processes, seed ${seed}`);
  await using tree = await PeerTree.start({ seed, settings: { cacheMs: 1 }, ...peers });
  await join(tree, figures);
  print(`cells: ${cellsOf(tree)}`);
  const isIn = (part: string): boolean => part.includes(options.only ?? "");
  if (isIn("rest")) await rest(tree, figures);
  if (isIn("resolve")) await resolve(tree, figures, print);
  if (isIn("faults")) await faults(tree, options, random, figures, print);
  figures.tell("kB/s a link at rest, with headers");
  for (const name of Object.keys(WANTED)) figures.tell(name);
  return figures.rows();
}

async function faults(
  tree: PeerTree,
  options: BenchOptions,
  random: Random,
  figures: Figures,
  print: (line: string) => void,
): Promise<void> {
  await stops(tree, options.isQuick ? 1 : STOPS, random, figures);
  await rootCell(tree, figures);
  await kills(tree, options.isQuick ? QUICK_KILLS : KILLS, random, figures, print);
}

async function join(tree: PeerTree, figures: Figures): Promise<void> {
  const readyMs = Math.max(...tree.peers.map(({ openAtMs }) => openAtMs));
  figures.add("all joined", (await tree.untilWhole(WHOLE_MS)) - readyMs);
}

function cellsOf(tree: PeerTree): string {
  return tree
    .coordinators()
    .map(({ cell }) => `${cell} (${tree.cellOf(cell).length})`)
    .toSorted()
    .join(", ");
}

/** Octets and memory of a tree in which nothing happens. */
async function rest(tree: PeerTree, figures: Figures): Promise<void> {
  await wait(REST_MS / 2);
  // A tree: one link less than peers.
  const links = tree.peers.length - 1;
  const before = sentBy(tree.peers);
  const fromMs = machineMs();
  await wait(REST_MS);
  const after = sentBy(tree.peers);
  const seconds = (machineMs() - fromMs) / 1_000;
  if (before !== undefined && after !== undefined) {
    const octets = after.octets - before.octets;
    const headers = (after.segments - before.segments) * HEADER_OCTETS;
    figures.add("kB/s a link at rest", octets / 1_000 / seconds / links);
    figures.add("kB/s a link at rest, with headers", (octets + headers) / 1_000 / seconds / links);
  }
  figures.add("MB a peer", ...tree.peers.map((peer) => peer.residentMb()));
}

/** Questions for services that are elsewhere, by the links of the tree from who asks up to where it is known. */
async function resolve(
  tree: PeerTree,
  figures: Figures,
  print: (line: string) => void,
): Promise<void> {
  print(
    "resolve: names that nobody remembers, each asked anew of the tree; links: up to the first cell that has it",
  );
  // Connections of all are there, and the code that peers run for days is compiled as it is then, before anything counts.
  const names = tree.peers.map(({ name }) => name);
  await Promise.all(tree.peers.map((asker) => asker.exercise(names, EXERCISES)));
  for (const asker of tree.peers)
    for (const server of tree.peers) {
      const links = linksUp(asker, server);
      for (let i = 0; i < QUESTIONS; i++) {
        await wait(QUESTION_GAP_MS);
        const { answer, tookMs } = await asker.ask({ of: "service", name: server.name });
        if (answer.kind !== "found") continue;
        figures.add(linksText(links), tookMs);
        if (links === 0) break;
      }
    }
  for (const links of [0, 1, 3, 4]) figures.tell(linksText(links));
}

/** Links of the tree from a peer to the nearest that knows of another one: the coordinator over both. */
function linksUp(asker: PeerProcess, server: PeerProcess): number {
  const [from, to] = [cellIdOf(asker), cellIdOf(server)];
  let shared = 0;
  while (shared < from.length && from[shared] === to[shared]) shared++;
  const levels = from.length - shared;
  return levels === 0 || asker.standing.at === "coordinator" ? levels : levels + 1;
}

function cellIdOf({ standing }: PeerProcess): string {
  return "cell" in standing ? standing.cell : "";
}

function linksText(links: number): string {
  return `resolve over ${links} links`;
}

/** A coordinator whose cell has another superpeer. */
function someCoordinator(tree: PeerTree, random: Random): { peer: PeerProcess; cell: string } {
  const all = tree.coordinators().filter(({ cell }) => tree.cellOf(cell).length > 1);
  const found = all[Math.floor(random.number() * all.length)];
  if (found === undefined) throw new Error("no cell has two peers");
  return found;
}

/** The instant at which one of them became coordinator. */
async function untilCoordinator(mates: readonly PeerProcess[], afterMs: number): Promise<number> {
  for (const endMs = machineMs() + WHOLE_MS; machineMs() < endMs; await wait(LOOK_MS)) {
    const next = mates.find(
      ({ standing, stoodAtMs }) => standing.at === "coordinator" && stoodAtMs > afterMs,
    );
    if (next !== undefined) return next.stoodAtMs;
  }
  throw new Error(`no new coordinator in ${WHOLE_MS} ms`);
}

async function stops(
  tree: PeerTree,
  count: number,
  random: Random,
  figures: Figures,
): Promise<void> {
  for (let i = 0; i < count; i++) {
    const { peer, cell } = someCoordinator(tree, random);
    const mates = tree.cellOf(cell).filter((mate) => mate !== peer);
    const { atMs, goOn } = tree.stop(peer);
    figures.add("coordinator after SIGSTOP", (await untilCoordinator(mates, atMs)) - atMs);
    await tree.untilWhole(WHOLE_MS);
    goOn();
    const onMs = machineMs();
    figures.add("back in after SIGCONT", (await tree.untilWhole(WHOLE_MS)) - onMs);
    await wait(REST_MS / 10);
  }
}

async function rootCell(tree: PeerTree, figures: Figures): Promise<void> {
  const dying = tree.cellOf("1");
  const times = await Promise.all(dying.map((peer) => tree.kill(peer)));
  const atMs = Math.min(...times);
  figures.add("in again after the root cell died", (await tree.untilWhole(WHOLE_MS)) - atMs);
  await nothingMissed(tree, tree.peers, figures);
  await Promise.all(dying.map((peer) => tree.replace(peer)));
  await tree.untilWhole(WHOLE_MS);
}

/** One of every four that die is not coordinator of anything; all are replaced. */
async function kills(
  tree: PeerTree,
  count: number,
  random: Random,
  figures: Figures,
  print: (line: string) => void,
): Promise<void> {
  for (let i = 0; i < count; i++) {
    const pick = (): PeerProcess | undefined =>
      tree.peers[Math.floor(random.number() * tree.peers.length)];
    const victim = random.number() < 0.75 ? someCoordinator(tree, random).peer : pick();
    if (victim === undefined) continue;
    const { standing } = victim;
    const mates =
      standing.at === "coordinator"
        ? tree.cellOf(standing.cell).filter((mate) => mate !== victim)
        : [];
    const atMs = await tree.kill(victim);
    if (mates.length > 0)
      figures.add("coordinator after SIGKILL", (await untilCoordinator(mates, atMs)) - atMs);
    figures.add("whole after SIGKILL", (await tree.untilWhole(WHOLE_MS)) - atMs);
    const asker = pick();
    if (asker !== undefined) await nothingMissed(tree, [asker], figures);
    const replacement = await tree.replace(victim);
    const joinedMs = await tree.untilWhole(WHOLE_MS);
    figures.add("replacement joined", joinedMs - replacement.openAtMs);
  }
  figures.tell("whole after SIGKILL");
  figures.tell("replacement joined");
  figures.tell("services not found at first");
  print(`${count} random kills: no service lost; cells: ${cellsOf(tree)}`);
}

/** @throws Error when one of them does not find the service of a peer that runs */
async function nothingMissed(
  tree: PeerTree,
  askers: readonly PeerProcess[],
  figures: Figures,
): Promise<void> {
  for (const asker of askers) {
    const { missed, late } = await tree.lookRound(asker, PATIENCE_MS);
    figures.add("services not found at first", late);
    if (missed.length > 0) throw new Error(`${asker.name} misses ${missed.join(", ")}`);
  }
}
