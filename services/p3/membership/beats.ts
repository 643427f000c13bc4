import { type Link } from "../state/link.ts";
import { memberOf, type PeerRef } from "../../overlay/index.ts";
import type { MessageOf, Rejection } from "../message.ts";
import { isCellId } from "../state/cell-id.ts";
import { isMate, kinForChild, sameKin, surroundings } from "../state/kin.ts";
import {
  asCoordinator,
  type Cell,
  type Coordinator,
  type Follower,
  send,
  type State,
  tell,
} from "../state/state.ts";
import { followNew, meetRival, stepElection } from "./election.ts";
import { dropChild, dropLoose, repair, sendSnapshot } from "./feed.ts";
import { expel, stray } from "./links.ts";
import { stepQuest } from "./quest.ts";
import { loseParent, seek, stepUp } from "./uplink.ts";

/** Every so many heartbeats one carries the surroundings too. */
const BEATS_PER_SURROUNDINGS = 10;

/** One period: heartbeats out, silences judged, whatever waits is tried again. */
export function stepBeats(state: State): void {
  const { cell } = state;
  if (cell !== undefined) {
    if (cell.seat.at === "follower") beatAsFollower(state, cell, cell.seat);
    else beatAsCoordinator(state, cell, cell.seat);
  }
  stepQuest(state);
}

function beatAsFollower(state: State, cell: Cell, seat: Follower): void {
  const { coordinator } = seat;
  send(state, coordinator.ref, {
    kind: "member-beat",
    epoch: cell.epoch,
    version: cell.version,
    entryVersion: state.self.version,
  });
  if (coordinator.isSuspect(state.turn.nowMs)) seat.lostAtMs ??= state.turn.nowMs;
  stepElection(state, cell, seat);
}

function beatAsCoordinator(state: State, cell: Cell, seat: Coordinator): void {
  const { settings } = state;
  const { nowMs } = state.turn;
  seat.beats++;
  seat.binding.expire(nowMs);
  if (seat.up.at === "root") {
    seat.up.portal.promised.expire(nowMs);
    seat.up.portal.openings.touchAll();
  }
  const isFull = seat.beats % BEATS_PER_SURROUNDINGS === 0;
  dropLoose(state, cell, seat);
  beatMembers(state, cell, seat, isFull);
  for (const child of seat.children.values()) {
    const { ref } = child;
    if (child.parentId !== cell.id) {
      child.parentId = cell.id;
      child.id = cell.id + child.digit;
    }
    if (child.lostAtMs === undefined && child.isSuspect(nowMs)) child.lostAtMs = nowMs;
    if (child.lostAtMs !== undefined && nowMs - child.lostAtMs >= settings.graceMs) {
      tell(state, { kind: "gone", peer: ref, why: "suspected" });
      dropChild(state, cell, seat, ref);
      continue;
    }
    send(state, ref, {
      kind: "parent-beat",
      cell: child.id,
      version: child.applied,
      root: cell.root,
      kin: isFull ? kinForChild(cell, seat, ref.id) : undefined,
    });
  }
  if (seat.up.at !== "linked") return stepUp(state, cell, seat);
  const { link } = seat.up;
  if (link.isSuspect(nowMs)) return loseParent(state, cell, seat, link.ref);
  send(state, link.ref, { kind: "child-beat", epoch: cell.epoch, version: cell.version });
  repair(state, cell, link);
}

function beatMembers(state: State, cell: Cell, seat: Coordinator, isFull: boolean): void {
  const around = isFull ? surroundings(cell, seat, true) : undefined;
  const aroundLeaf = isFull ? surroundings(cell, seat, false) : undefined;
  let suspects: Link[] | undefined;
  for (const link of seat.members.values()) {
    if (link.isSuspect(state.turn.nowMs)) (suspects ??= []).push(link);
    send(state, link.ref, {
      kind: "coordinator-beat",
      cell: cell.id,
      epoch: cell.epoch,
      entryVersion: link.entryVersion,
      root: cell.root,
      around: link.keeps ? around : aroundLeaf,
    });
    if (link.keeps) repair(state, cell, link);
  }
  for (const { ref } of suspects ?? []) expel(state, cell, seat, ref, "suspected");
}

