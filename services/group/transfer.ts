import { clockOf, dropUpTo, entryAt, keptOf, lastOf, restart } from "../history/index.ts";
import { index, restore } from "./executing.ts";
import type { Message } from "./message.ts";
import {
  changed,
  type Checkpoint,
  type Intake,
  isInstalled,
  isMember,
  newPeer,
  type Primary,
  send,
  type State,
  viewNumber,
  wantedFrom,
} from "./state.ts";
import { ask, beat, stream } from "./streaming.ts";
import type { MemberId } from "./view.ts";

/** Somebody wants operations, or the state first. Who is not in the view is on its way into it. */
export function onFetch(state: State, from: MemberId, wanted: number): void {
  const { role, settings, log } = state;
  if (role.at !== "primary") return;
  let peer = role.peers.get(from);
  if (peer === undefined) {
    const learners = [...role.peers.values()].filter(({ isMember }) => !isMember).length;
    if (learners >= settings.learnerCount) return;
    peer = newPeer(false, lastOf(log));
    role.peers.set(from, peer);
  }
  if (wanted > log.base) {
    peer.sent = Math.min(wanted - 1, lastOf(log));
    peer.wantsState = false;
    peer.isPulling = false;
    // At least one, for it tells that there is nothing more.
    if (peer.sent === lastOf(log)) return beat(state, role, from, wanted);
    return stream(state, role, from, peer);
  }
  peer.wantsState = true;
  stepSnapshot(state, role);
}

/** Has a snapshot made where one is wanted, and offers it as soon as it is history for good. */
export function stepSnapshot(state: State, role: Primary): void {
  const { log, settings, commit } = state;
  const { snapshot } = role;
  if (snapshot !== undefined && snapshot.op <= commit) offer(state, role, snapshot);
  const isWanted = [...role.peers.values()].some(({ wantsState }) => wantsState);
  const isDue = settings.style === "cold-passive" && isCheckpointDue(state);
  const isPending = snapshot !== undefined && snapshot.op > commit;
  if ((!isWanted && !isDue) || role.isCapturing || isPending || !isInstalled(state)) return;
  // The snapshot there is may do: the log goes on from it.
  if (!isDue && snapshot !== undefined && snapshot.op >= log.base) return;
  role.isCapturing = true;
  if (state.unlogged.length > 0) state.out.push({ kind: "update", run: state.run });
  state.out.push({ kind: "capture", run: state.run });
}

/** The log since the checkpoint cannot be dropped: before it is beyond its limits there is a new one. */
function isCheckpointDue({ settings, applied, checkpoint, log, nowMs }: State): boolean {
  const since = checkpoint?.op ?? 0;
  if (applied <= since) return false;
  const { count, octets, ageMs } = settings.log;
  const oldest = entryAt(log, Math.max(since, log.base) + 1);
  const isOld = oldest !== undefined && oldest.atMs + ageMs < nowMs;
  return applied - since >= count || log.octets > octets || isOld;
}

export function onCaptured(state: State, octets: Uint8Array): void {
  const { role, log, replies, applied } = state;
  if (role.at !== "primary" || !role.isCapturing) return;
  role.isCapturing = false;
  // The state is ahead of the log, for nothing can be ordered now: made again when something can.
  if (state.held !== undefined || state.unlogged.length > 0) return;
  const atMs = entryAt(log, applied)?.atMs ?? clockOf(log);
  role.snapshot = { op: applied, atMs, kept: keptOf(replies), state: octets };
}

function offer(state: State, role: Primary, snapshot: Checkpoint): void {
  const { op, atMs, kept } = snapshot;
  const isCheckpoint = state.settings.style === "cold-passive" && op > (state.checkpoint?.op ?? 0);
  if (isCheckpoint) state.checkpoint = snapshot;
  let isUsed = false;
  for (const [id, peer] of role.peers) {
    if (peer.wantsState || isCheckpoint) {
      peer.wantsState = false;
      peer.isPulling = true;
      const octets = snapshot.state?.length ?? 0;
      send(state, id, { kind: "snapshot", view: viewNumber(state), op, atMs, kept, octets });
    }
    isUsed ||= peer.isPulling;
  }
  if (!isUsed) role.snapshot = undefined;
}

/** Sends parts of the snapshot, from `offset` on. */
export function onPull(
  state: State,
  from: MemberId,
  { op, offset }: Extract<Message, { kind: "pull" }>,
): void {
  const { role, settings } = state;
  if (role.at !== "primary" || role.snapshot?.op !== op) return;
  const octets = role.snapshot.state ?? NOTHING;
  const view = viewNumber(state);
  for (let i = 0; i < settings.chunkCount; i++) {
    const at = offset + i * settings.chunkOctets;
    if (at >= octets.length) return;
    const data = octets.subarray(at, at + settings.chunkOctets);
    send(state, from, { kind: "chunk", view, op, offset: at, data });
  }
}

const NOTHING: Uint8Array = new Uint8Array();

/** The primary has a state for this member: asked for by it, or a checkpoint to keep. */
export function onSnapshot(
  state: State,
  from: MemberId,
  { op, atMs, kept, octets }: Extract<Message, { kind: "snapshot" }>,
): void {
  const isCheckpoint = state.settings.style === "cold-passive" && op > (state.checkpoint?.op ?? 0);
  const isWanted = !state.hasState || state.isTainted || op > lastOf(state.log);
  if (from !== state.view?.primary || (!isWanted && !isCheckpoint)) return;
  if (state.intake?.op === op && state.intake.from === from) return;
  state.intake = { from, op, atMs, kept, octets, parts: [], have: 0, asked: 0 };
  proceed(state, state.intake);
}

/** Takes the next part; parts that come out of turn are asked for again. */
export function onChunk(
  state: State,
  from: MemberId,
  { op, offset, data }: Extract<Message, { kind: "chunk" }>,
): void {
  const { intake } = state;
  if (intake?.op !== op || intake.from !== from || offset !== intake.have) return;
  intake.parts.push(data);
  intake.have += data.length;
  proceed(state, intake);
}

/** Asks for more when everything asked for is there; takes the state when all of it is. */
function proceed(state: State, intake: Intake): void {
  if (intake.have >= intake.octets) return take(state, intake);
  if (intake.have >= intake.asked) pull(state, intake);
}

export function pull(state: State, intake: Intake): void {
  const { chunkOctets, chunkCount } = state.settings;
  intake.asked = intake.have + chunkOctets * chunkCount;
  const view = viewNumber(state);
  send(state, intake.from, { kind: "pull", view, op: intake.op, offset: intake.have });
}

function take(state: State, { op, atMs, kept, parts, octets }: Intake): void {
  const { log, settings } = state;
  state.intake = undefined;
  const octetsOfState = new Uint8Array(octets);
  let at = 0;
  for (const part of parts) {
    octetsOfState.set(part, at);
    at += part.length;
  }
  if (settings.style === "cold-passive")
    state.checkpoint = { op, atMs, kept, state: octetsOfState };
  const isServing = settings.style !== "cold-passive" || state.role.at === "primary";
  if (isServing && (!state.hasState || state.isTainted || op > state.applied))
    restore(state, op, octetsOfState, kept);
  state.hasState = true;
  if (op > lastOf(log)) restart(log, op, atMs);
  else if (settings.style !== "cold-passive") dropUpTo(log, op);
  changed(state, op + 1);
  state.commit = Math.max(state.commit, op);
  state.answered = Math.max(state.answered, op);
  index(state);
  ask(state, isMember(state) && !isInstalled(state) ? wantedFrom(state) : lastOf(log) + 1);
}
