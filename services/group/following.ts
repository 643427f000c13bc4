import { lastOf } from "../history/index.ts";
import { install } from "./installing.ts";
import type { Message } from "./message.ts";
import { addEntry, isInstalled, isMember, type State, wantedFrom } from "./state.ts";
import { acknowledge, ask } from "./streaming.ts";
import { majority, type MemberId } from "./view.ts";

type Append = Extract<Message, { kind: "append" }>;

/** The primary of the current view sends operations, or only shows that it lives. */
export function onAppend(state: State, from: MemberId, message: Append): void {
  const { view, log } = state;
  // Who has agreed to end the view takes nothing more in it: what it told it holds must stay what it holds.
  if (view === undefined || from !== view.primary || state.promised !== undefined) return;
  state.isBack = false;
  if (isMember(state) && !isInstalled(state)) {
    const first = state.commit + 1;
    const last = message.from + message.entries.length - 1;
    const isWhole = state.hasState && message.from <= first && last >= view.start;
    if (!isWhole) return ask(state, wantedFrom(state));
    install(state, message.entries.slice(first - message.from));
  } else if (!state.hasState) return ask(state, 0);
  if (message.from > lastOf(log) + 1) return ask(state, lastOf(log) + 1);
  // In one view all logs are the primary's, some shorter: what is there already is the same.
  for (const entry of message.entries) if (entry.op === lastOf(log) + 1) addEntry(state, entry);
  takeCommit(state, message);
  acknowledge(state, message.round);
}

function takeCommit(state: State, message: Append): void {
  const { view, log } = state;
  const last = lastOf(log);
  // Where two are a majority, the primary and this member are one: everything here is held by both.
  const isHeld = isMember(state) && view !== undefined && majority(view.members.length) <= 2;
  state.commit = Math.max(state.commit, isHeld ? last : Math.min(message.commit, last));
  state.stable = Math.max(state.stable, Math.min(message.stable, last));
}
