import { keepsState, Link } from "../state/link.ts";
import { memberOf, type PeerRef } from "../../overlay/index.ts";
import type { MessageOf, Rejection } from "../message.ts";
import { depthOf, isCellId } from "../state/cell-id.ts";
import { Directory } from "../state/directory.ts";
import {
  asCoordinator,
  type Cell,
  isSelf,
  newFollower,
  newSeat,
  type Quest,
  send,
  type State,
  tell,
} from "../state/state.ts";
import { areValid, isWhole } from "../state/validity.ts";
import { sendSnapshot } from "./feed.ts";
import { onRebindRefused } from "./uplink.ts";
import { bind, newQuest, rejoin, restart, unasked, wait, whereIs } from "./quest.ts";

/** Longer than this nobody is made to wait before it asks again, milliseconds. */
const LONGEST_WAIT_MS = 5_000;

/** Whoever was asked knows the root. */
export function onRoot(
  state: State,
  { quest: number, root }: MessageOf<"root">,
): Rejection | undefined {
  if (isSelf(state, root.id)) return undefined;
  const { quest } = state;
  if (quest === undefined) return followProbe(state, number, root);
  if (quest.id !== number) return unasked(state, number);
  // A late answer, or one too many.
  if (quest.phase !== "placing" || quest.pointers === 0) return undefined;
  quest.pointers--;
  state.contacts.remember([root]);
  wait(state, quest);
  send(state, root, whereIs(state, quest.joiner, quest.id));
  return undefined;
}

/** The probe of a root led to another one. */
function followProbe(state: State, number: number, root: PeerRef): Rejection | undefined {
  const here = asCoordinator(state);
  if (here?.seat.up.at !== "root" || here.seat.up.probe !== number) return unasked(state, number);
  const { up } = here.seat;
  if (up.pointers === 0 || here.cell.directory.cellOf(root.id) !== undefined) return undefined;
  up.pointers--;
  state.contacts.remember([root]);
  send(state, root, whereIs(state, "cell", number));
  return undefined;
}

export function onPlace(
  state: State,
  from: PeerRef,
  message: MessageOf<"place">,
): Rejection | undefined {
  const here = asCoordinator(state);
  const up = here?.seat.up;
  if (state.quest === undefined && up?.at === "root" && up.probe === message.quest)
    state.quest = newQuest(state, "cell", undefined, message.quest);
  const { quest } = state;
  if (quest === undefined || quest.id !== message.quest) return unasked(state, message.quest);
  if (quest.phase !== "placing") return undefined;
  if (!isCellId(message.cell) || isSelf(state, message.binder.id)) return "malformed";
  if (quest.joiner === "cell" && here !== undefined && here.cell.directory.height === 0) {
    dissolve(state, here.cell, from);
    return undefined;
  }
  const { cell, isNew, binder } = message;
  quest.place = { cell, isNew, binder };
  quest.phase = "binding";
  quest.tries = 1;
  wait(state, quest);
  bind(state, quest);
  return undefined;
}

/** A cell with nothing beneath it joins another tree peer by peer: so that cells stay full. */
function dissolve(state: State, cell: Cell, root: PeerRef): void {
  for (const { ref } of cell.directory.get("")?.members ?? [])
    if (!isSelf(state, ref.id)) send(state, ref, { kind: "dissolve", root });
  rejoin(state, root);
}

/** The quest that the binder's message belongs to. */
function questOf(state: State, from: PeerRef, number: number): Quest | undefined {
  const { quest } = state;
  return quest?.id === number && quest.place?.binder.id === from.id ? quest : undefined;
}

export function onBound(
  state: State,
  from: PeerRef,
  message: MessageOf<"bound">,
): Rejection | undefined {
  const quest = questOf(state, from, message.quest);
  if (quest?.place === undefined) return unasked(state, message.quest);
  if (quest.phase !== "binding") return undefined;
  quest.phase = "joining";
  quest.tries = 0;
  wait(state, quest, 2 * state.settings.requestMs);
  const { cell, isNew } = quest.place;
  send(state, from, {
    kind: "join",
    quest: quest.id,
    joiner: quest.joiner,
    cell,
    isNew,
    height: quest.joiner === "cell" ? (state.cell?.directory.height ?? 0) : 0,
    entry: state.self,
    path: [state.self.ref],
  });
  return undefined;
}

export function onWelcome(
  state: State,
  from: PeerRef,
  message: MessageOf<"welcome">,
): Rejection | undefined {
  const quest = questOf(state, from, message.quest);
  if (quest === undefined) return unasked(state, message.quest);
  if (quest.place?.isNew !== message.isNew) return "not asked for";
  if (!isCellId(message.cell)) return "malformed";
  if (quest.joiner === "cell") return tieCell(state, from, message);
  const directory = directoryOf(state, from, message);
  if (directory === undefined) return "malformed";
  const { around, epoch, version } = message;
  state.contacts.remember(around.kin.roots);
  state.quest = undefined;
  state.cell = {
    id: message.cell,
    epoch,
    version,
    directory,
    parent: around.parent,
    root: around.root,
    kin: around.kin,
    mates: around.mates,
    seat: message.isNew
      ? newSeat({ at: "linked", link: new Link(state, from, 1) })
      : newFollower(state, from),
  };
  return undefined;
}

/** This peer's cell has a place in another tree, with all beneath it. */
function tieCell(
  state: State,
  from: PeerRef,
  { cell: id, around }: MessageOf<"welcome">,
): Rejection | undefined {
  const here = asCoordinator(state);
  if (here === undefined) return "not asked for";
  const { cell, seat } = here;
  state.contacts.remember(around.kin.roots);
  state.quest = undefined;
  seat.up = { at: "linked", link: new Link(state, from) };
  seat.beats = -1;
  cell.id = id;
  cell.parent = from;
  cell.root = around.root;
  cell.kin = around.kin;
  sendSnapshot(state, cell, from);
  return undefined;
}

/** What a peer that is welcome starts from; undefined when the message does not hold together. */
function directoryOf(
  { self }: State,
  from: PeerRef,
  { cell, isNew, epoch, records }: MessageOf<"welcome">,
): Directory | undefined {
  const directory = new Directory();
  if (isNew) {
    directory.set("", { epoch, coordinator: self.ref.id, members: [self] });
    return directory;
  }
  if (!keepsState(self.role)) return directory;
  if (!isWhole(records)) return undefined;
  if (!areValid(records, { coordinator: from.id, depth: depthOf(cell) })) return undefined;
  directory.apply(records);
  return memberOf(directory.get(""), self.ref.id) === undefined ? undefined : directory;
}

export function onRefused(
  state: State,
  from: PeerRef,
  { quest: number, reason, afterMs }: MessageOf<"refused">,
): Rejection | undefined {
  const { quest } = state;
  if (number === 0) return onRebindRefused(state, from);
  if (quest?.id !== number) {
    const up = asCoordinator(state)?.seat.up;
    return up?.at === "root" && up.probe === number ? undefined : unasked(state, number);
  }
  if (quest.phase !== "placing" && quest.place?.binder.id !== from.id) return "not asked for";
  if (reason !== "busy") tell(state, { kind: "refused", by: from, reason });
  if (quest.phase !== "placing" || (reason !== "busy" && reason !== "full")) {
    restart(state, quest);
    return undefined;
  }
  // The root may send a place all the same when there is one; it alone is asked again. Whoever answers is alive: that
  // is not what makes a peer found a tree.
  quest.asked = from;
  quest.tries = 0;
  wait(state, quest, Math.min(Math.max(afterMs, state.settings.requestMs / 2), LONGEST_WAIT_MS));
  return undefined;
}
