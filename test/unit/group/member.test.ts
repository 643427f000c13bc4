import test from "ava";
import { seededRandom } from "../../../orb/base/index.ts";
import {
  foundingView,
  GROUP_DEFAULTS,
  GroupMember,
  MEMBER_TIMES,
  type MemberEvent,
  type Message,
} from "../../../services/group/index.ts";
import type { Request } from "../../../services/history/index.ts";

const { busyMs, heartbeatMs, patienceMs, resendMs } = MEMBER_TIMES;

/** The primary of the three shows that it lives. */
const LIFE_OF_A: MemberEvent = {
  kind: "message",
  from: "a",
  message: { kind: "append", view: 1, from: 1, entries: [], commit: 0, stable: 0, round: 0 },
};

/** One of three. */
function memberOf(self: string): GroupMember {
  const options = { self, settings: GROUP_DEFAULTS, founding: foundingView(["a", "b", "c"]) };
  return new GroupMember(options, MEMBER_TIMES, 0, seededRandom(1));
}

/** To whom a step sends messages of one kind. */
function sentBy(
  member: GroupMember,
  kind: Message["kind"],
  event: MemberEvent,
  nowMs: number,
): readonly string[] {
  return member
    .step(event, nowMs)
    .flatMap((effect) =>
      effect.kind === "send" && effect.message.kind === kind ? [effect.to] : [],
    );
}

/** A follower that has just heard its primary, twenty heartbeats long. */
function follower(): GroupMember {
  const member = memberOf("b");
  for (let nowMs = heartbeatMs; nowMs <= 20 * heartbeatMs; nowMs += heartbeatMs) {
    member.step({ kind: "tick" }, nowMs);
    member.step(LIFE_OF_A, nowMs);
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
  t.true(nowMs - resumedMs < 500, "a silence that it was awake for still counts");
});

test("a primary that is silent for as long as a busy machine keeps it waiting is not suspected, and one that froze is", (t) => {
  const member = follower();
  const heardMs = 20 * heartbeatMs;
  let nowMs = heardMs;
  while (member.state.suspects.size === 0 && nowMs < heardMs + 1_000)
    member.step({ kind: "tick" }, (nowMs += heartbeatMs));
  const silentMs = nowMs - heardMs;
  t.true(silentMs > 250 && silentMs < 500, `suspected after ${silentMs} ms`);
});

/**
 * Ticks of a follower whose primary says nothing any more, until it suspects it.
 * @param quietMs what the primary's process answers after so many milliseconds of silence; undefined: nothing
 * @returns how long the silence was, and when it was asked
 */
function silence(quietMs: (silentMs: number) => number | undefined): {
  readonly lastedMs: number;
  readonly askedMs: readonly number[];
} {
  const member = follower();
  const heardMs = 20 * heartbeatMs;
  const askedMs: number[] = [];
  for (let silentMs = heartbeatMs; silentMs < 5_000; silentMs += heartbeatMs) {
    const effects = member.step({ kind: "tick" }, heardMs + silentMs);
    if (member.state.suspects.has("a")) return { lastedMs: silentMs, askedMs };
    if (!effects.some((effect) => effect.kind === "doubt" && effect.member === "a")) continue;
    askedMs.push(silentMs);
    const told = quietMs(silentMs);
    if (told === undefined) continue;
    member.step({ kind: "alive", member: "a", quietMs: told }, heardMs + silentMs);
  }
  return { lastedMs: Infinity, askedMs };
}

test("who is silent is asked whether its process lives, and suspected as ever when nobody answers", (t) => {
  const { lastedMs, askedMs } = silence(() => undefined);
  t.true(lastedMs > 250 && lastedMs < 350, `${lastedMs}`);
  t.deepEqual(askedMs, [lastedMs - 2 * heartbeatMs, lastedMs - heartbeatMs]);
});

test("a main thread that stands still is waited for, and given up after a second", (t) => {
  const ofDead = silence(() => undefined).lastedMs;
  const ofBusy = silence((silentMs) => silentMs).lastedMs;
  t.true(Math.abs(ofBusy - ofDead - busyMs) <= 2 * heartbeatMs, `${ofBusy}`);
});

