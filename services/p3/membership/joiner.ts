import type { PeerRef } from "../../overlay/index.ts";
import type { MessageOf, Refusal } from "../message.ts";
import { isCellId } from "../state/cell-id.ts";
import { Directory } from "../state/directory.ts";
import {
  asCoordinator,
  type Cell,
  isSelf,
  newLink,
  newSeat,
  send,
  type State,
  tell,
} from "../state/state.ts";
import { sendSnapshot } from "./feed.ts";
import { bind, newQuest, rejoin, restart, wait, whereIs } from "./quest.ts";

export function onRoot(state: State, root: PeerRef): void {
  if (isSelf(state, root.id)) return;
  state.contacts.remember([root]);
  const { quest } = state;
  if (quest === undefined) {
    // The probe of a root: whoever was asked knows another one.
    const here = asCoordinator(state);
    if (here?.seat.up.at === "root" && here.cell.directory.cellOf(root.id) === undefined)
      send(state, root, whereIs(state, "cell"));
    return;
  }
  if (quest.phase !== "placing") return;
  wait(state, quest);
  send(state, root, whereIs(state, quest.joiner));
}

export function onPlace(state: State, from: PeerRef, message: MessageOf<"place">): void {
  const here = asCoordinator(state);
  if (state.quest === undefined && here?.seat.up.at === "root") state.quest = newQuest("cell");
  const { quest } = state;
  if (quest === undefined || quest.phase !== "placing" || !isCellId(message.cell)) return;
  if (quest.joiner === "cell" && here !== undefined && here.cell.directory.height === 0) {
    dissolve(state, here.cell, from);
    return;
  }
  const { cell, isNew, binder } = message;
  quest.place = { cell, isNew, binder };
  quest.phase = "binding";
  quest.tries = 1;
  wait(state, quest);
  bind(state, quest);
}

/** A cell with nothing beneath it joins another tree peer by peer: so that cells stay full. */
function dissolve(state: State, cell: Cell, root: PeerRef): void {
  for (const { ref } of cell.directory.get("")?.members ?? [])
    if (!isSelf(state, ref.id)) send(state, ref, { kind: "dissolve", root });
  rejoin(state, root);
}

export function onBound(state: State, from: PeerRef): void {
  const { quest } = state;
  if (quest?.phase !== "binding" || quest.place?.binder.id !== from.id) return;
  quest.phase = "joining";
  quest.tries = 0;
  wait(state, quest, 2);
  const { cell, isNew } = quest.place;
  send(state, from, {
    kind: "join",
    joiner: quest.joiner,
    cell,
    isNew,
    height: quest.joiner === "cell" ? (state.cell?.directory.height ?? 0) : 0,
    entry: state.self,
    path: [state.self.ref],
  });
}

export function onWelcome(state: State, from: PeerRef, message: MessageOf<"welcome">): void {
  const { quest } = state;
  if (quest?.place === undefined || quest.place.binder.id !== from.id) return;
  if (quest.phase === "placing" || !isCellId(message.cell)) return;
  const { around, epoch, version } = message;
  state.contacts.remember(around.kin.roots);
  state.quest = undefined;
  const here = asCoordinator(state);
  if (quest.joiner === "cell") {
    if (here === undefined) return;
    here.seat.up = { at: "linked", link: newLink(state, from) };
    here.seat.beats = -1;
    here.cell.id = message.cell;
    here.cell.parent = from;
    here.cell.root = around.root;
    here.cell.kin = around.kin;
    sendSnapshot(state, here.cell, from);
    return;
  }
  const directory = new Directory();
  if (message.isNew)
    directory.set("", { epoch, coordinator: state.self.ref.id, members: [state.self] });
  else directory.apply(message.records);
  state.cell = {
    id: message.cell,
    epoch,
    version,
    directory,
    parent: around.parent,
    root: around.root,
    kin: around.kin,
    seat: message.isNew
      ? newSeat({ at: "linked", link: newLink(state, from, 1) })
      : { at: "follower", coordinator: newLink(state, from), lostAtMs: undefined },
  };
}

export function onRefused(state: State, from: PeerRef, reason: Refusal): void {
  const { quest } = state;
  if (quest === undefined) return;
  if (reason !== "busy") tell(state, { kind: "refused", by: from, reason });
  if (quest.phase !== "placing" && quest.place?.binder.id !== from.id) return;
  restart(state, quest);
  // Whoever answers is alive: that is not what makes a peer found a tree.
  if (reason !== "busy") return;
  quest.asked = from;
  wait(state, quest, 0.5);
}