export function onMemberBeat(
  state: State,
  from: PeerRef,
  { epoch, version }: MessageOf<"member-beat">,
): Rejection | undefined {
  const here = asCoordinator(state);
  const link = here?.seat.members.get(from.id);
  if (here === undefined || link === undefined) return stray(state, from);
  link.heard(state.turn.nowMs);
  if (epoch !== here.cell.epoch) return undefined;
  link.acked = version;
  outrun(here.cell, version);
  return undefined;
}

/**
 * A copy that is newer than what it is a copy of holds something that was never said here. The state gets a higher
 * version, so that all copies are made anew.
 */
function outrun(cell: Cell, version: number): boolean {
  if (version <= cell.version) return false;
  cell.version = version + 1;
  return true;
}

/**
 * Whether a beat may have overtaken the welcome of its sender, which comes to another endpoint; or that is lost, and the
 * next bind brings it again.
 */
function isWelcoming({ cell, quest }: State, { id }: PeerRef): boolean {
  return cell === undefined && quest?.place?.binder.id === id;
}

export function onCoordinatorBeat(
  state: State,
  from: PeerRef,
  message: MessageOf<"coordinator-beat">,
): Rejection | undefined {
  const { cell } = state;
  if (cell === undefined) return isWelcoming(state, from) ? undefined : stray(state, from);
  const { seat } = cell;
  if (seat.at === "coordinator") {
    if (memberOf(cell.directory.get(""), from.id) === undefined) return stray(state, from);
    meetRival(state, from, message.epoch);
    return undefined;
  }
  if (seat.coordinator.ref.id !== from.id) {
    if (!isMate(cell, from.id)) return stray(state, from);
    if (message.epoch < cell.epoch) {
      const coordinator = seat.coordinator.ref;
      send(state, from, { kind: "superseded", epoch: cell.epoch, coordinator });
      return "an older election";
    }
    if (message.epoch === cell.epoch) return "not from the coordinator";
    followNew(state, cell, from, message.epoch);
  }
  hearCoordinator(state, cell, message);
  return undefined;
}

function hearCoordinator(state: State, cell: Cell, message: MessageOf<"coordinator-beat">): void {
  const { seat } = cell;
  if (seat.at !== "follower") return;
  seat.coordinator.heard(state.turn.nowMs);
  seat.lostAtMs = undefined;
  if (message.cell !== cell.id && isCellId(message.cell)) cell.id = message.cell;
  cell.root = message.root;
  if (message.around !== undefined) {
    cell.parent = message.around.parent;
    if (!sameKin(message.around.kin, cell.kin)) cell.kin = message.around.kin;
    cell.mates = message.around.mates;
  }
  // Another one spoke in this peer's name: what it says itself is the newest.
  if (message.entryVersion > state.self.version)
    state.self = { ...state.self, version: message.entryVersion + 1 };
  if (message.entryVersion < state.self.version)
    send(state, seat.coordinator.ref, { kind: "entry", entry: state.self });
}

export function onChildBeat(
  state: State,
  from: PeerRef,
  { version }: MessageOf<"child-beat">,
): Rejection | undefined {
  const child = asCoordinator(state)?.seat.children.get(from.id);
  if (child === undefined) return stray(state, from);
  child.heard(state.turn.nowMs);
  child.lostAtMs = undefined;
  child.acked = version;
  return undefined;
}

export function onParentBeat(
  state: State,
  from: PeerRef,
  message: MessageOf<"parent-beat">,
): Rejection | undefined {
  const here = asCoordinator(state);
  if (here === undefined) return isWelcoming(state, from) ? undefined : stray(state, from);
  const { cell, seat } = here;
  if (seat.up.at !== "linked" || seat.up.link.ref.id !== from.id) {
    // While it binds anew the old or the coming parent may still speak; only a settled cell objects.
    const isSettled = seat.up.at === "linked" || seat.up.at === "root";
    return isSettled ? stray(state, from) : undefined;
  }
  // Ids that grow without end show a ring: it is cut here.
  if (message.cell !== cell.id && !isCellId(message.cell)) {
    seek(state, cell, seat);
    return "too deep";
  }
  const { link } = seat.up;
  link.heard(state.turn.nowMs);
  link.acked = message.version;
  if (outrun(cell, message.version)) sendSnapshot(state, cell, from);
  cell.id = message.cell;
  cell.root = message.root;
  const { kin } = message;
  if (kin !== undefined && !sameKin(kin, cell.kin)) cell.kin = kin;
  return undefined;
}