test("a process that froze while its main thread stood still is given up as any that froze", (t) => {
  const frozenMs = 600;
  const { lastedMs } = silence((silentMs) => (silentMs < frozenMs ? silentMs : undefined));
  t.true(lastedMs > frozenMs && lastedMs < frozenMs + 350, `${lastedMs}`);
});

test("a main thread that runs and is not heard is suspected: what it says does not come through", (t) => {
  t.is(silence(() => heartbeatMs).lastedMs, silence(() => undefined).lastedMs);
});

test("who is heard is asked no more, and whose connection broke is suspected at once, whatever was answered", (t) => {
  const member = follower();
  const heardMs = 20 * heartbeatMs;
  let nowMs = heardMs;
  const asks = (): boolean =>
    member.step({ kind: "tick" }, (nowMs += heartbeatMs)).some(({ kind }) => kind === "doubt");
  while (!asks() && nowMs < heardMs + 1_000);
  member.step({ kind: "alive", member: "a", quietMs: nowMs - heardMs }, nowMs);
  t.true(asks(), "it is still silent");
  member.step(LIFE_OF_A, nowMs);
  t.false(asks());
  while (!asks() && nowMs < heardMs + 2_000);
  member.step({ kind: "alive", member: "a", quietMs: 200 }, nowMs);
  member.step({ kind: "reset", member: "a" }, nowMs);
  t.true(member.state.suspects.has("a"));
});

test("who stands for the next view waits for a member whose main thread stands still", (t) => {
  const suspectedMs = (quietMs: number | undefined): number => {
    const member = memberOf("b");
    member.step({ kind: "reset", member: "a" }, 1);
    t.not(member.state.attempt, undefined);
    for (let nowMs = heartbeatMs; nowMs < 2_000; nowMs += heartbeatMs) {
      const effects = member.step({ kind: "tick" }, nowMs);
      if (member.state.suspects.has("c")) return nowMs;
      if (quietMs !== undefined && effects.some(({ kind }) => kind === "doubt"))
        member.step({ kind: "alive", member: "c", quietMs }, nowMs);
    }
    return Infinity;
  };
  t.true(suspectedMs(undefined) <= 500);
  t.is(suspectedMs(400), Infinity);
});

test("one that stands for the next view and did not run for a while does not take the others for silent", (t) => {
  const member = follower();
  let nowMs = 20 * heartbeatMs;
  while (member.state.attempt === undefined && nowMs < 2_000) {
    nowMs += heartbeatMs;
    member.step({ kind: "tick" }, nowMs);
  }
  t.not(member.state.attempt, undefined, "the primary is silent, and it stands");
  member.step({ kind: "tick" }, (nowMs += heartbeatMs));
  const before = [...member.state.suspects];
  t.false(before.includes("c"));
  const resumedMs = nowMs + 10_000;
  member.step({ kind: "tick" }, resumedMs);
  t.deepEqual([...member.state.suspects], before, "what came meanwhile is still to be read");
  for (nowMs = resumedMs; nowMs < resumedMs + 2_000; nowMs += heartbeatMs)
    member.step({ kind: "tick" }, nowMs);
  t.true(member.state.suspects.has("c"), "a silence that it was awake for still counts");
});

test("operations show life: a primary that has just sent some sends no heartbeats beside them", (t) => {
  const member = memberOf("a");
  const sentAt = (event: MemberEvent, nowMs: number): readonly string[] =>
    sentBy(member, "append", event, nowMs);
  t.deepEqual(sentAt({ kind: "tick" }, heartbeatMs), ["b", "c"], "nothing else was sent");
  const beforeMs = 2 * heartbeatMs - 5;
  const body = new Uint8Array(1);
  const request = { id: "r1", expiresMs: Infinity, answered: undefined, isRead: false, body };
  const [task] = member.step({ kind: "submit", ticket: 1, request }, beforeMs);
  if (task?.kind !== "execute") return t.fail("the primary executes first");
  const done = { kind: "executed", run: task.run, of: "r1", outcome: body } as const;
  t.deepEqual(sentAt(done, beforeMs), ["b", "c"], "the operation");
  t.deepEqual(sentAt({ kind: "tick" }, 2 * heartbeatMs), []);
  t.deepEqual(sentAt({ kind: "tick" }, 3 * heartbeatMs), ["b", "c"], "that was a while ago");
});

