import type { MemberId, Style } from "../../../services/group/index.ts";
import type { Request } from "../../../services/history/index.ts";
import { octets } from "./servant.ts";
import type { Letter, World } from "./world.ts";

/** How much may happen besides messages: each thing so often at most, at any moment. */
export interface Budget {
  /** Updates, sent to these nodes in this order. */
  readonly updates: readonly MemberId[];
  readonly reads?: readonly MemberId[];
  /** Members that stand for the next view. */
  readonly stands?: number;
  /** Who stands; all, when left out. */
  readonly standers?: readonly MemberId[];
  /** Each time also without some other one; else only with all of them. */
  readonly isDropping?: boolean;
  readonly crashes?: number;
  /** Members that leave in good order; each goes when it may, or at any moment after that. */
  readonly retirements?: number;
  /** New replicas, joining by this contact. */
  readonly joins?: readonly { readonly id: MemberId; readonly contact: MemberId }[];
  /** Times that a primary puts what changed into the log (warm passive, deferred). */
  readonly flushes?: number;
  /** Styles that whoever is primary is told to change to, one after the other. */
  readonly styles?: readonly Style[];
  /** Messages that arrive twice. */
  readonly doubles?: number;
  /** Messages between two members stay in order, as on a connection; else they overtake each other. */
  readonly isOrdered?: boolean;
  /** Each update tells which ones before it were answered. */
  readonly isTelling?: boolean;
}

interface Spent {
  readonly updates: number;
  readonly reads: number;
  readonly stands: number;
  readonly crashes: number;
  readonly joins: number;
  readonly doubles: number;
  readonly flushes: number;
  readonly styles: number;
  readonly retirements: number;
}

const NOTHING_SPENT: Spent = {
  updates: 0,
  reads: 0,
  stands: 0,
  crashes: 0,
  joins: 0,
  doubles: 0,
  flushes: 0,
  styles: 0,
  retirements: 0,
};

/** One thing that may happen next. */
export interface Move {
  readonly name: string;
  readonly world: () => World;
  readonly spent: Spent;
}

export interface Explored {
  readonly stateCount: number;
  readonly moveCount: number;
  /** Whether all there is was seen. */
  readonly isComplete: boolean;
  /** The highest number of a view, and the most answered updates, of all worlds. */
  readonly viewNumber: number;
  readonly releasedCount: number;
  readonly fault: { readonly what: string; readonly path: readonly string[] } | undefined;
}

/** Everything that can happen in a world within a budget, each state once; ends at the first fault. */
export function explore(from: World, budget: Budget, mostStates: number): Explored {
  const seen = new Set<number>();
  const path: string[] = [];
  const stack: { readonly moves: readonly Move[]; at: number }[] = [
    { moves: movesOf(from, budget, NOTHING_SPENT), at: 0 },
  ];
  let moveCount = 0;
  let viewNumber = 0;
  let releasedCount = 0;
  let fault: Explored["fault"];
  while (stack.length > 0 && fault === undefined && seen.size < mostStates) {
    const top = stack.at(-1);
    const move = top?.moves[top.at];
    if (top === undefined || move === undefined) {
      stack.pop();
      path.pop();
      continue;
    }
    top.at++;
    moveCount++;
    const world = move.world().pruned();
    const { chronicle } = world;
    if (chronicle.fault !== undefined)
      fault = { what: chronicle.fault, path: [...path, move.name] };
    const hash = world.hash(Object.values(move.spent).join());
    if (seen.has(hash)) continue;
    seen.add(hash);
    viewNumber = Math.max(viewNumber, ...chronicle.views.keys());
    releasedCount = Math.max(releasedCount, chronicle.released.size);
    path.push(move.name);
    stack.push({ moves: movesOf(world, budget, move.spent), at: 0 });
  }
  const isComplete = stack.length === 0;
  return { stateCount: seen.size, moveCount, isComplete, viewNumber, releasedCount, fault };
}

function movesOf(world: World, budget: Budget, spent: Spent): readonly Move[] {
  return [
    ...deliveries(world, budget, spent),
    ...chores(world, spent),
    ...requests(world, budget, spent),
    ...stands(world, budget, spent),
    ...comings(world, budget, spent),
    ...flushes(world, budget, spent),
    ...restyles(world, budget, spent),
    ...goings(world, budget, spent),
  ];
}

function describe({ from, to, message }: Letter): string {
  return `${from}>${to} ${message.kind}`;
}

function deliveries(world: World, budget: Budget, spent: Spent): readonly Move[] {
  const moves: Move[] = [];
  const channels = new Set<string>();
  for (const letter of world.letters) {
    const channel = `${letter.from}>${letter.to}`;
    if (budget.isOrdered === true && channels.has(channel)) continue;
    channels.add(channel);
    moves.push({ name: describe(letter), spent, world: () => world.delivered(letter) });
    if (spent.doubles < (budget.doubles ?? 0))
      moves.push({
        name: `${describe(letter)} twice`,
        spent: { ...spent, doubles: spent.doubles + 1 },
        world: () => world.delivered(letter, true),
      });
  }
  return moves;
}

