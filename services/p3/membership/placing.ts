import type { PeerRef } from "../../overlay/index.ts";
import { type MessageOf, P3_VERSION } from "../message.ts";
import { isSelf, keepsState, send, type State } from "../state/state.ts";
import { refuse } from "./binding.ts";
import { choosePlace, promiseKey } from "./placement.ts";
import { newQuest, stepQuest } from "./quest.ts";
import { outranks, rankOf } from "./rank.ts";

/** The root looks for room again this much later at the earliest, milliseconds. */
const BUSY_MS = 20;

export function onWhere(state: State, from: PeerRef, message: MessageOf<"where">): void {
  const { cell } = state;
  if (message.version !== P3_VERSION) return refuse(state, from, "version");
  if (cell === undefined) return;
  const { seat } = cell;
  if (seat.at === "follower" || seat.up.at !== "root") {
    if (cell.root !== undefined && cell.root.id !== from.id && !isSelf(state, cell.root.id))
      send(state, from, { kind: "root", root: cell.root });
    return;
  }
  // A root that is about to give way sends nobody anywhere.
  if (state.quest !== undefined) return;
  if (message.joiner === "cell" && !outranks(rankOf(state), message.rank)) {
    state.contacts.remember([from]);
    state.quest = newQuest("cell", from);
    stepQuest(state);
    return;
  }
  const isUsual = message.joiner === "peer" && keepsState(message.role);
  if (isUsual && state.nowMs < seat.busyUntilMs) return refuse(state, from, "busy");
  const place = choosePlace(cell.id, cell.directory, seat.promised, state.settings, {
    id: from.id,
    joiner: message.joiner,
    role: message.role,
    height: message.height,
  });
  if (place === "busy" || place === "full") {
    if (isUsual && place === "busy") seat.busyUntilMs = state.nowMs + BUSY_MS;
    return refuse(state, from, place);
  }
  seat.promised.give(
    from.id,
    promiseKey(cell.id, place, message.role),
    state.nowMs + state.settings.promiseMs,
  );
  send(state, from, { kind: "place", ...place });
}