test("a primary that executed first tells the others before it keeps the reply, and keeps it before anything else happens", (t) => {
  for (const goOn of [
    (member: GroupMember) => member.tidy(),
    (member: GroupMember) => void member.step({ kind: "tick" }, heartbeatMs),
  ]) {
    const member = memberOf("a");
    const body = new Uint8Array(1);
    const request = { id: "r1", expiresMs: Infinity, answered: undefined, isRead: false, body };
    const [task] = member.step({ kind: "submit", ticket: 1, request }, 1);
    if (task?.kind !== "execute") return t.fail("the primary executes first");
    const done = { kind: "executed", run: task.run, of: "r1", outcome: body } as const;
    t.deepEqual(sentBy(member, "append", done, 1), ["b", "c"]);
    t.is(member.state.replies.count, 0);
    goOn(member);
    t.is(member.state.replies.count, 1);
  }
});

test("who has spoken often is not suspected when it only sends heartbeats", (t) => {
  const member = memberOf("b");
  member.step({ kind: "tick" }, heartbeatMs);
  for (let nowMs = heartbeatMs; nowMs <= 20 * heartbeatMs; nowMs++) member.step(LIFE_OF_A, nowMs);
  // Operations until just after a heartbeat was due, the next one a little late.
  const dueMs = 22 * heartbeatMs;
  for (let nowMs = 21 * heartbeatMs; nowMs <= dueMs; nowMs += heartbeatMs)
    member.step({ kind: "tick" }, nowMs);
  t.deepEqual([...member.state.suspects], []);
  for (let nowMs = dueMs; nowMs < 3 * dueMs; nowMs += heartbeatMs)
    member.step({ kind: "tick" }, nowMs);
  t.deepEqual([...member.state.suspects], ["a"], "silence still counts");
});

test("a primary whose attempt at the next view was lost asks again, whatever else it sends", (t) => {
  const member = memberOf("a");
  const wedged = (event: MemberEvent, nowMs: number): readonly string[] =>
    sentBy(member, "wedge", event, nowMs);
  t.deepEqual(wedged({ kind: "restyle", style: "active" }, 1), ["b", "c"]);
  for (let nowMs = heartbeatMs; nowMs < resendMs; nowMs += heartbeatMs)
    t.deepEqual(wedged({ kind: "tick" }, nowMs), []);
  const message = { kind: "fetch", view: 1, from: 1 } as const;
  for (const from of ["b", "c"]) member.step({ kind: "message", from, message }, resendMs - 1);
  t.deepEqual(wedged({ kind: "tick" }, resendMs), ["b", "c"]);
});

test("a primary that is alone asks again for a view whose proposal was lost", (t) => {
  const founding = foundingView(["a"], "w");
  const member = new GroupMember(
    { self: "a", settings: GROUP_DEFAULTS, founding },
    MEMBER_TIMES,
    0,
    seededRandom(1),
  );
  const proposedTo = (event: MemberEvent, nowMs: number): readonly string[] =>
    sentBy(member, "propose", event, nowMs);
  const hear = (message: Message, nowMs: number): readonly string[] =>
    proposedTo({ kind: "message", from: "b", message }, nowMs);
  // One who joins, and has all there is.
  hear({ kind: "fetch", view: 1, from: 1 }, 5);
  hear({ kind: "ack", view: 1, op: 0, round: 0, digest: undefined }, 5);
  t.deepEqual(proposedTo({ kind: "tick" }, heartbeatMs), ["b"], "it is to be in the next view");
  // Its connection breaks, and the proposal is lost with it; who joins is no peer before it asks again.
  member.step({ kind: "reset", member: "b" }, heartbeatMs + 1);
  let nowMs = heartbeatMs;
  let again: readonly string[] = [];
  while (again.length === 0 && nowMs < resendMs + 2 * heartbeatMs)
    again = proposedTo({ kind: "tick" }, (nowMs += heartbeatMs));
  t.deepEqual(again, ["b"]);
  const ballot = member.state.promised;
  if (ballot === undefined) return t.fail("the attempt is over");
  hear({ kind: "accept", view: 1, ballot }, nowMs + 1);
  t.deepEqual(member.state.view?.members, ["a", "b"]);
});

