import { setTimeout as wait } from "node:timers/promises";
import { heading, print } from "../layout.ts";
import { limit } from "../limit.ts";
import type { RunningPeer } from "./peers.ts";
import { type Failure, NAME, type Resolver, resolveUntil } from "./resolving.ts";

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
  throw signal.reason;
}

/** Kills the coordinator of the root cell while a client goes on resolving, and says what came of it. */
export async function killCoordinator(
  peers: readonly RunningPeer[],
  resolver: Resolver,
  stop: AbortSignal,
): Promise<boolean> {
  using looking = limit(stop, ELECTION_MS, "the root cell had no coordinator");
  const victim = await coordinatorOf(peers, looking.signal);
  heading(`The coordinator of the root cell is killed while ${resolver.what} resolves ${NAME}`);
  const enough = new AbortController();
  const resolving = resolveUntil(resolver, AbortSignal.any([enough.signal, stop]));
  const dying = { sinceMs: Number.POSITIVE_INFINITY, untilMs: Number.POSITIVE_INFINITY };
  try {
    await wait(BEFORE_MS, undefined, { signal: stop });
    dying.sinceMs = performance.now();
    process.kill(victim.child.pid, "SIGKILL");
    void victim.child.ended.then(() => (dying.untilMs = performance.now()));
    print(`  ${victim.name}, pid ${victim.child.pid}: SIGKILL`);
    using electing = limit(stop, ELECTION_MS, "the root cell had no other coordinator");
    const left = peers.filter((peer) => peer !== victim);
    const next = await coordinatorOf(left, electing.signal);
    const tookMs = Math.round(performance.now() - dying.sinceMs);
    print(`  ${next.name} is its coordinator after ${tookMs} ms`);
    await victim.child.ended;
    await wait(AFTER_MS, undefined, { signal: stop });
  } finally {
    enough.abort();
  }
  const { resolved, failed, longestMs } = await resolving;
  // A call in flight may end with its peer. Until the system has torn the process down it takes connections: what begins
  // in that time is in flight, too. Nothing else may fail.
  const wrong = failed.filter(
    (each) => each.untilMs < dying.sinceMs || each.sinceMs > dying.untilMs,
  );
  const took = `the longest took ${Math.round(longestMs)} ms`;
  print(`  ${resolved} times resolved, ${faultsText(failed, wrong)}; ${took}`);
  return wrong.length === 0;
}

function faultsText([first, ...more]: readonly Failure[], [wrong]: readonly Failure[]): string {
  if (first === undefined) return "none failed";
  const count = `${more.length + 1} failed`;
  if (wrong !== undefined) return `${count}, though a peer was there: ${wrong.why}`;
  return `${count}, in flight while the peer died: ${first.why}`;
}
