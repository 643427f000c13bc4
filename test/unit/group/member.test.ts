import test from "ava";
import {
  foundingView,
  GROUP_DEFAULTS,
  GroupMember,
  MEMBER_TIMES,
} from "../../../services/group/index.ts";

const { heartbeatMs } = MEMBER_TIMES;

/** A follower that has just heard its primary, twenty heartbeats long. */
function follower(): GroupMember {
  const options = { self: "b", settings: GROUP_DEFAULTS, founding: foundingView(["a", "b", "c"]) };
  const member = new GroupMember(options, MEMBER_TIMES, 0);
  for (let nowMs = heartbeatMs; nowMs <= 20 * heartbeatMs; nowMs += heartbeatMs) {
    member.step({ kind: "tick" }, nowMs);
    const message = {
      kind: "append",
      view: 1,
      from: 1,
      entries: [],
      commit: 0,
      stable: 0,
      round: 0,
    } as const;
    member.step({ kind: "message", from: "a", message }, nowMs);
  }
  return member;
}

test("a member that did not run for a while holds nobody else's silence against them", (t) => {
  const member = follower();
  const resumedMs = 20 * heartbeatMs + 2_000;
  member.step({ kind: "tick" }, resumedMs);
  t.deepEqual([...member.state.suspects], [], "what came meanwhile is still to be read");
  let nowMs = resumedMs;
  while (!member.state.suspects.has("a") && nowMs < resumedMs + 1_000) {
    nowMs += heartbeatMs;
    member.step({ kind: "tick" }, nowMs);
  }
  t.true(nowMs - resumedMs < 10 * heartbeatMs, "a silence that it was awake for still counts");
});