test("a new primary executes what it took over, and orders what waits, with the first it says", (t) => {
  const settings = { ...GROUP_DEFAULTS, style: "active" } as const;
  const founding = foundingView(["a", "b", "c", "d", "e"]);
  const member = new GroupMember(
    { self: "b", settings, founding },
    MEMBER_TIMES,
    0,
    seededRandom(1),
  );
  const told = (from: string, message: Message): ReturnType<GroupMember["step"]> =>
    member.step({ kind: "message", from, message }, 2);
  const requestOf = (id: string): Request => ({
    id,
    expiresMs: 1_000,
    answered: undefined,
    isRead: false,
    body: new Uint8Array(1),
  });
  const work = { kind: "request", request: requestOf("taken over"), decisions: undefined } as const;
  const entries = [{ op: 1, view: 1, atMs: 1, work }];
  // Whether a majority has it, b has not been told.
  told("a", { kind: "append", view: 1, from: 1, entries, commit: 0, stable: 0, round: 0 });
  member.step({ kind: "submit", ticket: 1, request: requestOf("waits") }, 2);
  member.step({ kind: "reset", member: "a" }, 2);
  const ballot = { round: 1, proposer: "b" };
  const history = { installed: 1, op: 1, entries, accepted: undefined };
  for (const id of ["c", "d"]) told(id, { kind: "promise", view: 1, ballot, ...history });
  told("c", { kind: "accept", view: 1, ballot });
  const effects = told("d", { kind: "accept", view: 1, ballot });
  t.is(member.standing.at, "primary");
  t.true(effects.some((effect) => effect.kind === "execute" && "op" in effect.task));
  t.deepEqual(
    effects.flatMap((effect) =>
      effect.kind === "send" && effect.message.kind === "append"
        ? effect.message.entries.map(({ op }) => `${op} to ${effect.to}`)
        : [],
    ),
    ["2 to c", "2 to d", "2 to e"],
  );
});

test("a member that leaves says so again and again, acknowledges nothing, votes, and goes when its patience is over", (t) => {
  const member = memberOf("b");
  t.deepEqual(sentBy(member, "retire", { kind: "retire" }, 0), ["a", "c"]);
  t.is(member.standing.at, "left");
  t.deepEqual(sentBy(member, "ack", LIFE_OF_A, 1), []);
  const ballot = { round: 1, proposer: "a" };
  const current = foundingView(["a", "b", "c"]);
  const wedge: Message = { kind: "wedge", view: 1, current, ballot, from: 1 };
  t.deepEqual(sentBy(member, "promise", { kind: "message", from: "a", message: wedge }, 2), ["a"]);
  let saidCount = 0;
  let nowMs = 0;
  for (; member.state.role.at === "retiring" && nowMs < 60_000; nowMs += heartbeatMs)
    saidCount += sentBy(member, "retire", { kind: "tick" }, nowMs).length > 0 ? 1 : 0;
  t.is(nowMs - heartbeatMs, 5 * patienceMs);
  t.true(saidCount > 5, `${saidCount} times`);
  t.is(member.state.role.at, "left");
});

test("a member that leaves goes at once where the others are gone, or leave too", (t) => {
  const leave: Message = { kind: "retire", view: 1 };
  const member = memberOf("b");
  member.step({ kind: "retire" }, 0);
  member.step({ kind: "message", from: "a", message: leave }, 1);
  t.is(member.state.role.at, "retiring");
  member.step({ kind: "message", from: "c", message: leave }, 2);
  t.is(member.state.role.at, "left");
  const other = memberOf("b");
  other.step({ kind: "reset", member: "a" }, 0);
  other.step({ kind: "reset", member: "c" }, 0);
  other.step({ kind: "retire" }, 1);
  t.is(other.state.role.at, "left");
});

test("the primary does not hand its place over to one that leaves", (t) => {
  const member = memberOf("a");
  member.step({ kind: "handOver", to: "b" }, 0);
  const leave: MemberEvent = { kind: "message", from: "b", message: { kind: "retire", view: 1 } };
  // It stands itself, without that one.
  t.deepEqual(sentBy(member, "wedge", leave, 1), ["b", "c"]);
  t.deepEqual(sentBy(member, "stand", { kind: "tick" }, heartbeatMs), []);
});
