import { lastOf, slice } from "../history/index.ts";
import { type Peer, type Primary, send, type State, viewNumber } from "./state.ts";
import { acceptorsOf, majority, type MemberId } from "./view.ts";

/** Sends a peer what it has not been sent, as far as its window allows. */
export function stream(state: State, role: Primary, id: MemberId, peer: Peer): void {
  const { windowCount, batchCount } = state.settings;
  const last = lastOf(state.log);
  // A member that has not spoken yet begins with what the view begins with, or asks for it.
  const start = peer.isMember ? (state.view?.start ?? 0) : 0;
  const limit = Math.max(peer.acked, state.log.base, start) + 2 * windowCount;
  while (peer.sent < Math.min(last, limit)) {
    const to = Math.min(last, limit, peer.sent + batchCount);
    const entries = slice(state.log, peer.sent + 1, to);
    // Dropped meanwhile: it asks for the state when it notices.
    if (entries === undefined) return beat(state, role, id, last + 1);
    sendAppend(state, role, id, peer.sent + 1, entries);
    peer.sent = to;
  }
}

/** An append without entries: shows life, what is committed and the round of reads. */
export function beat(state: State, role: Primary, id: MemberId, from: number): void {
  sendAppend(state, role, id, from, []);
}

export function beatAll(state: State, role: Primary): void {
  for (const [id, peer] of role.peers) beat(state, role, id, peer.sent + 1);
}

function sendAppend(
  state: State,
  { round }: Primary,
  to: MemberId,
  from: number,
  entries: Extract<Parameters<typeof send>[2], { kind: "append" }>["entries"],
): void {
  const { commit, stable } = state;
  const view = viewNumber(state);
  send(state, to, { kind: "append", view, from, entries, commit, stable, round });
}

/** What at least a majority of the members has, when each has as much as told; the primary itself has `own`. */
export function byMajority({ peers }: Primary, own: number, of: (peer: Peer) => number): number {
  let count = 1;
  for (const peer of peers.values()) if (peer.isMember) count++;
  const needed = majority(count);
  const reach = (value: number): number => {
    let reaching = own >= value ? 1 : 0;
    for (const peer of peers.values()) if (peer.isMember && of(peer) >= value) reaching++;
    return reaching;
  };
  // Few: going through them again for each costs less than sorting them.
  let best = reach(own) >= needed ? own : -Infinity;
  for (const peer of peers.values()) {
    const value = peer.isMember ? of(peer) : -Infinity;
    if (value > best && reach(value) >= needed) best = value;
  }
  return best;
}

/** Whether enough of those who decide are not suspected to be gone. */
export function reachesMajority({ view, suspects }: State): boolean {
  if (view === undefined) return false;
  if (suspects.size === 0) return true;
  const acceptors = acceptorsOf(view);
  return acceptors.filter((id) => !suspects.has(id)).length >= majority(acceptors.length);
}

/** Whether new requests are refused, for too many seem to be gone. */
export function isCutOff(state: State): boolean {
  return state.suspects.size > 0 && !reachesMajority(state) && !servesAlone(state);
}

/** Of two members without a witness, the one that is left: it can decide nothing, and still be read. */
export function isSurvivor(state: State): boolean {
  const { view } = state;
  if (view === undefined || view.members.length !== 2 || view.witness !== undefined) return false;
  return !reachesMajority(state);
}

/** Whether a primary goes on without a majority: only where replies would not wait for one anyway. */
export function servesAlone({ settings, role }: State): boolean {
  const isLoose = settings.ack === "one" || settings.isDeferred;
  return role.at === "primary" && isLoose && settings.partition === "serve";
}

/** Tells the primary what this member holds. */
export function acknowledge(state: State, round: number): void {
  const { view } = state;
  if (view === undefined) return;
  const op = lastOf(state.log);
  const latest = state.digests.size === 0 ? undefined : [...state.digests].at(-1);
  const digest = latest === undefined ? undefined : { op: latest[0], of: latest[1] };
  send(state, view.primary, { kind: "ack", view: view.number, op, round, digest });
}

/** Asks the primary for operations from `from` on; 0: for a state first. */
export function ask(state: State, from: number): void {
  const { view } = state;
  if (view === undefined) return;
  send(state, view.primary, { kind: "fetch", view: view.number, from });
}
