import type { PeerRef } from "../../overlay/index.ts";
import type { Message, Refusal, Rejection } from "../message.ts";
import { send, type State, tell } from "../state/state.ts";

/** Messages told as rejected in one period of heartbeats; further ones are counted. */
const TOLD = 16;

/** Says no to a request. @returns what is to be told of it; nothing when there is nothing wrong with the request */
export function refuse(
  state: State,
  to: PeerRef,
  quest: number,
  reason: Refusal,
  afterMs: number = 0,
): Rejection | undefined {
  send(state, to, { kind: "refused", quest, reason, afterMs });
  return reason === "busy" || reason === "full" ? undefined : reason;
}

/** Tells that a message was not acted upon; a flood of them must not become a flood in the log. */
export function reject(
  state: State,
  from: PeerRef,
  message: Message["kind"],
  reason: Rejection,
): void {
  if (++state.rejectedCount > TOLD) {
    state.untoldCount++;
    return;
  }
  tell(state, { kind: "rejected", from, message, reason, untold: state.untoldCount });
  state.untoldCount = 0;
}
