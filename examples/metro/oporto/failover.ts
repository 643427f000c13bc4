import { setTimeout as wait } from "node:timers/promises";
import { heading, print } from "../layout.ts";
import type { RunningPeer } from "./peers.ts";
import { NAME, type Resolver, resolveUntil } from "./resolving.ts";

/** Milliseconds of resolving before and after, between two looks, and until a coordinator must be there. */
const BEFORE_MS = 500;
const AFTER_MS = 1_000;
const LOOK_MS = 10;
const ELECTION_MS = 10_000;

/** Whether a peer says that it speaks for the root cell. */
async function isCoordinator({ health }: RunningPeer, signal: AbortSignal): Promise<boolean> {
  try {
    const response = await fetch(`${health}/topology`, { signal });
    const { standing } = (await response.json()) as { standing: { at: string; up?: string } };
    return standing.at === "coordinator" && standing.up === "root";
  } catch {
    return false;
  }
}

async function coordinatorOf(
  peers: readonly RunningPeer[],
  signal: AbortSignal,
): Promise<RunningPeer> {
  while (!signal.aborted) {
    const answers = await Promise.all(peers.map((peer) => isCoordinator(peer, signal)));
    const found = peers[answers.indexOf(true)];
    if (found !== undefined) return found;
    await wait(LOOK_MS);
  }
  throw new Error("no peer is the coordinator of the root cell");
}

/** Kills the coordinator of the root cell while a client goes on resolving, and says what came of it. */
export async function killCoordinator(
  peers: readonly RunningPeer[],
  resolver: Resolver,
  stop: AbortSignal,
): Promise<boolean> {
  const limit = AbortSignal.any([stop, AbortSignal.timeout(ELECTION_MS)]);
  const victim = await coordinatorOf(peers, limit);
  heading(`The coordinator of the root cell is killed while ${resolver.what} resolves ${NAME}`);
  const enough = new AbortController();
  const resolving = resolveUntil(resolver, AbortSignal.any([enough.signal, stop]));
  try {
    await wait(BEFORE_MS, undefined, { signal: stop });
    process.kill(victim.child.pid, "SIGKILL");
    const killedMs = performance.now();
    print(`  ${victim.name}, pid ${victim.child.pid}: SIGKILL`);
    const left = peers.filter((peer) => peer !== victim);
    const next = await coordinatorOf(left, limit);
    print(`  ${next.name} is its coordinator after ${Math.round(performance.now() - killedMs)} ms`);
    await wait(AFTER_MS, undefined, { signal: stop });
  } finally {
    enough.abort();
  }
  const { resolved, failed, longestMs, isResolved } = await resolving;
  const faults = failed.length === 0 ? "none failed" : `${failed.length} failed: ${failed[0]}`;
  print(`  ${resolved} times resolved, ${faults}; the longest took ${Math.round(longestMs)} ms`);
  // A call in flight may end with its peer; those after it do not.
  return isResolved;
}