function chores(world: World, spent: Spent): readonly Move[] {
  return [...world.nodes.values()]
    .filter((node) => node.chores.length > 0)
    .map(({ id }) => ({ name: `${id} works`, spent, world: () => world.worked(id) }));
}

function request(number: number, isRead: boolean, answered?: number): Request {
  const id = `r${number}`;
  return Object.freeze({ id, expiresMs: 1_000_000, answered, isRead, body: NO_OCTETS });
}

/** The first update that was not answered. */
function answeredBefore({ chronicle }: World, number: number): number {
  let first = 0;
  while (first < number && chronicle.released.has(`r${first}`)) first++;
  return first;
}

const NO_OCTETS: Uint8Array = octets("");
/** Reads have numbers of their own. */
const FIRST_READ = 100;

function requests(world: World, budget: Budget, spent: Spent): readonly Move[] {
  const moves: Move[] = [];
  const to = budget.updates[spent.updates];
  const { isTelling = false } = budget;
  if (to !== undefined && world.nodes.has(to))
    moves.push({
      name: `r${spent.updates} to ${to}`,
      spent: { ...spent, updates: spent.updates + 1 },
      world: () => {
        const answered = isTelling ? answeredBefore(world, spent.updates) : undefined;
        return world.submitted(to, request(spent.updates, false, answered));
      },
    });
  const reader = budget.reads?.[spent.reads];
  if (reader !== undefined && world.nodes.has(reader))
    moves.push({
      name: `read r${FIRST_READ + spent.reads} to ${reader}`,
      spent: { ...spent, reads: spent.reads + 1 },
      world: () => world.submitted(reader, request(FIRST_READ + spent.reads, true)),
    });
  return moves;
}

function stands(world: World, budget: Budget, spent: Spent): readonly Move[] {
  if (spent.stands >= (budget.stands ?? 0)) return [];
  const moves: Move[] = [];
  for (const { id, state } of world.nodes.values()) {
    const members = state.view?.members ?? [];
    if (!members.includes(id) || budget.standers?.includes(id) === false) continue;
    if (state.role.at !== "follower" && state.role.at !== "primary") continue;
    const dropped = budget.isDropping === true ? members.filter((other) => other !== id) : [];
    for (const without of [[], ...dropped.map((other) => [other])])
      moves.push({
        name: `${id} stands without ${without.join() || "nobody"}`,
        spent: { ...spent, stands: spent.stands + 1 },
        world: () => world.happened(id, { kind: "stand", without }),
      });
  }
  return moves;
}

function comings(world: World, budget: Budget, spent: Spent): readonly Move[] {
  const moves: Move[] = [];
  if (spent.crashes < (budget.crashes ?? 0))
    for (const id of world.nodes.keys())
      moves.push({
        name: `${id} crashes`,
        spent: { ...spent, crashes: spent.crashes + 1 },
        world: () => world.crashed(id),
      });
  const next = budget.joins?.[spent.joins];
  if (next !== undefined)
    moves.push({
      name: `${next.id} joins by ${next.contact}`,
      spent: { ...spent, joins: spent.joins + 1 },
      world: () =>
        world.started(next.id).happened(next.id, { kind: "join", contact: next.contact }),
    });
  return moves;
}

function flushes(world: World, budget: Budget, spent: Spent): readonly Move[] {
  if (spent.flushes >= (budget.flushes ?? 0)) return [];
  return [...world.nodes.values()]
    .filter(({ state }) => state.role.at === "primary" && state.unlogged.length > 0)
    .map(({ id }) => ({
      name: `${id} flushes`,
      spent: { ...spent, flushes: spent.flushes + 1 },
      world: () => world.happened(id, { kind: "flush" }),
    }));
}

function restyles(world: World, budget: Budget, spent: Spent): readonly Move[] {
  const style = budget.styles?.[spent.styles];
  if (style === undefined) return [];
  return [...world.nodes.values()]
    .filter(({ state }) => state.role.at === "primary")
    .map(({ id }) => ({
      name: `${id} makes it ${style}`,
      spent: { ...spent, styles: spent.styles + 1 },
      world: () => world.happened(id, { kind: "restyle", style }),
    }));
}

function goings(world: World, budget: Budget, spent: Spent): readonly Move[] {
  const { retirements = 0 } = budget;
  if (retirements === 0) return [];
  const moves: Move[] = [];
  for (const { id, state } of world.nodes.values()) {
    if (state.role.at === "retiring")
      moves.push({
        name: `${id} goes`,
        spent,
        world: () => world.happened(id, { kind: "leave" }),
      });
    else if (state.role.at !== "left" && spent.retirements < retirements)
      moves.push({
        name: `${id} retires`,
        spent: { ...spent, retirements: spent.retirements + 1 },
        world: () => world.happened(id, { kind: "retire" }),
      });
  }
  return moves;
}
